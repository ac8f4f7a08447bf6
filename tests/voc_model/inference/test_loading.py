"""Batches come in the planned order; unreadable images are reported without an exception."""

import gc
import os
import time
from multiprocessing import Value, active_children, get_start_method
from pathlib import Path

import pytest
import torch
from tiny_voc import train_paths

from voc_model.data import images
from voc_model.inference.devices import Compute
from voc_model.inference.loading import Batch, ImageLoader
from voc_model.model.preprocessing import (
    Preprocessing,
    View,
    crop_pixels,
    load_pixels,
    normalize,
)

PREPROCESSING = Preprocessing(resize=40, crop=32)


ROWS = [5, 3, 8, 0, 2, 7, 1]
PLAN = [[View(row, top=row / 10) for row in ROWS[start : start + 3]] for start in (0, 3, 6)]


def loader_of(paths: list[Path], workers: int = 0, keep_decoded: bool = False) -> ImageLoader:
    compute = Compute(torch.device("cpu"), workers=workers)
    return ImageLoader(paths, PREPROCESSING, compute, keep_decoded)


def batches_of(paths: list[Path], workers: int) -> list[Batch]:
    return list(loader_of(paths, workers).batches(PLAN))


def test_workers_do_not_change_the_batches(shared_voc_dir: Path) -> None:
    single, parallel = (batches_of(train_paths(shared_voc_dir), workers) for workers in (0, 2))
    assert [batch.rows for batch in single] == [[5, 3, 8], [0, 2, 7], [1]]
    for left, right in zip(single, parallel, strict=True):
        assert left.rows == right.rows
        assert torch.equal(left.inputs, right.inputs)


def test_workers_are_started_once(own_voc_dir: Path) -> None:
    """Even if an epoch was not read to its end, as after an error."""
    paths = train_paths(own_voc_dir)
    loader = loader_of(paths, workers=2, keep_decoded=True)
    assert next(loader.batches(PLAN)).rows == [5, 3, 8]
    workers = {process.pid for process in active_children()}
    paths[8].unlink()
    again = list(loader.batches(PLAN[::-1]))
    assert [batch.rows for batch in again] == [[1], [0, 2, 7], [5, 3]], "decoded again"
    assert {process.pid for process in active_children()} == workers
    assert len(workers) == 2
    del loader
    gc.collect()
    assert not active_children()


@pytest.mark.skipif(get_start_method() != "fork", reason="workers inherit what the test changes")
def test_workers_take_turns_with_images_larger_than_their_share(
    shared_voc_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Images of 1,200 pixels, and a limit of 1,200 pixels that two workers share."""
    busy, most = Value("i", 0), Value("i", 0)
    decode = images._decode

    def count(*arguments: object) -> object:
        with busy.get_lock():
            busy.value += 1
            most.value = max(most.value, busy.value)
        time.sleep(0.02)  # Lets the others begin, if they may.
        pixels = decode(*arguments)  # type: ignore[arg-type]
        with busy.get_lock():
            busy.value -= 1
        return pixels

    monkeypatch.setattr(images, "_decode", count)
    monkeypatch.setattr(images, "_BUDGET", images._PixelBudget(1_200))
    batches = batches_of(train_paths(shared_voc_dir), workers=2)
    assert [batch.rows for batch in batches] == [[5, 3, 8], [0, 2, 7], [1]]
    assert most.value == 1


@pytest.mark.parametrize("workers", [0, 1])
def test_an_unreadable_image_is_reported(own_voc_dir: Path, workers: int) -> None:
    paths = train_paths(own_voc_dir)
    paths[3].write_bytes(b"no image")
    paths[1].unlink()
    batches = batches_of(paths, workers)
    assert [batch.rows for batch in batches] == [[5, 8], [0, 2, 7], []]
    assert batches[0].inputs.shape == (2, 3, 32, 32)
    assert list(batches[0].unreadable) == [3]
    assert str(paths[3]) in batches[0].unreadable[3]
    assert "not found" in batches[2].unreadable[1]


def test_batches_hold_the_pixels_of_the_files(shared_voc_dir: Path) -> None:
    paths = train_paths(shared_voc_dir)
    for views, batch in zip(PLAN, loader_of(paths).batches(PLAN), strict=True):
        for view, image in zip(views, batch.inputs, strict=True):
            pixels = crop_pixels(load_pixels(paths[view.row], PREPROCESSING), PREPROCESSING, view)
            assert torch.equal(image, normalize(pixels[None], PREPROCESSING)[0])


def test_images_kept_in_memory_are_decoded_once(own_voc_dir: Path) -> None:
    paths = train_paths(own_voc_dir)
    paths[3].write_bytes(b"no image")
    loader = loader_of(paths, keep_decoded=True)
    first = list(loader.batches(PLAN))
    for path in paths:
        path.unlink()
    again = list(loader.batches(PLAN))
    assert [batch.rows for batch in again] == [[5, 8], [0, 2, 7], [1]]
    for left, right in zip(first, again, strict=True):
        assert torch.equal(left.inputs, right.inputs)
        assert left.unreadable == right.unreadable


@pytest.mark.parametrize("workers", [0, 2])
def test_what_is_no_regular_file_is_reported(
    shared_voc_dir: Path, tmp_path: Path, workers: int
) -> None:
    """A pipe or a device would stop the scoring for good."""
    paths = [*train_paths(shared_voc_dir)[:7], tmp_path / "pipe.jpg", tmp_path / "device.jpg"]
    os.mkfifo(paths[7])
    paths[8].symlink_to("/dev/zero")
    batches = batches_of(paths, workers)
    reasons = {row: text for batch in batches for row, text in batch.unreadable.items()}
    assert reasons.keys() == {7, 8}
    assert all("not a regular file" in text for text in reasons.values())
