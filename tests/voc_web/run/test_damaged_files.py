"""Files that are damaged, or changed while they are served: a failure page at worst."""

import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient
from sample_run import Sample, write_run
from web_pages import client_of

from voc_model.errors import ScoreStoreError
from voc_model.metrics.evaluation import identify_evaluation, read_evaluation
from voc_model.store import archive
from voc_model.store.archive import read_npz
from voc_model.store.npz import write_npz
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable
from voc_web.run import opened_run
from voc_web.run.opened_run import RunReader
from voc_web.serving import site

PAGES = (
    "/",
    "/classes/dog",
    "/classes/dog?truth=present&id=2008",
    "/average-precision.csv",
    "/images/2008_000030?class=person",
    "/api/v1/ranking?class=person&from=100&size=30",
    "/api/v1/classes",
)
FILES = ("scores.npz", "metrics.json", "curves.npz")


@pytest.fixture(params=[0, 1 << 20], ids=["large", "small"])
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Tables are as large as to stay in their files, or small."""
    monkeypatch.setattr(archive, "_IN_MEMORY_BYTES", request.param)
    yield request.param


@pytest.fixture(scope="module")
def other_run(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Another run of the same images, which tests must not change."""
    scores = np.float32(1) - sample.scores
    arrays = (sample.image_ids, sample.classes, scores, sample.labels)
    folder = tmp_path_factory.mktemp("other") / "sample"
    return write_run(folder, sample.voc_dir, *arrays)


@pytest.fixture(scope="module")
def other_answers(
    other_run: Sample, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[int, bytes]]:
    """The pages of the other run."""
    return answers(client_of(other_run, tmp_path_factory.mktemp("cache")))


def answers(client: FlaskClient) -> list[tuple[int, bytes]]:
    return [(response.status_code, response.data) for response in map(client.get, PAGES)]


def reader_of(client: FlaskClient) -> RunReader:
    reader: RunReader = client.application.extensions["run_reader"]
    return reader


# Changes in place ---------------------------------------------------------------------------------


