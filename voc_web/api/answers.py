"""What the API answers: documented models, the source of the OpenAPI document's schemas.

They read the same objects as the templates (see contexts); JSON knows no NaN, so undefined is null.
"""

from typing import Annotated, Any

from pydantic import Field

from voc_model.metrics.operating_points import BestF1
from voc_model.metrics.precision_recall import DifficultConvention
from voc_model.store.selection import Truth
from voc_web.models import Answer, AveragePrecision, ClassName, Number
from voc_web.verdicts import Verdict

Address = Annotated[str, Field(description="relative to the address that was asked for")]


class PublicManifest(Answer):
    """Where the scores come from."""

    created: str = Field(description="when the scores were written, ISO 8601")
    settings: dict[str, Any] = Field(description="the training settings")
    checkpoint_sha256: str | None = Field(description="of the model's weights")
    preprocessing: dict[str, Any] = Field(description="what was done to each image")
    versions: dict[str, str] = Field(description="of the libraries that made the scores")
    unreadable_count: int = Field(description="images without a score")
    unreadable: list[str] = Field(description="the first 100 of those, with reasons")
    selected_epoch: int | None = Field(description="the epoch that was kept")
    selected_on: str | None = Field(description="the images that chose the epoch")
    selected_on_reported_split: bool = Field(
        description="whether those were the split shown here, which makes figures too good"
    )
    training_overlap: int = Field(description="scored images that were trained on")


class Run(Answer):
    """The run that is shown, and its figures over all classes."""

    name: str = Field(description="the name of the run's folder")
    dataset: str = Field(description="the name of the data set's folder")
    split: str = Field(description="the images that were scored")
    images: int = Field(description="how many those are")
    classes: list[str] = Field(description="names, in the order of the data set")
    difficult: DifficultConvention = Field(
        description="how images whose only objects of a class are difficult count in every figure"
    )
    cautions: list[str] = Field(description="what must be known before believing a number")
    warnings: list[str] = Field(description="of the data set, the first 100")
    mean_average_precision: AveragePrecision = Field(description="over the classes defined")
    classes_defined: int = Field(description="classes with an image present: those of the mean")
    mean_tail_accuracy: Number = Field(
        description="above 0.5, over the classes with an image above it"
    )
    tail_classes_defined: int = Field(description="classes with an image above 0.5")
    manifest: PublicManifest = Field(description="where the scores come from")


class ClassNumbers(Answer):
    """The figures of one class. Difficult and unreadable images count in no other figure."""

    class_name: ClassName
    present: int = Field(description="images that show the class")
    absent: int = Field(description="images that do not")
    difficult: int = Field(
        description="images left out: their only objects of the class are difficult"
    )
    unreadable: int = Field(description="images without a score")
    highest_score: Number = Field(description="of the images that count; null if there is none")
    average_precision: AveragePrecision = Field(description="in three definitions")
    tail_accuracy: Number = Field(
        description="among images that score above 0.5, the fraction that is present"
    )
    images_above: int = Field(description="images that score above 0.5 and count")
    expected_calibration_error: Number = Field(
        description="how far scores are from the fraction present, see /curves/calibration"
    )
    best_f1: BestF1 | None = Field(
        description="where F1 is highest, of equal ones at the highest threshold; "
        "null if no image is present"
    )


class ClassList(Answer):
    """Every class, in the order of the data set."""

    classes: list[ClassNumbers] = Field(description="one entry a class")


class ClassAtThreshold(Answer):
    """What a threshold makes of a class's ranking: "yes" is a score above it."""

    threshold: float = Field(description="the one asked for")
    present: int = Field(description="images above it that show the class")
    absent: int = Field(description="images above it that do not")
    difficult: int = Field(description="images above it that are left out")
    tail_accuracy: Number = Field(description="present / (present + absent); precision, too")
    recall: Number = Field(description="the fraction of all present images that lies above")
    f1: Number = Field(
        description="harmonic mean of precision and recall; null if no image is present"
    )


class OneClass(ClassNumbers):
    """The figures of one class, and those at the threshold asked for."""

    at_threshold: ClassAtThreshold = Field(description="what lies above the threshold")
    page: Address = Field(description="the page of the class")


class RankedImage(Answer):
    """One image in the ranking of a class."""

    rank: int = Field(description="from 1, the highest score; unreadable images come last")
    image_id: str = Field(description="the id of the image")
    score: Number = Field(description="in [0, 1]; null if the image could not be read")
    truth: Truth = Field(description="what the labels say of the class")
    verdict: Verdict = Field(description="whether score > threshold agrees with the truth")
    labels: list[str] = Field(description="classes that are present")
    difficult_labels: list[str] = Field(description="classes with difficult objects only")


class RankingSlice(Answer):
    """Ranks of a class in ascending order; consecutive, unless filters leave some out."""

    class_name: ClassName
    threshold: float = Field(description="of the verdicts")
    total: int = Field(description="images in the whole ranking")
    matches: int = Field(description="images that the filters keep; without filters, the total")
    first_rank: int | None = Field(description="of the slice; null if nothing matches there")
    last_rank: int | None = Field(description="of the slice; null if nothing matches there")
    previous: Address | None = Field(
        description="the slice that ends just above this one; null at rank 1. "
        "Relative to the address that was asked for"
    )
    next: Address | None = Field(
        description="the slice that begins just below this one; null at the end. "
        "Relative to the address that was asked for"
    )
    images: list[RankedImage] = Field(description="one entry a rank")


class ImageScore(Answer):
    """An image's place in one class."""

    class_name: ClassName
    score: Number = Field(description="in [0, 1]; null if the image could not be read")
    rank: int = Field(description="in the ranking of the class, from 1")
    truth: Truth = Field(description="what the labels say of the class")
    verdict: Verdict = Field(description="whether score > threshold agrees with the truth")


class ImageObject(Answer):
    """One annotated object; its box in pixels, counted from 1, both ends inside."""

    class_name: ClassName
    xmin: float = Field(description="left")
    ymin: float = Field(description="top")
    xmax: float = Field(description="right")
    ymax: float = Field(description="bottom")
    difficult: bool = Field(description="hard to recognise, says the annotation")
    truncated: bool = Field(description="goes on outside of the image")


class ImagePlace(Answer):
    """Where an image stands in the ranking of the class that was named."""

    class_name: ClassName
    rank: int = Field(description="from 1")
    previous: str | None = Field(description="the id of the image one rank higher")
    next: str | None = Field(description="the id of the image one rank lower")


class ImageFiles(Answer):
    """Where the image itself is, relative to the address that was asked for."""

    original: str = Field(description="the file as it is")
    thumbnail_240: str = Field(description="in a box of 240 x 180 pixels")
    thumbnail_480: str = Field(description="in a box of 480 x 360 pixels")


class OneImage(Answer):
    """One image: its size and objects, its score and rank in every class."""

    image_id: str = Field(description="the one asked for")
    width: int | None = Field(description="pixels; null if the file cannot be read")
    height: int | None = Field(description="pixels; null if the file cannot be read")
    problem: str | None = Field(description="why the image cannot be shown")
    annotation_problem: str | None = Field(description="why its objects are not known")
    files: ImageFiles = Field(description="where the image itself is")
    page: Address = Field(description="the page of the image")
    threshold: float = Field(description="of the verdicts")
    place: ImagePlace | None = Field(description="null if no class was named")
    objects: list[ImageObject] = Field(description="as annotated, in that order")
    scores: list[ImageScore] = Field(description="of every class, the highest first")
