"""Downloads Pascal VOC through torchvision into the layout that the other scripts read."""

from pathlib import Path
from urllib.error import URLError

import click
from torchvision.datasets import VOCDetection

from scripts.console import plain_failures
from voc_model.errors import DataError


@click.command(epilog="Example: python scripts/download_voc.py --year 2012 --out data")
@click.version_option(package_name="ranking-browser")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("data"),
    show_default=True,
    help="The folder to create VOCdevkit/VOC<year> in.",
)
@click.option(
    "--year",
    type=click.Choice(["2007", "2012"]),
    default="2012",
    show_default=True,
    help="The year of the data set.",
)
def main(out: Path, year: str) -> None:
    """Download VOC's train and val images with their annotations (2 GB for 2012).

    An archive that is already complete is not downloaded again.
    """
    voc_dir = out / "VOCdevkit" / f"VOC{year}"
    with plain_failures():
        _download(out, year)
    click.echo(f"{voc_dir} is ready. Next: make gui root_dir={voc_dir / 'JPEGImages'}/")


def _download(out: Path, year: str) -> None:
    out.mkdir(parents=True, exist_ok=True)
    try:
        VOCDetection(str(out), year=year, image_set="trainval", download=True)
    except (URLError, OSError, RuntimeError) as error:
        raise DataError(
            f"VOC {year} could not be downloaded ({error}). It needs a network that reaches the "
            "hosts that torchvision names; without one, copy a VOC folder to this machine by other "
            "means and give it: make gui root_dir=PATH/VOC2012/JPEGImages/"
        ) from error


if __name__ == "__main__":
    main()
