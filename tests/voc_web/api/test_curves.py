"""API responses about calibration, histogram, operating points and strip, as JSON and CSV."""

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from api_client import api_url, get_json
from flask.testing import FlaskClient
from sample_run import CLASSES, IMAGES, Sample, write_run
from web_pages import client_of

from voc_model.metrics.label_counts import ranks_above
from voc_model.metrics.operating_points import best_f1_point
from voc_model.metrics.precision_recall import precision_recall_curve
from voc_web.run.opened_run import RunReader

# Path, and the field with the rows of the CSV.
TABLES = {
    "/strip": "bins",
    "/operating-points": "points",
    "/curves/precision-recall": "points",
    "/curves/tail-accuracy": "points",
    "/curves/calibration": "bins",
    "/curves/histogram": "bins",
}


FIELDS = {
    "/strip": "first_rank last_rank present absent difficult not_labelled unreadable highest_score",
    "/operating-points": "threshold images_above true_positives difficult_above not_labelled_above",
    "/curves/precision-recall": "threshold count rank precision recall",
    "/curves/tail-accuracy": "at threshold tail_accuracy images_above fraction_above",
    "/curves/calibration": "above up_to images mean_score fraction_present",
    "/curves/histogram": "above up_to present absent difficult not_labelled",
    "/curves/precision-recall/mean": "recall precision",
    "/curves/tail-accuracy/mean": "at tail_accuracy classes_defined mean_images_above "
    "mean_fraction_above",
}


@pytest.mark.parametrize("path", FIELDS)
def test_names_and_order_of_the_fields(client: FlaskClient, path: str) -> None:
    wanted = FIELDS[path].split()
    name = {} if path.endswith("/mean") else {"class_": "dog"}
    body = get_json(client, path, **name)
    rows = body[TABLES.get(path, "points")]
    assert all(list(row) == wanted for row in rows)
    if path in TABLES:
        header = client.get(api_url(f"{path}.csv", **name)).get_data(as_text=True)
        assert header.partition("\r\n")[0].split(",") == wanted


def columns(sample: Sample, name: str) -> tuple[Any, Any]:
    index = sample.classes.index(name)
    return sample.scores[:, index].astype(float), sample.labels[:, index]


def inside(scores: Any, item: dict[str, float]) -> Any:
    first = (item["above"] == 0) & (scores == 0)
    return (scores > item["above"]) & (scores <= item["up_to"]) | first


@pytest.mark.parametrize("name", CLASSES)
def test_calibration(convention: tuple[FlaskClient, Sample], name: str) -> None:
    client, sample = convention
    body = get_json(client, "/curves/calibration", class_=name)
    scores, labels = columns(sample, name)
    scores, labels = scores[labels >= 0], labels[labels >= 0]
    assert body["class"] == name
    assert [item["above"] for item in body["bins"]] == pytest.approx(np.arange(15) / 15)
    assert [item["up_to"] for item in body["bins"]] == pytest.approx(np.arange(1, 16) / 15)
    error = 0.0
    for item in body["bins"]:
        chosen = inside(scores, item)
        assert item["images"] == chosen.sum()
        if not chosen.any():
            assert (item["mean_score"], item["fraction_present"]) == (None, None)
            continue
        assert item["mean_score"] == pytest.approx(scores[chosen].mean())
        assert item["fraction_present"] == pytest.approx((labels[chosen] == 1).mean())
        error += chosen.sum() * abs(item["mean_score"] - item["fraction_present"])
    assert body["expected_calibration_error"] == pytest.approx(error / (~np.isnan(scores)).sum())
    one = get_json(client, "/class", class_=name)
    assert one["expected_calibration_error"] == body["expected_calibration_error"]


