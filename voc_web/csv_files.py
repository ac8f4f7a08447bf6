"""CSV downloads."""

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from flask import Response

# Spreadsheets take text that starts with one of these for a formula, which can run commands.
_FORMULA = re.compile("'*[-=+@\t\r\n\uff0d\uff1d\uff0b\uff20]")  # Wide forms, too.
_MAX_STEM = 150  # Characters of a file name: what file systems and proxies take.


def csv_response(
    filename: str, header: Sequence[str], rows: Iterable[Iterable[object]]
) -> Response:
    """Returns a CSV download; undefined values are empty fields.

    A text that a spreadsheet would take for a formula is prefixed with an apostrophe, as OWASP
    recommends, and so is one that already starts with apostrophes followed by such a text. So
    removing one apostrophe in front of a formula restores the original.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    for row in rows:
        writer.writerow(map(_cell, row))
    response = Response(text.getvalue(), mimetype="text/csv")
    stem, dot, ending = filename.rpartition(".")
    filename = f"{stem[:_MAX_STEM]}{dot}{ending}"
    # HTTP headers are Latin-1; other characters are encoded as in RFC 8187.
    plain = filename.isascii() and filename.isprintable()
    name = {"filename": filename} if plain else {"filename*": f"UTF-8''{quote(filename, safe='')}"}
    response.headers.set("Content-Disposition", "attachment", **name)
    return response


def _cell(value: object) -> object:
    if isinstance(value, str) and _FORMULA.match(value):
        return f"'{value}"
    return "" if isinstance(value, float) and math.isnan(value) else value
