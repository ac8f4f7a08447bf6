"""Files that torch.save wrote, read without running code from them."""

import pickle
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import torch

from voc_model.errors import CheckpointError
from voc_model.files import open_regular

# What torch.load can raise for a file that torch.save did not write, or that is truncated.
_UNREADABLE = (
    OSError, RuntimeError, EOFError, ValueError, KeyError, pickle.UnpicklingError, BadZipFile,
)  # fmt: skip


def read_torch_file(path: Path, remedy: str) -> dict[str, Any]:
    """Reads a dictionary that torch.save wrote, with tensors on the CPU; runs no code from it.

    Args:
        path: the file.
        remedy: what to do if it cannot be read; the end of every error.

    Raises:
        CheckpointError: the file is missing, damaged or not a dictionary.
    """
    try:
        with open_regular(path) as file:
            content = torch.load(file, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(f"{path}: not found. {remedy}") from None
    except _UNREADABLE as error:
        reason = str(error).partition("\n")[0]
        raise CheckpointError(
            f"{path}: damaged or not written by torch.save ({reason}). {remedy}"
        ) from error
    if not isinstance(content, dict):
        raise CheckpointError(
            f"{path}: found {type(content).__name__}, expected a dictionary. {remedy}"
        )
    return content
