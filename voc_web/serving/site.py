"""What every page says about the run it shows, and the caveats of its metrics."""

import os
from contextlib import suppress

from flask import Flask, g

from voc_model.errors import ScoreStoreError
from voc_web.formats import count_text
from voc_web.run.local_paths import without_folders
from voc_web.run.opened_run import OpenedRun, current_run
from voc_web.serving.contexts import SiteContext


def register(app: Flask) -> None:
    """Makes `site` available to every template; None if the scores cannot or must not be read."""

    @app.context_processor
    def _site() -> dict[str, SiteContext | None]:
        if g.get("is_stranger"):  # Who is refused does not learn what is served here.
            return {"site": None}
        if "site" not in g:
            g.site = None  # The page that says why this fails is a template, too.
            with suppress(ScoreStoreError):
                g.site = describe_run(current_run())
        return {"site": g.site}


def describe_run(run: OpenedRun) -> SiteContext:
    """Returns what is said about a run wherever its metrics are shown."""
    return SiteContext(
        run_name=run.folder.name,
        scores_digest=run.table.digest,
        dataset=run.voc_dir.name,
        split=run.table.manifest.split,
        images=len(run.table.image_ids),
        difficult=run.metrics.difficult,
        data_key=run.data_key,
        caveats=tuple(_caveats(run)),
    )


def _caveats(run: OpenedRun) -> list[str]:
    manifest = run.table.manifest
    caveats = []
    if manifest.training_overlap:
        caveats.append(
            f"{count_text(manifest.training_overlap)} of these images were also used for training; "
            "their scores say little about performance on new images."
        )
    if manifest.models > 1:
        caveats.append(
            f"Each score is the mean of {manifest.models} models; the epoch of each was chosen on "
            f"{manifest.selected_on}."
        )
    if manifest.selected_on_reported_split:
        caveats.append(
            f"Epoch {manifest.selected_epoch} was chosen on this same split ({manifest.split}), so "
            "these metrics are slightly optimistic."
        )
    if manifest.unreadable_count:
        caveats.append(
            f"Images that could not be read: {count_text(manifest.unreadable_count)}. They have "
            f"no scores and are left out of all metrics. First: "
            f"{', '.join(map(without_folders, manifest.unreadable[:3]))}."
        )
    if ties := run.metrics.describe_ties():
        more = f" The same holds for {len(ties) - 1} more classes." if len(ties) > 1 else ""
        caveats.append(f"{ties[0]}.{more}")
    if not os.path.isdir(run.voc_dir / "JPEGImages"):  # noqa: PTH112 (Path's raises for long names)
        caveats.append(
            f"Images not found in {run.voc_dir.name}. Set their folder with --root-dir DIR."
        )
    return caveats
