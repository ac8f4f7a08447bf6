"""API responses about run, classes, curves and images, compared with scores and labels."""

import csv
import io
import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from api_client import api_url, get_json
from flask.testing import FlaskClient
from sample_run import (
    BOXED,
    BOXES,
    CLASSES,
    CORRUPT,
    IMAGES,
    MALFORMED,
    MISSING,
    SPACED,
    TINY,
    Sample,
    make_sample,
    size_of,
    write_run,
)
from sklearn.metrics import accuracy_score
from web_pages import client_of, parse, texts

from voc_model.metrics.precision_recall import (
    DEFINITIONS,
    average_precision,
    precision_recall_curve,
)
from voc_model.metrics.tail_accuracy import TAIL_GRIDS, TailGrid, tail_accuracy

UNDEFINED = "zebra"  # Present in no image.
TRUTH = {1: "present", 0: "absent", -1: "difficult"}


def defined(value: float) -> float | None:
    """Returns the expected JSON value."""
    return None if np.isnan(value) else pytest.approx(value)


def columns(sample: Sample, name: str) -> tuple[Any, Any]:
    index = sample.classes.index(name)
    return sample.scores[:, index].astype(float), sample.labels[:, index]


def expected_precisions(sample: Sample, name: str) -> dict[str, float | None]:
    return {item: defined(average_precision(*columns(sample, name), item)) for item in DEFINITIONS}


def expected_numbers(sample: Sample, name: str) -> dict[str, object]:
    """Returns the metrics of a class, computed naively."""
    scores, labels = columns(sample, name)
    readable = ~np.isnan(scores)
    counted = readable & (labels >= 0)
    above = counted & (scores > 0.5)
    return {
        "class": name,
        "present": int((labels[readable] == 1).sum()),
        "absent": int((labels[readable] == 0).sum()),
        "difficult": int((labels[readable] == -1).sum()),
        "not_labelled": int((labels[readable] == -2).sum()),
        "unreadable": int((~readable).sum()),
        "highest_score": scores[counted].max(),
        "average_precision": expected_precisions(sample, name),
        "accuracy": accuracy_score(labels[counted], above[counted]),
        "baseline_accuracy": accuracy_score(labels[counted], np.zeros(counted.sum())),
        "tail_accuracy": pytest.approx(labels[above].mean()),
        "images_above": int(above.sum()),
        "expected_calibration_error": expected_error(scores[counted], labels[counted]),
        "best_f1": expected_best_f1(scores[counted], labels[counted]),
        "mistakes": expected_mistakes(sample, name),
    }


def expected_mistakes(sample: Sample, name: str) -> dict[str, object]:
    """Finds the mistakes of a class above 0.5 image by image."""
    index, shown, without_label = sample.classes.index(name), Counter[str](), 0
    ranked = [at for at in sample.ranked_rows(index) if not np.isnan(sample.scores[at, index])]
    labels = [int(sample.labels[at, index]) for at in ranked]
    is_above = [bool(sample.scores[at, index] > 0.5) for at in ranked]
    for at, label, above in zip(ranked, labels, is_above, strict=True):
        if above and label == 0:
            shown.update(np.array(sample.classes)[sample.labels[at] == 1].tolist())
            without_label += not np.isin(sample.labels[at], (1, -1)).any()
    most = sorted(shown.items(), key=lambda item: (-item[1], sample.classes.index(item[0])))
    return {
        "false_positives": list(zip(labels, is_above, strict=True)).count((0, True)),
        "false_negatives": list(zip(labels, is_above, strict=True)).count((1, False)),
        "most_shown": [{"name": name, "count": count} for name, count in most[:2]],
        "without_label": without_label,
        "highest_absent": [rank for rank, label in enumerate(labels, 1) if label == 0][:5],
        "lowest_present": [rank for rank, label in enumerate(labels, 1) if label == 1][:-6:-1],
    }


def expected_error(scores: Any, labels: Any) -> float:
    """Returns the expected calibration error over 15 bins; the lowest includes 0."""
    bins = np.ceil(scores * 15).clip(1)
    gaps = [
        abs((labels[bins == position] - scores[bins == position]).sum())
        for position in np.unique(bins)
    ]
    return pytest.approx(sum(gaps) / len(scores))


