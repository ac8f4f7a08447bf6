"""The preprocessing that training and scoring share; a checkpoint stores its parameters.

Image file -> uint8 pixels, usually resized -> a crop of them -> normalised floats. Pixels stay
uint8 until the batch is whole: a quarter of the bytes between processes and in memory.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from voc_model.data.images import decoded
from voc_model.model.architectures import channel_statistics
from voc_model.model.setting_fields import Size, pair
from voc_model.model.settings import TrainSettings

# Channel statistics of ImageNet's training images, as torchvision's weights expect.
_MEAN = (0.485, 0.456, 0.406)
_STD = (0.229, 0.224, 0.225)
_MAX_EDGE = 4096
_MAX_RATIO = 16  # Of an image's edges; beyond the panoramas that people have.


class View(NamedTuple):
    """A view of an image: which row, which crop, mirrored or not, and its lighting.

    Views are drawn when a batch is planned, so worker processes need no random state.

    Attributes:
        row: of the image in the data set.
        top, left: position of the crop in [0, 1]; 0.5 is the centre.
        flip: whether it is mirrored horizontally.
        scale: edge of the part that is resized to the crop, as a fraction of the crop's edge.
        gains: factors of the red, green and blue channels.
    """

    row: int
    top: float = 0.5
    left: float = 0.5
    flip: bool = False
    scale: float = 1.0
    gains: tuple[float, float, float] = (1.0, 1.0, 1.0)


def central_views(rows: Iterable[int]) -> list[View]:
    """Returns the views used for evaluation and scoring: the central crop of each row."""
    return [View(row) for row in rows]


@dataclass(frozen=True)
class Preprocessing:
    """How an image becomes a tensor.

    Attributes:
        resize: the shorter edge in pixels, or (height, width).
        crop: edge of the square in pixels, or (height, width).
        mean, std: of the three channels, for pixels in [0, 1].
        zoom: how much larger than `resize` images may be kept. With 1 they are resized first and
            cropped then; otherwise crops are cut from the file's own pixels, as far as it has no
            more than this, and resized only once.

    Raises:
        ValueError: a value is out of range.
    """

    resize: Size
    crop: Size
    mean: tuple[float, ...] = _MEAN
    std: tuple[float, ...] = _STD
    zoom: float = 1.0

    def __post_init__(self) -> None:
        if not all(1 <= edge <= _MAX_EDGE for edge in (*pair(self.resize), *pair(self.crop))):
            raise ValueError(f"resize {self.resize} or crop {self.crop} is out of range")
        if len(self.mean) != 3 or len(self.std) != 3 or not min(self.std) > 0:
            raise ValueError(f"mean {self.mean} or std {self.std} is not of three channels")
        if not 1 <= self.zoom <= _MAX_EDGE:
            raise ValueError(f"zoom {self.zoom} is out of range")

    @classmethod
    def from_settings(cls, settings: TrainSettings, varied: bool = False) -> "Preprocessing":
        """Returns that of scoring or, if `varied`, of training views, which may be small crops."""
        is_cut_from_file = varied and settings.min_crop_scale < 1
        # Twice as many pixels as the smallest crop needs: with more, it would look the same.
        zoom = 2 / settings.min_crop_scale if is_cut_from_file else 1.0
        mean, std = channel_statistics(settings.network)
        return cls(settings.resize, settings.crop, mean, std, zoom)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> "Preprocessing":
        """Reads what `to_dict` returned, also from JSON, which has lists for tuples."""
        return cls(**{key: _as_tuple(value) for key, value in fields.items()})

    def to_dict(self) -> dict[str, Any]:
        """Returns the fields as plain values for a checkpoint or manifest."""
        return asdict(self)

    def resized_shape(self, height: int, width: int) -> tuple[int, int]:
        """Returns (height, width) after resizing, rounded as torchvision's Resize does."""
        if not isinstance(self.resize, int):
            return self.resize
        if height <= width:
            return self.resize, int(self.resize * width / height)
        return int(self.resize * height / width), self.resize

    def kept_shape(self, height: int, width: int) -> tuple[int, int]:
        """Returns (height, width) of the pixels that crops are cut from."""
        resized = self.resized_shape(height, width)
        if self.zoom == 1:
            return resized
        most = [round(edge * self.zoom) for edge in resized]
        return min(height, most[0]), min(width, most[1])

    def cut_shape(self, kept: tuple[int, int], scale: float) -> tuple[int, int]:
        """Returns (height, width) of a view's part of pixels of a kept (height, width)."""
        resize, crop = pair(self.resize), pair(self.crop)
        height, width = (min(kept), min(kept)) if isinstance(self.resize, int) else kept
        cut = crop[0] * scale * height / resize[0], crop[1] * scale * width / resize[1]
        return max(1, round(cut[0])), max(1, round(cut[1]))


