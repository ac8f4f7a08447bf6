"""A reporter that records everything, for tests to check."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from voc_model.progress import Reporter

_Item = TypeVar("_Item")


@dataclass
class Stage:
    """Progress of a stage: `done` of `total` items, of which `reused` are of an earlier run."""

    name: str
    reused: int
    done: int
    total: int
    unit: str


@dataclass
class RecordedReport(Reporter):
    """Records stages, notes and warnings; raises KeyboardInterrupt after `stop_after` items."""

    stop_after: int | None = None
    stages: list[Stage] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

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
        del leave
        if total is None:
            total = done + len(iterable)  # type: ignore[arg-type]
        recorded = Stage(stage, done, done, total, unit)
        self.stages.append(recorded)
        for count, item in enumerate(iterable, start=1):
            if count - 1 == self.stop_after:
                raise KeyboardInterrupt
            yield item
            recorded.done += size(item) if size else 1

    def note(self, text: str) -> None:
        self.notes.append(text)

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    @property
    def text(self) -> str:
        """All notes and warnings."""
        return "\n".join([*self.notes, *self.warnings])
