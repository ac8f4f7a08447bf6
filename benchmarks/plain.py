"""The plain way that the engine is measured against: torchvision's transforms on Pillow images, a
DataLoader of two workers, a float32 network as torchvision makes it."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

TRANSFORM = transforms.Compose(
    [
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ]
)


Loader = Callable[[Path], Tensor]


def load_plainly(path: Path) -> Tensor:
    """Returns an image file as a normalised tensor (3, 224, 224)."""
    with Image.open(path) as image:
        tensor: Tensor = TRANSFORM(image.convert("RGB"))
    return tensor


class PlainDataset(Dataset[Tensor]):
    """Image files as normalised tensors (3, 224, 224)."""

    def __init__(self, paths: Sequence[Path], load: Loader) -> None:
        self.paths = paths
        self.load = load

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, row: int) -> Tensor:
        return self.load(self.paths[row])


def plain_batches(
    paths: Sequence[Path], batches: Sequence[Sequence[int]], load: Loader = load_plainly
) -> Iterator[Tensor]:
    """Yields the images (B, 3, 224, 224) of each batch of rows."""
    loader = DataLoader(PlainDataset(paths, load), batch_sampler=batches, num_workers=2)  # type: ignore[arg-type]
    yield from loader


@torch.no_grad()
def plain_scores(
    network: nn.Module, paths: Sequence[Path], load: Loader = load_plainly, batch_size: int = 16
) -> Tensor:
    """Returns what the network gives for every image, (N, D)."""
    starts = range(0, len(paths), batch_size)
    batches = [range(at, min(at + batch_size, len(paths))) for at in starts]
    return torch.cat([network(images) for images in plain_batches(paths, batches, load)])
