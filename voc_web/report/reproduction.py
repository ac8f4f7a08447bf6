"""The settings, commands and versions that lead to the same scores."""

import base64
import json
import shlex
from importlib.metadata import version
from typing import Any

from voc_web.report.contexts import Reproduction
from voc_web.run.local_paths import settings_without_folders
from voc_web.run.opened_run import OpenedRun


def describe_reproduction(run: OpenedRun) -> Reproduction:
    """Returns how to get the scores of a run again. Files are called by their names only."""
    settings = settings_without_folders(run.table.manifest.settings)
    content = json.dumps(settings, indent=2, ensure_ascii=False)
    encoded = base64.b64encode(f"{content}\n".encode()).decode()
    return Reproduction(
        settings={name: _setting_text(value) for name, value in settings.items()},
        settings_file=f"data:application/json;base64,{encoded}",
        commands=tuple(_commands(run, settings)),
        versions={**run.table.manifest.versions, "ranking-browser": version("ranking-browser")},
    )


def _setting_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _commands(run: OpenedRun, settings: dict[str, Any]) -> list[str]:
    """Returns the commands that train, score, check and report; only the last without settings."""
    manifest, difficult = run.table.manifest, run.metrics.difficult
    name = shlex.quote(run.folder.name)
    report = f"python scripts/write_report.py --run {name} --out report.html"
    if not settings:
        return [report]
    data = f"--root-dir {shlex.quote(f'{run.voc_dir.name}/JPEGImages')}"
    score = f"python scripts/precompute_scores.py {data} --run {name}"
    options = "--config settings.json"
    if settings.get("weights") not in (None, "imagenet", "none"):
        options += f" --weights {shlex.quote(settings['weights'])}"
    if manifest.split != settings.get("val_split", manifest.split):
        options += f" --split {shlex.quote(manifest.split)}"
    if difficult != settings.get("difficult", difficult):
        options += f" --difficult {difficult}"
    return [f"{score} {options}", f"{score} --verify-against scores.npz", report]
