"""CSV downloads."""

import csv
import io
import math
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from flask import Response


def csv_response(
    filename: str, header: Sequence[str], rows: Iterable[Iterable[object]]
) -> Response:
    """Returns a CSV download; undefined values are empty fields."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    for row in rows:
        writer.writerow(
            "" if isinstance(value, float) and math.isnan(value) else value for value in row
        )
    response = Response(text.getvalue(), mimetype="text/csv")
    # HTTP headers are Latin-1; other characters are encoded as in RFC 8187.
    plain = filename.isascii() and filename.isprintable()
    name = {"filename": filename} if plain else {"filename*": f"UTF-8''{quote(filename, safe='')}"}
    response.headers.set("Content-Disposition", "attachment", **name)
    return response
