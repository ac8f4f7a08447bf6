"""Which function draws which class."""

from collections.abc import Callable
from random import Random

from voc_demo.animals.birds import draw_bird
from voc_demo.animals.cat import draw_cat
from voc_demo.animals.cow import draw_cow
from voc_demo.animals.dog import draw_dog
from voc_demo.animals.horse import draw_horse
from voc_demo.animals.sheep import draw_sheep
from voc_demo.household.bottles import draw_bottle
from voc_demo.household.chairs import draw_chair
from voc_demo.household.plants import draw_pottedplant
from voc_demo.household.screens import draw_tvmonitor
from voc_demo.household.sofas import draw_sofa
from voc_demo.household.tables import draw_diningtable
from voc_demo.people.person import draw_person
from voc_demo.sketch import Drawing
from voc_demo.vehicles.kinds import (
    draw_aeroplane,
    draw_bicycle,
    draw_boat,
    draw_bus,
    draw_car,
    draw_motorbike,
    draw_train,
)

DRAWERS: dict[str, Callable[[Random], Drawing]] = {
    "aeroplane": draw_aeroplane,
    "bicycle": draw_bicycle,
    "bird": draw_bird,
    "boat": draw_boat,
    "bottle": draw_bottle,
    "bus": draw_bus,
    "car": draw_car,
    "cat": draw_cat,
    "chair": draw_chair,
    "cow": draw_cow,
    "diningtable": draw_diningtable,
    "dog": draw_dog,
    "horse": draw_horse,
    "motorbike": draw_motorbike,
    "person": draw_person,
    "pottedplant": draw_pottedplant,
    "sheep": draw_sheep,
    "sofa": draw_sofa,
    "train": draw_train,
    "tvmonitor": draw_tvmonitor,
}


def draw_flying(name: str, random: Random) -> Drawing:
    """Draws an aeroplane or a bird in the air."""
    return (
        draw_aeroplane(random, flying=True)
        if name == "aeroplane"
        else draw_bird(random, flying=True)
    )
