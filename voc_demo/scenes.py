"""What is found with what: scenes of every class, with company as in VOC's photographs.

The weights and shares follow VOC 2012's counts of images: a third show people, few show cows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from voc_demo.animals.horse import draw_horse
from voc_demo.backdrops.backdrop import HEIGHT, WIDTH, Backdrop
from voc_demo.backdrops.indoor import dining_room, kitchen, living_room, office, tabletop
from voc_demo.backdrops.outdoor import (
    airfield,
    garden,
    harbour,
    meadow,
    park,
    road,
    sea,
    sky,
    station,
    street,
    yard,
)
from voc_demo.drawers import DRAWERS, draw_flying
from voc_demo.household.clutter import (
    draw_bench,
    draw_desk,
    draw_indoor_clutter,
    draw_outdoor_clutter,
)
from voc_demo.painting import Scene, Thing
from voc_demo.people.person import Pose, draw_person
from voc_demo.sketch import Drawing, Point
from voc_demo.stage import Stage

Place = Callable[[Random], Backdrop]
_INDOORS = (dining_room, kitchen, living_room, office)
_INDOORS_ONLY = ("chair", "diningtable", "pottedplant", "sofa", "tvmonitor")
_OUTDOORS_ONLY = ("bicycle", "bird", "bus", "car")


@dataclass(frozen=True)
class Recipe:
    """Scenes about one class.

    Attributes:
        main: the class that the scene is about.
        weight: how often, relative to the other recipes.
        places: backdrops, each as likely as the others.
        company: probability of other classes beside it.
        arrange: puts the main thing; the company comes after it.
    """

    main: str
    weight: float
    places: tuple[Place, ...]
    company: dict[str, float]
    arrange: Callable[[Stage, str, Random], Thing]


@dataclass(frozen=True)
class Sitter:
    """How somebody sits on a thing, if its seat is taken.

    Attributes:
        share: probability that it is.
        hands: where they hold on, relative to their hips.
    """

    share: float
    pose: Pose
    hands: Point | None = None


def compose(random: Random) -> Scene:
    """Returns a scene; the same for the same state of `random`."""
    recipe = random.choices(RECIPES, [item.weight for item in RECIPES])[0]
    place = random.choice(recipe.places)
    stage = Stage(place(random), random)
    main = recipe.arrange(stage, recipe.main, random)
    company = {name: share for name, share in recipe.company.items() if _belongs(name, place)}
    for name, share in company.items():
        if random.random() < share:
            _add_company(stage, name, place, main, random)
    if random.random() < 0.1 and main.shadow:
        _hide_one(stage, random.choice(list(company) or [recipe.main]), main, random)
    if main.shadow and place is not tabletop and random.random() < 0.45:
        draw = draw_indoor_clutter if place in _INDOORS else draw_outdoor_clutter
        stage.put(None, draw(random), random.uniform(0.5, 0.95))
    close = main.scale * main.drawing.height > 0.6 * HEIGHT
    return stage.scene(random.uniform(0.4, 2.2) if close else random.choice((0.0, 0.7, 0.7)))


def _belongs(name: str, place: Place) -> bool:
    """Tells whether a class is found at a place: no car in the kitchen, no sofa on the rails."""
    if place in _INDOORS:
        return name not in _OUTDOORS_ONLY
    return place in (garden, tabletop) or name not in _INDOORS_ONLY


def _add_company(stage: Stage, name: str, place: Place, main: Thing, random: Random) -> None:
    """Puts one thing or a few of a class beside the main one; at times far away and tiny."""
    if name == "bottle" and main.drawing.surface:
        for _ in range(random.choice((1, 1, 2, 3))):
            stage.put_upon(name, DRAWERS[name](random), main, random.random())
        return
    if name == "tvmonitor":
        _put_on_furniture(stage, name, random, random.uniform(0.6, 0.9))
        return
    if place is sky or (name == "bird" and random.random() < 0.5):
        stage.float_in_air(name, draw_flying(name, random), random.uniform(0.06, 0.3))
        return
    far = random.random() < 0.12
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        nearness = random.uniform(0.07, 0.16) if far else random.uniform(0.6, 1.1)
        stage.put(name, _draw_standing(name, random), nearness, reflected=name == "boat")


def _hide_one(stage: Stage, name: str, main: Thing, random: Random) -> None:
    if name not in ("bottle", "tvmonitor", "boat", "aeroplane"):
        stage.put_behind(name, _draw_standing(name, random), main)


def _draw_standing(name: str, random: Random) -> Drawing:
    if name == "person":
        return draw_person(random, random.choice(("standing", "standing", "walking")))
    return DRAWERS[name](random)


def _on_ground(stage: Stage, name: str, random: Random) -> Thing:
    """One thing, at times a group; from some way off to closer than the image is wide."""
    fill = random.uniform(0.55, 0.98)
    feet = random.uniform(0.8, 0.98)
    sitter = _SITTERS.get(name)
    if sitter:  # Room above it for whoever sits on it.
        fill *= 0.8
    elif random.random() < 0.15:
        fill, feet = random.uniform(1.0, 1.35), random.uniform(0.98, 1.12)
    taken = sitter is not None and random.random() < sitter.share
    drawing = draw_horse(random, taken) if name == "horse" else _draw_standing(name, random)
    main = stage.put_first(name, drawing, fill, feet)
    if sitter and taken:
        stage.seat("person", draw_person(random, sitter.pose, sitter.hands), main)
    for _ in range(_draw_count(_HERDS.get(name, 0.15), random)):
        stage.put(name, _draw_standing(name, random), random.uniform(0.45, 1.0))
    return main


def _in_air(stage: Stage, name: str, random: Random) -> Thing:
    main = stage.float_in_air(name, draw_flying(name, random), random.uniform(0.45, 0.95))
    for _ in range(_draw_count(0.3, random)):
        stage.float_in_air(name, draw_flying(name, random), random.uniform(0.12, 0.45))
    return main


def _on_water(stage: Stage, name: str, random: Random) -> Thing:
    fill, feet = random.uniform(0.5, 0.95), random.uniform(0.68, 0.9)
    main = stage.put_first(name, DRAWERS[name](random), fill, feet, reflected=True)
    for _ in range(_draw_count(0.35, random)):
        stage.put(name, DRAWERS[name](random), random.uniform(0.3, 0.7), reflected=True)
    return main


def _on_rails(stage: Stage, name: str, random: Random) -> Thing:
    return stage.put_first(name, DRAWERS[name](random), random.uniform(0.7, 1.3), 0.78)


def _on_table(stage: Stage, name: str, random: Random) -> Thing:
    """Close up, on the surface of the backdrop."""
    fill = random.uniform(0.45, 0.9)
    main = stage.put_first(name, DRAWERS[name](random), fill, random.uniform(0.82, 0.96))
    for _ in range(_draw_count(0.45 if name == "bottle" else 0.1, random)):
        stage.put(name, DRAWERS[name](random), random.uniform(0.8, 1.05))
    return main


def _on_furniture(stage: Stage, name: str, random: Random) -> Thing:
    base, thing = random.choice((draw_bench, draw_desk))(random), DRAWERS[name](random)
    scale = random.uniform(0.35, 0.7) * min(WIDTH / thing.width, HEIGHT / thing.height)
    top = random.uniform(0.06, 0.2) * HEIGHT
    # What stands on it is to be seen whole; the furniture may end below the image.
    feet = max(top + scale * (thing.height + base.height), 0.85 * HEIGHT)
    fill = scale / min(WIDTH / base.width, HEIGHT / base.height)
    below = stage.put_first(None, base, fill, feet / HEIGHT)
    return stage.put_upon(name, thing, below, random.uniform(0.3, 0.7))


def _put_on_furniture(stage: Stage, name: str, random: Random, nearness: float) -> None:
    base = stage.put(None, random.choice((draw_bench, draw_desk))(random), nearness)
    stage.put_upon(name, DRAWERS[name](random), base, random.uniform(0.3, 0.7))


def _draw_count(share: float, random: Random) -> int:
    """Returns how many more: none with probability 1 - share, else 1 to 3."""
    return random.choice((1, 1, 2, 3)) if random.random() < share else 0


# Who sits on what.
_SITTERS = {
    "bicycle": Sitter(0.5, "riding"),
    "motorbike": Sitter(0.5, "mounted", hands=(62, -10)),
    "horse": Sitter(0.5, "mounted"),
    "chair": Sitter(0.2, "sitting"),
    "sofa": Sitter(0.25, "facing"),
}

# How often there are several of the main thing.
_HERDS = {"sheep": 0.6, "cow": 0.5, "person": 0.45, "chair": 0.4, "car": 0.3, "horse": 0.25}

RECIPES: tuple[Recipe, ...] = (
    Recipe("aeroplane", 3.4, (sky,), {"bird": 0.03}, _in_air),
    Recipe("aeroplane", 2.6, (airfield,), {"person": 0.25, "car": 0.12, "bus": 0.05}, _on_ground),
    Recipe("bicycle", 4.8, (street, park, road, yard), {"person": 0.2, "car": 0.15, "dog": 0.05},
           _on_ground),
    Recipe("bird", 3.2, (sky, sea, meadow), {}, _in_air),
    Recipe("bird", 3.0, (park, garden, meadow, yard), {"person": 0.05}, _on_ground),
    Recipe("boat", 4.4, (harbour, sea), {"bird": 0.15, "boat": 0.2}, _on_water),
    Recipe("bottle", 3.8, (tabletop,), {"pottedplant": 0.06}, _on_table),
    Recipe("bus", 3.6, (street, road), {"person": 0.4, "car": 0.35, "bicycle": 0.05}, _on_ground),
    Recipe("car", 6.0, (street, road, yard),
           {"person": 0.3, "bicycle": 0.06, "dog": 0.05, "bus": 0.05}, _on_ground),
    Recipe("cat", 5.5, (living_room, kitchen, garden),
           {"person": 0.08, "sofa": 0.1, "chair": 0.1, "pottedplant": 0.06}, _on_ground),
    Recipe("cat", 2.0, (tabletop,), {"bottle": 0.08, "pottedplant": 0.1}, _on_table),
    Recipe("chair", 4.2, (office, dining_room, garden, living_room),
           {"person": 0.2, "diningtable": 0.2, "pottedplant": 0.15, "cat": 0.05,
            "tvmonitor": 0.08}, _on_ground),
    Recipe("cow", 3.0, (meadow, road), {"person": 0.1, "dog": 0.05, "bird": 0.03}, _on_ground),
    Recipe("diningtable", 4.2, (dining_room, kitchen),
           {"bottle": 0.4, "chair": 0.6, "person": 0.45, "pottedplant": 0.1}, _on_ground),
    Recipe("dog", 9.0, (park, garden, street, meadow, living_room, yard),
           {"person": 0.3, "bicycle": 0.03, "sofa": 0.04, "cat": 0.04, "car": 0.04}, _on_ground),
    Recipe("horse", 4.2, (meadow, road, park), {"person": 0.2, "dog": 0.06, "car": 0.03},
           _on_ground),
    Recipe("motorbike", 4.4, (street, road, yard), {"person": 0.2, "car": 0.2}, _on_ground),
    Recipe("person", 13.0, (street, park, garden, yard, living_room, office, station),
           {"dog": 0.08, "car": 0.05, "bicycle": 0.05, "chair": 0.05, "bird": 0.02}, _on_ground),
    Recipe("pottedplant", 1.6, (living_room, garden, office),
           {"chair": 0.2, "cat": 0.06, "person": 0.1}, _on_ground),
    Recipe("pottedplant", 1.4, (tabletop,), {"bottle": 0.15}, _on_table),
    Recipe("sheep", 3.0, (meadow,), {"person": 0.1, "dog": 0.12}, _on_ground),
    Recipe("sofa", 4.2, (living_room,),
           {"person": 0.15, "cat": 0.12, "dog": 0.1, "pottedplant": 0.2, "tvmonitor": 0.12,
            "chair": 0.1}, _on_ground),
    Recipe("train", 4.8, (station,), {"person": 0.25}, _on_rails),
    Recipe("tvmonitor", 4.0, (living_room, office),
           {"person": 0.15, "chair": 0.25, "sofa": 0.1, "pottedplant": 0.1}, _on_furniture),
)  # fmt: skip
