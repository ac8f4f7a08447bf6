"""Batches come in the order they were planned in; an unreadable image is reported, not raised."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from voc_model.data.voc import image_path, read_split
from voc_model.inference.loading import ImageBatch, ImageDataset, image_batches, load_all_pixels
from voc_model.model.preprocessing import Preprocessing, View

PREPROCESSING = Preprocessing(resize=40, crop=32)


def paths_of(voc_dir: Path) -> list[Path]:
    return [image_path(voc_dir, image_id) for image_id in read_split(voc_dir, "train").image_ids]


def batches_of(paths: list[Path], workers: int) -> list[ImageBatch]:
    rows = [5, 3, 8, 0, 2, 7, 1]
    plan = [[View(row, top=row / 10) for row in rows[at : at + 3]] for at in (0, 3, 6)]
    return list(image_batches(ImageDataset(paths, PREPROCESSING), plan, workers))


def test_workers_change_nothing(shared_voc_dir: Path) -> None:
    alone, together = (batches_of(paths_of(shared_voc_dir), workers) for workers in (0, 2))
    assert [batch.rows for batch in alone] == [[5, 3, 8], [0, 2, 7], [1]]
    for left, right in zip(alone, together, strict=True):
        assert left.rows == right.rows
        assert torch.equal(left.pixels, right.pixels)


@pytest.mark.parametrize("workers", [0, 1])
def test_an_unreadable_image_is_reported(own_voc_dir: Path, workers: int) -> None:
    paths = paths_of(own_voc_dir)
    paths[3].write_bytes(b"no image")
    paths[1].unlink()
    batches = batches_of(paths, workers)
    assert [batch.rows for batch in batches] == [[5, 8], [0, 2, 7], []]
    assert batches[0].pixels.shape == (2, 3, 32, 32)
    assert list(batches[0].unreadable) == [3]
    assert str(paths[3]) in batches[0].unreadable[3]
    assert "not found" in batches[2].unreadable[1]


def test_all_pixels_come_in_order_with_reasons_between(own_voc_dir: Path) -> None:
    paths = paths_of(own_voc_dir)
    paths[2].write_bytes(paths[2].read_bytes()[:200])
    items = list(load_all_pixels(paths, PREPROCESSING, threads=3))
    assert isinstance(items[2], str)
    assert str(paths[2]) in items[2]
    whole = ImageDataset(paths, Preprocessing(resize=40, crop=40))
    for row in (0, 7, 19):
        expected = whole[View(row, left=0)][1]
        found = items[row]
        assert isinstance(found, Tensor)
        assert isinstance(expected, Tensor)
        assert torch.equal(found[:, :, :40], expected)
