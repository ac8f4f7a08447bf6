"""The curves of a class and the means over classes, as used by plots, CSV and API.

The fields of each point model are the columns of its CSV. Undefined is NaN.
"""

from typing import Annotated

from pydantic import Field

from voc_model.metrics.tail_accuracy import TailGrid
from voc_web.run.models import AveragePrecision, ClassName, Number, ResponseModel


class PrecisionRecallPoint(ResponseModel):
    """Precision and recall of predicting the class where score >= threshold."""

    threshold: float = Field(description="a score that occurs in the ranking")
    count: int = Field(
        description="number of images with at least this score, without difficult and unlabelled "
        "ones"
    )
    rank: int = Field(
        description="rank of the last of these images: how many have at least this score, "
        "difficult ones included"
    )
    precision: float = Field(description="fraction of the counted images that are present")
    recall: Number = Field(description="fraction of all present images; null if there is none")


class PrecisionRecallCurve(ResponseModel):
    """The precision-recall curve of one class, thinned to a few hundred points."""

    class_name: ClassName
    average_precision: AveragePrecision = Field(description="computed from the full curve")
    points: list[PrecisionRecallPoint] = Field(description="by descending threshold")


class MeanPrecisionRecallPoint(ResponseModel):
    """Mean precision over classes at one recall."""

    recall: float = Field(description="0, 0.01, ..., 1")
    precision: Number = Field(
        description="mean over classes of the maximum precision at this recall or above"
    )


class MeanPrecisionRecallCurve(ResponseModel):
    """The mean curve of the classes with an image present, at recalls 0, 0.01, ..., 1."""

    classes_defined: int = Field(description="number of classes with an image present")
    mean_average_precision: AveragePrecision = Field(description="mean over those classes")
    points: list[MeanPrecisionRecallPoint] = Field(description="one entry per recall")


_Grid = Annotated[TailGrid, Field(description="the grid of thresholds, as requested")]


class TailPoint(ResponseModel):
    """Tail accuracy of one class at one threshold."""

    at: float = Field(
        description="the threshold (grid=threshold), its position between 0.5, which is 0, and the "
        "class's highest score, which is 1 (grid=highest), or the percentage of the images that "
        "are above it at least (grid=percentile)"
    )
    threshold: float = Field(
        description="images with score > threshold are counted; negative if those with score 0 "
        "are counted, too. Do not round it, which may count other images"
    )
    tail_accuracy: Number = Field(
        description="fraction of the images above the threshold that are present; "
        "null if there is none"
    )
    images_above: int = Field(
        description="number of these images, without difficult and unlabelled ones"
    )
    fraction_above: Number = Field(
        description="fraction of the class's images that these are; null if it has none"
    )


class TailCurve(ResponseModel):
    """The tail accuracy of one class at its own thresholds."""

    class_name: ClassName
    grid: _Grid
    points: list[TailPoint] = Field(
        description="one entry per threshold: 20 evenly spaced from 0.5 to just below the class's "
        "highest score, only 0.5 if no score is above it; or 14 of grid=percentile"
    )


class MeanTailPoint(ResponseModel):
    """Mean tail accuracy at one point of a grid, over the classes with an image above."""

    at: float = Field(
        description="the threshold (grid=threshold), the position between 0.5 and each class's "
        "highest score (grid=highest), or the percentage of each class's images "
        "(grid=percentile)"
    )
    tail_accuracy: Number = Field(description="null if no class has an image above the threshold")
    classes_defined: int = Field(description="number of classes with an image above the threshold")
    mean_images_above: Number = Field(description="mean number of images above, over these classes")
    mean_fraction_above: Number = Field(
        description="mean fraction of the images that are above, over these classes"
    )


class MeanTailCurve(ResponseModel):
    """The mean tail accuracy over the classes on a grid of thresholds."""

    grid: _Grid
    points: list[MeanTailPoint] = Field(
        description="20 entries, of grid=percentile 14: thresholds 0.5, 0.525, ..., 0.975, "
        "positions from 0 to 1, or percentages from 0.1 to 50"
    )


class CalibrationBin(ResponseModel):
    """Mean score and fraction present of the images in one range of scores."""

    above: float = Field(description="lower edge, exclusive except for 0")
    up_to: float = Field(description="upper edge, inclusive")
    images: int = Field(
        description="number of images in the bin, without difficult and unlabelled ones"
    )
    mean_score: Number = Field(description="of these images; null if there is none")
    fraction_present: Number = Field(description="of these images; null if there is none")


class CalibrationCurve(ResponseModel):
    """The reliability diagram of one class."""

    class_name: ClassName
    expected_calibration_error: Number = Field(
        description="mean of |fraction present - mean score| over the images; null if there is none"
    )
    bins: list[CalibrationBin] = Field(description="bins of equal width from 0 to 1")


class HistogramBin(ResponseModel):
    """Number of images in one range of scores, by label."""

    above: float = Field(description="lower edge, exclusive except for 0")
    up_to: float = Field(description="upper edge, inclusive")
    present: int = Field(description="number of images in which the class is present")
    absent: int = Field(description="number of images in which it is absent")
    difficult: int = Field(description="number of difficult images")
    not_labelled: int = Field(description="number of images that nobody has labelled")


class Histogram(ResponseModel):
    """The histogram of one class's scores by label, without unreadable images."""

    class_name: ClassName
    bins: list[HistogramBin] = Field(description="bins of equal width from 0 to 1")


class OperatingPoint(ResponseModel):
    """Counts of the images above one threshold."""

    threshold: float = Field(
        description="images with score > threshold are selected; negative if those with score 0 "
        "are selected, too. Do not round it, which may select other images"
    )
    images_above: int = Field(
        description="number of selected images, without difficult and unlabelled ones"
    )
    true_positives: int = Field(description="how many of these are present")
    difficult_above: int = Field(description="number of difficult images selected")
    not_labelled_above: int = Field(description="number of unlabelled images selected")


class OperatingPoints(ResponseModel):
    """The possible thresholds of one class and what each selects."""

    class_name: ClassName
    present: int = Field(description="number of present images, the denominator of recall")
    points: list[OperatingPoint] = Field(
        description="by descending threshold: all distinct scores, also of difficult and "
        "unlabelled images, if at most 1,024; otherwise a subset that includes the best F1 and the "
        "highest recall at precisions 0.01, 0.02, ..., 1"
    )


class StripBin(ResponseModel):
    """Counts of images by label in a bin of consecutive ranks."""

    first_rank: int = Field(description="first rank of the bin")
    last_rank: int = Field(description="last rank of the bin")
    present: int = Field(description="number of images in which the class is present")
    absent: int = Field(description="number of images in which it is absent")
    difficult: int = Field(description="number of difficult images")
    not_labelled: int = Field(description="number of images that nobody has labelled")
    unreadable: int = Field(description="number of images without a score, which come last")
    highest_score: Number = Field(
        description="highest score of the bin; the lowest score of the ranking if the bin has "
        "none, null if the ranking has none"
    )


class RankingStrip(ResponseModel):
    """The whole ranking of one class in bins of consecutive ranks."""

    class_name: ClassName
    images: int = Field(description="number of images in the ranking")
    bins: list[StripBin] = Field(description="bins of about equal size, from rank 1 to the last")
