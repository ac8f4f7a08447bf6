"""Signing in and out: by link, by form, and with every request of a program."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from lxml import html
from sample_run import Sample
from web_pages import client_of, parse, text_of
from werkzeug.test import TestResponse

from voc_model.store.thumbnails import data_key
from voc_web.serving import sign_in
from voc_web.serving.access import Access, Secret
from voc_web.serving.sign_in import FailureLimit

TOKEN = "token-of-the-tests"
DATA = ("/api/v1/run", "/api/v1/ranking?class=dog", "/average-precision.csv")


@pytest.fixture
def guarded(sample: Sample, tmp_path: Path) -> FlaskClient:
    """A server that asks for the token."""
    return client_of(sample, tmp_path / "cache", access=Access(secret=Secret(TOKEN)))


@pytest.fixture
def with_password(sample: Sample, tmp_path: Path) -> FlaskClient:
    """A server that asks for user and password."""
    return client_of(sample, tmp_path / "cache", access=Access(secret=Secret("word", "anna")))


def image_url(sample: Sample) -> str:
    return f"/files/{data_key(sample.voc_dir)}/originals/2008_000001"


def is_asked(response: TestResponse) -> bool:
    """Returns whether the visitor is asked for the secret, and learns nothing about the run."""
    body = response.get_data(as_text=True)
    assert "sample" not in body
    assert "VOC2008" not in body
    return response.status_code == 401


def test_strangers_see_nothing(guarded: FlaskClient, sample: Sample) -> None:
    urls = ("/", "/classes/dog", "/nothing", "/sign-out", "/images/2008_000001", image_url(sample))
    for url in (*urls, *DATA, "/api/v1/", "/api/v1/openapi.json", "/api/v1/nothing"):
        for ask in (guarded.get, guarded.head, guarded.post, guarded.options):
            assert is_asked(ask(url)), url
    assert guarded.get("/static/any/app.css").status_code == 200, "the form needs it"


def test_link_with_the_token(guarded: FlaskClient, sample: Sample) -> None:
    response = guarded.get(f"/classes/dog?threshold=0.7&token={TOKEN}&with=person")
    assert response.status_code == 303
    assert response.headers["Location"] == "/classes/dog?threshold=0.7&with=person"
    for url in ("/", response.headers["Location"], *DATA, image_url(sample)):
        assert guarded.get(url).status_code == 200, url
    again = guarded.get("/classes/dog?token=old")
    assert (again.status_code, again.headers["Location"]) == (302, "/classes/dog"), "signed in"


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("//evil.example/", "/evil.example/"),
        ("/\\evil.example", "/%5Cevil.example"),
        ("/images/a b?#", "/images/a%20b%3F%23"),
        ("/images/a\r\nX: y", "/images/a%0D%0AX%3A%20y"),
    ],
)
def test_no_link_leads_elsewhere(guarded: FlaskClient, path: str, wanted: str) -> None:
    response = guarded.get(f"/?token={TOKEN}", environ_overrides={"PATH_INFO": path})
    assert response.status_code == 303
    assert response.headers["Location"] == wanted


def test_no_header_is_too_long(guarded: FlaskClient) -> None:
    for url in (f"/?a={'b' * 50_000}&", f"/{'b' * 50_000}?"):
        response = guarded.get(f"{url}token={TOKEN}")
        assert response.status_code in (302, 303)
        assert len(response.headers["Location"]) < 10_000


def test_form(guarded: FlaskClient) -> None:
    url = "/classes/dog?threshold=0.7"
    page = html.document_fromstring(guarded.get(url).get_data(as_text=True))
    (form,) = page.xpath("//main//form")
    assert (form.get("method"), form.get("action")) == ("post", None), "to the page's own address"
    assert form.xpath(".//input/@name") == ["password"]
    wrong = guarded.post(url, data={"password": "wrong"})
    assert is_asked(wrong)
    assert "Wrong token" in text_of(html.document_fromstring(wrong.get_data(as_text=True)))
    right = guarded.post(url, data={"password": TOKEN})
    assert (right.status_code, right.headers["Location"]) == (303, url)
    assert guarded.get(url).status_code == 200


def test_form_after_an_old_link(guarded: FlaskClient) -> None:
    assert is_asked(guarded.get("/?token=old"))
    assert guarded.post("/?token=old", data={"password": TOKEN}).headers["Location"] == "/"


def test_form_with_user_and_password(with_password: FlaskClient) -> None:
    page = html.document_fromstring(with_password.get("/").get_data(as_text=True))
    assert page.xpath("//main//form//input/@name") == ["user", "password"]
    for user, password in (("anna", "wrong"), ("otto", "word"), ("", "word")):
        assert is_asked(with_password.post("/", data={"user": user, "password": password}))
    assert is_asked(with_password.get("/?token=word"))
    given = {"user": "anna", "password": "word"}
    assert with_password.post("/", data=given).status_code == 303
    assert with_password.get("/").status_code == 200


def test_programs_send_the_token(guarded: FlaskClient) -> None:
    for url in DATA:
        assert guarded.get(url, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
        wrong = guarded.get(url, headers={"Authorization": "Bearer wrong"})
        assert is_asked(wrong)
        assert wrong.headers["WWW-Authenticate"].lower().startswith("bearer")
        assert is_asked(guarded.get(url)), "no cookie is set"
    body = guarded.get("/api/v1/run").get_json()
    assert body["status"] == 401
    assert "Authorization: Bearer TOKEN" in body["detail"]


def test_programs_send_user_and_password(with_password: FlaskClient) -> None:
    assert with_password.get("/api/v1/run", auth=("anna", "word")).status_code == 200
    assert is_asked(with_password.get("/api/v1/run", auth=("anna", "wrong")))
    assert is_asked(with_password.get("/api/v1/run", headers={"Authorization": "Bearer word"}))


def test_passwords_for_a_proxy_are_not_ours(guarded: FlaskClient) -> None:
    """A proxy that asks for a password may pass it on with every request."""
    for _ in range(20):
        assert is_asked(guarded.get("/", auth=("anna", "of the proxy")))
    assert guarded.get(f"/?token={TOKEN}", auth=("anna", "of the proxy")).status_code == 303
    assert guarded.get("/", auth=("anna", "of the proxy")).status_code == 200


def test_cookie(guarded: FlaskClient) -> None:
    cookie = guarded.get(f"/?token={TOKEN}").headers["Set-Cookie"]
    name, *flags = cookie.split("; ")
    assert name.startswith("ranking_browser_80=")
    assert TOKEN not in cookie
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} == set(flags), "of this browser session"
    secure = guarded.get(f"/?token={TOKEN}", base_url="https://localhost").headers["Set-Cookie"]
    assert "Secure" in secure.split("; ")


def test_forged_and_foreign_cookies(guarded: FlaskClient, sample: Sample, tmp_path: Path) -> None:
    other = client_of(sample, tmp_path / "cache", access=Access(secret=Secret(TOKEN)))
    name, value = other.get(f"/?token={TOKEN}").headers["Set-Cookie"].split(";")[0].split("=", 1)
    for forged in (value, value[:-1], "eyJzaWduZWRfaW4iOnRydWV9", ""):
        guarded.set_cookie(name, forged)
        assert is_asked(guarded.get("/"))


def test_sign_out(guarded: FlaskClient) -> None:
    cookie = guarded.get(f"/?token={TOKEN}").headers["Set-Cookie"].split(";")[0]
    (form,) = parse(guarded, "/").xpath("//header//form")
    assert form.get("method") == "post"
    assert guarded.get(form.get("action")).status_code == 405, "no link can do it"
    response = guarded.post(form.get("action"))
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    assert is_asked(guarded.get("/"))
    kept = guarded.application.test_client(use_cookies=False)
    assert is_asked(kept.get("/", headers={"Cookie": cookie})), "a copy is worth nothing"


def test_signing_out_concerns_one_browser(guarded: FlaskClient) -> None:
    other = guarded.application.test_client()
    for client in (guarded, other):
        assert client.get(f"/?token={TOKEN}").status_code == 303
    guarded.post("/sign-out")
    assert is_asked(guarded.get("/"))
    assert other.get("/").status_code == 200


def test_memory_of_visitors_is_bounded(
    guarded: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "_MAX_VISITORS", 2)
    clients = [guarded.application.test_client() for _ in range(3)]
    for client in clients:
        client.get(f"/?token={TOKEN}")
    assert [client.get("/").status_code for client in clients] == [401, 200, 200]


def test_no_sign_out_without_a_secret(client: FlaskClient) -> None:
    assert parse(client, "/").xpath("//header//form") == []
    assert client.post("/sign-out").status_code == 404
    assert "Set-Cookie" not in client.get("/").headers


def test_no_shared_cache_keeps_responses(guarded: FlaskClient, sample: Sample) -> None:
    guarded.get(f"/?token={TOKEN}")
    for url in ("/", image_url(sample), *DATA):
        control = guarded.get(url).cache_control
        assert control.private
        assert not control.public
    assert not guarded.get("/static/any/app.css").cache_control.private


def test_failed_attempts_are_limited(guarded: FlaskClient) -> None:
    stranger = {"environ_base": {"REMOTE_ADDR": "192.0.2.1"}}
    for _ in range(10):
        assert is_asked(guarded.get("/?token=wrong", **stranger))
    for url in (f"/?token={TOKEN}", f"/api/v1/run?token={TOKEN}"):
        response = guarded.get(url, **stranger)
        assert response.status_code == 429
        assert 0 < int(response.headers["Retry-After"]) <= 61
        assert "sample" not in response.get_data(as_text=True)
    header = {"Authorization": f"Bearer {TOKEN}"}
    assert guarded.get("/", headers=header, **stranger).status_code == 429
    assert is_asked(guarded.get("/", **stranger)), "the form is still there"
    other = {"environ_base": {"REMOTE_ADDR": "192.0.2.2"}}
    assert guarded.get(f"/?token={TOKEN}", **other).status_code == 303, "others may try"
    assert guarded.get("/", **stranger).status_code == 200, "and who is signed in may look"


def test_neighbouring_addresses_count_as_one(guarded: FlaskClient) -> None:
    for number in range(10):
        guarded.get("/?token=x", environ_base={"REMOTE_ADDR": f"2001:db8::{number:x}"})
    for address, status in (("2001:db8::ffff", 429), ("2001:db8:0:1::", 303)):
        response = guarded.get(f"/?token={TOKEN}", environ_base={"REMOTE_ADDR": address})
        assert response.status_code == status


def test_failure_limit() -> None:
    now = [0.0]
    limit = FailureLimit(lambda: now[0])
    for second in range(10):
        assert limit.wait_s("a") == 0
        now[0] = second
        limit.note("a")
    assert limit.wait_s("a") == 52
    assert limit.wait_s("b") == 0
    now[0] = 60.5
    assert limit.wait_s("a") == 0, "the first is a minute ago"
    limit.note("a")
    assert limit.wait_s("a") == 1, "one more minute after the second"
    for number in range(10_000):
        limit.note(str(number))
    assert limit.wait_s("a") == 0, "memory is bounded"


def test_behind_a_proxy_with_a_prefix(sample: Sample, tmp_path: Path) -> None:
    access = Access(hosts=frozenset({"rankings.example"}), secret=Secret(TOKEN))
    guarded = client_of(sample, tmp_path / "cache", access=access, proxies=1)
    client = guarded.application.test_client(use_cookies=False)
    headers = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Host": "rankings.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/voc",
    }
    response = client.get(f"/classes/dog?token={TOKEN}", headers=headers)
    assert response.headers["Location"] == "/voc/classes/dog"
    flags = response.headers["Set-Cookie"].split("; ")
    assert {"Path=/voc", "Secure"} < set(flags)
    assert client.get("/api/v1", headers={**headers, "Authorization": f"Bearer {TOKEN}"}).headers[
        "Location"
    ] == ("/voc/api/v1/")
    cookie = {"Cookie": flags[0]}
    page = html.document_fromstring(
        client.get("/", headers=headers | cookie).get_data(as_text=True)
    )
    links = page.xpath("//a/@href | //link/@href | //script/@src | //img/@src | //form/@action")
    assert len(links) > 20
    for link in links:
        assert link.startswith(("/voc/", "#")), link
    other = {**headers, "X-Forwarded-Host": "evil.example"}
    assert client.get("/", headers=other | cookie).status_code == 400


def test_headers_of_proxies_are_not_believed_without_one(client: FlaskClient) -> None:
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "//evil.example"}
    body = client.get("/", headers=headers).get_data(as_text=True)
    assert "evil.example" not in body
    location = client.get("/api/v1", headers=headers).headers["Location"]
    assert not urlsplit(location).netloc
