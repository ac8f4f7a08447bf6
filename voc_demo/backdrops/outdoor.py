"""Places outdoors: open country, water, town, tended green, and places of travel."""

from voc_demo.backdrops.airfield import airfield
from voc_demo.backdrops.greens import garden, park
from voc_demo.backdrops.nature import meadow, road, sky
from voc_demo.backdrops.station import station
from voc_demo.backdrops.town import street
from voc_demo.backdrops.water import harbour, sea
from voc_demo.backdrops.yard import yard

__all__ = [
    "airfield",
    "garden",
    "harbour",
    "meadow",
    "park",
    "road",
    "sea",
    "sky",
    "station",
    "street",
    "yard",
]
