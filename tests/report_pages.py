"""Reports of runs, parsed, and helpers to read them."""

import math
from pathlib import Path

from lxml import html
from sample_run import Sample

from voc_model.metrics.bootstrap import Interval
from voc_web.formats import fraction_text
from voc_web.report.writing import write_report

DASH = "\N{EN DASH}"

SETTINGS = {
    "weights": "/home/somebody/standin.pth",
    "seed": 43,
    "label_smoothing": 0.1,
    "val_split": "test",
    "difficult": "positive",
}


def report_of(sample: Sample, folder: Path, *classes: str) -> html.HtmlElement:
    path = folder / "report.html"
    write_report(sample.run, path, folder / "cache", sample.voc_dir, classes)
    return html.document_fromstring(path.read_text(encoding="utf-8"))


def interval_of(interval: Interval) -> str:
    if math.isnan(interval.low):
        return DASH
    return f"{fraction_text(interval.low)}{DASH}{fraction_text(interval.high)}"


def section(page: html.HtmlElement, name: str) -> html.HtmlElement:
    (found,) = page.xpath(f"//section[@id='{name}']")
    return found
