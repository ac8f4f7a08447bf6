"""The response models of the API, from which the schemas of the OpenAPI document are made.

They are built from the same objects as the pages, see voc_web/run. JSON has no NaN, so undefined is
null.
"""

from typing import Annotated, Any

from pydantic import Field

from voc_model.metrics.mistakes import Mistakes
from voc_model.metrics.operating_points import BestF1
from voc_model.metrics.precision_recall import DifficultConvention
from voc_model.store.selection import Truth
from voc_web.run.models import AveragePrecision, ClassName, Number, ResponseModel
from voc_web.run.verdicts import Verdict

Address = Annotated[str, Field(description="URL relative to the request URL")]


class PublicManifest(ResponseModel):
    """How the scores were computed."""

    created: str = Field(description="time at which the scores were written, ISO 8601")
    settings: dict[str, Any] = Field(description="the training settings")
    checkpoint_sha256: str | None = Field(description="SHA-256 of the model weights")
    preprocessing: dict[str, Any] = Field(description="preprocessing of each image")
    versions: dict[str, str] = Field(
        description="versions of the libraries that computed the scores"
    )
    unreadable_count: int = Field(description="number of images that could not be read")
    unreadable: list[str] = Field(description="the first 100 of them, with reasons")
    models: int = Field(description="number of models whose scores are averaged")
    selected_epoch: int | None = Field(
        description="the selected epoch; null if the scores are of several models"
    )
    selected_on: str | None = Field(description="image set on which the epoch was selected")
    selected_on_reported_split: bool = Field(
        description="whether it includes the scored split, which makes the metrics optimistic"
    )
    training_overlap: int = Field(
        description="number of scored images that were also used for training"
    )


class Run(ResponseModel):
    """The run being served and its metrics over all classes."""

    name: str = Field(description="name of the run folder")
    dataset: str = Field(description="name of the data set folder")
    split: str = Field(description="name of the scored image set")
    images: int = Field(description="number of scored images")
    classes: list[str] = Field(description="class names, in the order of the data set")
    difficult: DifficultConvention = Field(
        description="how metrics treat images whose only objects of a class are difficult"
    )
    caveats: list[str] = Field(description="what to know before relying on the metrics")
    warnings: list[str] = Field(description="the first 100 warnings about the data set")
    mean_average_precision: AveragePrecision = Field(
        description="mean over the classes with an image present"
    )
    classes_defined: int = Field(description="number of classes with an image present")
    mean_tail_accuracy: Number = Field(
        description="at threshold 0.5, mean over the classes with an image above it"
    )
    tail_classes_defined: int = Field(description="number of classes with an image above 0.5")
    mean_accuracy: Number = Field(
        description="mean over the classes of the fraction of images that predicting the class "
        "where score > 0.5 gets right"
    )
    mean_baseline_accuracy: Number = Field(
        description="the same if no class is ever predicted: what mean_accuracy has to exceed"
    )
    accuracy_classes_defined: int = Field(
        description="number of classes with a present or absent image"
    )
    manifest: PublicManifest = Field(description="how the scores were computed")


class ClassSummary(ResponseModel):
    """The metrics of one class, in which only its present and absent images count."""

    class_name: ClassName
    present: int = Field(description="number of images in which the class is present")
    absent: int = Field(description="number of images in which it is absent")
    difficult: int = Field(
        description="number of ignored images, whose only objects of the class are difficult"
    )
    not_labelled: int = Field(description="number of images that nobody has labelled")
    unreadable: int = Field(description="number of images without a score")
    highest_score: Number = Field(
        description="highest score of the present and absent images; null if there is none"
    )
    average_precision: AveragePrecision = Field(
        description="average precision in three definitions"
    )
    accuracy: Number = Field(
        description="fraction of the images that predicting the class where score > 0.5 gets "
        "right; says little, see baseline_accuracy; null if there is none"
    )
    baseline_accuracy: Number = Field(
        description="fraction of the images in which the class is absent: the accuracy of never "
        "predicting it"
    )
    tail_accuracy: Number = Field(
        description="fraction of the images scoring above 0.5 in which the class is present"
    )
    images_above: int = Field(
        description="number of images scoring above 0.5, without difficult and unlabelled ones"
    )
    expected_calibration_error: Number = Field(
        description="mean gap between score and fraction present, see /curves/calibration"
    )
    best_f1: BestF1 | None = Field(
        description="the operating point of highest F1, in a tie the one of highest threshold; "
        "null if no image is present"
    )
    page: Address = Field(description="URL of the class page")
    mistakes: Mistakes = Field(description="what predicting the class where score > 0.5 gets wrong")


class ClassList(ResponseModel):
    """All classes, in the order of the data set."""

    classes: list[ClassSummary] = Field(description="one entry per class")


class ClassAtThreshold(ResponseModel):
    """Counts and metrics of predicting a class where score > threshold."""

    threshold: float = Field(description="as requested")
    present: int = Field(description="true positives")
    absent: int = Field(description="false positives")
    difficult: int = Field(description="number of difficult images above the threshold")
    not_labelled: int = Field(description="number of unlabelled images above the threshold")
    tail_accuracy: Number = Field(description="present / (present + absent), that is, precision")
    recall: Number = Field(
        description="fraction of all present images that are above the threshold"
    )
    f1: Number = Field(
        description="harmonic mean of precision and recall; null if no image is present"
    )


