"""CSV downloads."""

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from flask import Response

# Spreadsheets take text that starts with one of these for a formula, which can run commands.
_FORMULA = re.compile("'*[-=+@\t\r\n\uff0d\uff1d\uff0b\uff20]")  # Wide forms, too.
_PIECE_CHARACTERS = 1 << 16
_MAX_STEM = 150  # Characters of a file name: what file systems and proxies take.


def csv_response(
    filename: str,
    header: Sequence[str],
    rows: Iterable[Iterable[object]],
    *,
    streamed: bool = False,
) -> Response:
    """Returns a CSV download; undefined values are empty fields.

    Args:
        filename: under which browsers save it.
        header: the names of the columns.
        rows: their values.
        streamed: whether rows are taken one by one while the response is sent, for a file of any
            length. An error in them then breaks the connection.

    A text that a spreadsheet would take for a formula is prefixed with an apostrophe, as OWASP
    recommends, and so is one that already starts with apostrophes followed by such a text. So
    removing one apostrophe in front of a formula restores the original.
    """
    pieces = _csv_pieces(header, rows)
    response = Response(pieces if streamed else "".join(pieces), mimetype="text/csv")
    stem, dot, ending = filename.rpartition(".")
    filename = f"{stem[:_MAX_STEM]}{dot}{ending}"
    # HTTP headers are Latin-1; other characters are encoded as in RFC 8187.
    plain = filename.isascii() and filename.isprintable()
    name = {"filename": filename} if plain else {"filename*": f"UTF-8''{quote(filename, safe='')}"}
    response.headers.set("Content-Disposition", "attachment", **name)
    return response


def _csv_pieces(header: Sequence[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    for row in rows:
        writer.writerow(map(_cell, row))
        if text.tell() > _PIECE_CHARACTERS:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and _FORMULA.match(value):
        return f"'{value}"
    return "" if isinstance(value, float) and math.isnan(value) else value