def cut(run: RunFolder, other: RunFolder) -> None:
    os.truncate(run.scores_path, run.scores_path.stat().st_size // 3)


def empty(run: RunFolder, other: RunFolder) -> None:
    os.truncate(run.scores_path, 0)


def cut_curves(run: RunFolder, other: RunFolder) -> None:
    os.truncate(run.curves_path, 100)


def overwrite(run: RunFolder, other: RunFolder) -> None:
    with run.scores_path.open("r+b") as file:
        file.write(other.scores_path.read_bytes())


def copy_over(run: RunFolder, other: RunFolder) -> None:
    for name in FILES:
        shutil.copyfile(other.path / name, run.path / name)


@pytest.mark.parametrize("change", [cut, empty, cut_curves, overwrite, copy_over])
@pytest.mark.parametrize("page", PAGES)
def test_files_changed_during_a_request(
    own_run: Sample,
    other_run: Sample,
    other_answers: list[tuple[int, bytes]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    size: int,
    change: Callable[[RunFolder, RunFolder], None],
    page: str,
) -> None:
    """The request ends with the old numbers or a failure, and the next ones show the new files."""
    client = client_of(own_run, tmp_path / "cache")
    before = client.get(page).data
    reader_of(client).wait_until_verified()
    reader = reader_of(client)
    current = reader.current

    def open_then_change() -> object:
        run = current()
        run.selections._cache.clear()
        change(own_run.run, other_run.run)
        monkeypatch.setattr(reader, "current", current)
        return run

    monkeypatch.setattr(reader, "current", open_then_change)
    response = client.get(page)
    assert (response.status_code, response.data) == (200, before) or response.status_code == 503
    if size:
        assert response.data == before, "a small table is in memory"
    copy_over(own_run.run, other_run.run)
    assert [status for status, _ in other_answers] == [200] * len(PAGES)
    assert answers(client) == other_answers


# Flipped bits -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_flipped_bits_never_show_other_numbers(
    own_run: Sample, tmp_path: Path, size: int, name: str
) -> None:
    """A damaged table is a failure page, and damaged metrics are computed again."""
    chance = random.Random(size + len(name))
    path = own_run.run.path / name
    whole = path.read_bytes()
    expected = answers(client_of(own_run, tmp_path / "cache"))
    statuses = set()
    for _ in range(12):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        client = client_of(own_run, tmp_path / "cache")
        client.get("/")
        reader_of(client).wait_until_verified()
        for found, right in zip(answers(client), expected, strict=True):
            assert found == right or found[0] == 503
            statuses.add(found[0])
    assert statuses == {200} if name != "scores.npz" else 503 in statuses


DAMAGES: dict[str, tuple[str, Callable[[np.ndarray], None]]] = {
    "score above 1": ("scores", lambda array: array.__setitem__((5, 1), 7.5)),
    "negative score": ("scores", lambda array: array.__setitem__((5, 1), -3)),
    "infinite score": ("scores", lambda array: array.__setitem__((5, 1), np.inf)),
    "unknown label": ("labels", lambda array: array.__setitem__((5, 1), 9)),
    "row out of range": ("ranking", lambda array: array.__setitem__((0, 0), 10_000)),
    "negative row": ("ranking", lambda array: array.__setitem__((0, 0), -1)),
    "repeated row": ("ranking", lambda array: array.__setitem__((0, 0), array[0, 1])),
    "ranking of another class": ("ranking", lambda array: array.__setitem__(0, array[1])),
    "repeated id": ("image_ids", lambda array: array.__setitem__(5, array[4])),
    "id that is not UTF-8": ("image_ids", lambda array: array.__setitem__(129, b"\xff")),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_table_that_breaks_the_contract_is_not_shown(
    own_run: Sample, tmp_path: Path, size: int, damage: str
) -> None:
    """Though its checksums are right, and metrics say that they were computed from it."""
    run = own_run.run
    name, alter = DAMAGES[damage]
    members = read_npz(run.scores_path)
    kept = read_evaluation(run, ScoreTable.open(run.scores_path))
    array = np.array(members[name])
    alter(array)
    write_npz(run.scores_path, members | {name: array})
    identity = identify_evaluation(ScoreTable.open(run.scores_path), "ignore")
    kept[0].model_copy(update={"identity": identity}).write(run.metrics_path)
    kept[1].write(run.curves_path, identity)
    client = client_of(own_run, tmp_path / "cache")
    for status, _ in answers(client):  # While a large table is checked.
        assert status in (200, 404, 503)
    reader_of(client).wait_until_verified()
    for status, body in answers(client):
        assert status == 503
        assert "scores.npz: " in body.decode()
        assert "precompute_scores.py" in body.decode()


# Failing requests ---------------------------------------------------------------------------------


def count_openings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    opened: list[Path] = []
    real = ScoreTable.open
    monkeypatch.setattr(
        opened_run.ScoreTable, "open", lambda path: opened.append(path) or real(path)
    )
    return opened


def test_a_damaged_file_is_opened_once(
    own_run: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened_run, "_SETTLED_NS", -(10**12))
    cut(own_run.run, own_run.run)
    client, opened = client_of(own_run, tmp_path / "cache"), count_openings(monkeypatch)
    assert [client.get(page).status_code for page in PAGES] == [503] * len(PAGES)
    assert len(opened) == 1


def test_a_file_that_was_just_written_is_opened_once_per_failing_request(
    own_run: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may still be written, within the same tick of the clock."""
    cut(own_run.run, own_run.run)
    client, opened = client_of(own_run, tmp_path / "cache"), count_openings(monkeypatch)
    assert [client.get(page).status_code for page in PAGES] == [503] * len(PAGES)
    assert len(opened) == len(PAGES)


def test_a_disk_error_is_tried_again(
    own_run: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened_run, "_SETTLED_NS", -(10**12))
    client = client_of(own_run, tmp_path / "cache")

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as failing:
        failing.setattr(os, "pread", fail)
        assert client.get("/").status_code == 503
    assert client.get("/").status_code == 200


def test_a_bug_in_what_every_page_says_is_not_hidden(
    sample: Sample,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        raise TypeError("a bug")

    client = client_of(sample, tmp_path / "cache")
    monkeypatch.setattr(site, "describe_run", fail)
    assert client.get("/").status_code == 500
    assert "a bug" in caplog.text


def test_the_reason_of_a_failure_is_the_first_one(own_run: Sample) -> None:
    empty(own_run.run, own_run.run)
    reader = RunReader(own_run.run)
    for _ in range(2):
        with pytest.raises(ScoreStoreError, match=r"scores\.npz: damaged or not a score table"):
            reader.current()
