"""What long work yields while it goes on; the caller decides how to show it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """So many of the images of a stage are done.

    Attributes:
        stage: what is being done, e.g. `features of train`; a new stage is a new bar.
        done: images done, those reused from an earlier start included.
        total: images of the stage.
        reused: images that an earlier start had done.
    """

    stage: str
    done: int
    total: int
    reused: int = 0


@dataclass(frozen=True)
class Note:
    """One line that a person should read; a warning goes to the error stream."""

    text: str
    warning: bool = False
