"""Ways to bring image files to a GPU: worker processes, threads, nvJPEG; and the copy alone."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

import torch
from decoding import PREPROCESSING, ours
from gpu_report import Variant
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset
from torchvision.io import ImageReadMode, decode_jpeg, read_file

from voc_model.inference.devices import Compute
from voc_model.inference.loading import ImageLoader
from voc_model.model.preprocessing import (
    View,
    central_views,
    crop_pixels,
    normalize,
    stack_pixels,
)

# As in scoring on a GPU.
BATCH = 256
_BATCHES_AHEAD = 4

_Item = TypeVar("_Item")


def synchronize(device: torch.device) -> None:
    """Waits until a device has done all that it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def pinned(tensor: Tensor, device: torch.device) -> Tensor:
    """Returns a tensor in page-locked memory, if the device is a GPU."""
    return tensor.pin_memory() if device.type == "cuda" else tensor


class _PixelBatches(Dataset[Tensor]):
    """Batches of files as uint8 pixels (B, 3, 224, 224), decoded as the project does."""

    def __init__(self, batches: Sequence[Sequence[Path]]) -> None:
        self._batches = batches

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, index: int) -> Tensor:
        return stack_pixels([ours(path) for path in self._batches[index]])


def worker_batches(paths: Sequence[Path], workers: int) -> Iterator[Tensor]:
    """Yields uint8 batches that worker processes have decoded."""
    yield from DataLoader(_PixelBatches(_cut(paths)), batch_size=None, num_workers=workers)


def thread_batches(paths: Sequence[Path], threads: int) -> Iterator[Tensor]:
    """Yields uint8 batches that threads decode while earlier ones are used."""
    for images in _read_ahead(ours, paths, threads):
        yield stack_pixels(images)


def gpu_batches(paths: Sequence[Path], threads: int, device: torch.device) -> Iterator[Tensor]:
    """Yields uint8 batches on the device, decoded there: by nvJPEG on a GPU."""
    for encoded in _read_ahead(lambda path: read_file(str(path)), paths, threads):
        yield resize(decode_jpeg(encoded, ImageReadMode.RGB, device=device))


def resize(images: Sequence[Tensor]) -> Tensor:
    """Returns uint8 images (3, h, w) on a device as the project's crops (B, 3, 224, 224)."""
    rows: dict[torch.Size, list[int]] = {}
    for row, image in enumerate(images):
        rows.setdefault(image.shape, []).append(row)
    crops = images[0].new_empty(len(images), 3, 224, 224)
    for shape, same in rows.items():
        pixels = torch.stack([images[row] for row in same]).float()
        size = PREPROCESSING.resized_shape(*shape[1:])
        pixels = functional.interpolate(pixels, size, mode="bilinear", antialias=True)
        pixels = pixels.round_().clamp_(0, 255).to(torch.uint8)
        crops[same] = torch.stack([crop_pixels(item, PREPROCESSING, View(0)) for item in pixels])
    return crops


def our_batches(paths: Sequence[Path], workers: int, device: torch.device) -> Iterator[Tensor]:
    """Yields normalised float32 batches on the device, loaded by the project."""
    loader = ImageLoader(paths, PREPROCESSING, Compute(device, workers=workers))
    plan = _cut(central_views(range(len(paths))))
    yield from (batch.inputs for batch in loader.batches(plan))


def decoding_variants(
    paths: Sequence[Path], cores: int, device: torch.device
) -> tuple[list[Variant], list[Variant]]:
    """Returns ways to decode files, and ways to load them: decoded, copied and normalised."""
    few = max(1, cores // 2)
    decoders: dict[str, Callable[[Sequence[Path]], Iterable[Tensor]]] = {
        f"ours, {cores} workers": partial(worker_batches, workers=cores),
        f"{few} workers": partial(worker_batches, workers=few),
        f"{cores} threads": partial(thread_batches, threads=cores),
        "nvJPEG, resized on the GPU": partial(gpu_batches, threads=few, device=device),
    }
    loaders: dict[str, Callable[[Sequence[Path]], Iterable[Tensor]]] = {
        f"ours, {cores} workers": partial(our_batches, workers=cores, device=device)
    }
    decode = [_consuming(name, load, paths, device) for name, load in decoders.items()]
    decode.append(_nvjpeg_alone(paths, device))
    return decode, [_consuming(name, load, paths, device) for name, load in loaders.items()]


def copy_variants(pixels: Tensor, device: torch.device, times: int) -> list[Variant]:
    """Returns ways to bring a decoded batch to the device, as pixels or normalised."""
    there = pixels.to(device)
    floats = pinned(normalize(pixels, PREPROCESSING), device)
    copies: dict[str, Callable[[], Tensor]] = {
        "ours, uint8 pinned": partial(_copy, pinned(pixels, device), device),
        "uint8 pageable": partial(_copy, pixels, device),
        "float32 pinned": partial(_copy, floats, device),
        "ours, normalise on the GPU": partial(normalize, there, PREPROCESSING),
        "normalise on the CPU, then copy": lambda: normalize(pixels, PREPROCESSING).to(device),
    }
    return [repeating(name, copy, len(pixels), device, times) for name, copy in copies.items()]


def repeating(
    name: str, run: Callable[[], object], count: int, device: torch.device, times: int
) -> Variant:
    """Returns a variant that repeats a call and waits for the device once, at the end."""

    def repeat() -> None:
        for _ in range(times):
            run()
        synchronize(device)

    return Variant(name, repeat, count * times)


def _copy(tensor: Tensor, device: torch.device) -> Tensor:
    return tensor.to(device, non_blocking=True)


def _consuming(
    name: str,
    load: Callable[[Sequence[Path]], Iterable[Tensor]],
    paths: Sequence[Path],
    device: torch.device,
) -> Variant:
    def consume(some: Sequence[Path]) -> None:
        for _ in load(some):
            pass
        synchronize(device)

    return Variant(
        name, partial(consume, paths), len(paths), warm_up=partial(consume, paths[:BATCH])
    )


def _nvjpeg_alone(paths: Sequence[Path], device: torch.device) -> Variant:
    encoded = [read_file(str(path)) for path in paths[:BATCH]]
    decode = partial(decode_jpeg, encoded, ImageReadMode.RGB, device=device)
    return repeating("nvJPEG alone, files in memory", decode, len(encoded), device, times=1)


def _cut(items: Sequence[_Item]) -> list[Sequence[_Item]]:
    return [items[start : start + BATCH] for start in range(0, len(items), BATCH)]


def _read_ahead(
    read: Callable[[Path], _Item], paths: Sequence[Path], threads: int
) -> Iterator[list[_Item]]:
    """Yields what `read` returns, batch by batch, while threads work on the next batches."""
    with ThreadPoolExecutor(threads) as pool:
        futures: deque[list[Future[_Item]]] = deque()
        for batch in _cut(paths):
            futures.append([pool.submit(read, path) for path in batch])
            if len(futures) > _BATCHES_AHEAD:
                yield [future.result() for future in futures.popleft()]
        while futures:
            yield [future.result() for future in futures.popleft()]
