"""Who may look: the names that the server answers to, and the secret that visitors show."""

import socket
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sample_run import Sample
from web_pages import client_of

from voc_model.errors import SettingsError
from voc_web.serving.access import (
    PASSWORD_VARIABLE,
    THIS_MACHINE,
    USER_VARIABLE,
    Access,
    Secret,
    decide_access,
    find_secret,
    is_loopback,
)

SECRET = Secret("a token")


def decide(host: str, *allowed: str, secret: Secret | None = None, **options: Any) -> Access:
    options = {"no_auth": False, "behind_proxy": False, **options}
    return decide_access(host, allowed, secret, **options)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "localhost:5000", "127.0.0.1", "127.0.0.1:80", "[::1]:5000"]
)
def test_this_machine_answers_to_its_own_names(host: str) -> None:
    assert THIS_MACHINE.answers_to(host)
    assert not THIS_MACHINE.secret


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:5000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "localhost@evil.example",
        "192.168.0.7:5000",
        "[::2]",
        "[::1",
        "::1",
        "",
        ":5000",
        "local host",
    ],
)
def test_this_machine_does_not_answer_to_others(client: FlaskClient, host: str) -> None:
    assert not THIS_MACHINE.answers_to(host)
    for url in ("/", "/api/v1/run", "/nothing", "/static/any/app.css"):
        response = client.get(url, headers={"Host": host})
        assert response.status_code == 400
        body = response.get_data(as_text=True)
        assert "--allowed-host NAME" in body
        assert "sample" not in body, "it does not learn what is served"


def test_allowed_hosts() -> None:
    access = decide("localhost", "Rankings.example", "bücher.example", "10.0.0.3", "fd00::3")
    for host in ("rankings.example:80", "xn--bcher-kva.example", "10.0.0.3", "[fd00::3]:5000"):
        assert access.answers_to(host), host
    assert access.answers_to("localhost")
    assert not access.answers_to("www.rankings.example")


@pytest.mark.parametrize("name", ["http://a.example", "a.example:80", "a/b", "", "a b", "a..b"])
def test_an_allowed_host_is_a_name(name: str) -> None:
    with pytest.raises(SettingsError, match="is not a host name"):
        decide("localhost", name)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.2", "::1", "[::1]"])
def test_only_this_machine_looks_without_a_secret(host: str) -> None:
    assert is_loopback(host)
    access = decide(host)
    assert access.secret is None
    assert access.answers_to(f"[{host}]" if host == "::1" else host)
    assert not access.answers_to("evil.example")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "*", "192.168.0.7", "a.example"])  # noqa: S104
def test_others_need_a_secret(host: str) -> None:
    assert not is_loopback(host)
    first, second = decide(host).secret, decide(host).secret
    assert first and second
    assert len(first.password) >= 32
    assert first != second, "a new one each time"
    assert decide(host, secret=SECRET).secret == SECRET
    assert decide(host, no_auth=True).secret is None


def test_a_proxy_brings_others() -> None:
    assert decide("localhost", behind_proxy=True).secret
    assert decide("localhost", behind_proxy=True, no_auth=True).secret is None


def test_a_secret_is_asked_for_on_this_machine_if_it_is_given() -> None:
    access = decide("localhost", secret=SECRET)
    assert access.secret == SECRET
    assert not access.answers_to("evil.example")


def test_names_without_a_secret() -> None:
    """Names of other sites are refused; an address cannot be theirs."""
    access = decide("0.0.0.0", "a.example", no_auth=True)  # noqa: S104
    machine = socket.gethostname()
    for host in ("localhost", "192.168.0.7:5000", "[fd00::3]", "a.example", f"{machine}:5000"):
        assert access.answers_to(host), host
    assert not access.answers_to("evil.example")


def test_names_with_a_secret() -> None:
    assert decide("0.0.0.0").answers_to("any.example")  # noqa: S104
    assert not decide("0.0.0.0", "a.example").answers_to("any.example")  # noqa: S104


def test_no_auth_contradicts_a_secret() -> None:
    with pytest.raises(SettingsError, match="--no-auth contradicts"):
        decide("localhost", secret=SECRET, no_auth=True)


@pytest.mark.parametrize(
    ("user", "password", "fits"),
    [
        ("anna", "pass:wörd", True),
        ("anna", "pass:wörd ", False),
        ("anna", "", False),
        ("Anna", "pass:wörd", False),
        ("", "pass:wörd", False),
        ("anna\ud800", "\ud800", False),
    ],
)
def test_user_and_password(user: str, password: str, fits: bool) -> None:
    assert Secret("pass:wörd", "anna").matches(user, password) is fits


def test_secret_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("anna:pass:wörd\nmore\n", encoding="utf-8")
    assert find_secret(None, path, {}) == Secret("pass:wörd", "anna")


@pytest.mark.parametrize("text", ["", "\n", "anna", ":password", "anna:", "anna: \n"])
def test_file_without_a_secret(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secret"
    path.write_text(text)
    with pytest.raises(SettingsError):
        find_secret(None, path, {})


def test_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="secret"):
        find_secret(None, tmp_path / "secret", {})


def test_secret_of_the_environment() -> None:
    given = {USER_VARIABLE: "anna", PASSWORD_VARIABLE: "word"}
    assert find_secret(None, None, given) == Secret("word", "anna")
    assert find_secret(None, None, {}) is None


@pytest.mark.parametrize(
    ("token", "environment", "message"),
    [
        ("", {}, "empty"),
        ("  ", {}, "empty"),
        (None, {USER_VARIABLE: "anna"}, "empty"),
        (None, {USER_VARIABLE: "anna", PASSWORD_VARIABLE: ""}, "empty"),
        (None, {PASSWORD_VARIABLE: "word"}, USER_VARIABLE),
        ("token", {USER_VARIABLE: "anna", PASSWORD_VARIABLE: "word"}, "Choose one"),
    ],
)
def test_unclear_secrets(token: str | None, environment: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        find_secret(token, None, environment)


def test_addresses_come_from_no_host(sample: Sample, tmp_path: Path) -> None:
    """Redirects and links are relative, whichever name the visitor uses."""
    client = client_of(sample, tmp_path, access=Access(hosts=None))
    other = {"base_url": "http://any.example"}
    assert client.get("/api/v1", **other).headers["Location"] == "/api/v1/"
    for url in ("/", "/classes/dog", "/api/v1/ranking?class=dog", "/api/v1/openapi.json"):
        assert "any.example" not in client.get(url, **other).get_data(as_text=True)
