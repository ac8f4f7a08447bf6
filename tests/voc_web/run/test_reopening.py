"""The run is reopened when its files change; missing or outdated metrics are recomputed."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient
from sample_run import Sample, write_run
from web_pages import client_of, has_class, parse, text_of, texts

from voc_model.metrics.evaluation import evaluate, write_evaluation
from voc_model.metrics.run_metrics import RunMetrics
from voc_model.store.archive import read_npz
from voc_model.store.npz import write_npz
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable
from voc_web import create_app
from voc_web.run import opened_run
from voc_web.run.opened_run import RunReader


def shown_map(client: FlaskClient) -> str:
    return text_of(parse(client, "/").xpath("//dl/div/dd")[0])


def rewrite(run: Sample, **manifest: object) -> None:
    """Writes reversed scores, without metrics."""
    kept = {path: path.read_bytes() for path in (run.run.metrics_path, run.run.curves_path)}
    write_run(
        run.run.path,
        run.voc_dir,
        run.image_ids,
        run.classes,
        np.float32(1) - run.scores,
        run.labels,
        **manifest,
    )
    for path, data in kept.items():
        path.write_bytes(data)


def files_of(run: RunFolder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in run.path.iterdir() if path.is_file()}


@pytest.mark.parametrize("damage", ["missing", "empty", "no JSON", "other", "no curves"])
def test_damaged_metrics_are_computed_beside_the_run(
    own_run: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    """The server writes nothing to the run; the next start finds them in the cache."""
    run, cache = own_run.run, tmp_path / "kept"
    expected = shown_map(client_of(own_run, tmp_path / "cache"))
    if damage == "missing":
        run.metrics_path.unlink()
    elif damage == "empty":
        run.metrics_path.write_text("")
    elif damage == "no JSON":
        run.metrics_path.write_text('{"split": ')
    elif damage == "no curves":
        run.curves_path.unlink()
    else:
        metrics = RunMetrics.read(run.metrics_path)
        stale = {"sklearn": 0.123, "voc2010": 0.123, "voc2007": 0.123}
        metrics.model_copy(
            update={"identity": "of other scores", "mean_average_precision": stale}
        ).write(run.metrics_path)
    before = files_of(run)
    found = RunReader(run, cache_dir=cache).current().metrics
    assert f"{found.mean_average_precision['sklearn']:.3f}" == expected
    monkeypatch.setattr(opened_run, "evaluate", None)
    assert RunReader(run, cache_dir=cache).current().metrics.identity == found.identity
    assert files_of(run) == before


def test_a_slow_request_cannot_undo_what_the_offline_side_wrote(
    own_run: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server computes metrics with "ignore" while they are written with "positive"."""
    run = own_run.run
    run.metrics_path.unlink()

    def evaluate_slowly(table: ScoreTable, difficult: str) -> object:
        write_evaluation(run, *evaluate(ScoreTable.open(run.scores_path), "positive"))
        return evaluate(table, difficult)  # type: ignore[arg-type]

    monkeypatch.setattr(opened_run, "evaluate", evaluate_slowly)
    reader = RunReader(run, cache_dir=tmp_path / "cache")
    assert reader.current().metrics.difficult == "ignore"
    assert RunMetrics.read(run.metrics_path).difficult == "positive"
    assert reader.current().metrics.difficult == "positive"


def test_the_cache_is_not_used_for_another_convention(own_run: Sample, tmp_path: Path) -> None:
    run = own_run.run
    run.curves_path.unlink()
    for convention in ("positive", "negative"):
        metrics, _ = evaluate(ScoreTable.open(run.scores_path), convention)  # type: ignore[arg-type]
        metrics.write(run.metrics_path)
        opened = RunReader(run, cache_dir=tmp_path / "cache").current()
        assert opened.metrics.difficult == convention


def test_metrics_of_other_scores_of_the_same_second_are_not_shown(
    own_run: Sample, tmp_path: Path
) -> None:
    created = ScoreTable.open(own_run.run.scores_path).manifest.created
    before = shown_map(client_of(own_run, tmp_path / "cache"))
    rewrite(own_run, created=created)
    expected, _ = evaluate(ScoreTable.open(own_run.run.scores_path))
    shown = shown_map(client_of(own_run, tmp_path / "cache"))
    assert shown == f"{expected.mean_average_precision['sklearn']:.3f}" != before


@pytest.mark.parametrize("damage", ["", "cut"])
def test_damaged_curves_are_recomputed(own_run: Sample, tmp_path: Path, damage: str) -> None:
    own_run.run.curves_path.write_bytes(b"" if not damage else b"PK\x03\x04" * 50)
    assert parse(client_of(own_run, tmp_path / "cache"), "/tail-accuracy") is not None


