"""Progress of long-running work: it reports, and the caller decides what to do with the reports."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

_Item = TypeVar("_Item")
_MAX_WARNINGS = 5


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
            total: how many there are in all, those done before included; by default
                done + len(iterable).
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

    def warn_of_first(self, warnings: Sequence[str], more: str) -> None:
        """Warns of the first few, and says how many more there are and where: `more`."""
        for warning in warnings[:_MAX_WARNINGS]:
            self.warn(warning)
        if len(warnings) > _MAX_WARNINGS:
            self.warn(f"and {len(warnings) - _MAX_WARNINGS:,} more: {more}")


SILENT = Reporter()
