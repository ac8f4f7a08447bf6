"""How numbers are written on every page."""

import math
from decimal import Decimal

from flask import Flask, url_for

from voc_model.metrics.precision_recall import Definition

AP_NAMES: dict[Definition, str] = {
    "sklearn": "scikit-learn",
    "voc2010": "VOC 2010",
    "voc2007": "VOC 2007, 11 points",
}


def score_text(score: float) -> str:
    """Writes a score so that it never looks like 0 or 1 unless it is: 0.9873, 0.999998, 3.1e-07."""
    if math.isnan(score):
        return "–"  # noqa: RUF001
    if 0.0001 <= score <= 0.9999 or score in (0.0, 1.0):
        return f"{score:.4f}"
    if score < 0.0001:
        return f"{score:.1e}"
    return f"{score:.7f}".rstrip("0")


def fraction_text(value: float) -> str:
    """Writes a metric in [0, 1] with three decimals; undefined is a dash."""
    return "–" if math.isnan(value) else f"{value:.3f}"  # noqa: RUF001


def threshold_text(threshold: float) -> str:
    """Writes a threshold in full, as JavaScript does: the page's script may write it anew."""
    if 0 < threshold < 1e-6:
        digits, exponent = repr(threshold).split("e")
        return f"{digits.removesuffix('.0')}e{int(exponent)}"
    text = f"{Decimal(repr(threshold)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def count_text(value: float) -> str:
    """Writes a count with its thousands parted."""
    return f"{value:,.0f}"


def tick_text(value: float) -> str:
    """Writes the label of a tick: at most two decimals, none for nothing."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def register(app: Flask) -> None:
    """Makes the formats known to the templates."""
    app.jinja_env.filters |= {
        "score": score_text,
        "fraction": fraction_text,
        "count": count_text,
        "threshold": threshold_text,
    }
    app.jinja_env.globals |= {"AP_NAMES": AP_NAMES, "isnan": math.isnan, "url_for": url_for}