class ThresholdOfClass(ResponseModel):
    """The threshold chosen for a class, and what it selects."""

    class_name: ClassName
    threshold: float = Field(
        description="images with score > threshold are selected; 1 if no threshold meets the "
        "requirement, so that none are"
    )
    count: int = Field(description="images above it, without difficult and unlabelled ones")
    true_positives: int = Field(description="how many of those are present")
    precision: Number = Field(description="true_positives / count; null if no image is above it")
    recall: Number = Field(description="fraction of all present images; null if there are none")
    f1: Number = Field(
        description="harmonic mean of precision and recall; null if no image is present"
    )


class Thresholds(ResponseModel):
    """The thresholds of all classes. If chosen on these images, their metrics are optimistic."""

    run: str = Field(description="name of the run folder")
    macro_f1: Number = Field(description="mean F1 over the classes with an image present")
    micro_f1: Number = Field(description="F1 of all labelled pairs of image and class together")
    classes_defined: int = Field(description="number of classes with an image present")
    classes: list[ThresholdOfClass] = Field(description="one entry per class")


class OneClass(ClassSummary):
    """The metrics of one class, overall and at a threshold."""

    at_threshold: ClassAtThreshold = Field(description="metrics at the threshold")


class RankedImage(ResponseModel):
    """One image in the ranking of a class."""

    rank: int = Field(description="1 is the highest score; unreadable images come last")
    image_id: str = Field(description="id of the image")
    score: Number = Field(description="in [0, 1]; null if the image could not be read")
    truth: Truth = Field(description="label of the class")
    verdict: Verdict = Field(description="whether predicting score > threshold is correct")
    labels: list[str] = Field(description="classes that are present")
    difficult_labels: list[str] = Field(description="classes with only difficult objects")


class RankingSlice(ResponseModel):
    """One page of a class's ranking, in ascending order of rank."""

    class_name: ClassName
    threshold: float = Field(description="threshold of the verdicts")
    total: int = Field(description="number of images in the whole ranking")
    matches: int = Field(description="number of images that match the filters")
    first_rank: int | None = Field(description="first rank of the page; null if it is empty")
    last_rank: int | None = Field(description="last rank of the page; null if it is empty")
    previous: Address | None = Field(
        description="URL of the preceding page, relative to the request URL; null if there is none"
    )
    next: Address | None = Field(
        description="URL of the following page, relative to the request URL; null if there is none"
    )
    images: list[RankedImage] = Field(description="one entry per rank")


class FoundImage(ResponseModel):
    """An image whose id contains the requested text."""

    image_id: str = Field(description="id of the image")
    page: Address = Field(description="URL of the image page")


class FoundImages(ResponseModel):
    """The first images whose ids contain a text."""

    images: list[FoundImage] = Field(
        description="the image with exactly this id, if there is one; then by id"
    )
    has_more: bool = Field(description="whether there are others")


class ImageScore(ResponseModel):
    """Score and rank of an image in one class."""

    class_name: ClassName
    score: Number = Field(description="in [0, 1]; null if the image could not be read")
    rank: int = Field(description="rank in the class, from 1")
    truth: Truth = Field(description="label of the class")
    verdict: Verdict = Field(description="whether predicting score > threshold is correct")


class ImageObject(ResponseModel):
    """One annotated object. Box coordinates are pixels, 1-based and inclusive, as in VOC.

    The pixels are those of the image turned upright by its EXIF orientation.
    """

    class_name: ClassName
    xmin: Number = Field(description="left; null if the annotation has no valid box")
    ymin: Number = Field(description="top")
    xmax: Number = Field(description="right")
    ymax: Number = Field(description="bottom")
    difficult: bool = Field(description="annotated as hard to recognise")
    truncated: bool = Field(description="annotated as extending beyond its box")


class ImageInClass(ResponseModel):
    """Rank and neighbours of an image in the requested class."""

    class_name: ClassName
    rank: int = Field(description="rank of the image, from 1")
    previous: str | None = Field(description="id of the image at the preceding rank")
    next: str | None = Field(description="id of the image at the following rank")


class ImageFiles(ResponseModel):
    """URLs of the image files, relative to the request URL."""

    original: str = Field(description="URL of the original file")
    thumbnail_240: str = Field(description="URL of a thumbnail of at most 240 x 180 pixels")
    thumbnail_480: str = Field(description="URL of a thumbnail of at most 480 x 360 pixels")


class OneImage(ResponseModel):
    """One image: size, objects, and score and rank in every class."""

    image_id: str = Field(description="as requested")
    width: int | None = Field(description="in pixels; null if the file cannot be read")
    height: int | None = Field(description="in pixels; null if the file cannot be read")
    problem: str | None = Field(description="why the image cannot be shown; null if it can")
    annotation_problem: str | None = Field(
        description="why the annotation cannot be read; null if it can"
    )
    boxes_note: str | None = Field(
        description="how boxes were rotated or scaled to fit the image; null if they were not"
    )
    files: ImageFiles = Field(description="URLs of the image files")
    page: Address = Field(description="URL of the image page")
    threshold: float = Field(description="threshold of the verdicts")
    in_class: ImageInClass | None = Field(
        description="rank and neighbours in the requested class; null if none was requested"
    )
    objects: list[ImageObject] = Field(description="in the order of the annotation")
    scores: list[ImageScore] = Field(description="one entry per class, by descending score")