def expected_best_f1(scores: Any, labels: Any) -> dict[str, Any] | None:
    """Returns the best of all thresholds, by trying each in descending order."""
    best: dict[str, Any] | None = None
    for score in sorted(set(scores), reverse=True):
        count, found = int((scores >= score).sum()), int(labels[scores >= score].sum())
        f1 = 2 * found / (count + labels.sum()) if labels.any() else np.nan
        if labels.any() and (best is None or f1 > best["f1"]):
            best = {
                "threshold": float(np.nextafter(np.float32(score), np.float32(0))),
                "count": count,
                "true_positives": found,
                "precision": found / count,
                "recall": found / labels.sum(),
                "f1": f1,
            }
    return best


def test_run(client: FlaskClient, sample: Sample) -> None:
    run = get_json(client, "/run")
    assert (run["name"], run["dataset"], run["split"]) == ("sample", "VOC2008", "val")
    assert (run["images"], run["classes"]) == (IMAGES, list(CLASSES))
    assert run["difficult"] == "ignore"
    assert run["warnings"] == []
    (caveat,) = run["caveats"]
    assert "could not be read: 2" in caveat
    shown = [average_precision(*columns(sample, name)) for name in CLASSES]
    assert run["mean_average_precision"]["sklearn"] == pytest.approx(np.nanmean(shown))
    assert run["classes_defined"] == 3
    tails = [
        tail_accuracy(precision_recall_curve(*columns(sample, name)), [0.5])[0][0]
        for name in CLASSES
    ]
    assert run["mean_tail_accuracy"] == pytest.approx(np.mean(tails))
    assert run["tail_classes_defined"] == 4
    expected = [expected_numbers(sample, name) for name in CLASSES]
    for key in ("accuracy", "baseline_accuracy"):
        assert run[f"mean_{key}"] == pytest.approx(np.mean([item[key] for item in expected]))
    assert run["accuracy_classes_defined"] == 4
    assert run["manifest"]["unreadable_count"] == 2
    assert run["manifest"]["unreadable"] == [MISSING, CORRUPT]


def test_caveats_and_warnings_match_the_overview(sample: Sample, tmp_path: Path) -> None:
    run = write_run(
        tmp_path / "tuned",
        sample.voc_dir,
        sample.image_ids,
        CLASSES,
        sample.scores,
        sample.labels,
        training_overlap=7,
        selected_on_reported_split=True,
        selected_epoch=3,
        warnings=["2008_000001: something was odd"],
    )
    client = client_of(run, tmp_path / "cache")
    body = get_json(client, "/run")
    page = " ".join(texts(parse(client, "/"), "//main"))
    assert len(body["caveats"]) == 3
    for text in (*body["caveats"], *body["warnings"]):
        assert " ".join(text.split()) in page
    assert body["manifest"]["training_overlap"] == 7


def test_no_server_folder_is_exposed(sample: Sample, tmp_path: Path) -> None:
    run = write_run(
        tmp_path / "runs" / "own",
        sample.voc_dir,
        sample.image_ids,
        CLASSES,
        sample.scores,
        sample.labels,
        settings={"weights": "/home/somebody/resnet18.pth", "seed": 42, "output": "sigmoid"},
    )
    client = client_of(run, tmp_path / "cache")
    text = client.get("/api/v1/run").get_data(as_text=True)
    assert str(sample.voc_dir.parent) not in text
    assert "somebody" not in text
    settings = get_json(client, "/run")["manifest"]["settings"]
    assert settings == {"weights": "resnet18.pth", "seed": 42, "output": "sigmoid"}


@pytest.mark.parametrize("convention", ["positive", "negative"])
def test_the_difficult_convention(tmp_path: Path, convention: Any) -> None:
    sample = make_sample(tmp_path, convention)
    client = client_of(sample, tmp_path / "cache")
    assert get_json(client, "/run")["difficult"] == convention
    scores, labels = columns(sample, "dog")
    readable = ~np.isnan(scores)
    taken = np.where(labels == -1, int(convention == "positive"), labels)[readable]
    dog = get_json(client, "/class", class_="dog", threshold=0.3)
    assert (dog["present"], dog["difficult"]) == (int(taken.sum()), 0)
    above = scores[readable] > 0.3
    assert dog["at_threshold"]["present"] == int(taken[above].sum())
    assert dog["at_threshold"]["absent"] == int((1 - taken[above]).sum())


