"""The OpenAPI document is valid and matches the responses; the examples of the guide work."""

import json
import re
import shlex
import subprocess
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import numpy as np
import pytest
from api_client import api_url, get_json_at
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from lxml import html
from openapi_spec_validator import OpenAPIV31SpecValidator
from sample_run import BOXED, CLASSES, CORRUPT, MALFORMED, MISSING, Sample, write_run
from web_pages import parse, texts
from werkzeug.serving import BaseWSGIServer, make_server

from voc_web import create_app
from voc_web.api.routes import endpoints
from voc_web.run.opened_run import RunReader

CLASS = {"class_": "dog"}
UNDEFINED = {"class_": "zebra"}
# Requests of every endpoint, including some with undefined values.
REQUESTS: dict[str, list[dict[str, object]]] = {
    "/run": [{}],
    "/classes": [{}],
    "/thresholds": [{}, {"thresholds": "best-f1"}, {"thresholds": "precision"}],
    "/class": [CLASS, UNDEFINED, {"class_": "dog", "threshold": 1}],
    "/ranking": [CLASS, {"class_": CLASSES[2], "from": 120, "size": 500}],
    "/ranking.csv": [CLASS],
    "/ranking/all.csv": [CLASS, {"class_": "dog", "outcome": "FN"}],
    "/strip": [CLASS, UNDEFINED, {"class_": "dog", "bins": 1}],
    "/strip.csv": [CLASS],
    "/operating-points": [CLASS, UNDEFINED],
    "/operating-points.csv": [CLASS],
    "/curves/precision-recall": [CLASS, UNDEFINED],
    "/curves/precision-recall.csv": [CLASS, UNDEFINED],
    "/curves/precision-recall/mean": [{}],
    "/curves/tail-accuracy": [CLASS, UNDEFINED, {"class_": "dog", "grid": "percentile"}],
    "/curves/tail-accuracy.csv": [CLASS, UNDEFINED],
    "/curves/tail-accuracy/mean": [{}, {"grid": "highest"}, {"grid": "percentile"}],
    "/curves/calibration": [CLASS, UNDEFINED],
    "/curves/calibration.csv": [CLASS, UNDEFINED],
    "/curves/histogram": [CLASS, UNDEFINED],
    "/curves/histogram.csv": [CLASS, UNDEFINED],
    "/images": [{"contains": "2008", "limit": 2}, {"contains": "nothing"}],
    "/image": [
        *({"image": image_id} for image_id in (MISSING, CORRUPT, MALFORMED)),
        {"image": BOXED, "class": "dog"},
    ],
    "/image.csv": [{"image": BOXED}],
}


@pytest.fixture(scope="module")
def document(client: FlaskClient) -> Any:
    return get_json_at(client, "/api/v1/openapi.json")


def validator(document: Any, response: Any, mimetype: str) -> Draft202012Validator:
    """Returns a validator of a response body against its documented schema."""
    schema = response["content"][mimetype]["schema"]
    return Draft202012Validator({**schema, "components": document["components"]})


def test_the_document_is_valid(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_document_lists_all_endpoints(client: FlaskClient, document: Any) -> None:
    served = {
        rule.rule.removeprefix("/api/v1")
        for rule in client.application.url_map.iter_rules()
        if rule.rule.startswith("/api/")
    }
    assert served - {"/", "/openapi.json"} == set(document["paths"]) == set(REQUESTS)
    assert document["servers"] == [{"url": "/api/v1"}]


def test_everything_has_a_description(document: Any) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert schema["description"], name
        for field, value in schema["properties"].items():
            assert value.get("description"), f"{name}.{field}"
    for path, item in document["paths"].items():
        assert item["get"]["summary"], path
        for parameter in item["get"]["parameters"]:
            assert parameter["description"], f"{path} {parameter['name']}"


def test_parameters_match_the_query_models(document: Any) -> None:
    by_name = {item["name"]: item for item in document["paths"]["/ranking"]["get"]["parameters"]}
    assert list(by_name) == [
        *("class", "threshold", "truth", "outcome", "with", "without", "labels", "taken_for"),
        *("others", "id", "score_from", "score_to", "from", "size", "around"),
    ]
    assert [name for name, item in by_name.items() if item["required"]] == ["class"]
    assert by_name["size"]["schema"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 500,
        "default": 50,
    }
    for endpoint in endpoints.listed():
        documented = document["paths"][endpoint.path]["get"]["parameters"]
        fields = endpoint.query.model_fields.items()
        assert {item["name"] for item in documented} == {
            field.alias or name for name, field in fields
        }


@pytest.mark.parametrize("path", REQUESTS)
def test_responses_match_their_schemas(client: FlaskClient, document: Any, path: str) -> None:
    documented = document["paths"][path]["get"]["responses"]["200"]
    for query in REQUESTS[path]:
        response = client.get(api_url(path, **query))
        assert response.status_code == 200
        assert list(documented["content"]) == [response.mimetype]
        if response.is_json:
            validator(document, documented, response.mimetype).validate(response.get_json())
        else:
            validator(document, documented, response.mimetype).validate(
                response.get_data(as_text=True)
            )


@pytest.mark.parametrize("path", [path for path in REQUESTS if not path.endswith(".csv")])
def test_schemas_are_strict(client: FlaskClient, document: Any, path: str) -> None:
    """An additional or a missing field is invalid."""
    documented = document["paths"][path]["get"]["responses"]["200"]
    fits = validator(document, documented, "application/json").is_valid
    body = client.get(api_url(path, **REQUESTS[path][0])).get_json()
    assert fits(body)
    assert not fits({**body, "more": 1})
    for name in body:
        assert not fits({key: value for key, value in body.items() if key != name}), name


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        *((path, {}, "400") for path, queries in REQUESTS.items() if queries[0]),
        *(
            (path, {"class_": "nothing"}, "404")
            for path in REQUESTS
            if "class_" in REQUESTS[path][0]
        ),
        ("/image", {"image": "nothing"}, "404"),
    ],
)
def test_errors_match_their_schemas(
    client: FlaskClient, document: Any, path: str, query: dict[str, object], status: str
) -> None:
    response = client.get(api_url(path, **query))
    assert response.status_code == int(status)
    reference = document["paths"][path]["get"]["responses"][status]["$ref"].rpartition("/")[2]
    documented = document["components"]["responses"][reference]
    validator(document, documented, response.mimetype).validate(response.get_json())
    assert response.get_json()["title"] == documented["description"]


