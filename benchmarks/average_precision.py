"""Average precision of every class: from a score table against a loop of scikit-learn's function.

In turns, on the same synthetic table. Prints medians and the ratio, which is to be at least 3, and
checks that the two agree to 1e-9. The table's side reads the memory-mapped file and takes the order
that it has; scikit-learn's gets each class's scores and labels as arrays in memory, and sorts them.
Sorting them ourselves is shown beside it.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
from served import make_run
from sklearn.metrics import average_precision_score
from turns import median_seconds

from voc_model.metrics.precision_recall import (
    average_precision,
    average_precision_of_curve,
    counted_rows,
    ranked_precision_recall_curve,
)
from voc_model.store.scores import ScoreTable

SMALLEST_RATIO, TOLERANCE = 3.0, 1e-9


def of_table(table: ScoreTable) -> list[float]:
    """Returns the average precision of each class, from the table's own order."""
    return [
        average_precision_of_curve(
            ranked_precision_recall_curve(scores[rows], labels[rows]), "sklearn"
        )
        for rows, (scores, labels) in zip(table.ranking, table.columns(), strict=True)
    ]


@click.command()
@click.option("--images", default=1_000_000, show_default=True, help="Images of the table.")
@click.option("--classes", default=20, show_default=True, help="Classes of the table.")
@click.option("--rounds", default=3, show_default=True, help="Measurements of each, in turns.")
def main(images: int, classes: int, rounds: int) -> None:
    """Measure the average precision of all classes."""
    with tempfile.TemporaryDirectory() as folder:
        run = make_run(Path(folder), images, classes=classes)
        table = ScoreTable.open(run / "scores.npz")
        # scikit-learn knows neither unreadable nor difficult images: they are left out beforehand.
        columns = [counted_rows(*column) for column in table.columns()]
        ways: dict[str, Callable[[], list[float]]] = {
            "scikit-learn": lambda: [average_precision_score(y, s) for s, y in columns],
            "from the table": lambda: of_table(table),
            "sorted by ourselves": lambda: [average_precision(s, y) for s, y in columns],
        }
        values: dict[str, list[float]] = {}

        def run_way(name: str) -> Callable[[], None]:
            return lambda: values.update({name: ways[name]()})

        seconds = median_seconds({name: run_way(name) for name in ways}, rounds)
    base = seconds["scikit-learn"]
    print(f"average precision of {classes} classes, {images:,} images, median of {rounds}")
    for name, found in values.items():
        difference = np.nanmax(np.abs(np.subtract(found, values["scikit-learn"])))
        if difference > TOLERANCE:
            raise click.ClickException(f"{name} differs by {difference:.2g}")
        print(f"{name:20} {seconds[name]:6.2f} s  {base / seconds[name]:5.1f} times as fast, "
              f"greatest difference {difference:.1g}")  # fmt: skip
    print(f"allowed are {SMALLEST_RATIO} times and {TOLERANCE:g}")
    if base / seconds["from the table"] < SMALLEST_RATIO:
        raise click.ClickException("the table's own order is not used as it should be")


if __name__ == "__main__":
    main()
