"""`python app.py` from the command line."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

import pytest
from PIL import Image
from sample_run import BOXED, Sample

from voc_model.store.thumbnails import data_key

ROOT = Path(__file__).resolve().parents[3]


def command(*arguments: object) -> list[str]:
    return [sys.executable, str(ROOT / "app.py"), *map(str, arguments)]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs a command that exits by itself."""
    return subprocess.run(command(*arguments), capture_output=True, text=True, check=False)


@contextmanager
def serving(*arguments: object) -> Iterator[tuple[str, int]]:
    """Yields the URL that the server prints, and its process id."""
    process = subprocess.Popen(
        command(*arguments, "--port", 0), stdout=subprocess.PIPE, text=True, bufsize=1
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line
        yield found.group(), process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        if process.stdout:
            process.stdout.close()


def connect(address: str) -> socket.socket:
    """Returns a connection to a server that printed its URL."""
    host, port = address.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)))


def at(sample: Sample, tmp_path: Path) -> tuple[object, ...]:
    return ("--runs-dir", sample.run.path.parent, "--cache-dir", tmp_path / "cache")


def test_help() -> None:
    result = run("--help")
    assert result.returncode == 0
    for option in ("--root-dir", "--file_path", "--run", "--host", "--port", "--debug"):
        assert option in result.stdout
    assert "5000" in result.stdout
    assert "127.0.0.1" in result.stdout


@pytest.mark.parametrize("option", ["--root-dir", "--file_path"])
@pytest.mark.parametrize("form", ["JPEGImages", "JPEGImages/", ""])
def test_serves_the_newest_scores_of_a_folder(
    sample: Sample, tmp_path: Path, option: str, form: str
) -> None:
    folder = f"{sample.voc_dir}/{form}"
    with serving(*at(sample, tmp_path), option, folder) as (address, pid):
        page = urlopen(address).read().decode()
        assert "run sample" in page
        src = re.search(r'<img src="([^"]+)"', page)
        assert src
        assert urlopen(address + src.group(1)).read(4) == b"RIFF"  # magic bytes of WebP
        if Path("/proc/self/maps").exists():
            assert "torch" not in Path(f"/proc/{pid}/maps").read_text()


def test_slow_client_gets_complete_responses(sample: Sample, tmp_path: Path) -> None:
    images = tmp_path / "VOC" / "JPEGImages"
    images.mkdir(parents=True)
    noise = Image.frombytes("RGB", (1000, 700), os.urandom(2_100_000))
    noise.save(images / f"{BOXED}.jpg", "BMP")
    with serving(*at(sample, tmp_path), "--run", "sample", "--root-dir", images) as (address, _):
        connection = HTTPConnection(address.removeprefix("http://"))
        connection.request("GET", f"/files/{data_key(images.parent)}/originals/{BOXED}")
        response = connection.getresponse()
        begun = response.read(1000)
        time.sleep(0.3)  # The server fills the socket buffer and has to wait.
        whole = begun + response.read()
        assert len(whole) == int(response.headers["Content-Length"]) > 2_000_000
        assert whole == (images / f"{BOXED}.jpg").read_bytes()
        connection.request("GET", "/")
        assert b"run sample" in connection.getresponse().read()
        connection.close()


