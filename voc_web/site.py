"""What every page says of the run it shows, and what must be known before believing it."""

from flask import Flask

from voc_web.contexts import SiteContext
from voc_web.formats import count_text
from voc_web.opened_run import OpenedRun, current_run


def register(app: Flask) -> None:
    """Gives every template its `site`; None where the scores cannot be read."""

    @app.context_processor
    def _site() -> dict[str, SiteContext | None]:
        try:
            return {"site": describe_run(current_run())}
        except Exception:  # Also asked for by the page that tells of this very failure.
            return {"site": None}


def describe_run(run: OpenedRun) -> SiteContext:
    """Returns what is said of a run wherever its figures are shown."""
    return SiteContext(
        run_name=run.folder.name,
        dataset=run.voc_dir.name,
        split=run.table.manifest.split,
        images=len(run.table.image_ids),
        difficult=run.metrics.difficult,
        data_key=run.data_key,
        cautions=tuple(_cautions(run)),
    )


def _cautions(run: OpenedRun) -> list[str]:
    manifest = run.table.manifest
    cautions = []
    if manifest.training_overlap:
        cautions.append(
            f"Images here that were trained on: {count_text(manifest.training_overlap)}. Their "
            "scores say little about new images."
        )
    if manifest.selected_on_reported_split:
        cautions.append(
            f"Epoch {manifest.selected_epoch} was kept because it had the highest mAP on "
            f"{manifest.split}, the very split shown here, so the figures are slightly too good."
        )
    if manifest.unreadable_count:
        cautions.append(
            f"Images that could not be read: {count_text(manifest.unreadable_count)}. They have "
            f"no score and count nowhere. The first: {', '.join(manifest.unreadable[:3])}."
        )
    if not (run.voc_dir / "JPEGImages").is_dir():
        cautions.append(
            f"The images are not at {run.voc_dir}. Give their folder with --root-dir DIR."
        )
    return cautions
