"""Synthetic score tables of any size, to test pages and metrics with many images.

The logits of a class are normally distributed with standard deviation 1, with mean 0 if the class
is absent and mean `separation` if it is present; a score is the posterior probability of the class
given its logit. The separation is chosen to reach a given average precision.
"""

import math
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from voc_model.data.voc import VOC_CLASSES
from voc_model.errors import DataError
from voc_model.metrics.evaluation import evaluate, write_evaluation
from voc_model.metrics.precision_recall import FloatArray
from voc_model.metrics.run_metrics import RunMetrics
from voc_model.progress import SILENT, Reporter
from voc_model.store.manifest import MAX_LISTED, Manifest
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable
from voc_model.store.writer import score_writer

MIN_AP, MAX_AP = 0.3, 0.95
_LABELS_PER_IMAGE = 1.5  # As in VOC.
_MAX_PREVALENCE = 0.4  # Like person in VOC.
_DIFFICULT_SHARE = 0.05  # Share of the present labels that become difficult.
_IMAGES_PER_UNREADABLE = 20_000
_OVERCONFIDENCE = 1.25  # Factor of the logits: trained networks are overconfident.
_CHUNK_VALUES = 1 << 20  # Must not change: it determines the random numbers.
_BYTES_PER_VALUE = 4 + 1 + 4  # Score, label, rank.
_ID = "image_%08d"
_ID_BYTES = len(_ID % 0)

_QUANTILES = (np.arange(200) + 0.5) / 200
_NORMAL_QUANTILES = np.array([NormalDist().inv_cdf(quantile) for quantile in _QUANTILES])
_erfc = np.vectorize(math.erfc, otypes=[np.float64])


@dataclass(frozen=True, eq=False)
class SyntheticClasses:
    """The distributions of C classes.

    Attributes:
        names: VOC's class names, then numbered ones.
        prevalence: (C,) share of images in which the class is present.
        separation: (C,) difference of the mean logits of present and absent images.
    """

    names: tuple[str, ...]
    prevalence: FloatArray
    separation: FloatArray


def make_classes(number: int, seed: int) -> SyntheticClasses:
    """Returns classes about as frequent as VOC's, with random average precisions."""
    random = np.random.default_rng([seed, 0])
    weights = random.lognormal(sigma=0.7, size=number)
    prevalence = np.minimum(_LABELS_PER_IMAGE * weights / weights.sum(), _MAX_PREVALENCE)
    names = [*VOC_CLASSES[:number], *(f"class_{index:04d}" for index in range(20, number))]
    wanted = random.uniform(MIN_AP, MAX_AP, number)
    return SyntheticClasses(tuple(names), prevalence, separations_for(wanted, prevalence))


def expected_average_precision(separation: FloatArray, prevalence: FloatArray) -> FloatArray:
    """Returns (C,) average precisions of (C,) classes in the limit of infinitely many images."""
    # The mean over the present images of the precision at the rank of the image.
    logits = separation[:, None] + _NORMAL_QUANTILES  # (C, Q)
    present = prevalence[:, None] * (1 - _QUANTILES)
    absent = (1 - prevalence[:, None]) * _erfc(logits / math.sqrt(2)) / 2
    mean: FloatArray = (present / (present + absent)).mean(axis=1)
    return mean


def separations_for(wanted: FloatArray, prevalence: FloatArray) -> FloatArray:
    """Returns (C,) separations that give the (C,) average precisions `wanted`, by bisection."""
    low, high = np.zeros_like(wanted), np.full_like(wanted, 16.0)
    for _ in range(24):
        middle = (low + high) / 2
        reached = expected_average_precision(middle, prevalence) >= wanted
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return high


def write_synthetic_run(
    run: RunFolder, images: int, classes: int, seed: int, report: Reporter = SILENT
) -> RunMetrics:
    """Writes scores and metrics of a run; memory does not grow with images x classes.

    The same seed gives the same numbers; only the creation time in the manifest differs.

    Raises:
        DataError: not enough disk space.
    """
    _check_disk_space(run.path, images * (classes * _BYTES_PER_VALUE + _ID_BYTES))
    drawn = make_classes(classes, seed)
    unreadable = _unreadable_rows(images, seed)
    with score_writer(run.scores_path, drawn.names, images, _ID_BYTES) as writer:
        chunks = _draw(drawn, images, seed)
        for rows, scores, labels in report.track(
            chunks, "scores", images, size=lambda chunk: len(chunk[0])
        ):
            scores[np.isin(rows, unreadable)] = np.nan
            ids = np.array([(_ID % row).encode() for row in rows], np.bytes_)
            writer.append(ids, scores, labels)
        writer.rank(report)
        writer.finish(
            Manifest(
                run=run.name,
                voc_dir=str(run.path.resolve() / "VOC"),  # Does not exist: there are no images.
                split="val",
                unreadable_count=len(unreadable),
                unreadable=[
                    f"{_ID % row}: no score was generated" for row in unreadable[:MAX_LISTED]
                ],
                warnings=["synthetic: random scores and labels, without a model or images"],
            )
        )
    metrics, curves = evaluate(ScoreTable.open(run.scores_path), report=report)
    write_evaluation(run, metrics, curves)
    return metrics


def _draw(
    classes: SyntheticClasses, images: int, seed: int
) -> Iterator[tuple[range, NDArray[np.float32], NDArray[np.int8]]]:
    """Yields row ranges with their (K, C) scores and labels; chunks are independent."""
    number = len(classes.names)
    chunk = max(_CHUNK_VALUES // number, 1)
    separation = classes.separation.astype(np.float32)
    prior = np.log(classes.prevalence / (1 - classes.prevalence)) - classes.separation**2 / 2
    for start in range(0, images, chunk):
        rows = range(start, min(start + chunk, images))
        random = np.random.default_rng([seed, 1, start])
        present = random.random((len(rows), number), np.float32) < classes.prevalence
        logits = random.standard_normal(present.shape, np.float32)
        logits += separation * present
        # The log odds that the class is present, given its logit.
        logits *= separation * _OVERCONFIDENCE
        logits += (prior * _OVERCONFIDENCE).astype(np.float32)
        scores = np.reciprocal(1 + np.exp(-logits))
        labels = present.astype(np.int8)
        labels[present & (random.random(present.shape, np.float32) < _DIFFICULT_SHARE)] = -1
        yield rows, scores, labels


def _unreadable_rows(images: int, seed: int) -> NDArray[np.int64]:
    """Returns the rows without scores in ascending order, at least one."""
    count = -(-images // _IMAGES_PER_UNREADABLE)
    random = np.random.default_rng([seed, 2])
    return np.sort(random.choice(images, count, replace=False))


def _check_disk_space(folder: Path, needed: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise DataError(
            f"{folder}: the scores take {needed / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free. "
            "Choose fewer images or classes, or a folder on another disk."
        )
