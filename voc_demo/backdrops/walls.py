"""What covers the walls of a room: paint, paper, panelling, brick or tiles."""

from random import Random

from voc_demo.backdrops.room import Room
from voc_demo.sketch import clear, hsl, shade


def wall_colour(random: Random) -> str:
    """Returns a quiet colour for walls, mostly light."""
    if random.random() < 0.2:
        return hsl(
            random.choice((150, 205, 220, 12, 95)),
            random.uniform(0.1, 0.24),
            random.uniform(0.3, 0.45),
        )
    hue = random.choice((35, 42, 50, 28, 100, 150, 200, 210, 15, 340))
    return hsl(hue, random.uniform(0.05, 0.26), random.uniform(0.66, 0.86))


def decorate(room: Room, random: Random) -> None:
    """Puts paper, panelling or brick on the back wall, or leaves it painted."""
    kind = random.choice((None, None, _stripes, _ornament, _panelling, _panelling, _brick))
    if kind:
        with room.sketch.moved(room.middle, room.floor, scale=room.scale):
            kind(room, random)


def _stripes(room: Room, random: Random) -> None:
    left, right = room.span()
    wide = random.uniform(8, 24)
    tone = shade(room.wall, random.choice((-0.1, 0.14)))
    for index in range(int(left / wide / 2) - 1, int(right / wide / 2) + 1):
        start, end = max(index * 2 * wide, left), min((index * 2 + 1) * wide, right)
        if end > start:
            room.sketch.rect(start, -262, end - start, 262, clear(tone, 0.5))


def _ornament(room: Room, random: Random) -> None:
    """A paper with small leaves in rows."""
    left, right = room.span()
    step = random.uniform(30, 42)
    tone = shade(room.wall, random.choice((-0.16, 0.2)))
    parts = []
    for row in range(7):
        for column in range(int(left / step) + 1, int(right / step)):
            x, y = (column + row % 2 / 2) * step, -18 - row * step
            parts.append(
                f"M{x:.4g} {y:.4g}q-9 -9 0 -18q9 9 0 18"
                "q9 -2 11 5q-8 3 -11 -5q-9 -2 -11 5q8 3 11 -5z"
            )
    room.sketch.path("".join(parts), clear(tone, 0.45))


def _panelling(room: Room, random: Random) -> None:
    """Wood or painted panels up to the height of a chair rail."""
    left, right = room.span()
    tall = random.uniform(78, 112)
    colour = random.choice(
        ("#e0dbcf", shade(room.wall, 0.18), shade(room.wall, -0.2), "#8a6a4c", "#6d7f80")
    )
    sketch = room.sketch
    sketch.rect(left, -tall, right - left, tall, sketch.gradient(colour, shade(colour, -0.1)))
    sketch.rect(
        left, -tall - 4, right - left, 5, sketch.gradient(shade(colour, 0.25), shade(colour, -0.25))
    )
    wide = random.choice((11, 48, 62))
    for index in range(int(left / wide) - 1, int(right / wide) + 1):
        x = index * wide
        if x < left or x + wide > right:
            continue
        if wide == 11:
            sketch.rect(x, -tall + 1, 0.9, tall, shade(colour, -0.18))
        else:
            sketch.rect(
                x + 5,
                -tall + 9,
                wide - 10,
                tall - 28,
                shade(colour, -0.06),
                0,
                shade(colour, -0.2),
                1,
            )
            sketch.rect(x + 8, -tall + 12, wide - 16, tall - 34, shade(colour, 0.06))


def _brick(room: Room, random: Random) -> None:
    """Bricks, bare or whitewashed."""
    left, right = room.span()
    colour = random.choice(("#a4674d", "#b98467", "#e3ded4", "#c9c3b8", "#7e5a4b"))
    sketch = room.sketch
    joint = shade(colour, 0.24 if colour != "#e3ded4" else -0.12)
    sketch.rect(left, -262, right - left, 262, clear(colour, 0.85))
    tones = [shade(colour, amount) for amount in (-0.14, -0.07, 0.07)]
    patches: list[list[str]] = [[], [], []]
    lines = []
    for row in range(22):
        y = -12.0 * (row + 1)
        lines.append(f"M{left:.4g} {y:.4g}h{right - left:.4g}")
        for column in range(int(left / 26) - 1, int(right / 26) + 1):
            x = (column + row % 2 / 2) * 26
            if x < left or x + 26 > right:
                continue
            lines.append(f"M{x:.4g} {y:.4g}v12")
            if random.random() < 0.5:
                random.choice(patches).append(f"M{x:.4g} {y:.4g}h26v12h-26z")
    for tone, parts in zip(tones, patches, strict=True):
        sketch.path("".join(parts), tone)
    sketch.path("".join(lines), None, joint, 1.2)
