"""Average precision of every class from a score table, compared with scikit-learn in a loop.

Both run alternately on the same synthetic table. Prints medians and the speed-up, which must be at
least 3, and checks that the results agree to 1e-9. Our side reads the file and uses
the ranking stored in it; scikit-learn gets each class's scores and labels as arrays in memory and
sorts them. Our own function on unsorted arrays is measured as well.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
from served import make_run
from sklearn.metrics import average_precision_score
from timing import median_seconds

from voc_model.metrics.precision_recall import (
    average_precision,
    average_precision_of_curve,
    counted_rows,
    ranked_precision_recall_curve,
)
from voc_model.store.scores import ScoreTable

MIN_RATIO, TOLERANCE = 3.0, 1e-9


def of_table(table: ScoreTable) -> list[float]:
    """Returns the average precision of each class, using the table's stored ranking."""
    return [
        average_precision_of_curve(
            ranked_precision_recall_curve(scores[rows], labels[rows]), "sklearn"
        )
        for index, (scores, labels) in enumerate(table.columns())
        for rows in [table.ranking[index]]
    ]


@click.command()
@click.option("--images", default=1_000_000, show_default=True, help="Images in the table.")
@click.option("--classes", default=20, show_default=True, help="Classes in the table.")
@click.option("--rounds", default=3, show_default=True, help="Measurements of each variant.")
def main(images: int, classes: int, rounds: int) -> None:
    """Measure the average precision of all classes."""
    with tempfile.TemporaryDirectory() as folder:
        run = make_run(Path(folder), images, classes=classes)
        table = ScoreTable.open(run / "scores.npz")
        # scikit-learn does not handle unreadable or difficult images: they are removed beforehand.
        columns = [counted_rows(*column) for column in table.columns()]
        variants: dict[str, Callable[[], list[float]]] = {
            "scikit-learn": lambda: [average_precision_score(y, s) for s, y in columns],
            "stored ranking": lambda: of_table(table),
            "sorting first": lambda: [average_precision(s, y) for s, y in columns],
        }
        values: dict[str, list[float]] = {}

        def run_variant(name: str) -> Callable[[], None]:
            return lambda: values.update({name: variants[name]()})

        seconds = median_seconds({name: run_variant(name) for name in variants}, rounds)
    base = seconds["scikit-learn"]
    print(f"average precision of {classes} classes, {images:,} images, median of {rounds} rounds")
    for name, found in values.items():
        difference = np.nanmax(np.abs(np.subtract(found, values["scikit-learn"])))
        if difference > TOLERANCE:
            raise click.ClickException(f"{name} differs by {difference:.2g}")
        print(f"{name:20} {seconds[name]:6.2f} s  {base / seconds[name]:5.1f} times as fast, "
              f"largest difference {difference:.1g}")  # fmt: skip
    print(f"required: {MIN_RATIO} times as fast, difference at most {TOLERANCE:g}")
    if base / seconds["stored ranking"] < MIN_RATIO:
        raise click.ClickException("using the stored ranking is not fast enough")


if __name__ == "__main__":
    main()
