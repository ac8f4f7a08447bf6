"""conversion.json: how well a standardised network reproduces the plain one that it was made of."""

from pathlib import Path

from pydantic import BaseModel, ValidationError

from voc_model.errors import TRAIN_AGAIN, ScoreStoreError
from voc_model.files import read_regular, write_text_atomically
from voc_model.metrics.run_metrics import MaybeNan

_MAX_BYTES = 1 << 20  # Of conversion.json, which has a line per convolution.


class Deviation(BaseModel):
    """How far a network's outputs are from another's; NaN if no image could be compared.

    Attributes:
        images: how many were compared.
        greatest_logit, mean_logit: absolute differences of logits, by a head that both share.
        features: root mean square of the features' differences, relative to that of the features.
    """

    images: int
    greatest_logit: MaybeNan
    mean_logit: MaybeNan
    features: MaybeNan

    def describe(self) -> str:
        """Returns the deviation in words."""
        return (
            f"features deviate by {self.features:.2g} of their size, logits by "
            f"{self.mean_logit:.2g} on average and {self.greatest_logit:.2g} at most "
            f"({self.images:,} images)"
        )


class ConversionReport(BaseModel):
    """The conversion that a run's training started from.

    Attributes:
        kind: of the standardisation, the setting `ws_kind`.
        conversion: the setting `ws_conversion`.
        images: how many training images it used; 0 if it needs none.
        r_squared: of each least-squares fit by the convolution's name, in forward order; NaN where
            there was nothing to explain. Empty for other conversions.
        deviation: from the plain network, on training images that no filter was fitted to unless
            there are too few.
    """

    kind: str
    conversion: str
    images: int
    r_squared: dict[str, MaybeNan]
    deviation: Deviation

    @classmethod
    def read(cls, path: Path) -> "ConversionReport":
        """Reads conversion.json.

        Raises:
            ScoreStoreError: the file is missing or damaged.
        """
        try:
            return cls.model_validate_json(read_regular(path, _MAX_BYTES))
        except FileNotFoundError:
            raise ScoreStoreError(
                f"{path}: not found. Only a standardised network that is trained has one."
            ) from None
        except OSError as error:
            raise ScoreStoreError(f"{path}: damaged ({error}). {TRAIN_AGAIN}") from error
        except ValidationError as error:
            reason = error.errors()[0]["msg"]
            raise ScoreStoreError(f"{path}: damaged ({reason}). {TRAIN_AGAIN}") from error

    def write(self, path: Path) -> None:
        """Writes conversion.json, whole or not at all."""
        write_text_atomically(path, self.model_dump_json(indent=1) + "\n")
