"""How long work says how far it is: it reports, and the caller decides what becomes of it."""

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

_Item = TypeVar("_Item")


class Reporter:
    """Receives the progress and the messages of long work. This one ignores them.

    `scripts.console.ConsoleReporter` shows them in a terminal.
    """

    def track(
        self,
        iterable: Iterable[_Item],
        stage: str,
        total: int | None = None,
        *,
        done: int = 0,
        size: Callable[[_Item], int] | None = None,
        unit: str = "images",
        leave: bool = True,
    ) -> Iterator[_Item]:
        """Iterates over the items and reports how many are done.

        Args:
            iterable: the items.
            stage: what is being done, e.g. "features of train".
            total: how many there are in all, those done before included; by default len(iterable).
            done: how many an earlier run has done; they are not among the items.
            size: how many an item counts for, e.g. `len` of a batch; by default 1.
            unit: what is counted, in the plural.
            leave: whether a line about the finished stage remains.
        """
        del stage, total, done, size, unit, leave
        yield from iterable

    def note(self, text: str) -> None:
        """Reports something worth reading."""

    def warn(self, text: str) -> None:
        """Reports something that may need to be acted upon."""


SILENT = Reporter()


# For work that still yields its progress --------------------------------------------------------

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


class EventList(Reporter):
    """Keeps what is reported, for a caller that yields it afterwards."""

    def __init__(self) -> None:
        self.events: list[Progress | Note] = []

    def track(
        self,
        iterable: Iterable[_Item],
        stage: str,
        total: int | None = None,
        *,
        done: int = 0,
        size: Callable[[_Item], int] | None = None,
        unit: str = "images",
        leave: bool = True,
    ) -> Iterator[_Item]:
        """Iterates over the items and keeps one event per item."""
        items = list(iterable)
        total, reused = len(items) + done if total is None else total, done
        for item in items:
            yield item
            done += size(item) if size else 1
            self.events.append(Progress(stage, done, total, reused))
        if not items:
            self.events.append(Progress(stage, done, total, reused))

    def note(self, text: str) -> None:
        """Keeps a note."""
        self.events.append(Note(text))

    def warn(self, text: str) -> None:
        """Keeps a warning."""
        self.events.append(Note(text, warning=True))
