"""Interleaved measurements within a time budget, each of which may fail, and their table."""

import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import click

_MOST_ROUNDS = 7
# Of a first run that is worth a note.
_SLOW_S = 5


@dataclass(frozen=True)
class Variant:
    """One of several ways to do the same.

    Attributes:
        name: starts with "ours" if the project does it so.
        run: does it and waits until the GPU is done.
        count: how many images, or whatever the stage counts, a run handles.
        warm_up: is run before the measurements; by default `run`.
        batch: images per step; noted are steps/s.
    """

    name: str
    run: Callable[[], object]
    count: int
    warm_up: Callable[[], object] | None = None
    batch: int | None = None


@dataclass(frozen=True)
class Row:
    """A line of the table; without a value it failed or was skipped, as the note says."""

    stage: str
    name: str
    value: float | None
    unit: str = ""
    note: str = ""

    def cells(self) -> str:
        """Returns the line in Markdown."""
        digits = 4 if self.unit != "images/s" else 0
        value = "" if self.value is None else f"{self.value:,.{digits}f}"
        return f"| {self.stage} | {self.name} | {value} {self.unit} | {self.note} |"


class Report:
    """The rows so far, printed as they are measured, and the time that is left.

    Args:
        budget_s: no run begins later than this, but for the first of each variant.
        most_rounds: the most runs of each variant.

    Attributes:
        rows: in the order in which they were measured.
        failed: whether a measurement raised an exception.
    """

    def __init__(self, budget_s: float, most_rounds: int = _MOST_ROUNDS) -> None:
        self.rows: list[Row] = []
        self.failed = False
        self._most_rounds = most_rounds
        self._end = time.perf_counter() + budget_s

    @property
    def seconds_left(self) -> float:
        """Returns the seconds of the budget that remain."""
        return self._end - time.perf_counter()

    def add(self, row: Row) -> None:
        """Adds a row and prints it."""
        self.rows.append(row)
        click.echo(row.cells())

    def value(self, stage: str, name: str) -> float | None:
        """Returns what was measured, if it was."""
        values = (row.value for row in self.rows if (row.stage, row.name) == (stage, name))
        return next(values, None)

    @contextmanager
    def surviving(self, stage: str, name: str) -> Iterator[None]:
        """Adds a row with the reason if the block fails, and goes on."""
        try:
            yield
        except Exception as error:
            self.failed = True
            reason = str(error).strip().partition("\n")[0].replace("|", "/")
            self.add(Row(stage, name, None, note=f"failed: {type(error).__name__}: {reason}"))

    def measure(self, stage: str, variants: Sequence[Variant], limit_s: float) -> None:
        """Adds a row per variant: the median rate of runs that alternate with the others'.

        Every variant that works is run at least once after its warm-up; the limit is on when
        another run may begin.
        """
        end = time.perf_counter() + min(limit_s, self.seconds_left)
        warm_up: dict[str, float] = {}
        for variant in variants:
            if time.perf_counter() > end:
                self.skip(stage, variant.name)
                continue
            with self.surviving(stage, variant.name):
                warm_up[variant.name] = _seconds(variant.warm_up or variant.run)
        seconds: dict[str, list[float]] = {name: [] for name in warm_up}
        for round_number in range(self._most_rounds):
            for variant in variants:
                if variant.name in seconds and (not round_number or time.perf_counter() < end):
                    with self.surviving(stage, variant.name):
                        # Put back only if it works: it has a row already if it fails.
                        earlier = seconds.pop(variant.name)
                        seconds[variant.name] = [*earlier, _seconds(variant.run)]
        for variant in variants:
            if taken := seconds.get(variant.name):
                self.add(_summarize(stage, variant, taken, warm_up[variant.name]))

    def skip(self, stage: str, name: str) -> None:
        """Adds a row for what there is no time for."""
        self.add(Row(stage, name, None, note="skipped: no time left"))

    def write(self, path: Path, machine: str) -> None:
        """Writes the rows as JSON."""
        content = {"machine": machine, "rows": [asdict(row) for row in self.rows]}
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def _summarize(stage: str, variant: Variant, seconds: Sequence[float], warm_up: float) -> Row:
    rates = [variant.count / taken for taken in seconds]
    rate = statistics.median(rates)
    note = f"{len(rates)} runs, {min(rates):,.0f} to {max(rates):,.0f}"
    if variant.batch:
        note = f"{rate / variant.batch:,.0f} steps/s; {note}"
    if warm_up > _SLOW_S and not variant.warm_up:
        note += f"; first run {warm_up:.0f} s"
    return Row(stage, variant.name, rate, "images/s", note)
