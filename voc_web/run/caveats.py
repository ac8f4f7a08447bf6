"""What to know about a run before relying on its metrics."""

import os

from voc_web.formats import count_text
from voc_web.run.opened_run import OpenedRun


def find_caveats(run: OpenedRun) -> list[str]:
    """Returns the caveats, with full paths."""
    manifest = run.table.manifest
    caveats = []
    if manifest.training_overlap:
        caveats.append(
            f"{count_text(manifest.training_overlap)} of these images were also used for training; "
            "their scores say little about performance on new images."
        )
    if manifest.models > 1:
        caveats.append(
            f"Each score is the mean of {manifest.models} models, each trained without one fold of "
            f"the training images; the epoch of each was chosen on {manifest.selected_on}."
        )
    elif manifest.selected_on_reported_split:
        caveats.append(
            f"Epoch {manifest.selected_epoch} was chosen on this same split ({manifest.split}), so "
            "these metrics are slightly optimistic."
        )
    if manifest.unreadable_count:
        caveats.append(
            f"Images that could not be read: {count_text(manifest.unreadable_count)}. They have "
            f"no scores and are left out of all metrics. First: "
            f"{', '.join(manifest.unreadable[:3])}."
        )
    if ties := run.metrics.describe_ties():
        more = f" The same holds for {len(ties) - 1} more classes." if len(ties) > 1 else ""
        caveats.append(f"{ties[0]}.{more}")
    if not os.path.isdir(run.voc_dir / "JPEGImages"):  # noqa: PTH112 (Path's raises for long names)
        caveats.append(
            f"Images not found in {run.voc_dir.name}. Set their folder with --root-dir DIR."
        )
    return caveats