@pytest.mark.parametrize("name", CLASSES)
def test_histogram(convention: tuple[FlaskClient, Sample], name: str) -> None:
    client, sample = convention
    body = get_json(client, "/curves/histogram", class_=name)
    scores, labels = columns(sample, name)
    assert len(body["bins"]) == 40
    for item in body["bins"]:
        chosen = labels[inside(scores, item)]
        counts = [(chosen == label).sum() for label in (1, 0, -1)]
        assert [item["present"], item["absent"], item["difficult"]] == counts
    sums = [sum(item[key] for key in ("present", "absent", "difficult")) for item in body["bins"]]
    assert sum(sums) == IMAGES - 2


@pytest.mark.parametrize("name", CLASSES)
def test_operating_points(convention: tuple[FlaskClient, Sample], name: str) -> None:
    client, sample = convention
    body = get_json(client, "/operating-points", class_=name)
    scores, labels = columns(sample, name)
    assert body["present"] == (labels[~np.isnan(scores)] == 1).sum()
    assert len(body["points"]) == len(set(scores[~np.isnan(scores)]))
    for point in body["points"]:
        above = labels[scores > point["threshold"]]
        assert point == {
            "threshold": point["threshold"],
            "images_above": (above >= 0).sum(),
            "true_positives": (above == 1).sum(),
            "difficult_above": (above == -1).sum(),
            "not_labelled_above": (above == -2).sum(),
        }


@pytest.mark.parametrize("bins", [1, 7, 100, 1000])
@pytest.mark.parametrize("name", CLASSES)
def test_strip(convention: tuple[FlaskClient, Sample], name: str, bins: int) -> None:
    client, sample = convention
    body = get_json(client, "/strip", class_=name, bins=bins)
    index = sample.classes.index(name)
    assert body["images"] == IMAGES
    assert len(body["bins"]) == min(bins, IMAGES)
    expected_first = 1
    for item in body["bins"]:
        assert item["first_rank"] == expected_first
        rows = sample.ranked_rows(index)[item["first_rank"] - 1 : item["last_rank"]]
        assert rows
        scores, labels = sample.scores[rows, index], sample.labels[rows, index]
        for key, label in (("present", 1), ("absent", 0), ("difficult", -1)):
            assert item[key] == (labels[~np.isnan(scores)] == label).sum()
        assert item["unreadable"] == np.isnan(scores).sum()
        if not np.isnan(scores[0]):
            assert item["highest_score"] == scores[0]
        expected_first = item["last_rank"] + 1
    assert expected_first == IMAGES + 1


@pytest.mark.parametrize("name", CLASSES)
def test_best_f1(convention: tuple[FlaskClient, Sample], name: str) -> None:
    client, sample = convention
    body = get_json(client, "/class", class_=name)
    best, scores = body["best_f1"], columns(sample, name)[0]
    point = best_f1_point(precision_recall_curve(*columns(sample, name)))
    if point is None:
        assert best is None
        return
    assert best == vars(point)
    _, labels = columns(sample, name)
    f1 = []
    for threshold in sorted(set(scores[~np.isnan(scores)])):
        above = labels[scores >= threshold]
        found = (above == 1).sum()
        f1.append(2 * found / ((above >= 0).sum() + body["present"]) if len(above) else 0)
    assert best["f1"] == pytest.approx(max(f1))
    at_best = get_json(client, "/class", class_=name, threshold=best["threshold"])["at_threshold"]
    assert at_best["f1"] == pytest.approx(best["f1"])
    assert at_best["present"] + at_best["absent"] == best["count"]


@pytest.mark.parametrize("path", TABLES)
@pytest.mark.parametrize("name", CLASSES)
def test_csv_matches_json(client: FlaskClient, path: str, name: str) -> None:
    rows = get_json(client, path, class_=name)[TABLES[path]]
    response = client.get(api_url(f"{path}.csv", class_=name))
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    lines = list(csv.reader(io.StringIO(response.get_data(as_text=True)), strict=True))
    assert lines[0] == list(rows[0])
    read = [[None if field == "" else float(field) for field in line] for line in lines[1:]]
    assert read == [list(row.values()) for row in rows]
    disposition = response.headers["Content-Disposition"]
    what = path.rpartition("/")[2].replace("-", "_")
    if name.isascii():
        assert disposition == f"attachment; filename=sample_{what}_{name}.csv"
    assert disposition.encode("latin-1")


