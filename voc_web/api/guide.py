"""Examples for the page about the API: every endpoint asked for the run that is shown."""

import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from voc_web.contexts import ApiContext
from voc_web.opened_run import OpenedRun


def make_guide(document: Mapping[str, Any], run: OpenedRun, host_url: str) -> ApiContext:
    """Returns the page's context.

    Args:
        document: the OpenAPI document, see `document.make_document`.
        run: the run whose first class, and highest image of it, the examples name.
        host_url: where this server was reached.
    """
    highest = run.table.class_ranking(0).slice(1, 1)[0]
    names = {"class": run.table.classes[0], "image": run.table.image_id(int(highest))}
    base = host_url.rstrip("/") + document["servers"][0]["url"]
    curl = {}
    for path, item in document["paths"].items():
        parameters = item["get"]["parameters"]
        query = {it["name"]: names[it["name"]] for it in parameters if it["required"]}
        if any(it["name"] == "size" for it in parameters):
            query["size"] = "3"
        url = base + path + (f"?{urlencode(query)}" if query else "")
        curl[path] = f"curl {shlex.quote(url)}"
    whole = urlencode({"class": names["class"], "size": 500})
    return ApiContext(document, curl, f"{base}/ranking?{whole}")
