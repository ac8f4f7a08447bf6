"""What long work yields while it goes on; the caller decides how to show it."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeVar

_Result = TypeVar("_Result")


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


def finish(work: Generator[Any, None, _Result]) -> _Result:
    """Does long work to its end, shows nothing of it, and returns its result."""
    while True:
        try:
            next(work)
        except StopIteration as stop:
            result: _Result = stop.value
            return result
