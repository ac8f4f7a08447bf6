"""The network on a GPU: the forward pass in several numeric modes, scoring of files, equality."""

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import torch
from decoding import PREPROCESSING
from gpu_loading import gpu_batches, pinned, repeating, synchronize, thread_batches
from gpu_report import Report, Row, Variant
from scoring import flops_per_image, our_scores, peak_flops
from torch import Tensor, nn

from voc_model.inference.backbone import FastBackbone, Network, cast_network, fold
from voc_model.inference.devices import Compute
from voc_model.model.classifier import Classifier
from voc_model.model.preprocessing import normalize
from voc_model.model.settings import Precision

# The project's promise: scores on a GPU are those of the CPU, up to this.
TOLERANCE = 0.01
_EQUALITY = "equality"
_PRODUCT = {"cuda": 8192, "cpu": 512}

Scorer = Callable[[Sequence[Path]], Tensor]


@contextmanager
def cudnn(**flags: bool) -> Iterator[None]:
    """Sets flags of torch.backends.cudnn in a block, e.g. `benchmark`."""
    module = torch.backends.cudnn
    before = {name: getattr(module, name) for name in flags}
    try:
        for name, value in flags.items():
            setattr(module, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)


def place_copy(model: Classifier, device: torch.device) -> Classifier:
    """Returns a copy of a model for evaluation on a device."""
    return copy.deepcopy(model).place_on(device).eval()


def modes(model: Classifier, device: torch.device) -> dict[str, Network]:
    """Returns the backbone in several numeric modes: images -> features, float32 to float32."""
    exact = place_copy(model, device).backbone
    folded = fold(exact)
    ours = cast_network(copy.deepcopy(folded), "bfloat16")
    contiguous = copy.deepcopy(folded).to(torch.bfloat16).to(memory_format=torch.contiguous_format)
    half = copy.deepcopy(folded).half()
    return {
        "ours, float32 (TF32 convolutions)": cast_network(copy.deepcopy(folded), "float32"),
        "ours, bfloat16": ours,
        "float32, not folded": exact,
        "float32, no TF32, not folded": _with_cudnn(exact, allow_tf32=False),
        "bfloat16 autocast, not folded": partial(_autocast, exact),
        "bfloat16, cudnn.benchmark": _with_cudnn(ours, benchmark=True),
        "bfloat16, cudnn.deterministic": _with_cudnn(ours, deterministic=True),
        "bfloat16, not channels last": lambda images: contiguous(
            images.to(torch.bfloat16, memory_format=torch.contiguous_format)
        ).float(),
        "float16": lambda images: half(images.half()).float(),
    }


def compiled_mode(model: Classifier, device: torch.device) -> Network:
    """Returns the backbone as scoring computes it, compiled by torch.compile."""
    network = fold(place_copy(model, device).backbone).to(torch.bfloat16)
    compiled = torch.compile(network.to(memory_format=torch.channels_last))
    return lambda images: compiled(images.to(torch.bfloat16)).float()


def forward_variant(name: str, network: Network, images: Tensor, times: int) -> Variant:
    """Returns the measurement of a forward pass over images on their device."""
    run = torch.inference_mode()(partial(network, images))
    return repeating(name, run, len(images), images.device, times)


def forward_variants(model: Classifier, images: Tensor, times: int) -> list[Variant]:
    """Returns the forward pass in all modes, and the project's with other batch sizes."""
    networks = modes(model, images.device)
    variants = [forward_variant(name, network, images, times) for name, network in networks.items()]
    for size in (len(images) // 4, 4 * len(images)):
        some = torch.cat([images] * 4)[:size].contiguous(memory_format=torch.channels_last)
        name = f"bfloat16, batches of {size}"
        variants.append(forward_variant(name, networks["ours, bfloat16"], some, times))
    return variants


def add_ceiling(report: Report, model: Classifier, device: torch.device) -> None:
    """Adds the arithmetic ceiling: images/s at the speed of a large bfloat16 matrix product."""
    name = "ceiling: a large bfloat16 matrix product"
    with report.surviving("forward", name):
        peak = peak_flops(device, torch.bfloat16, _PRODUCT[device.type])
        rate = peak / flops_per_image(copy.deepcopy(model))
        report.add(Row("forward", name, rate, "images/s", f"{peak / 1e12:.0f} TFLOP/s"))


def scorers(model: Classifier, folder: Path, device: torch.device, cores: int) -> dict[str, Scorer]:
    """Returns ways from files to sigmoid scores (N, C) on the CPU."""

    def project(precision: Precision, workers: int) -> Scorer:
        compute = Compute(device, precision, workers)
        own = place_copy(model, device)
        return lambda paths: our_scores(own, list(paths), folder / "shards", compute)

    few = max(1, cores // 2)
    score = partial(_score_batches, model=place_copy(model, device), device=device)
    return {
        "ours, bfloat16": project("bfloat16", cores),
        "ours, float32": project("float32", cores),
        f"bfloat16, {few} workers": project("bfloat16", few),
        "bfloat16, no workers": project("bfloat16", 0),
        f"bfloat16, {cores} threads reading ahead": lambda paths: score(
            thread_batches(paths, cores)
        ),
        "bfloat16, nvJPEG": lambda paths: score(gpu_batches(paths, few, device)),
    }


@torch.inference_mode()
def cpu_scores(model: Classifier, batches: Iterable[Tensor]) -> Tensor:
    """Returns the exact float32 scores (N, C) of uint8 batches, computed by PyTorch on the CPU."""
    own = place_copy(model, torch.device("cpu"))
    return torch.cat([own.predict(normalize(pixels, PREPROCESSING)) for pixels in batches])


@torch.inference_mode()
def mode_scores(model: Classifier, network: Network, images: Tensor) -> Tensor:
    """Returns scores (N, C) of normalised images, whose features a mode computes."""
    head = place_copy(model, images.device).head
    return head(network(images)).sigmoid().cpu()  # type: ignore[no-any-return]


def add_equality(report: Report, name: str, found: Tensor, expected: Tensor) -> None:
    """Adds the greatest difference of scores."""
    differences = (found - expected).abs()
    greatest, mean = float(differences.max()), float(differences.mean())
    note = f"mean {mean:.1e}" + ("" if greatest <= TOLERANCE else f", MORE THAN {TOLERANCE}")
    report.add(Row(_EQUALITY, name, greatest, "greatest difference", note))


def deviates(row: Row) -> bool:
    """Returns whether a row says that scores of the project differ from the CPU's."""
    is_ours = row.stage == _EQUALITY and row.name.startswith("ours")
    return is_ours and row.value is not None and not row.value <= TOLERANCE  # NaN deviates too


def _score_batches(batches: Iterable[Tensor], model: Classifier, device: torch.device) -> Tensor:
    """Scores uint8 batches without waiting for the device between them."""
    backbone = FastBackbone(model.backbone, "bfloat16")
    with torch.inference_mode():
        scores = [
            model.head(
                backbone(
                    normalize(pinned(pixels, device).to(device, non_blocking=True), PREPROCESSING)
                )
            ).sigmoid()
            for pixels in batches
        ]
        found = torch.cat(scores).cpu()
    synchronize(device)
    return found


def _with_cudnn(network: Network | nn.Module, **flags: bool) -> Network:
    def compute(images: Tensor) -> Tensor:
        with cudnn(**flags):
            features: Tensor = network(images)
        return features

    return compute


def _autocast(network: nn.Module, images: Tensor) -> Tensor:
    with torch.autocast(images.device.type, torch.bfloat16):
        features: Tensor = network(images)
    return features.float()