def test_unreadable_scores_match_their_schema(
    own_client: FlaskClient, own_run: Sample, document: Any
) -> None:
    own_run.run.scores_path.unlink()
    for path, item in document["paths"].items():
        response = own_client.get(api_url(path, **REQUESTS[path][0]))
        assert response.status_code == 503
        reference = item["get"]["responses"]["503"]["$ref"].rpartition("/")[2]
        documented = document["components"]["responses"][reference]
        validator(document, documented, response.mimetype).validate(response.get_json())


# The guide ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BaseWSGIServer]:
    """A local server whose first class and image have names that need escaping."""
    folder = tmp_path_factory.mktemp("examples")
    names = ('it\'s "a/b" & 模型?', *CLASSES[1:])
    ids = [f"{image_id}'s" for image_id in sample.image_ids]
    scores, labels = np.nan_to_num(sample.scores), sample.labels
    run = write_run(folder / "run", sample.voc_dir, ids, names, scores, labels)
    server = make_server("127.0.0.1", 0, create_app(RunReader(run.run), folder / "cache"))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def examples(server: BaseWSGIServer) -> Any:
    """Returns the examples of the guide, by kind."""
    base = f"http://127.0.0.1:{server.port}"
    client = server.app.test_client()  # type: ignore[attr-defined]
    page = client.get("/api/v1/", base_url=base).get_data(as_text=True)
    found = html.document_fromstring(page)
    return {
        kind: [item.text_content() for item in found.xpath(f"//pre[@data-example='{kind}']")]
        for kind in ("curl", "python")
    }


def test_every_endpoint_has_an_example(examples: Any) -> None:
    addresses = [shlex.split(text)[1] for text in examples["curl"]]
    paths = [urlsplit(address).path.removeprefix("/api/v1") for address in addresses]
    assert paths == list(REQUESTS)


