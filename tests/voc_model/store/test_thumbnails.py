"""Precomputed thumbnails: which ones are made, only once, and despite unreadable images."""

import errno
import os
from pathlib import Path

import pytest
from PIL import Image
from recorded_report import RecordedReport
from sample_run import BOXED, LINKED, MISSING, Sample, draw_image, make_sample, write_run

from voc_model.store.scores import ScoreTable
from voc_model.store.thumbnails import ensure_first_thumbnails, thumbnail_folder


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    return make_sample(tmp_path / "sample")


def ensure(sample: Sample, cache_dir: Path) -> RecordedReport:
    report = RecordedReport()
    ensure_first_thumbnails(ScoreTable.open(sample.run.scores_path), cache_dir, report)
    return report


def thumbnail_of(sample: Sample, cache_dir: Path, image_id: str, width: int) -> Path:
    """Returns the only thumbnail of an image that has this width."""
    folder = thumbnail_folder(cache_dir, sample.voc_dir, image_id)
    (path,) = folder.glob(f"{width}-*.webp")
    return path


def stored_in(sample: Sample, cache_dir: Path, width: int) -> set[str]:
    """Returns the ids of the images that have a thumbnail of this width."""
    stored = {path.parent for path in cache_dir.rglob(f"{width}-*.webp")}
    folders = {thumbnail_folder(cache_dir, sample.voc_dir, it): it for it in sample.image_ids}
    return {folders[folder] for folder in stored}


def make_few(sample: Sample, folder: Path) -> Sample:
    """Writes a run of the sample's first three images."""
    return write_run(
        folder / "few", sample.voc_dir, sample.image_ids[:3], sample.classes,
        sample.scores[:3], sample.labels[:3],
    )  # fmt: skip


def made(report: RecordedReport) -> int:
    """Returns the number of images whose thumbnails were made."""
    (stage,) = report.stages
    assert (stage.name, stage.unit) == ("thumbnails", "images")
    assert stage.done == stage.total
    return stage.done - stage.reused


def test_top_and_bottom_of_every_class_in_both_widths(sample: Sample, tmp_path: Path) -> None:
    cache_dir = tmp_path / "cache"
    report = ensure(sample, cache_dir)
    readable = len(sample.image_ids) - 2
    expected: set[str] = set()
    for index in range(len(sample.classes)):
        ranked = sample.ranked_ids(index)[:readable]
        expected |= {*ranked[:50], *ranked[-50:]}
    assert stored_in(sample, cache_dir, 240) == stored_in(sample, cache_dir, 480) == expected
    assert made(report) == len(expected)
    for width, size in ((240, (240, 180)), (480, (480, 360))):
        with Image.open(thumbnail_of(sample, cache_dir, BOXED, width)) as image:
            assert (image.format, image.size) == ("WEBP", size)
    assert not list(cache_dir.rglob("*.tmp"))


def test_a_second_run_makes_missing_and_outdated_thumbnails(sample: Sample, tmp_path: Path) -> None:
    cache_dir = tmp_path / "cache"
    ensure(sample, cache_dir)
    assert made(ensure(sample, cache_dir)) == 0
    highest = sample.ranked_ids(0)[:2]
    thumbnail_of(sample, cache_dir, highest[0], 480).unlink()
    source = sample.voc_dir / "JPEGImages" / f"{highest[1]}.jpg"
    earlier = source.stat().st_mtime - 3600
    draw_image(source, (300, 300))
    os.utime(source, (earlier, earlier))
    assert made(ensure(sample, cache_dir)) == 2
    with Image.open(thumbnail_of(sample, cache_dir, highest[1], 240)) as image:
        assert image.size == (180, 180)


def test_missing_images_do_not_stop_the_others(sample: Sample, tmp_path: Path) -> None:
    gone, damaged = sample.ranked_ids(0)[:2]
    (sample.voc_dir / "JPEGImages" / f"{gone}.jpg").unlink()
    (sample.voc_dir / "JPEGImages" / f"{damaged}.jpg").write_bytes(b"no image")
    report = ensure(sample, tmp_path / "cache")
    assert report.warnings == []
    stored = stored_in(sample, tmp_path / "cache", 240)
    assert not {gone, damaged, MISSING} & stored
    assert {sample.ranked_ids(0)[2], LINKED} <= stored


