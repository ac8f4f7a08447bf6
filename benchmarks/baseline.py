"""The baseline of the model benchmarks: plain PyTorch code as in a tutorial.

Images are loaded by torchvision's transforms on Pillow images in a DataLoader with two workers; the
network is torchvision's in float32.
"""

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


def load_with_torchvision(path: Path) -> Tensor:
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
    paths: Sequence[Path], batches: Sequence[Sequence[int]], load: Loader = load_with_torchvision
) -> Iterator[Tensor]:
    """Yields the images (B, 3, 224, 224) of each batch of rows."""
    loader = DataLoader(PlainDataset(paths, load), batch_sampler=batches, num_workers=2)  # type: ignore[arg-type]
    yield from loader


@torch.no_grad()
def plain_scores(
    network: nn.Module,
    paths: Sequence[Path],
    load: Loader = load_with_torchvision,
    batch_size: int = 16,
) -> Tensor:
    """Returns the network's outputs for every image, (N, D)."""
    starts = range(0, len(paths), batch_size)
    batches = [range(start, min(start + batch_size, len(paths))) for start in starts]
    return torch.cat([network(images) for images in plain_batches(paths, batches, load)])