def test_curl_examples_work(examples: Any) -> None:
    """A shell passes the whole URL to curl as a single argument."""
    for text in examples["curl"]:
        script = f'curl() {{ [ $# = 1 ] && printf "%s" "$1"; }}\n{text}'
        url = subprocess.run(
            ["sh", "-c", script],  # noqa: S607 (the system's shell)
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        with urlopen(url) as response:
            body = response.read().decode()
        if urlsplit(url).path == "/api/v1/ranking":
            assert len(json.loads(body)["images"]) == 3
        elif urlsplit(url).path == "/api/v1/ranking.csv":
            assert len(body.splitlines()) == 1 + 3
        elif urlsplit(url).path.endswith(".csv"):
            assert len(body.splitlines()) > 1
        else:
            assert json.loads(body)


def test_the_python_example_reads_a_whole_ranking(examples: Any, sample: Sample) -> None:
    (program,) = examples["python"]
    known: dict[str, Any] = {}
    exec(program, known)  # noqa: S102 (the page is the project's own)
    assert [image["rank"] for image in known["images"]] == list(range(1, len(sample.image_ids) + 1))


def test_examples_use_names_of_the_run(client: FlaskClient, sample: Sample) -> None:
    page = parse(client, "/api/v1/")
    addresses = [shlex.split(text)[1] for text in texts(page, "//pre[@data-example='curl']")]
    (ranking,) = (url for url in addresses if urlsplit(url).path == "/api/v1/ranking")
    assert parse_qs(urlsplit(ranking).query) == {"class": ["dog"], "size": ["3"]}
    (image,) = (url for url in addresses if urlsplit(url).path == "/api/v1/image")
    assert parse_qs(urlsplit(image).query) == {"image": [sample.ranked_ids(0)[0]]}


def test_guide_matches_the_document(client: FlaskClient, document: Any) -> None:
    page = parse(client, "/api/v1/")
    contents = texts(page, "//table[@aria-label='Endpoints']//tr")
    assert contents == [
        f"/api/v1{path} {item['get']['summary']}" for path, item in document["paths"].items()
    ]
    sections = page.xpath("//section[h2/span = 'GET']")
    for section, (path, item) in zip(sections, document["paths"].items(), strict=True):
        assert texts(section, "h2") == [f"GET /api/v1{path}"]
        assert texts(section, "ul/li/code") == [
            parameter["name"] for parameter in item["get"]["parameters"]
        ]
    parameters = page.xpath("//section[h2[@id='ranking']]/ul/li")
    shown = {item.findtext("code"): texts(item, "span") for item in parameters}
    assert shown["class"] == ["string, required", "name of the class"]
    assert shown["size"] == ["integer, from 1 to 500, default 50", "maximum number of images"]
    assert shown["around"][0] == "integer, from 1"
    assert shown["truth"][0] == '"present" or "absent" or "difficult" or "not labelled"'


def fields_of(document: Any, name: str) -> Any:
    """Returns the documented fields of an object, each with those of nested objects."""
    found = {}
    for field, schema in document["components"]["schemas"][name]["properties"].items():
        kinds = [schema, schema.get("items", {}), *schema.get("anyOf", ())]
        inner = [kind["$ref"].rpartition("/")[2] for kind in kinds if "$ref" in kind]
        found[field] = [fields_of(document, name) for name in inner]
    return found


def fields_in(element: Any) -> Any:
    """Returns the fields in a list of the guide, each with those of nested lists."""
    return {
        item.findtext("code"): [fields_in(inner) for inner in item.findall("ul")]
        for item in element.findall("li")
    }


def test_guide_shows_all_response_fields(client: FlaskClient, document: Any) -> None:
    page = parse(client, "/api/v1/")
    for item in document["paths"].values():
        get = item["get"]
        lists = page.xpath(f"//section[h2[@id='{get['operationId']}']]/details/ul")
        content = get["responses"]["200"]["content"].get("application/json")
        names = [content["schema"]["$ref"].rpartition("/")[2]] if content else []
        assert [fields_in(it) for it in lists] == [fields_of(document, name) for name in names]
    (problem,) = page.xpath("//section[h2='Errors']/details/ul")
    assert fields_in(problem) == fields_of(document, "Problem")


def test_links_of_the_guide_work(client: FlaskClient) -> None:
    page = parse(client, "/api/v1/")
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    links = page.xpath("//a/@href")
    assert len(links) > 20
    for link in links:
        if link.startswith("#"):
            assert link[1:] in ids
        else:
            assert client.get(link).status_code == 200, link


def test_guide_loads_nothing_from_other_hosts(client: FlaskClient) -> None:
    response = client.get("/api/v1/", base_url="http://localhost:8000")
    body = response.get_data(as_text=True)
    hosts = set(re.findall(r"(?:https?:)?//([\w.:-]+)", body))
    assert hosts == {"localhost:8000"}, "only in the examples"
    page = parse(client, "/api/v1/")
    for address in page.xpath("//@src | //link[@rel!='expect']/@href"):
        assert address.startswith("/static/")


@pytest.mark.parametrize(
    "url", ["/", "/classes/dog", f"/images/{BOXED}", "/tail-accuracy", "/nothing", "/api/v1/"]
)
def test_every_page_links_to_the_guide(client: FlaskClient, url: str) -> None:
    page = html.document_fromstring(client.get(url).get_data(as_text=True))
    assert page.xpath("//footer//a/@href") == ["/api/v1/"]


def test_error_page_links_to_the_guide(own_client: FlaskClient, own_run: Sample) -> None:
    own_run.run.scores_path.unlink()
    assert "/api/v1/" in own_client.get("/").get_data(as_text=True)


def test_urls_below_a_prefix(client: FlaskClient) -> None:
    """URLs include a prefix added by a proxy."""
    below = {"SCRIPT_NAME": "/voc"}
    document = client.get("/api/v1/openapi.json", environ_overrides=below).get_json()
    assert document["servers"] == [{"url": "/voc/api/v1"}]
    slice_ = client.get("/api/v1/ranking?class=dog", environ_overrides=below).get_json()
    assert slice_["next"].startswith("/voc/api/v1/ranking?")
    page = client.get("/api/v1/", environ_overrides=below).get_data(as_text=True)
    assert "curl http://localhost/voc/api/v1/run<" in page


def test_responses_are_compressed(client: FlaskClient) -> None:
    for url in ("/api/v1/openapi.json", "/api/v1/ranking?class=dog&size=500", "/api/v1/"):
        plain = client.get(url, headers={"Accept-Encoding": "identity"})
        packed = client.get(url, headers={"Accept-Encoding": "gzip"})
        assert packed.headers.get("Content-Encoding") == "gzip"
        assert len(packed.data) < len(plain.data) / 2


def test_redirect_without_trailing_slash(client: FlaskClient) -> None:
    response = client.get("/api/v1")
    assert response.status_code == 308
    assert response.headers["Location"] == "/api/v1/"