def test_outdated_evaluation_is_recomputed(sample: Sample, tmp_path: Path) -> None:
    """Curves and metrics lack fields; the difficult convention is kept."""
    arrays = (sample.scores, sample.labels)
    run = write_run(
        tmp_path / "run", sample.voc_dir, sample.image_ids, sample.classes, *arrays, "positive"
    ).run
    expected = RunMetrics.read(run.metrics_path)
    members = {name: np.array(array) for name, array in read_npz(run.curves_path).items()}
    old = {name: array for name, array in members.items() if not name.startswith("point_")}
    old["present_before"] = old["present_before"][:, :2]
    old["rank"] = old.pop("count")  # Former name of the member.
    content = json.loads(run.metrics_path.read_text())
    for item in content["classes"]:
        del item["best_f1"]
    write_npz(run.curves_path, old)
    del members["identity"]
    for text in (run.metrics_path.read_text(), json.dumps(content)):
        run.metrics_path.write_text(text)
        opened = RunReader(run).current()
        np.testing.assert_equal(opened.metrics.model_dump(), expected.model_dump())
        for name, array in members.items():
            np.testing.assert_array_equal(getattr(opened.curves, name), array)


def test_new_scores_need_no_restart(own_client: FlaskClient, own_run: Sample) -> None:
    before = shown_map(own_client)
    rewrite(own_run, created="2030-01-01T00:00:00+00:00")
    after = shown_map(own_client)
    assert after != before
    reversed_run = replace(own_run, scores=np.float32(1) - own_run.scores)
    page = parse(own_client, "/classes/dog?size=5")
    first = page.xpath(f"//li[{has_class('card')}]/a/@href")[0]
    assert f"/images/{reversed_run.ranked_ids(0)[0]}?" in first


def test_new_metrics_need_no_restart(own_client: FlaskClient, own_run: Sample) -> None:
    assert shown_map(own_client) != "0.123"
    metrics = RunMetrics.read(own_run.run.metrics_path)
    changed = {**metrics.mean_average_precision, "sklearn": 0.123}
    update = {"mean_average_precision": changed}
    metrics.model_copy(update=update).write(own_run.run.metrics_path)
    assert shown_map(own_client) == "0.123"


def test_scores_replaced_while_they_are_opened_are_noticed(
    own_run: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = RunReader(own_run.run)
    real_open = ScoreTable.open

    def open_then_replace(path: Path) -> ScoreTable:
        table = real_open(path)
        monkeypatch.setattr(opened_run.ScoreTable, "open", real_open)
        rewrite(own_run, created="2030-01-01T00:00:00+00:00")
        return table

    monkeypatch.setattr(opened_run.ScoreTable, "open", open_then_replace)
    first = reader.current().table.manifest.created
    assert reader.current().table.manifest.created == "2030-01-01T00:00:00+00:00" != first


def test_an_unchanged_run_is_opened_once(
    own_run: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    real_open = ScoreTable.open
    monkeypatch.setattr(
        opened_run.ScoreTable, "open", lambda path: opened.append(path) or real_open(path)
    )
    app = client_of(own_run, tmp_path / "cache").application
    barrier = threading.Barrier(6)

    def visit(_: int) -> int:
        barrier.wait()
        return app.test_client().get("/classes/dog").status_code

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(visit, range(6))) == [200] * 6
    assert app.test_client().get("/").status_code == 200
    assert len(opened) == 1


def test_each_page_shows_a_single_run(
    own_client: FlaskClient, own_run: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scores that change during a request are used from the next one on."""
    reader: RunReader = own_client.application.extensions["run_reader"]
    runs = []
    real = reader.current
    monkeypatch.setattr(reader, "current", lambda: runs.append(1) or real())
    for url in ("/", "/classes/dog", "/tail-accuracy", "/tail-accuracy.csv", "/images/2008_000001"):
        runs.clear()
        assert own_client.get(url).status_code == 200
        assert len(runs) == 1, url


@pytest.mark.parametrize("url", ["/", "/classes/dog", "/average-precision", "/tail-accuracy.csv"])
def test_read_only_cache_folder(
    own_run: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    own_run.run.metrics_path.unlink()

    def refuse(*_: object) -> None:  # File modes do not apply to root, who may run the tests.
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(opened_run, "write_evaluation", refuse)
    reader = RunReader(own_run.run, own_run.voc_dir, tmp_path / "cache")
    client = create_app(reader, tmp_path / "cache").test_client()
    assert client.get(url).status_code == 200
    assert not own_run.run.metrics_path.exists()


@pytest.mark.parametrize(
    ("convention", "word"),
    [("ignore", "ignored in all metrics"), ("positive", "present"), ("negative", "absent")],
)
def test_every_page_states_the_difficult_convention(
    sample: Sample, tmp_path: Path, convention: str, word: str
) -> None:
    run = write_run(
        tmp_path / "run",
        sample.voc_dir,
        sample.image_ids,
        sample.classes,
        sample.scores,
        sample.labels,
        convention,  # type: ignore[arg-type]
    )
    client = client_of(run, tmp_path / "cache")
    for url in ("/", "/classes/dog", "/average-precision", "/tail-accuracy", "/images/2008_000001"):
        (footer,) = texts(parse(client, url), "//footer")
        assert footer.startswith("Difficult objects are")
        assert word in footer.split(":")[0]
