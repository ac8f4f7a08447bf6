"""Settings from files and command lines; what is wrong with them is said in words."""

import json
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from voc_model.errors import SettingsError
from voc_model.files import read_regular
from voc_model.model.settings import OLD_KEYS, TrainSettings
from voc_model.progress import SILENT, Reporter

_MAX_BYTES = 1 << 20  # Of a settings file, which has about 1 KB.


def read_settings(path: Path, report: Reporter = SILENT, saved: bool = False) -> TrainSettings:
    """Reads a settings file; a key's old name is accepted with a warning.

    Args:
        path: a JSON file.
        report: receives the warnings.
        saved: whether a run saved the settings, see `restore_saved`.

    Raises:
        SettingsError: the file is missing, no JSON, or a key or value is not allowed; the message
            names the file, the key, what was found and what is allowed.
    """
    try:
        text = read_regular(path, _MAX_BYTES).decode()
        fields = json.loads(text)
        if not isinstance(fields, dict):
            raise SettingsError(f"{path}: expected one JSON object of settings")
        for key in OLD_KEYS.keys() & fields.keys():
            report.warn(f"{path}: {key!r} is deprecated, use {OLD_KEYS[key]!r}")
        return TrainSettings.parse(text, saved)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(
            f"{path}: cannot be read ({reason}). Give one of configs/*.json."
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: not a text file; expected JSON settings.") from None
    except json.JSONDecodeError as error:
        raise SettingsError(f"{path}:{error.lineno}: not JSON ({error.msg})") from None
    except RecursionError:
        raise SettingsError(f"{path}: nested too deeply; expected one flat JSON object.") from None
    except ValidationError as error:
        raise SettingsError("\n".join(f"{path}: {fault}" for fault in _faults(error))) from None


def replace_settings(settings: TrainSettings, changes: Mapping[str, Any]) -> TrainSettings:
    """Returns settings with some values replaced.

    Raises:
        SettingsError: a value is not allowed, or not together with the others.
    """
    try:
        return TrainSettings.model_validate({**settings.model_dump(), **changes})
    except ValidationError as error:
        raise SettingsError("\n".join(_faults(error))) from None


def list_differences(saved: dict[str, Any], requested: dict[str, Any]) -> list[str]:
    """Returns one phrase per setting in which two runs differ."""
    return [
        f"{key}={saved.get(key)!r} (saved), {key}={requested.get(key)!r} (requested)"
        for key in sorted(saved.keys() | requested.keys())
        if saved.get(key) != requested.get(key)
    ]


def _faults(error: ValidationError) -> list[str]:
    return [
        _describe(fault)
        for fault in error.errors()
        # A default that depends on an invalid setting is no fault of its own.
        if fault["type"] != "default_factory_not_called"
    ]


def _describe(fault: Any) -> str:
    """Returns one sentence about one of pydantic's errors."""
    key = str(fault["loc"][0]) if fault["loc"] else ""
    if fault["type"] == "extra_forbidden":
        close = get_close_matches(key, TrainSettings.model_fields, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else ""
        known = f"Allowed are: {', '.join(TrainSettings.model_fields)}."
        return f"unknown key {key!r}. {hint or known}"
    message = fault["msg"].removeprefix("Value error, ")
    if not key:
        return str(message)
    meaning = TrainSettings.model_fields[key].description
    return f"{key}: found {fault['input']!r}. {message} ({meaning})."
