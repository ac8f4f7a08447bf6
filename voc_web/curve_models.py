"""The curves of a class and the means over classes: one model each for plots, CSV and API.

In each model of a point, the fields are the columns of the CSV. Undefined is NaN.
"""

from pydantic import Field

from voc_web.models import Answer, AveragePrecision, ClassName, Number


class PrecisionRecallPoint(Answer):
    """Precision and recall of the images that score at least `threshold`."""

    threshold: float = Field(description="a score that occurs")
    count: int = Field(description="how many images those are, difficult ones not counted")
    precision: float = Field(description="the fraction of them that is present")
    recall: Number = Field(description="the fraction of all present images; null if there is none")


class PrecisionRecallCurve(Answer):
    """The curve of one class from the highest score down, thinned to a few hundred points."""

    class_name: ClassName
    average_precision: AveragePrecision = Field(description="of the whole curve")
    points: list[PrecisionRecallPoint] = Field(description="from the highest score down")


class MeanPrecisionRecallPoint(Answer):
    """The mean over classes at one recall."""

    recall: float = Field(description="0, 0.01, ..., 1")
    precision: Number = Field(
        description="each class's greatest precision at that recall or above, averaged"
    )


class MeanPrecisionRecallCurve(Answer):
    """The mean curve of the classes with an image present, at recalls 0, 0.01, ..., 1."""

    classes_defined: int = Field(description="classes with an image present")
    mean_average_precision: AveragePrecision = Field(description="over those classes")
    points: list[MeanPrecisionRecallPoint] = Field(description="one entry per recall")


class TailPoint(Answer):
    """Tail accuracy of one class at one threshold."""

    threshold: float = Field(description="t")
    tail_accuracy: Number = Field(
        description="among images that score above it, the fraction that is present; "
        "null if there is none"
    )
    images_above: int = Field(description="how many those are, difficult ones not counted")


class TailCurve(Answer):
    """The tail accuracy of one class from 0.5 to its highest score."""

    class_name: ClassName
    points: list[TailPoint] = Field(description="one entry per threshold")


class MeanTailPoint(Answer):
    """Tail accuracy averaged over the classes that have an image above the threshold."""

    threshold: float = Field(description="t")
    tail_accuracy: Number = Field(description="null if no class has an image above it")
    classes_defined: int = Field(description="how many classes have one")
    mean_images_above: float = Field(description="over all classes")


class MeanTailCurve(Answer):
    """Mean tail accuracy from 0.5 to just below the smallest of the classes' highest scores."""

    points: list[MeanTailPoint] = Field(description="one entry per threshold")


class CalibrationBin(Answer):
    """How often a class is present where its score is so high."""

    above: float = Field(description="scores of the bin are above this; the first holds 0 as well")
    up_to: float = Field(description="and at most this")
    images: int = Field(description="in the bin, difficult ones not counted")
    mean_score: Number = Field(description="of those images; null if there is none")
    fraction_present: Number = Field(description="of those images; null if there is none")


class CalibrationCurve(Answer):
    """The reliability diagram of one class."""

    class_name: ClassName
    expected_calibration_error: Number = Field(
        description="mean of |fraction present - mean score| over the images; null if there is none"
    )
    bins: list[CalibrationBin] = Field(description="of equal width, 0 to 1")


class HistogramBin(Answer):
    """How many images score so high, by their truth."""

    above: float = Field(description="scores of the bin are above this; the first holds 0 as well")
    up_to: float = Field(description="and at most this")
    present: int = Field(description="images that show the class")
    absent: int = Field(description="images that do not")
    difficult: int = Field(description="images left out")


class Histogram(Answer):
    """The scores of one class by truth; unreadable images are in no bin."""

    class_name: ClassName
    bins: list[HistogramBin] = Field(description="of equal width, 0 to 1")


class OperatingPoint(Answer):
    """What a threshold selects."""

    threshold: float = Field(
        description='"yes" is a score above it; below 0 where the score 0 is selected, too. '
        "To be used in full: rounded it may select others"
    )
    images_above: int = Field(description="difficult ones not counted")
    true_positives: int = Field(description="how many of those are present")
    difficult_above: int = Field(description="images above it that are left out")


class OperatingPoints(Answer):
    """Where the threshold of one class can stand."""

    class_name: ClassName
    present: int = Field(description="images that show the class: recall is a share of them")
    points: list[OperatingPoint] = Field(
        description="from the highest down: every distinct score of up to 1,024; of more a "
        "selection, with the best F1 and the highest recall at precisions 0.01, 0.02, ..., 1"
    )


class StripBin(Answer):
    """Consecutive ranks, by the truth of their images."""

    first_rank: int = Field(description="of the bin")
    last_rank: int = Field(description="of the bin")
    present: int = Field(description="images that show the class")
    absent: int = Field(description="images that do not")
    difficult: int = Field(description="images left out")
    unreadable: int = Field(description="images without a score, which stand last")
    highest_score: Number = Field(
        description="of the bin; where none of it is readable, the lowest of the ranking; "
        "null where nothing is"
    )


class RankingStrip(Answer):
    """The whole ranking of one class as one band."""

    class_name: ClassName
    images: int = Field(description="in the whole ranking")
    bins: list[StripBin] = Field(description="of about equal size, from rank 1 to the last")
