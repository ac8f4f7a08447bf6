"""The curves that are pinned to a chart, as one parameter: `compare=dog,chair`.

The place of a name is its slot, which has a colour and a dash pattern; so a curve keeps them when
another one is unpinned: `compare=,chair`. A comma or backslash in a name is escaped by a backslash.
"""

import re
from collections.abc import Iterable

MAX_PINS = 4


def split_names(text: str) -> tuple[str, ...]:
    """Returns the name in each slot, empty for a free one, up to the last one that is taken.

    A slot with the name of an earlier one is free.
    """
    names = [""]
    for character in re.findall(r"(?s)\\.|.", text):
        if character == ",":
            names.append("")
        else:
            names[-1] += character[-1]
    names = ["" if name in names[:at] else name for at, name in enumerate(names)]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def join_names(names: Iterable[str]) -> str:
    """Returns the parameter; the reverse of split_names."""
    escaped = [re.sub(r"[\\,]", r"\\\g<0>", name) for name in names]
    while escaped and not escaped[-1]:
        escaped.pop()
    return ",".join(escaped)


def toggled(names: tuple[str, ...], name: str) -> tuple[str, ...] | None:
    """Returns the slots with a name unpinned, or pinned to the first free slot; None if none is."""
    if name in names:
        return tuple("" if other == name else other for other in names)
    slots = [*names, *[""] * (MAX_PINS - len(names))]
    if "" not in slots:
        return None
    slots[slots.index("")] = name
    return tuple(slots)
