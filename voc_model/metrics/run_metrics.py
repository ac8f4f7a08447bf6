"""metrics.json: the metrics of a run, and what they were computed from."""

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, BeforeValidator, ValidationError

from voc_model.errors import SCORE_AGAIN, ScoreStoreError
from voc_model.files import read_regular, write_text_atomically
from voc_model.metrics.mistakes import Mistakes
from voc_model.metrics.operating_points import BestF1
from voc_model.metrics.precision_recall import Definition, DifficultConvention
from voc_model.metrics.tail_accuracy import TailGrid

MAX_BYTES = 1 << 28  # Of metrics.json, which has less than 2 KB per class.
# Ties are worth a warning from this size on, and from this share of a class's images on.
_MIN_TIE, _MIN_TIED_SHARE = 5, 0.25

# JSON has no NaN: undefined is null there.
MaybeNan = Annotated[float, BeforeValidator(lambda value: np.nan if value is None else value)]


class ClassMetrics(BaseModel):
    """The metrics of one class, in which only its present and absent images count.

    Attributes:
        name: the class.
        present, absent, ignored, unknown: readable images by label; unknown are those that nobody
            has labelled.
        unreadable: images without a score.
        largest_tie: readable images that share the most frequent score.
        tied_score: this score; NaN if no image is readable.
        highest_score: of the images that count, in [0, 1]; NaN if none does.
        average_precision: by definition, in [0, 1]; NaN if no image is present.
        accuracy: fraction of the images that predicting the class above 0.5 gets right; NaN if no
            image counts.
        baseline_accuracy: fraction that always predicting "absent" gets right: the absent ones.
        expected_calibration_error: in [0, 1], see `calibration`; NaN if no image counts.
        best_f1: the threshold with the highest F1; None if no image is present.
        mistakes: what predicting the class above 0.5 gets wrong, and what these images show.
    """

    name: str
    present: int
    absent: int
    ignored: int
    unknown: int = 0  # Tables had none in the versions that did not write it.
    unreadable: int
    largest_tie: int
    tied_score: MaybeNan
    highest_score: MaybeNan
    average_precision: dict[Definition, MaybeNan]
    accuracy: MaybeNan
    baseline_accuracy: MaybeNan
    expected_calibration_error: MaybeNan
    best_f1: BestF1 | None
    mistakes: Mistakes

    def describe_ties(self) -> str | None:
        """Returns a warning if so many scores are equal that the ranking says little; else None."""
        readable = self.present + self.absent + self.ignored + self.unknown
        if self.largest_tie < max(_MIN_TIE, _MIN_TIED_SHARE * readable):
            return None
        return (
            f"{self.name}: {self.largest_tie:,} of {readable:,} images have the same score, "
            f"{self.tied_score:.3g}; the ranking says nothing about their order"
        )


class MeanTail(BaseModel):
    """Tail accuracy on a grid, averaged over the classes with an image above; T points.

    Attributes:
        at: T, the points of the grid, see `tail_accuracy.TAIL_GRIDS`.
        accuracy: T in [0, 1]; like the other means NaN if no class is defined.
        classes_defined: T, how many classes have an image above the threshold.
        mean_count: T, how many images of these classes are above it.
        mean_fraction: T in [0, 1], what fraction of their images.
    """

    at: list[float]
    accuracy: list[MaybeNan]
    classes_defined: list[int]
    mean_count: list[MaybeNan]
    mean_fraction: list[MaybeNan]


class RunMetrics(BaseModel):
    """The metrics of a run.

    Attributes:
        split: the split that was scored.
        images: how many images it has.
        difficult: how difficult objects were counted.
        identity: what the metrics and curves depend on, see `evaluation.identify_evaluation`.
        mean_average_precision: by definition, over the defined classes; NaN if there are none.
        classes_defined: how many classes have an average precision.
        mean_accuracy, mean_baseline_accuracy: over the classes with an image that counts.
        accuracy_classes_defined: how many classes have one.
        mean_tail: tail accuracy on average, by grid.
        classes: one per class of the table, in its order.
    """

    split: str
    images: int
    difficult: DifficultConvention
    identity: str
    mean_average_precision: dict[Definition, MaybeNan]
    classes_defined: int
    mean_accuracy: MaybeNan
    mean_baseline_accuracy: MaybeNan
    accuracy_classes_defined: int
    mean_tail: dict[TailGrid, MeanTail]
    classes: list[ClassMetrics]

    @classmethod
    def read(cls, path: Path) -> "RunMetrics":
        """Reads metrics.json.

        Raises:
            ScoreStoreError: the file is missing, damaged or of another version.
        """
        try:
            stored = _StoredMetrics.model_validate_json(read_regular(path, MAX_BYTES))
        except FileNotFoundError:
            raise ScoreStoreError(f"{path}: not found. {SCORE_AGAIN}") from None
        except ValidationError as error:
            first = error.errors()[0]
            reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
            raise ScoreStoreError(
                f"{path}: damaged or of another version ({reason}). {SCORE_AGAIN}"
            ) from error
        except OSError as error:
            raise ScoreStoreError(f"{path}: damaged ({error}). {SCORE_AGAIN}") from error
        content = dict(stored)
        checksum = content.pop("checksum")
        metrics = cls.model_construct(**content)
        if metrics._checksum() != checksum:
            raise ScoreStoreError(
                f"{path}: damaged (it does not match its checksum). {SCORE_AGAIN}"
            )
        return metrics

    def write(self, path: Path) -> None:
        """Writes metrics.json, whole or not at all, with a checksum of its content."""
        stored = _StoredMetrics.model_construct(**dict(self), checksum=self._checksum())
        write_text_atomically(path, stored.model_dump_json(indent=1))

    def describe_ties(self) -> list[str]:
        """Returns the warnings of all classes, see `ClassMetrics.describe_ties`."""
        return [text for item in self.classes if (text := item.describe_ties())]

    def _checksum(self) -> str:
        return sha256(self.model_dump_json().encode()).hexdigest()[:32]


class _StoredMetrics(RunMetrics):
    """The content of metrics.json; `checksum` is that of everything else."""

    checksum: str