def test_classes(client: FlaskClient, sample: Sample) -> None:
    listed = get_json(client, "/classes")["classes"]
    pages = [item.pop("page") for item in listed]
    assert [texts(parse(client, page), "//h1") for page in pages] == [[name] for name in CLASSES]
    assert listed == [expected_numbers(sample, name) for name in CLASSES]
    assert listed[CLASSES.index(UNDEFINED)]["average_precision"] == dict.fromkeys(DEFINITIONS)


@pytest.mark.parametrize("threshold", [0, 0.3, 0.5, 0.97, 1])
@pytest.mark.parametrize("name", CLASSES)
def test_one_class(client: FlaskClient, sample: Sample, name: str, threshold: float) -> None:
    body = get_json(client, "/class", class_=name, threshold=threshold)
    at_threshold, page = body.pop("at_threshold"), body.pop("page")
    assert body == expected_numbers(sample, name)
    scores, labels = columns(sample, name)
    above = labels[scores > threshold]  # NaN is above nothing.
    present, absent = int((above == 1).sum()), int((above == 0).sum())
    assert at_threshold == {
        "threshold": threshold,
        "present": present,
        "absent": absent,
        "difficult": int((above == -1).sum()),
        "not_labelled": int((above == -2).sum()),
        "tail_accuracy": defined(present / (present + absent) if len(above) else np.nan),
        "recall": defined(present / body["present"] if body["present"] else np.nan),
        "f1": defined(
            2 * present / (present + absent + body["present"]) if body["present"] else np.nan
        ),
    }
    assert texts(parse(client, page), "//h1") == [name]


def test_metrics_are_null_if_nothing_is_above_the_threshold(client: FlaskClient) -> None:
    body = get_json(client, "/class", class_="dog", threshold=1)["at_threshold"]
    assert (body["tail_accuracy"], body["recall"]) == (None, 0)
    body = get_json(client, "/class", class_=UNDEFINED)["at_threshold"]
    assert (body["tail_accuracy"], body["recall"]) == (0, None)


@pytest.mark.parametrize("name", CLASSES)
def test_precision_recall(client: FlaskClient, sample: Sample, name: str) -> None:
    curve = get_json(client, "/curves/precision-recall", class_=name)
    scores, labels = columns(sample, name)
    counted = ~np.isnan(scores) & (labels >= 0)
    scores, labels = scores[counted], labels[counted]
    assert curve["class"] == name
    assert curve["average_precision"] == expected_precisions(sample, name)
    thresholds = [point["threshold"] for point in curve["points"]]
    assert thresholds == sorted(set(scores), reverse=True), "few enough to be complete"
    for point in curve["points"]:
        at_least = labels[scores >= point["threshold"]]
        assert point["count"] == len(at_least)
        assert point["precision"] == pytest.approx(at_least.mean())
        recall = at_least.sum() / labels.sum() if labels.any() else np.nan
        assert point["recall"] == defined(recall)
    assert (curve["points"][0]["recall"] is None) == (name == UNDEFINED)


def test_mean_precision_recall(client: FlaskClient, sample: Sample) -> None:
    curve = get_json(client, "/curves/precision-recall/mean")
    points = [
        get_json(client, "/curves/precision-recall", class_=name)["points"]
        for name in CLASSES
        if name != UNDEFINED
    ]
    assert curve["classes_defined"] == 3
    assert curve["mean_average_precision"] == get_json(client, "/run")["mean_average_precision"]
    assert [point["recall"] for point in curve["points"]] == pytest.approx(np.arange(101) / 100)
    for mean in curve["points"]:
        greatest = [
            max(item["precision"] for item in own if item["recall"] >= mean["recall"] - 1e-12)
            for own in points
        ]
        assert mean["precision"] == pytest.approx(np.mean(greatest))