def test_warnings_of_pillow_are_not_printed(
    own_images: Sample, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """They name a line of Pillow's code, but not the file."""
    path = own_images.voc_dir / "JPEGImages" / f"{BOXED}.jpg"
    with Image.open(path) as image:
        palette = image.convert("P")
    palette.save(path, "PNG", transparency=bytes([0, 128, 255]))
    with Image.open(path) as image, pytest.warns(UserWarning, match="Transparency"):
        image.convert("RGB")
    root_dir = own_images.voc_dir / "JPEGImages"
    with serving(*at(own_images, tmp_path), "--root-dir", root_dir, "--run", "sample") as (url, _):
        thumbnail = f"{url}/files/{data_key(own_images.voc_dir)}/240/{BOXED}"
        with urlopen(thumbnail) as response:
            assert response.headers["Content-Type"] == "image/webp"
    assert "PIL" not in capfd.readouterr().err


def test_many_connections(sample: Sample, tmp_path: Path) -> None:
    with serving(*at(sample, tmp_path), "--run", "sample") as (address, _):
        connections = [HTTPConnection(address.removeprefix("http://")) for _ in range(40)]
        for path in ("/", "/static/any/app.css", "/"):
            for connection in connections:
                connection.request("GET", path)
            bodies = {connection.getresponse().read() for connection in connections}
            assert len(bodies) == 1
        for connection in connections:
            connection.close()


def test_silent_connections_do_not_block_others(sample: Sample, tmp_path: Path) -> None:
    with serving(*at(sample, tmp_path), "--run", "sample") as (address, _):
        silent = [connect(address) for _ in range(300)]
        assert urlopen(address).status == 200
        for connection in silent:  # All are still open.
            connection.setblocking(False)
            with pytest.raises(BlockingIOError):
                connection.recv(1)
            connection.close()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_request_bodies_are_not_awaited(sample: Sample, tmp_path: Path, method: str) -> None:
    with serving(*at(sample, tmp_path), "--run", "sample") as (address, _):
        with connect(address) as connection:
            head = (
                f"{method} /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n"
            )
            connection.sendall(f"{head}\r\n".encode())
            assert connection.recv(100).startswith(b"HTTP/1.1 413 ")
        assert urlopen(address).status == 200


def test_chunked_bodies_are_not_awaited(sample: Sample, tmp_path: Path) -> None:
    head = b"POST /nothing HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    with serving(*at(sample, tmp_path), "--run", "sample") as (address, _):
        with connect(address) as connection:
            connection.sendall(head)
            chunk = b"8000\r\n" + 0x8000 * b"x" + b"\r\n"
            with suppress(ConnectionError):  # The server closes it without reading on.
                for _ in range(200):
                    connection.sendall(chunk)
            with suppress(ConnectionError):
                assert connection.recv(100)[:13] in (b"", b"HTTP/1.1 413 ")
        assert urlopen(address).status == 200


def test_header_size_limit(sample: Sample, tmp_path: Path) -> None:
    with serving(*at(sample, tmp_path), "--run", "sample") as (address, _):
        for size, taken in ((30_000, True), (100_000, False)):
            with connect(address) as connection:
                connection.sendall(
                    b"GET / HTTP/1.1\r\nHost: localhost\r\nLong: " + size * b"x" + b"\r\n\r\n"
                )
                try:
                    response = connection.recv(100)
                except ConnectionResetError:  # The response can be lost while still sending.
                    response = b""
                assert response.startswith(b"HTTP/1.1 200 ") is taken


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stops_on_a_signal(sample: Sample, tmp_path: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        command(*at(sample, tmp_path), "--run", "sample", "--port", 0),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    process.send_signal(number)
    _, errors = process.communicate()
    assert process.returncode == 0
    assert "Traceback" not in errors


def test_no_scores_yet(sample: Sample, tmp_path: Path) -> None:
    result = run("--runs-dir", tmp_path / "none", "--root-dir", sample.voc_dir)
    assert result.returncode == 1
    images = sample.voc_dir / "JPEGImages"
    assert f"scripts/precompute_scores.py --root-dir {images}" in result.stderr
    assert f"make gui root_dir={images}" in result.stderr
    assert "Traceback" not in result.stderr


def test_scores_of_other_folders_are_not_served(sample: Sample, tmp_path: Path) -> None:
    (tmp_path / "JPEGImages").mkdir()
    result = run(*at(sample, tmp_path), "--root-dir", tmp_path)
    assert result.returncode == 1
    assert "no scores" in result.stderr


def test_unknown_run(sample: Sample, tmp_path: Path) -> None:
    result = run(*at(sample, tmp_path), "--run", "nothing")
    assert result.returncode == 1
    assert "nothing: no such run" in result.stderr
    assert "sample" in result.stderr, "those there are"


@pytest.mark.parametrize("kind", ["missing", "without JPEGImages", "a file"])
def test_invalid_folder(sample: Sample, tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "VOC"
    if kind == "without JPEGImages":
        folder.mkdir()
    elif kind == "a file":
        folder.write_text("")
    result = run(*at(sample, tmp_path), "--root-dir", folder)
    assert result.returncode == 1
    assert str(folder) in result.stderr
    assert "JPEGImages" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("highest", [False, True])
def test_port_in_use(sample: Sample, tmp_path: Path, highest: bool) -> None:
    with socket.socket() as taken:
        try:
            taken.bind(("127.0.0.1", 65535 if highest else 0))
        except OSError:
            pytest.skip("port 65535 is in use here")
        taken.listen()
        port = taken.getsockname()[1]
        result = run(*at(sample, tmp_path), "--run", "sample", "--port", port)
    assert result.returncode == 1
    other = port - 1 if port == 65535 else port + 1
    assert f"Port {port} is in use at 127.0.0.1." in result.stderr
    assert f"--port {other}" in result.stderr
    assert f"make gui port={other}" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--port", "65536"), "65536"),
        (("--port", "x"), "--port"),
        (("--threads", "0"), "--threads"),
        (("--unknown",), "--unknown"),
    ],
)
def test_invalid_options(arguments: tuple[str, ...], named: str) -> None:
    result = run(*arguments)
    assert result.returncode == 2
    assert named in result.stderr


def test_unavailable_host(sample: Sample, tmp_path: Path) -> None:
    result = run(*at(sample, tmp_path), "--run", "sample", "--host", "nothing.invalid")
    assert result.returncode == 1
    assert "nothing.invalid" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("host", ["localhost", "0.0.0.0", "*"])  # noqa: S104
def test_hosts_with_one_or_several_addresses(sample: Sample, tmp_path: Path, host: str) -> None:
    arguments = (*at(sample, tmp_path), "--run", "sample", "--host", host, "--no-auth")
    with serving(*arguments) as (address, _):
        port = re.search(r":(\d+)$", address)
        assert port
        assert urlopen(f"http://127.0.0.1:{port.group(1)}/").status == 200


def test_damaged_scores_are_reported(own_run: Sample, tmp_path: Path) -> None:
    own_run.run.scores_path.write_bytes(b"damaged")
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command("--run", own_run.run.path, "--cache-dir", tmp_path / "cache", "--port", 0),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    assert "http://" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()
    assert "damaged" in errors
    assert "precompute_scores.py" in errors


def get(url: str, **headers: str) -> tuple[int, str]:
    """Returns status and text; cookies are kept over redirects only."""
    opener = build_opener(HTTPCookieProcessor())
    try:
        with opener.open(Request(url, headers=headers)) as response:
            return response.status, response.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_other_addresses_ask_for_the_printed_token(sample: Sample, tmp_path: Path) -> None:
    arguments = (*at(sample, tmp_path), "--run", "sample", "--host", "0.0.0.0")  # noqa: S104
    with serving(*arguments) as (link, _):
        address, _, token = link.partition("/?token=")
        assert len(token) >= 32
        status, page = get(address)
        assert status == 401
        assert "run sample" not in page
        status, page = get(link)
        assert status == 200
        assert "run sample" in page
        assert get(f"{address}/api/v1/run")[0] == 401
        assert get(f"{address}/api/v1/run", Authorization=f"Bearer {token}")[0] == 200


def test_no_auth_is_warned_of(sample: Sample, tmp_path: Path) -> None:
    options = ("--run", "sample", "--port", 0, "--no-auth")
    for more, warned in ((), False), (("--host", "0.0.0.0"), True):  # noqa: S104
        process = subprocess.Popen(
            command(*at(sample, tmp_path), *options, *more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert "http://" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate()
        assert ("lets everybody in" in errors) is warned


def test_a_given_secret_is_not_printed(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANKING_BROWSER_TOKEN", "of-the-environment")
    with serving(*at(sample, tmp_path), "--run", "sample") as (address, _):
        assert "token" not in address
        assert get(address)[0] == 401
        assert get(f"{address}/?token=of-the-environment")[0] == 200


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--no-auth", "--token", "x"), "--no-auth contradicts"),
        (("--allowed-host", "http://a.example"), "is not a host name"),
        (("--debug", "--host", "0.0.0.0", "--no-auth"), "--debug"),  # noqa: S104
    ],
)
def test_access_that_makes_no_sense(
    sample: Sample, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    result = run(*at(sample, tmp_path), "--run", "sample", *arguments)
    assert result.returncode == 1
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_behind_a_proxy(sample: Sample, tmp_path: Path) -> None:
    arguments = (*at(sample, tmp_path), "--run", "sample", "--proxies", "1", "--no-auth")
    forwarded = {
        "X-Forwarded-Host": "rankings.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/voc",
    }
    with serving(*arguments, "--allowed-host", "rankings.example") as (address, _):
        status, page = get(f"{address}/api/v1/", **forwarded)
        assert status == 200
        assert "curl https://rankings.example/voc/api/v1/run<" in page
        assert get(address, **{**forwarded, "X-Forwarded-Host": "evil.example"})[0] == 400
    with serving(*at(sample, tmp_path), "--run", "sample") as (address, _):
        status, page = get(f"{address}/api/v1/", **forwarded)
        assert status == 200
        assert "rankings.example" not in page, "not without the option"
