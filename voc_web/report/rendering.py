"""Writes a report as one HTML file that needs no other: styles and images are part of it."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from voc_model.files import write_text_atomically
from voc_web.formats import FILTERS, NAMES
from voc_web.report.contexts import ReportContext

_ROOT = Path(__file__).resolve().parents[2]
_STYLES = (_ROOT / "static" / "app.css", _ROOT / "templates" / "report" / "report.css")


def write_report(path: Path, context: ReportContext) -> None:
    """Writes the HTML file, whole or not at all."""
    template = _environment().get_template("report/report.html")
    styles = "".join(style.read_text(encoding="utf-8") for style in _STYLES)
    write_text_atomically(path, template.render(page=context, styles=styles))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS
    environment.globals |= NAMES
    return environment
