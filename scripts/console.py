"""What the scripts share: the reporter, error handling and common options."""

import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click
from tqdm import tqdm

from voc_model.errors import VocError
from voc_model.progress import Reporter
from voc_model.store.runs import CACHE_DIR, RUNS_DIR

_Item = TypeVar("_Item")
_Command = Callable[..., Any]


class ConsoleReporter(Reporter):
    """Shows a progress bar per stage, and a line for everything that should be read."""

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
        """Iterates with a bar, and leaves a line that says how long the stage took."""
        if total is None:
            total = done + len(iterable)  # type: ignore[arg-type]
        started = time.perf_counter()
        # The bar is silent in a log; there the line at the end of the stage is enough.
        with tqdm(
            desc=stage, total=total, initial=done, unit=f" {unit}", disable=None, leave=False
        ) as bar:
            for item in iterable:
                yield item
                bar.update(min(size(item) if size else 1, total - bar.n))
        if leave:
            self.note(_describe_stage(stage, total, done, unit, time.perf_counter() - started))

    def note(self, text: str) -> None:
        """Prints a line."""
        tqdm.write(text)

    def warn(self, text: str) -> None:
        """Prints a line on the error stream."""
        tqdm.write(f"Warning: {text}", file=sys.stderr)


def _describe_stage(stage: str, total: int, done: int, unit: str, seconds: float) -> str:
    computed = total - done
    if not computed:
        return f"{stage}: {total:,} {unit}, all reused"
    reused = f", {done:,} reused" if done else ""
    rate = computed / seconds
    speed = f"{rate:,.{0 if rate >= 10 else 2}f} {unit}/s"
    return f"{stage}: {computed:,} {unit} in {seconds:.1f} s ({speed}){reused}"


@contextmanager
def plain_failures() -> Iterator[None]:
    """Ends the program with a message instead of a traceback if a person can fix the cause.

    Exits with 1 on an error, and with 130 after Ctrl-C. Warnings of libraries become single lines.
    """
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            # About details of a file that Pillow has read nevertheless, without the file's name.
            warnings.filterwarnings("ignore", module=r"PIL\.")
            yield
    except VocError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        if error.filename is None:
            raise
        raise click.ClickException(f"{error.filename}: {error.strerror}.") from None
    except KeyboardInterrupt:
        click.echo(
            "\nStopped. Finished work is kept: run the same command again to resume.", err=True
        )
        sys.exit(130)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Prints a library's warning without its place in the source, which says nothing to a user."""
    del category, filename, lineno, file, line
    text = " ".join(str(message).split())
    tqdm.write(f"Warning: {text}", file=sys.stderr)


def _folder() -> click.Path:
    return click.Path(path_type=Path)


cache_option = click.option(
    "--cache-dir", type=_folder(), default=CACHE_DIR, show_default=True,
    help="Folder for thumbnails, shared with app.py, and for the features of frozen backbones "
    "(2 KB per image).",
)  # fmt: skip


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
                help="File with torchvision's state dict of the architecture, used instead of the "
                "settings' weights; needed on machines without a network.",
            ),
            click.option(
                "--train-split", metavar="NAME", default=None,
                help="The images to train on, instead of the settings' train_split.",
            ),
            click.option(
                "--val-split", metavar="NAME", default=None,
                help="The images that metrics are reported on, instead of the settings' val_split.",
            ),
            click.option(
                "--folds", metavar="K", type=int, default=None,
                help="Train K models, each without one fold of the training images, on which it "
                "selects its epoch; scores are their mean.",
            ),
            click.option(
                "--absent-flag", type=click.IntRange(-1, 0), default=None,
                help="The flag of the class lists that means absent, instead of the settings' "
                "absent_flag: -1 as in VOC, where 0 means difficult; 0 if the lists hold 0 and 1.",
            ),
            click.option(
                "--run", "--run-name", "run_name", metavar="NAME", default=None,
                help="The run's name.  [default: made of the names of the VOC folder and the "
                "settings] (With torchrun use --run-name: torchrun has its own --run.)",
            ),
            click.option(
                "--runs-dir", type=_folder(), default=RUNS_DIR, show_default=True,
                help="The folder that holds the runs.",
            ),
            cache_option,
            click.option(
                "--overwrite", is_flag=True, help="Remove the results of the run and start over."
            ),
            click.option(
                "--log", "logger", type=click.Choice(["tensorboard", "wandb"]), default=None,
                help="Also show loss, learning rate and mAP in TensorBoard (runs/NAME/tensorboard) "
                "or Weights & Biases, if installed. They are always in steps.csv and history.csv.",
            ),
            click.option(
                "--workers", type=click.IntRange(0, 256), default=None,
                help="Processes that decode images while the model runs; with 0, threads do it "
                "between batches.  [default: 0 on a CPU, one per core with a GPU]",
            ),
            click.option(
                "--device", default="auto", show_default=True,
                help="Where the model runs: auto, cpu, cuda, cuda:1 ...",
            ),
        ]
    ):  # fmt: skip
        command = option(command)
    return command


def run_options(command: _Command) -> _Command:
    """Adds the options that choose a run, for `find_run`."""
    for option in reversed(
        [
            click.option(
                "--root-dir", "--file_path", "root_dir", type=_folder(), default=None,
                help="VOC's JPEGImages folder, or the folder that holds it: without --run, the "
                "newest run that scored it is chosen.  [default: any]",
            ),
            click.option(
                "--run", "run_name", metavar="NAME", default=None,
                help="The run, by name or folder.",
            ),
            click.option(
                "--runs-dir", type=_folder(), default=RUNS_DIR, show_default=True,
                help="The folder that holds the runs.",
            ),
        ]
    ):  # fmt: skip
        command = option(command)
    return command
