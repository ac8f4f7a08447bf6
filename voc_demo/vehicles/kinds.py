"""What kinds there are of each class of vehicle."""

from random import Random

from voc_demo.sketch import Drawing
from voc_demo.vehicles.aeroplanes import airliner
from voc_demo.vehicles.bicycles import bicycle
from voc_demo.vehicles.boats import rowing_boat, sailing_boat
from voc_demo.vehicles.buses import box_bus
from voc_demo.vehicles.car_corner import car_from_corner
from voc_demo.vehicles.car_ends import car_from_end
from voc_demo.vehicles.car_side import car_from_side
from voc_demo.vehicles.motor_vessels import ferry, fishing_boat, motor_boat
from voc_demo.vehicles.motorbikes import cruiser, roadster, sports_machine
from voc_demo.vehicles.rail import box_train
from voc_demo.vehicles.school_bus import school_bus
from voc_demo.vehicles.scooter import scooter
from voc_demo.vehicles.small_planes import jet_fighter, propeller_plane
from voc_demo.vehicles.steam import steam_train


def draw_aeroplane(random: Random, flying: bool = False) -> Drawing:
    """Draws an airliner, a light aeroplane or a jet fighter, in the air or on its wheels."""
    kind = random.choice((airliner, airliner, propeller_plane, jet_fighter))
    return kind(random, flying)


def draw_boat(random: Random) -> Drawing:
    """Draws a sailing, rowing, motor or fishing boat or a ferry, down to its waterline."""
    kinds = (sailing_boat, sailing_boat, rowing_boat, motor_boat, fishing_boat, ferry)
    return random.choice(kinds)(random)


def draw_bicycle(random: Random) -> Drawing:
    """Draws a bicycle from the side."""
    return bicycle(random)


def draw_motorbike(random: Random) -> Drawing:
    """Draws a sports machine, a roadster, a cruiser or a scooter from the side."""
    return random.choice((sports_machine, roadster, cruiser, scooter))(random)


def draw_car(random: Random) -> Drawing:
    """Draws a car from the side, a corner, the front or behind."""
    (view,) = random.choices((car_from_side, car_from_corner, car_from_end), (0.4, 0.35, 0.25))
    return view(random)


def draw_bus(random: Random) -> Drawing:
    """Draws a city bus, a coach, a double-decker or a school bus."""
    return school_bus(random) if random.random() < 0.2 else box_bus(random)


def draw_train(random: Random) -> Drawing:
    """Draws a diesel, electric, high-speed or steam train on its rails."""
    return steam_train(random) if random.random() < 0.2 else box_train(random)
