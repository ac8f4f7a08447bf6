"""What every page says about the run it shows, and the caveats of its metrics."""

from contextlib import suppress

from flask import Flask, g

from voc_model.errors import ScoreStoreError
from voc_web.run.caveats import find_caveats
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
        caveats=tuple(map(without_folders, find_caveats(run))),
    )
