"""The archive of the demo data set, and small slices of it for tests."""

import zipfile
from pathlib import Path

from real_data import ROOT

ARCHIVE = ROOT / "demo" / "scenes.zip"


def write_slice(path: Path, images: int) -> Path:
    """Writes an archive with the first `images` images; the lists still name all images."""
    ids = {f"demo_{number:06d}" for number in range(1, images + 1)}
    with zipfile.ZipFile(ARCHIVE) as whole, zipfile.ZipFile(path, "w") as part:
        for name in whole.namelist():
            if Path(name).suffix not in (".jpg", ".xml") or Path(name).stem in ids:
                part.writestr(name, whole.read(name))
    return path
