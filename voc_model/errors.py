"""The project's exceptions: each message says what was found, what was expected and the remedy."""


class VocError(Exception):
    """Base of every error that a person can mend; scripts print it without a traceback."""


class DataError(VocError):
    """The data set is at fault: a folder, an ImageSets list, an annotation or an image."""


class CheckpointError(VocError):
    """A checkpoint or weights file is missing, damaged, or does not fit the model."""


class ScoreStoreError(VocError):
    """scores.npz or another file of a run folder is missing, damaged, or breaks the contract."""


class SettingsError(VocError):
    """A settings file or command-line option has an unknown key or a value out of range."""


class LostProcessError(VocError):
    """Another process of the same job has stopped."""


class QueryError(VocError):
    """A page was asked for with a parameter it cannot take (HTTP 400)."""


class NotFoundError(VocError):
    """A run, class or image that does not exist was asked for (HTTP 404)."""
