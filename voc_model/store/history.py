"""history.csv: one row per epoch."""

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import StringIO, TextIOWrapper
from pathlib import Path
from statistics import fmean

from voc_model.errors import TRAIN_AGAIN, ScoreStoreError
from voc_model.files import open_regular, write_text_atomically

# Columns that older files lack.
_TEXTS = ("trainable", "stop_reason")
_NUMBERS = ("train_loss", "val_loss", "map", "learning_rate", "seconds")
_AP_PREFIX = "ap_"


@dataclass(frozen=True)
class EpochRecord:
    """The metrics of one epoch.

    Attributes:
        epoch: starts at 1.
        train_loss: mean over the counted entries of all batches, during the epoch's updates.
        val_loss: mean cross-entropy over the counted entries of the selection images.
        map: mean average precision (scikit-learn's) on the selection images.
        learning_rate: of the epoch's last step; NaN where nothing has one.
        seconds: wall-clock time of training and validation.
        average_precisions: by class name; NaN if no image is present.
        trainable: the layers that were trained: `head` or `all`; empty in older files.
        stop_reason: why training ended after this epoch; empty if it went on.
    """

    epoch: int
    train_loss: float
    val_loss: float
    map: float
    learning_rate: float
    seconds: float
    average_precisions: dict[str, float]
    trainable: str = ""
    stop_reason: str = ""

    def numbers(self) -> dict[str, float]:
        """Returns all metrics by the names of their columns."""
        precisions = {_AP_PREFIX + name: ap for name, ap in self.average_precisions.items()}
        return {name: getattr(self, name) for name in _NUMBERS} | precisions

    def describe(self) -> str:
        """Returns the epoch's metrics as one line."""
        rate = "" if math.isnan(self.learning_rate) else f"learning rate {self.learning_rate:.2g}  "
        return (
            f"epoch {self.epoch:3}  train loss {self.train_loss:.4f}  "
            f"val loss {self.val_loss:.4f}  mAP {self.map:.4f}  {rate}{self.seconds:.1f} s"
            f"{self.stop_reason and '  ' + self.stop_reason}"
        )


def write_history(path: Path, records: Sequence[EpochRecord]) -> None:
    """Writes history.csv, whole or not at all; NaN as an empty field."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = list(records[0].numbers()) if records else list(_NUMBERS)
    writer.writerow(["epoch", *_TEXTS, *columns])
    for record in records:
        numbers = ["" if math.isnan(item) else item for item in record.numbers().values()]
        writer.writerow([record.epoch, *(getattr(record, name) for name in _TEXTS), *numbers])
    write_text_atomically(path, text.getvalue())


def read_history(path: Path) -> list[EpochRecord]:
    """Reads the epochs of a run.

    Raises:
        ScoreStoreError: the file is missing or damaged; the message names it and the line.
    """
    try:
        with TextIOWrapper(open_regular(path), encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            return [_parse_row(path, rows.line_num, row) for row in rows]
    except OSError:
        raise ScoreStoreError(f"{path}: not found. Train with scripts/train.py.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ScoreStoreError(f"{path}: damaged ({error}). {TRAIN_AGAIN}") from error


def mean_history(histories: Sequence[Sequence[EpochRecord]]) -> list[EpochRecord]:
    """Returns the mean over the models of every epoch's metrics; seconds are added up.

    A model that stopped early is left out of the epochs that it did not train.
    """
    longest = max(histories, key=len)
    means = []
    for index, record in enumerate(longest):
        epochs = [records[index] for records in histories if index < len(records)]
        means.append(
            EpochRecord(
                epoch=record.epoch,
                train_loss=fmean(item.train_loss for item in epochs),
                val_loss=fmean(item.val_loss for item in epochs),
                map=_mean_of_defined(item.map for item in epochs),
                learning_rate=fmean(item.learning_rate for item in epochs),
                seconds=sum(item.seconds for item in epochs),
                average_precisions={
                    name: _mean_of_defined(item.average_precisions[name] for item in epochs)
                    for name in record.average_precisions
                },
                trainable=record.trainable,
            )
        )
    return means


def _mean_of_defined(values: Iterable[float]) -> float:
    defined = [value for value in values if not math.isnan(value)]
    return fmean(defined) if defined else math.nan


def _parse_row(path: Path, line: int, row: dict[str, str]) -> EpochRecord:
    try:
        if None in row.values():
            raise ValueError("the line is cut short")
        return EpochRecord(
            epoch=int(row["epoch"]),
            **{name: float(row[name] or "nan") for name in _NUMBERS},
            average_precisions={
                key.removeprefix(_AP_PREFIX): float(value or "nan")
                for key, value in row.items()
                if key.startswith(_AP_PREFIX)
            },
            trainable=row.get("trainable", ""),
            stop_reason=row.get("stop_reason", ""),
        )
    except (KeyError, ValueError, AttributeError) as error:
        raise ScoreStoreError(f"{path}:{line}: damaged ({error!r}). {TRAIN_AGAIN}") from error
