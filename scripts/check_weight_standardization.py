"""Compares weight-standardised networks with the plain one that they are made of."""

from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from scripts.console import ConsoleReporter, plain_failures
from voc_model.data.voc import find_voc_dir
from voc_model.errors import SettingsError, VocError
from voc_model.files import write_text_atomically
from voc_model.inference.devices import make_compute
from voc_model.model.settings import TrainSettings
from voc_model.training.conversion_check import CheckReport, check_conversions

_EXAMPLE = """\b
Example:
  python scripts/check_weight_standardization.py --root-dir VOC2012/JPEGImages/ \\
      --weights resnet18.pth
"""
_EXPLANATION = """
running_statistics (A) divides the running mean and standard deviation of each batch normalisation
by n, as the filters before it are. In training mode the batch's own statistics take their place,
which are divided by n, too: A survives, up to eps.
scale_and_shift (B) multiplies gamma by n instead. In training mode the batch's statistics cancel n
already, so gamma is wrong by the factor n: B breaks.
"""


@click.command(epilog=_EXAMPLE)
@click.version_option(package_name="ranking-browser")
@click.option(
    "--root-dir",
    "--file_path",
    "root_dir",
    required=True,
    type=click.Path(path_type=Path),
    help="VOC's JPEGImages folder, or the folder that holds it.",
)
@click.option(
    "--weights",
    metavar="FILE",
    default="imagenet",
    show_default=True,
    help="File with a state dict of torchvision's resnet18; imagenet downloads one.",
)
@click.option(
    "--images",
    type=click.IntRange(2),
    default=300,
    show_default=True,
    help="Images of the validation split to compare the networks on.",
)
@click.option("--train-split", default="train", show_default=True, help="Images to convert with.")
@click.option("--val-split", default="val", show_default=True, help="Images to compare on.")
@click.option(
    "--seed", default=42, show_default=True, help="Of the head and of the least-squares positions."
)
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda ...")
@click.option(
    "--json", "json_path", type=click.Path(path_type=Path), help="Also write the rows to this file."
)
def main(root_dir: Path, images: int, device: str, json_path: Path | None, **given: Any) -> None:
    """Check that weight standardisation keeps the pretrained network's function.

    Compares features and the logits of a random head, and prints a table: one row per conversion,
    mode and precision, with what is claimed. Exits with 1 if a claim does not hold. Takes some
    minutes on a CPU.
    """
    with plain_failures():
        voc_dir = find_voc_dir(root_dir)
        settings = _make_settings(given)
        compute = make_compute(device)
        check = check_conversions(voc_dir, settings, images, compute, ConsoleReporter())
        if json_path:
            write_text_atomically(json_path, check.model_dump_json(indent=1) + "\n")
        _print(check)
        failed = sum(not row.holds for row in check.rows)
        if failed:
            raise VocError(f"{failed} of {len(check.rows)} claims do not hold, see the table.")


def _make_settings(given: dict[str, Any]) -> TrainSettings:
    try:
        return TrainSettings.model_validate(given)
    except ValidationError as error:
        fault = error.errors()[0]
        option = "".join(f"--{name}: " for name in fault["loc"]).replace("_", "-")
        raise SettingsError(f"{option}{fault['msg']}") from None


def _print(check: CheckReport) -> None:
    images = check.rows[0].deviation.images
    click.echo(f"\nDeviation from the plain network on {images:,} images\n")
    click.echo("kind   conversion          mode        type     greatest   mean     features")
    click.echo("                                                logit      logit            claim")
    for row in check.rows:
        found = row.deviation
        click.echo(
            f"{row.kind:6} {row.conversion:19} {row.mode:11} {row.dtype:8} "
            f"{found.greatest_logit:<10.2g} {found.mean_logit:<8.2g} {found.features:<8.2g} "
            f"{'holds' if row.holds else 'FAILS'}: {row.claim}"
        )
    click.echo(_EXPLANATION)
    fits = check.least_squares
    click.echo(f"R squared of the least-squares fits to {fits.images} training images:")
    for name, value in fits.r_squared.items():
        click.echo(f"  {name:24} {value:.4f}")


if __name__ == "__main__":
    main()
