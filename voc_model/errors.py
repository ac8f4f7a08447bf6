"""The project's exceptions: each message says what was found, what was expected and the remedy."""

from collections.abc import Sequence

# Remedies that several messages end with.
SCORE_AGAIN = "Create it again with scripts/precompute_scores.py --root-dir DIR."
TRAIN_AGAIN = "Train again with scripts/train.py CONFIG --root-dir DIR --overwrite."


class VocError(Exception):
    """Base of every error that the user can fix; scripts print it without a traceback."""


class DataError(VocError):
    """Invalid data set: a folder, an ImageSets list, an annotation or an image."""


class CheckpointError(VocError):
    """A checkpoint or weights file is missing, damaged or incompatible with the model."""


class ScoreStoreError(VocError):
    """scores.npz or another file of a run folder is missing, damaged or breaks the contract."""


class SettingsError(VocError):
    """A settings file or command-line option has an unknown key or a value out of range."""


class BusyError(VocError):
    """Another job is working on the same run."""


class DiskFullError(VocError, OSError):
    """A file cannot be written because its disk, or the user's share of it, is full."""


class LostProcessError(VocError):
    """Another process of the same job has stopped."""


class QueryError(VocError):
    """A request has an invalid parameter (HTTP 400)."""


class NotFoundError(VocError):
    """A run, class or image that does not exist was requested (HTTP 404)."""


def and_more(items: Sequence[object]) -> str:
    """Returns how many items a message leaves out that names the first, in words."""
    return f" (and {len(items) - 1:,} more)" if len(items) > 1 else ""
