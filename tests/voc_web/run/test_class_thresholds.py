"""A threshold for every class, compared with scikit-learn and with every possible threshold."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from api_client import get_json
from flask.testing import FlaskClient
from sample_run import Sample, write_run
from sklearn.metrics import f1_score, precision_score, recall_score
from web_pages import client_of, parse, text_of

RULES = (
    {},
    {"thresholds": "best-f1"},
    *({"thresholds": "precision", "precision": precision} for precision in (0.5, 0.9, 1)),
)


@pytest.fixture(scope="module")
def large(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> tuple[FlaskClient, Sample]:
    """More distinct scores per class than operating points are stored."""
    folder, random = tmp_path_factory.mktemp("large"), np.random.default_rng(1)
    labels = random.choice([1, 0, -1, -2], (3000, 3), p=[0.2, 0.7, 0.05, 0.05]).astype(np.int8)
    labels[labels[:, 2] == 1, 2] = 0  # No image shows the last class.
    scores = (random.random(labels.shape) * 0.6 + 0.4 * (labels == 1)).astype(np.float32)
    scores[::101] = np.nan
    ids = [f"{number:04d}" for number in range(len(labels))]
    run = write_run(folder / "run", sample.voc_dir, ids, ("a", "b", "c"), scores, labels)
    return client_of(run, folder / "cache"), run


def check(client: FlaskClient, sample: Sample, rule: dict[str, Any]) -> None:
    """Checks the response to a rule; labels are as counted by the run's convention."""
    found = get_json(client, "/thresholds", **rule)
    truth, predicted, defined = [], [], []
    for index, item in enumerate(found["classes"]):
        scores, labels = sample.scores[:, index], sample.labels[:, index]
        counted = ~np.isnan(scores) & (labels >= 0)
        scores, labels = scores[counted].astype(float), labels[counted]
        above = scores > item["threshold"]
        assert item["class"] == sample.classes[index]
        assert (item["count"], item["true_positives"]) == (above.sum(), labels[above].sum())
        assert item["precision"] == (
            pytest.approx(precision_score(labels, above)) if above.any() else None
        )
        for name, metric in (("recall", recall_score), ("f1", f1_score)):
            expected = pytest.approx(metric(labels, above)) if labels.any() else None
            assert item[name] == expected
        check_choice(item, scores, labels, rule)
        truth.append(labels)
        predicted.append(above)
        defined += [f1_score(labels, above)] if labels.any() else []
    assert found["classes_defined"] == len(defined)
    assert found["macro_f1"] == pytest.approx(np.mean(defined))
    micro = f1_score(np.concatenate(truth), np.concatenate(predicted))
    assert found["micro_f1"] == pytest.approx(micro)


def check_choice(item: Any, scores: Any, labels: Any, rule: dict[str, Any]) -> None:
    """Checks a chosen threshold against every possible one."""
    if not rule:
        assert item["threshold"] == 0.5
        return
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) < 0, True))
    true_positives, count = labels[order].cumsum()[ends], ends + 1
    if "precision" in rule:
        fits = (true_positives / count >= rule["precision"]) & (true_positives > 0)
        assert item["true_positives"] == true_positives[fits].max(initial=0)
        is_chosen = fits.any()
    else:
        is_chosen = labels.any()
        if is_chosen:
            best = (2 * true_positives / (count + labels.sum())).max()
            assert item["f1"] == pytest.approx(best)
    if not is_chosen:
        assert (item["threshold"], item["count"]) == (1, 0)


@pytest.mark.parametrize("rule", RULES)
def test_thresholds_of_all_classes_equal_brute_force(
    convention: tuple[FlaskClient, Sample], rule: dict[str, Any]
) -> None:
    check(*convention, rule)


@pytest.mark.parametrize("rule", RULES)
def test_thresholds_among_many_scores_are_exact(
    large: tuple[FlaskClient, Sample], rule: dict[str, Any]
) -> None:
    check(*large, rule)


def test_the_overview_shows_the_f1_that_results(client: FlaskClient) -> None:
    found = get_json(client, "/thresholds", thresholds="best-f1")
    page = parse(client, "/?thresholds=best-f1")
    shown = {text_of(box.xpath("./dt")[0]): text_of(box) for box in page.xpath("//dl/div")}
    assert shown["Macro F1"] == f"Macro F1 {found['macro_f1']:.3f} mean over 3 classes"
    assert shown["Micro F1"].startswith(f"Micro F1 {found['micro_f1']:.3f}")
    assert "optimistic" in text_of(page.xpath("//main")[0])
    for item, link in zip(found["classes"], page.xpath("//tbody/tr/th/a/@href"), strict=True):
        field = parse(client, link).xpath("//input[@name='threshold']/@value")[0]
        assert float(field) == item["threshold"]


@pytest.mark.parametrize("value", ["0", "1.1", "x"])
def test_a_precision_must_be_possible(client: FlaskClient, value: str, tmp_path: Path) -> None:
    response = client.get(f"/?thresholds=precision&precision={value}")
    assert response.status_code == 400
    assert "precision must be a number from 0.01 to 1" in response.get_data(as_text=True)