@pytest.mark.parametrize("grid", TAIL_GRIDS)
@pytest.mark.parametrize("name", CLASSES)
def test_tail_accuracy(client: FlaskClient, sample: Sample, name: str, grid: TailGrid) -> None:
    curve = get_json(client, "/curves/tail-accuracy", class_=name, grid=grid)
    at, thresholds, found, images, fraction = (
        [point[key] for point in curve["points"]] for key in curve["points"][0]
    )
    assert (curve["class"], curve["grid"]) == (name, grid)
    accuracy, count = tail_accuracy(precision_recall_curve(*columns(sample, name)), thresholds)
    assert found == list(map(defined, accuracy))
    assert images == list(count)
    scores, labels = columns(sample, name)
    counted = scores[(labels >= 0) & ~np.isnan(scores)]
    assert fraction == [number / len(counted) for number in images]
    if grid == "percentile":
        assert at == TAIL_GRIDS[grid].tolist()
        for percentage, number in zip(at, images, strict=True):
            rank = math.ceil(round(10 * percentage) * len(counted) / 1000)
            lowest = np.sort(counted)[-rank]
            assert number == (counted >= lowest).sum(), "the fewest images, with all that tie"
        return
    below = float(np.nextafter(counted.max().astype(np.float32), np.float32(0)))
    assert thresholds == pytest.approx(np.linspace(0.5, below, 20), abs=1e-15)
    assert at == (thresholds if grid == "threshold" else TAIL_GRIDS[grid].tolist())


@pytest.mark.parametrize("grid", TAIL_GRIDS)
def test_mean_tail_accuracy(client: FlaskClient, sample: Sample, grid: TailGrid) -> None:
    body = get_json(client, "/curves/tail-accuracy/mean", grid=grid)
    assert body["grid"] == grid
    assert [point["at"] for point in body["points"]] == TAIL_GRIDS[grid].tolist()
    for index, point in enumerate(body["points"]):
        accuracies, counts, fractions = [], [], []
        for name in CLASSES:
            own = get_json(client, "/curves/tail-accuracy", class_=name, grid=grid)["points"]
            threshold = point["at"] if grid == "threshold" else own[index]["threshold"]
            curve = precision_recall_curve(*columns(sample, name))
            accuracy, count = tail_accuracy(curve, [threshold])
            if count:
                accuracies.append(accuracy[0])
                counts.append(count[0])
                fractions.append(count[0] / curve.count[-1])
        assert point["classes_defined"] == len(counts) > 0
        assert point["tail_accuracy"] == pytest.approx(np.mean(accuracies))
        assert point["mean_images_above"] == pytest.approx(np.mean(counts))
        assert point["mean_fraction_above"] == pytest.approx(np.mean(fractions))


def test_metrics_undefined_in_all_classes_are_null(sample: Sample, tmp_path: Path) -> None:
    """One class, no image present, no score above 0.5, one unreadable image."""
    scores = np.array([[0.2], [np.nan], [0.1]], np.float32)
    labels = np.array([[0], [0], [-1]], np.int8)
    run = write_run(tmp_path / "none", sample.voc_dir, "abc", ("dog",), scores, labels)
    client = client_of(run, tmp_path / "cache")
    body = get_json(client, "/run")
    assert body["mean_average_precision"] == dict.fromkeys(DEFINITIONS)
    assert (body["mean_tail_accuracy"], body["tail_classes_defined"]) == (None, 0)
    (dog,) = get_json(client, "/classes")["classes"]
    assert (dog["tail_accuracy"], dog["images_above"]) == (None, 0)
    nothing = {"tail_accuracy": None, "images_above": 0, "fraction_above": 0}
    for grid, at in (("threshold", 0.5), ("highest", 0)):
        assert get_json(client, "/curves/tail-accuracy", class_="dog", grid=grid)["points"] == [
            {"at": at, "threshold": 0.5, **nothing}
        ]
        for mean in get_json(client, "/curves/tail-accuracy/mean", grid=grid)["points"]:
            assert list(mean.values())[1:] == [None, 0, None, None]
    percentile = get_json(client, "/curves/tail-accuracy", class_="dog", grid="percentile")
    assert {point["tail_accuracy"] for point in percentile["points"]} == {0}
    assert {point["images_above"] for point in percentile["points"]} == {1}
    means = get_json(client, "/curves/precision-recall/mean")["points"]
    assert {point["precision"] for point in means} == {None}
    assert get_json(client, "/image", image="b")["scores"][0]["score"] is None


