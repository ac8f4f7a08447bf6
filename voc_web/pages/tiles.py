"""The shape of the tiles of a grid: that of the data set's usual image."""

import math
from contextlib import suppress
from statistics import median

import numpy as np

from voc_model.data.image_files import read_header
from voc_model.errors import DataError, NotFoundError
from voc_web.pages.contexts import TileShape
from voc_web.run.image_facts import image_file
from voc_web.run.opened_run import OpenedRun

_SHAPES = ((16, 9), (4, 3), (1, 1), (3, 4))
_USUAL = (4, 3)  # of VOC
_MAX_READ = 25
_WIDTH = 240


def tile_shape(run: OpenedRun) -> TileShape:
    """Returns the shape closest to the median of a few images; reads up to 25 headers."""
    images = len(run.table.image_ids)
    rows = np.unique(np.linspace(0, images - 1, _MAX_READ).astype(np.intp))
    ratios = []
    for image_id in run.table.ids_of(rows):
        with suppress(DataError, NotFoundError):
            header = read_header(image_file(run, image_id))
            ratios.append(header.width / header.height)
    usual = math.log(median(ratios)) if ratios else math.log(_USUAL[0] / _USUAL[1])
    width, height = min(_SHAPES, key=lambda shape: abs(math.log(shape[0] / shape[1]) - usual))
    return TileShape(f"{width}-{height}", _WIDTH, _WIDTH * height // width, _sizes(width / height))


def _sizes(ratio: float) -> str:
    """Returns the width of thumbnails that fill a tile at the middle step of the slider.

    They fit into boxes of 4:3 (see `thumbnails`), so a higher tile needs a wider one. The widths
    are a fifth above the least of a tile: tiles stretch, and browsers prefer the smaller image if
    it is nearly large enough.
    """
    wider = max(4 / 3 / ratio, 1)
    phone, low, share, high = (wider * it for it in (44, 200, 11, 240))
    return f"min({phone:.0f}vw, clamp({low:.0f}px, {share:.1f}vw, {high:.0f}px))"
