"""Run folder -> its report: one HTML file that needs no other, with styles and images in it."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from voc_model.files import write_text_atomically
from voc_model.progress import SILENT, Reporter
from voc_model.store.runs import RunFolder
from voc_web.formats import FILTERS, NAMES
from voc_web.report.content import make_report
from voc_web.report.contexts import ReportContext
from voc_web.run.opened_run import RunReader

_ROOT = Path(__file__).resolve().parents[2]
_STYLES = (_ROOT / "static" / "app.css", _ROOT / "templates" / "report" / "report.css")


def write_report(
    folder: RunFolder,
    path: Path,
    cache_dir: Path,
    voc_dir: Path | None = None,
    classes: Sequence[str] = (),
    report: Reporter = SILENT,
) -> None:
    """Writes the report of a run, whole or not at all; the run is only read.

    Args:
        folder: the run.
        path: the HTML file.
        cache_dir: where thumbnails are stored, and metrics that the run lacks.
        voc_dir: contains the images; defaults to the folder recorded when they were scored.
        classes: whose images are shown, see `make_report`.
        report: receives the progress.

    Raises:
        ScoreStoreError: the run has no scores, or a file of it is damaged.
        NotFoundError: there is no such class.
        OSError: the file or the cache cannot be written.
    """
    reader = RunReader(folder, voc_dir, cache_dir)
    context = make_report(reader.current(), cache_dir, classes, report)
    reader.wait_until_verified()
    reader.current()  # Fails if a large table has turned out to be damaged.
    write_text_atomically(path, render_report(context))


def render_report(context: ReportContext) -> str:
    """Returns the report as HTML."""
    styles = "".join(style.read_text(encoding="utf-8") for style in _STYLES)
    template = _environment().get_template("report/report.html")
    return template.render(page=context, styles=styles)


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