def load_pixels(path: Path, preprocessing: Preprocessing) -> Tensor:
    """Returns an image file as uint8 pixels (3, h, w) that crops are cut from.

    Raises:
        DataError: the file cannot be read as an image.
    """
    # Twice the target size: a JPEG decoded at half its size and then resized looks the same.
    enough = round(max(pair(preprocessing.resize)) * max(2, preprocessing.zoom))
    with decoded(path, reduced_to=(enough, enough)) as whole:
        pixels = torch.from_numpy(whole).permute(2, 0, 1)
        if isinstance(preprocessing.resize, int):
            pixels = _cut_panorama(pixels)
        size = preprocessing.kept_shape(*pixels.shape[1:])
        if size == pixels.shape[1:]:
            return pixels
        # Antialiased bilinear as in Pillow, twice as fast and at most 1/255 off.
        return functional.interpolate(pixels[None], size, mode="bilinear", antialias=True)[0]


def crop_pixels(pixels: Tensor, preprocessing: Preprocessing, view: View) -> Tensor:
    """Returns the view (3, H, W) of kept pixels (3, h, w), both uint8."""
    size = pair(preprocessing.crop)
    height, width = preprocessing.cut_shape((pixels.shape[1], pixels.shape[2]), view.scale)
    top = round((pixels.shape[1] - height) * view.top)
    left = round((pixels.shape[2] - width) * view.left)
    cropped = pixels[:, top : top + height, left : left + width]
    if (height, width) != size:
        cropped = functional.interpolate(cropped[None], size, mode="bilinear", antialias=True)[0]
    if view.gains != (1.0, 1.0, 1.0):
        gains = torch.tensor(view.gains).view(3, 1, 1)
        cropped = (cropped * gains).clamp_(0, 255).to(torch.uint8)
    return cropped.flip(2) if view.flip else cropped


def stack_pixels(pixels: Sequence[Tensor]) -> Tensor:
    """Returns images (3, H, W) as a batch (B, 3, H, W), channels last as they come from a file."""
    return torch.stack([item.permute(1, 2, 0) for item in pixels]).permute(0, 3, 1, 2)


def normalize(pixels: Tensor, preprocessing: Preprocessing) -> Tensor:
    """Returns uint8 pixels (B, 3, H, W) as normalised float32, on their device.

    The memory layout is channels last, in which convolutions are fastest.
    """
    batch, channels, height, width = pixels.shape
    # Whole rows at a time: vectors of three channels would leave the vector units idle.
    rows = pixels.permute(0, 2, 3, 1).reshape(batch * height, width * channels)
    mean = rows.new_tensor(preprocessing.mean, dtype=torch.float32).repeat(width)
    std = rows.new_tensor(preprocessing.std, dtype=torch.float32).repeat(width)
    normalized = rows.float().div_(255).sub_(mean).div_(std)
    return normalized.view(batch, height, width, channels).permute(0, 3, 1, 2)


def _cut_panorama(pixels: Tensor) -> Tensor:
    """Returns the central part of (3, h, w) pixels that are extremely long.

    With its shorter edge of 2 pixels resized to 256, an image of 4000x2 would take 393 MB.
    """
    longest = _MAX_RATIO * min(pixels.shape[1:])
    top, left = (max(edge - longest, 0) // 2 for edge in pixels.shape[1:])
    return pixels[:, top : top + longest, left : left + longest]


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
