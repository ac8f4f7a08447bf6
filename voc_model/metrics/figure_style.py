"""What the figures share: axes with a title and a note, and fonts that can draw any name."""

from functools import cache

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, fontManager, get_font

ORANGE, BLUE, GREY = "#b35900", "#1f5fa8", "#777777"
# Fonts with Chinese, Japanese or Korean characters, of which systems have some; the first has none.
_FONTS = (
    *("DejaVu Sans", "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans CJK KR", "Noto Sans JP"),
    *("Source Han Sans", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback"),
    *("Hiragino Sans", "PingFang SC", "Apple SD Gothic Neo", "Arial Unicode MS"),
    *("Yu Gothic", "MS Gothic", "Microsoft YaHei", "SimHei", "Malgun Gothic", "Unifont"),
)


def make_figure(title: str, note: str, size: tuple[float, float] = (8, 5.2)) -> tuple[Figure, Axes]:
    """Returns a figure of one plot.

    Args:
        title: above it.
        note: below it, in small print.
        size: width and height in inches.
    """
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontweight="bold")
    figure.supxlabel(note, fontsize=8, color="#555555", x=0.01, ha="left", wrap=True)
    set_frame(axes)
    return figure, axes


def set_frame(axes: Axes) -> None:
    """Draws a faint grid, and no frame on the top and the right."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)


@cache
def installed_fonts() -> tuple[str, ...]:
    """Returns those of _FONTS that this system has, which are tried in turn for each character."""
    installed = {font.name for font in fontManager.ttflist}
    return tuple(name for name in _FONTS if name in installed)


def drawable(text: str) -> str:
    """Returns a text with the code, such as U+72AC, of each character that no font can draw."""
    fonts = [get_font(findfont(name)) for name in installed_fonts()]
    return "".join(
        character
        if any(font.get_char_index(ord(character)) for font in fonts)
        else f"U+{ord(character):04X}"
        for character in text
    )