@pytest.mark.parametrize("bins", ["0", "4097", "x", "1.5"])
@pytest.mark.parametrize("path", ["/strip", "/strip.csv"])
def test_invalid_bins(client: FlaskClient, path: str, bins: str) -> None:
    response = client.get(api_url(path, class_="dog", bins=bins))
    assert response.status_code == 400
    assert response.get_json()["detail"].startswith(
        "bins must be a whole number from 1 to 4096, not "
    )


def test_class_without_counted_images(sample: Sample, tmp_path: Path) -> None:
    """Only unreadable and difficult images: nothing to draw, and null where undefined."""
    scores = np.array([[np.nan], [0.4]], np.float32)
    labels = np.array([[1], [-1]], np.int8)
    run = write_run(tmp_path / "none", sample.voc_dir, "ab", ("dog",), scores, labels)
    client = client_of(run, tmp_path / "cache")
    body = get_json(client, "/class", class_="dog")
    assert (body["best_f1"], body["expected_calibration_error"]) == (None, None)
    assert body["at_threshold"]["f1"] is None
    (point,) = get_json(client, "/operating-points", class_="dog")["points"]
    assert (point["images_above"], point["difficult_above"]) == (0, 1)
    assert get_json(client, "/curves/precision-recall", class_="dog")["points"] == []
    strip = get_json(client, "/strip", class_="dog")["bins"]
    assert [item["highest_score"] for item in strip] == [pytest.approx(0.4)] * 2
    for path in TABLES:
        assert client.get(api_url(f"{path}.csv", class_="dog")).status_code == 200


@pytest.mark.parametrize("name", CLASSES)
def test_rank_is_that_of_the_ranking(convention: tuple[FlaskClient, Sample], name: str) -> None:
    """Pasted into `from` it names the last image that the point selects, difficult or not."""
    client, sample = convention
    scores, labels = columns(sample, name)
    points = get_json(client, "/curves/precision-recall", class_=name)["points"]
    for point in points:
        # JSON has the score as float64, which a float32 is exactly.
        selected = scores >= point["threshold"]
        assert point["rank"] == selected.sum()
        assert point["count"] == (selected & (labels >= 0)).sum()
    for point in points[:: max(len(points) // 5, 1)]:
        query = {"class_": name, "from": point["rank"], "size": 1}
        (image,) = get_json(client, "/ranking", **query)["images"]
        assert image["rank"] == point["rank"]
        assert image["score"] == pytest.approx(point["threshold"])
    assert any(point["rank"] > point["count"] for point in points) is (
        bool((labels == -1).any()) and bool(points)
    )


def test_ranks_above_thresholds(sample: Sample, tmp_path: Path) -> None:
    """In a large ranking with ties, and images that are unreadable or difficult."""
    random = np.random.default_rng(4)
    scores = random.random((5000, 1)).round(3).astype(np.float32)
    scores[random.random(scores.shape) < 0.01] = np.nan
    labels = random.integers(-1, 2, scores.shape).astype(np.int8)
    ids = [f"{number:04d}" for number in range(len(scores))]
    made = write_run(tmp_path / "run", sample.voc_dir, ids, ("dog",), scores, labels)
    run = RunReader(made.run).current()
    thresholds = [*random.random(50), *scores[:50, 0].astype(float), -1.0, 0.0, 1.0]
    thresholds = [value for value in thresholds if not np.isnan(value)]
    wanted = [int((scores.astype(float) > value).sum()) for value in thresholds]
    assert ranks_above(run.table, run.metrics, run.curves, 0, thresholds).tolist() == wanted
    assert ranks_above(run.table, run.metrics, run.curves, 0, []).tolist() == []
