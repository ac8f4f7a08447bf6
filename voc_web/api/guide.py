"""The guide to the API: an example request of every endpoint, with names of the served run."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from voc_web.run.opened_run import OpenedRun


@dataclass(frozen=True)
class ApiContext:
    """api.html"""

    document: Mapping[str, Any]  # OpenAPI
    curl: Mapping[str, str]  # example commands by path
    ranking_url: str  # of the first part of a whole ranking


def make_guide(document: Mapping[str, Any], run: OpenedRun, host_url: str) -> ApiContext:
    """Returns the context of the guide.

    Args:
        document: the OpenAPI document, see `document.make_document`.
        run: the examples use its first class, and the highest-scoring image of that class.
        host_url: the URL of this server, as in the request.
    """
    highest = run.table.class_ranking(0).slice(1, 1)[0]
    image_id = run.table.image_id(int(highest))
    names = {"class": run.table.classes[0], "image": image_id, "contains": image_id[-4:]}
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
