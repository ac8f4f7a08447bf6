"""The backdrop of a scene: a place drawn in pixels, and what the composer must know of it."""

from dataclasses import dataclass

WIDTH = 500
HEIGHT = 375


@dataclass(frozen=True)
class Backdrop:
    """A place without things in it, drawn on a canvas of WIDTH x HEIGHT pixels.

    svg      elements that cover the whole canvas
    horizon  y of the eye level
    floor    y where the ground or floor begins; things stand from there down to below the edge
    light    colour of the light, with which the composer tints the scene
    front    elements in front of the things, often none
    """

    svg: str
    horizon: float
    floor: float
    light: str
    front: str = ""
