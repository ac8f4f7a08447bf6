"""Optional hooks: the numbers of every step and epoch in TensorBoard or Weights & Biases.

Neither package is required; one is imported only if it is asked for.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Literal, Protocol

from voc_model.errors import SettingsError
from voc_model.model.settings import TrainSettings
from voc_model.store.runs import RunFolder

LoggerName = Literal["tensorboard", "wandb"]


class Logger(Protocol):
    """Receives numbers while a model is trained."""

    def log(self, data: Mapping[str, float], step: int) -> None:
        """Takes numbers by name, as they are after so many steps of the run."""
        ...


@contextmanager
def open_logger(
    name: LoggerName | None, run: RunFolder, settings: TrainSettings, steps: int
) -> Iterator[Logger | None]:
    """Opens what the command line names, and closes it when training ends; None without a name.

    Args:
        steps: how many the run has taken; later ones, of an epoch that was cut short, are replaced.

    Raises:
        SettingsError: the package is not installed.
    """
    if name == "tensorboard":
        tensorboard = _import("torch.utils.tensorboard", name)
        folder = str(run.tensorboard_dir)
        with tensorboard.SummaryWriter(folder, purge_step=steps + 1) as writer:
            yield _TensorBoard(writer)
    elif name == "wandb":
        wandb = _import("wandb", name)
        with wandb.init(
            project="ranking-browser", name=run.name, config=settings.model_dump(mode="json")
        ) as wandb_run:
            yield wandb_run
    else:
        yield None


class _TensorBoard:
    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def log(self, data: Mapping[str, float], step: int) -> None:
        for name, number in data.items():
            self._writer.add_scalar(name, number, step)


def _import(module: str, package: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise SettingsError(
            f"--log {package}: the package cannot be imported ({error}). Install it with "
            f"`pip install {package}`, or leave the option out: steps.csv has the same numbers."
        ) from None
