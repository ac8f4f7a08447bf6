"""Formats of all pages: numbers, and data for their scripts."""

import json
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from flask import Flask, url_for

from voc_model.metrics.precision_recall import Definition

AP_NAMES: dict[Definition, str] = {
    "sklearn": "scikit-learn",
    "voc2010": "VOC 2010",
    "voc2007": "VOC 2007, 11 points",
}


def score_text(score: float) -> str:
    """Formats a score so that only 0 and 1 look like 0 and 1: 0.9873, 0.999998, 3.1e-07."""
    if math.isnan(score):
        return "–"  # noqa: RUF001
    if 0.0001 <= score <= 0.9999 or score in (0.0, 1.0):
        return f"{score:.4f}"
    if score < 0.0001:
        return f"{score:.1e}"
    return f"{score:.7f}".rstrip("0")


def short_score_text(score: float) -> str:
    """Formats a score with two decimals so that only 0 and 1 look like 0 and 1."""
    if 0 < score < 0.005:
        return "<0.01"
    return ">0.99" if 0.995 <= score < 1 else f"{score:.2f}"


def fraction_text(value: float) -> str:
    """Formats a metric in [0, 1] with three decimals; undefined is a dash."""
    return "–" if math.isnan(value) else f"{value:.3f}"  # noqa: RUF001


def threshold_text(threshold: float) -> str:
    """Formats a threshold in full precision, exactly as the scripts of the page do."""
    if 0 < threshold < 1e-6:
        digits, exponent = repr(threshold).split("e")
        return f"{digits.removesuffix('.0')}e{int(exponent)}"
    text = f"{Decimal(repr(threshold)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def count_text(value: float) -> str:
    """Formats a count with thousands separators."""
    return f"{value:,.0f}"


def tick_text(value: float) -> str:
    """Formats a tick label with at most two decimals and no trailing zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def script_json(data: Mapping[str, Any]) -> str:
    """Returns compact JSON that cannot close the script element it is put in."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")


FILTERS: dict[str, Callable[..., str]] = {
    "score": score_text,
    "short_score": short_score_text,
    "fraction": fraction_text,
    "count": count_text,
    "threshold": threshold_text,
}
NAMES: dict[str, Any] = {"AP_NAMES": AP_NAMES, "isnan": math.isnan}


def register(app: Flask) -> None:
    """Makes the formats available to the templates."""
    app.jinja_env.filters |= FILTERS
    app.jinja_env.globals |= NAMES | {"url_for": url_for}