@pytest.mark.parametrize(
    "image_id", ["i" * 240, "i" * 251, "i" * 300, "folder/" + "i" * 200, "bild mit ümlaut" * 15]
)
def test_an_id_of_any_length_does_not_stop_the_others(
    sample: Sample, tmp_path: Path, image_id: str
) -> None:
    """Neither as the name of an image nor in the cache."""
    path = sample.voc_dir / "JPEGImages" / f"{image_id}.jpg"
    is_possible = len(path.name.encode()) <= 255
    if is_possible:
        draw_image(path, (300, 200))
    ids = (image_id, *sample.image_ids[:2])
    run = write_run(
        tmp_path / "run", sample.voc_dir, ids, sample.classes, sample.scores[:3], sample.labels[:3]
    )
    report = ensure(run, tmp_path / "cache")
    assert report.warnings == []
    expected = set(ids) if is_possible else set(ids[1:])
    assert stored_in(run, tmp_path / "cache", 240) == expected


@pytest.mark.parametrize("kind", ["pipe", "loop", "unreadable"])
def test_what_is_no_image_does_not_stop_the_others(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    bad, system_open = sample.image_ids[0], os.open
    path = sample.voc_dir / "JPEGImages" / f"{bad}.jpg"
    if kind != "unreadable":
        path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    if kind == "loop":
        path.symlink_to(path)

    def fail(opened: Path, *arguments: int, **more: int) -> int:
        if kind == "unreadable" and opened == path:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return system_open(opened, *arguments, **more)

    monkeypatch.setattr(os, "open", fail)
    few = make_few(sample, tmp_path)
    assert ensure(few, tmp_path / "cache").warnings == []
    assert stored_in(few, tmp_path / "cache", 240) == set(few.image_ids[1:])


def test_a_replaced_image_of_the_same_time_is_noticed(sample: Sample, tmp_path: Path) -> None:
    few = make_few(sample, tmp_path)
    ensure(few, tmp_path / "cache")
    source = sample.voc_dir / "JPEGImages" / f"{few.image_ids[0]}.jpg"
    time_ns = source.stat().st_mtime_ns
    draw_image(source, (300, 300))
    os.utime(source, ns=(time_ns, time_ns))
    assert made(ensure(few, tmp_path / "cache")) == 1
    with Image.open(thumbnail_of(few, tmp_path / "cache", few.image_ids[0], 240)) as image:
        assert image.size == (180, 180)


def test_an_unwritable_cache_is_reported(sample: Sample, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    (warning,) = ensure(sample, tmp_path / "file" / "cache").warnings
    assert str(tmp_path / "file" / "cache") in warning


def test_an_interrupt_stops_the_rest(sample: Sample, tmp_path: Path) -> None:
    table = ScoreTable.open(sample.run.scores_path)
    with pytest.raises(KeyboardInterrupt):
        ensure_first_thumbnails(table, tmp_path / "cache", RecordedReport(stop_after=1))
    assert 0 < len(stored_in(sample, tmp_path / "cache", 240)) < len(sample.image_ids) // 2


def test_with_very_many_classes_only_the_highest_and_lowest_ranks(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voc_model.store.thumbnails._MAX_IMAGES", 8)
    ensure(sample, tmp_path / "cache")
    readable = len(sample.image_ids) - 2
    rankings = [sample.ranked_ids(index)[:readable] for index in range(len(sample.classes))]
    stored = stored_in(sample, tmp_path / "cache", 240)
    assert len(stored) == 8
    assert stored >= {ranked[0] for ranked in rankings} | {ranked[-1] for ranked in rankings}


def test_fewer_images_than_a_grid(sample: Sample, tmp_path: Path) -> None:
    few = make_few(sample, tmp_path)
    ensure(few, tmp_path / "cache")
    assert stored_in(sample, tmp_path / "cache", 240) == set(sample.image_ids[:3])
