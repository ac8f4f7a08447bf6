"""Shows the progress of long work on a terminal; what the scripts share of their command lines."""

import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from tqdm import tqdm

from voc_model.errors import VocError
from voc_model.progress import Note, Progress
from voc_model.store.history import EpochRecord

Result = TypeVar("Result")
_Command = Callable[..., Any]


def show(
    work: Generator[Progress | Note | EpochRecord, None, Result], quiet: bool = False
) -> Result:
    """Does the work with a progress bar a stage and a line for all that is to be read.

    Args:
        quiet: says nothing, since another process of the same job does.
    """
    with closing(_Bar()) as bar:
        while True:
            try:
                event = next(work)
            except StopIteration as stop:
                bar.end()
                result: Result = stop.value
                return result
            if quiet:
                continue
            if isinstance(event, Progress):
                bar.move(event)
            elif isinstance(event, EpochRecord):
                bar.close()
                click.echo(_describe_epoch(event))
            else:
                bar.end()
                text = f"Warning: {event.text}" if event.warning else event.text
                click.echo(text, err=event.warning)


@contextmanager
def plain_failures() -> Iterator[None]:
    """Ends the program without a traceback where a person can mend the cause.

    Exits with 1 and one message on an error, with 130 and how to go on after Ctrl-C.
    """
    try:
        yield
    except VocError as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        click.echo(
            "\nStopped. What is finished is kept: the same command goes on from here.", err=True
        )
        sys.exit(130)


def offline_options(command: _Command) -> _Command:
    """Adds the options that training and scoring share."""
    for option in reversed(
        [
            click.option(
                "--root-dir", "--file_path", "root_dir", required=True, type=_folder(),
                help="VOC's JPEGImages folder, or the folder that holds it.",
            ),
            click.option(
                "--weights", metavar="FILE", default=None,
                help="A state dict of torchvision's resnet18 to start from, where there is no "
                "network; in place of the settings' weights.",
            ),
            click.option(
                "--run", "--run-name", "run_name", metavar="NAME", default=None,
                help="The run's name. By default that of the VOC folder and the settings. "
                "(torchrun takes --run for an option of its own: use --run-name.)",
            ),
            click.option(
                "--runs-dir", type=_folder(), default=Path("runs"), show_default=True,
                help="The folder that holds the runs.",
            ),
            click.option(
                "--cache-dir", type=_folder(), default=Path(".cache"), show_default=True,
                help="Where thumbnails are kept, as app.py's, and the features of frozen "
                "backbones, 2 KB an image.",
            ),
            click.option(
                "--overwrite", is_flag=True, help="Remove what the run holds and start anew."
            ),
            click.option(
                "--workers", type=click.IntRange(0, 256), default=None,
                help="Processes that decode images beside the model; with 0, threads do it between "
                "its batches.  [default: 0 on a CPU, one a core beside a GPU]",
            ),
            click.option(
                "--device", default="auto", show_default=True,
                help="Where the model runs: auto, cpu, cuda, cuda:1 ...",
            ),
        ]
    ):  # fmt: skip
        command = option(command)
    return command


class _Bar:
    """One bar at a time, and one line that remains of each stage."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None
        self._last = Progress("", 0, 0)
        self._began = 0.0

    def move(self, progress: Progress) -> None:
        if progress.stage != self._last.stage:
            self.end()
            self._began = time.perf_counter()
            # Silent where nobody watches; the line at the end of the stage is enough for a log.
            self._bar = tqdm(
                desc=progress.stage, total=progress.total, initial=progress.reused,
                unit=" images", disable=None, leave=False,
            )  # fmt: skip
        assert self._bar is not None  # noqa: S101 (tells mypy what the lines above say)
        self._bar.update(progress.done - self._bar.n)
        self._last = progress

    def end(self) -> None:
        """Closes the bar and leaves a line that says how long the stage took."""
        last = self._last
        if self._bar is not None:
            self.close()
            made = last.done - last.reused
            if not made:
                click.echo(f"{last.stage}: {last.total:,} images, all computed before, reused")
                return
            seconds = time.perf_counter() - self._began
            reused = f", {last.reused:,} reused" if last.reused else ""
            speed = f"{made / seconds:,.0f} images/s"
            click.echo(f"{last.stage}: {made:,} images in {seconds:.1f} s ({speed}){reused}")

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        self._last = Progress("", 0, 0)


def _describe_epoch(record: EpochRecord) -> str:
    return (
        f"epoch {record.epoch:3}  train loss {record.train_loss:.4f}  "
        f"val loss {record.val_loss:.4f}  mAP {record.map:.4f}  "
        f"rate {record.learning_rate:.2g}  {record.seconds:.1f} s"
    )


def _folder() -> click.Path:
    return click.Path(path_type=Path)