@pytest.mark.parametrize("row", range(0, IMAGES, 13))
def test_scores_of_an_image(client: FlaskClient, sample: Sample, row: int) -> None:
    body = get_json(client, "/image", image=sample.image_ids[row], threshold=0.4)
    scores, labels = sample.scores[row], sample.labels[row]
    expected = []
    for index in sorted(range(len(CLASSES)), key=lambda index: -scores[index]):
        agrees = (float(scores[index]) > 0.4) == (labels[index] == 1)
        verdict = "difficult" if labels[index] == -1 else "correct" if agrees else "incorrect"
        expected.append(
            {
                "class": CLASSES[index],
                "score": defined(float(scores[index])),
                "rank": sample.ranked_rows(index).index(row) + 1,
                "truth": TRUTH[int(labels[index])],
                "verdict": "unreadable" if np.isnan(scores[index]) else verdict,
            }
        )
    assert (body["image_id"], body["threshold"]) == (sample.image_ids[row], 0.4)
    assert body["scores"] == expected
    assert body["in_class"] is None


@pytest.mark.parametrize("image_id", [BOXED, TINY, "2008_000001", "2008_000002"])
def test_size_of_an_image(client: FlaskClient, sample: Sample, image_id: str) -> None:
    body = get_json(client, "/image", image=image_id)
    assert (body["width"], body["height"]) == size_of(image_id, sample.image_ids)


def test_objects_of_an_image(client: FlaskClient) -> None:
    body = get_json(client, "/image", image=BOXED)
    assert (body["problem"], body["annotation_problem"]) == (None, None)
    keys = ("class", "xmin", "ymin", "xmax", "ymax", "difficult", "truncated")
    assert body["objects"] == [dict(zip(keys, box, strict=True)) for box in BOXES]


@pytest.mark.parametrize("position", [0, 1, 60, IMAGES - 1])
def test_rank_of_an_image_in_a_class(client: FlaskClient, sample: Sample, position: int) -> None:
    name = CLASSES[2]
    ranked = [None, *sample.ranked_ids(2), None]
    body = get_json(client, "/image", image=ranked[position + 1], class_=name)
    assert body["in_class"] == {
        "class": name,
        "rank": position + 1,
        "previous": ranked[position],
        "next": ranked[position + 2],
    }


@pytest.mark.parametrize("image_id", [BOXED, SPACED])
def test_links_of_an_image(client: FlaskClient, sample: Sample, image_id: str) -> None:
    body = get_json(client, "/image", image=image_id, threshold=0.25)
    original = client.get(body["files"]["original"]).data
    assert original == (sample.voc_dir / "JPEGImages" / f"{image_id}.jpg").read_bytes()
    for width in (240, 480):
        response = client.get(body["files"][f"thumbnail_{width}"])
        assert (response.status_code, response.mimetype) == (200, "image/webp")
    page = parse(client, body["page"])
    assert texts(page, "//h1") == [image_id]
    assert "score > 0.25" in texts(page, "//caption")[0]


@pytest.mark.parametrize("text", ["2008_00012", "LEERZEICHEN", "0", SPACED, "nothing"])
def test_images_whose_ids_contain_a_text(client: FlaskClient, sample: Sample, text: str) -> None:
    matches = [it for it in sample.image_ids if text.lower() in it]
    for limit in (3, 500):
        body = get_json(client, "/images", contains=text, limit=limit)
        assert [item["image_id"] for item in body["images"]] == matches[:limit]
        assert body["has_more"] == (len(matches) > limit)
    for item in body["images"][:2]:
        assert texts(parse(client, item["page"]), "//h1") == [item["image_id"]]


def test_scores_of_an_image_as_csv(client: FlaskClient) -> None:
    text = client.get(api_url("/image.csv", image=BOXED, threshold=0.7)).get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(text)))
    wanted = get_json(client, "/image", image=BOXED, threshold=0.7)["scores"]
    assert rows == [{key: str(value) for key, value in row.items()} for row in wanted]


def test_unreadable_image_has_a_reason(client: FlaskClient) -> None:
    for image_id, reason in ((MISSING, "not found"), (CORRUPT, "cannot be read")):
        body = get_json(client, "/image", image=image_id)
        assert (body["width"], body["height"]) == (None, None)
        assert reason in body["problem"]
        assert {row["verdict"] for row in body["scores"]} == {"unreadable"}
    body = get_json(client, "/image", image=MALFORMED)
    assert f"{MALFORMED}.xml:2" in body["annotation_problem"]
    assert (body["problem"], body["objects"]) == (None, [])
