"""People."""

from random import Random
from typing import Literal

from voc_demo.figure import Figure
from voc_demo.people.front import front_person
from voc_demo.people.look import person_look
from voc_demo.people.seated import seated_person
from voc_demo.people.side import riding, side_person, sitting, standing, walking
from voc_demo.sketch import Drawing, Point

Pose = Literal["standing", "walking", "sitting", "facing", "riding", "mounted"]


def draw_person(random: Random, pose: Pose = "standing", hands: Point | None = None) -> Drawing:
    """Draws an adult or a child.

    Who sits or rides has the hips at `seat`; "sitting" is seen from the side, "facing" sits and
    looks at us, "riding" has both feet on pedals, of "mounted" what is sat on hides the far leg.
    `hands` is where riders hold on, from the hips.
    """
    f = Figure()
    rides = pose in ("riding", "mounted")
    look = person_look(random, pose not in ("standing", "walking") or random.random() < 0.78, rides)
    if pose == "standing" and random.random() < 0.7:
        front_person(f, random, look)
        return f.drawing()
    if pose in ("standing", "walking"):
        side_person(f, random, look, (standing if pose == "standing" else walking)(random))
        return f.drawing()
    if pose == "facing":
        return f.drawing(seated_person(f, random, look))
    if pose == "sitting":
        side_person(f, random, look, sitting(random))
    else:
        hold = hands or ((56, -2) if pose == "riding" else (50, -20))
        side_person(f, random, look, riding(random, pose == "riding"), hold)
    return f.drawing(seat=(0, 0))
