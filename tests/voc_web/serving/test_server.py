"""The addresses that the server listens on, and how it ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from voc_model.errors import SettingsError
from voc_web.serving.server import address_of, open_sockets

ROOT = Path(__file__).resolve().parents[3]

# Serves one WSGI application: /long, /large and everything else; prints what it is doing.
PROGRAM = """
import os
import time
from voc_web.serving.server import address_of, open_sockets, serve

def tell(text):
    os.write(1, f"{text}\\n".encode())  # At once: threads would mix what print writes.

def respond(environ, start_response):
    size = 20_000_000 if environ["PATH_INFO"] == "/large" else 4
    tell("begun")
    if environ["PATH_INFO"] != "/large":
        time.sleep(600 if environ["PATH_INFO"] == "/endless" else 0.5)
    tell("ended")
    start_response("200 OK", [("Content-Length", str(size))])
    return [size * b"x"]

sockets = open_sockets("127.0.0.1", 0)
serve(respond, sockets, 2, lambda: tell(address_of(sockets, "127.0.0.1")))
tell("over")
"""
UNSHARE = ("unshare", "--pid", "--fork", "--kill-child")
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@contextmanager
def started(program: str = PROGRAM) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Yields a process that serves, and its address."""
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://(\S+)", process.stdout.readline())
        assert found
        yield process, found.group(1)
    finally:
        process.kill()
        process.communicate()


def ask(address: str, path: str) -> socket.socket:
    """Returns a connection over which a request has been sent."""
    host, port = address.split(":")
    connection = socket.create_connection((host, int(port)))
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return connection


def read_all(connection: socket.socket) -> bytes:
    received = bytearray()
    while part := connection.recv(1 << 16):
        received += part
    return bytes(received)


def read_response(connection: socket.socket) -> None:
    """Reads a short response, after which the connection stays open."""
    received = b""
    while not received.endswith(b"xxxx"):
        part = connection.recv(1000)
        assert part, received
        received += part


def next_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("number", SIGNALS)
def test_requests_in_flight_are_finished(number: signal.Signals) -> None:
    with started() as (process, address), closing(ask(address, "/long")) as connection:
        assert next_line(process) == "begun"
        process.send_signal(number)
        received = read_all(connection)
        assert received.startswith(b"HTTP/1.1 200 ")
        assert received.endswith(b"\r\n\r\nxxxx")
        assert [next_line(process), next_line(process)] == ["ended", "over"]
        assert process.wait() == 0


def test_waiting_requests_are_finished() -> None:
    """More of them than threads."""
    with started() as (process, address):
        connections = [ask(address, "/long") for _ in range(5)]
        assert next_line(process) == "begun"
        process.send_signal(signal.SIGTERM)
        for connection in connections:
            assert read_all(connection).endswith(b"xxxx")
            connection.close()
        assert process.wait() == 0


def test_large_responses_are_sent_to_the_end() -> None:
    """Not only as far as the buffers of the system reach."""
    with started() as (process, address), closing(ask(address, "/large")) as connection:
        assert [next_line(process), next_line(process)] == ["begun", "ended"]
        process.send_signal(signal.SIGTERM)
        assert len(read_all(connection).partition(b"\r\n\r\n")[2]) == 20_000_000
        assert process.wait() == 0


def waiting(seconds: float) -> str:
    """Returns the program, with another time for requests to end."""
    return f"from voc_web.serving import server\nserver._FINISH_S = {seconds}\n{PROGRAM}"


def test_an_endless_request_is_not_awaited() -> None:
    with (
        started(waiting(0.1)) as (process, address),
        closing(ask(address, "/endless")) as connection,
    ):
        assert next_line(process) == "begun"
        process.send_signal(signal.SIGTERM)
        assert next_line(process) == "over"
        assert process.wait() == 0
        assert read_all(connection) == b""


def test_a_second_signal_ends_at_once() -> None:
    with started(waiting(600)) as (process, address), closing(ask(address, "/endless")):
        assert next_line(process) == "begun"
        while process.poll() is None:  # Those that arrive at the same time count as one.
            process.send_signal(signal.SIGINT)
            time.sleep(0.05)
        assert next_line(process) == "over"


def test_idle_connections_do_not_delay_the_end() -> None:
    with started() as (process, address), closing(ask(address, "/long")) as connection:
        read_response(connection)
        process.send_signal(signal.SIGTERM)
        assert connection.recv(1000) == b"", "the server closes it"
        assert process.wait() == 0


def test_an_ignored_signal_stays_ignored() -> None:
    """As `nohup` starts it."""
    ignoring = "import signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    with started(ignoring + PROGRAM) as (process, address):
        process.send_signal(signal.SIGHUP)
        with closing(ask(address, "/long")) as connection:
            read_response(connection)


def can_unshare() -> bool:
    try:
        return subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@pytest.mark.skipif(not can_unshare(), reason="needs the right to create a PID namespace")
def test_ends_as_the_first_process_of_a_container() -> None:
    """For which the system ignores signals that it does not handle."""
    process = subprocess.Popen(
        [*UNSHARE, sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert next_line(process).startswith("http://")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGTERM)
    assert next_line(process) == "over"
    assert process.wait() == 0
    process.communicate()


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="needs IPv6")
def test_localhost_is_two_addresses() -> None:
    sockets = open_sockets("localhost", 0)
    names = [opened.getsockname()[:2] for opened in sockets]
    (_, port), _ = names
    assert port > 0
    assert names == [("127.0.0.1", port), ("::1", port)]
    assert address_of(sockets, "localhost") == f"http://localhost:{port}"
    for host in ("127.0.0.1", "::1"):
        socket.create_connection((host, port)).close()
    for opened in sockets:
        opened.close()


@pytest.mark.skipif(not has_ipv6(), reason="needs IPv6")
@pytest.mark.parametrize(
    ("taken", "named"),
    [
        (["::1"], r"at \[::1\]\."),
        (["127.0.0.1"], r"at 127\.0\.0\.1\."),
        (["127.0.0.1", "::1"], r"at 127\.0\.0\.1 and \[::1\]\."),
    ],
)
def test_message_names_the_address_that_is_taken(taken: list[str], named: str) -> None:
    others = [open_sockets(taken[0], 0)[0]]
    port = others[0].getsockname()[1]
    if len(taken) == 2:
        others += open_sockets(taken[1], port)
    with pytest.raises(SettingsError, match=rf"Port {port} is in use {named} Choose another: "):
        open_sockets("localhost", port)
    for host in {"127.0.0.1", "::1"} - set(taken):  # It is free again.
        others += open_sockets(host, port)
    for opened in others:
        opened.close()


def test_without_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    def only_ipv4(family: int, *rest: int) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(97, "Address family not supported by protocol")
        return real(family, *rest)

    real = socket.socket
    monkeypatch.setattr(socket, "socket", only_ipv4)
    sockets = open_sockets("localhost", 0)
    monkeypatch.undo()
    assert [opened.getsockname()[0] for opened in sockets] == ["127.0.0.1"]
    sockets[0].close()


@pytest.mark.parametrize("host", ["nothing.invalid", "256.1.1.1", "192.0.2.1", 300 * "a"])
def test_unavailable_host(host: str) -> None:
    with pytest.raises(SettingsError, match=host):
        open_sockets(host, 0)


@pytest.mark.parametrize("host", ["0.0.0.0", "*", ""])  # noqa: S104
def test_all_addresses(host: str) -> None:
    sockets = open_sockets(host, 0)
    port = sockets[0].getsockname()[1]
    assert {opened.getsockname()[1] for opened in sockets} == {port}
    socket.create_connection(("127.0.0.1", port)).close()
    for opened in sockets:
        opened.close()


@pytest.mark.skipif(not has_ipv6(), reason="needs IPv6")
def test_address_in_brackets() -> None:
    (opened,) = open_sockets("[::1]", 0)
    assert address_of([opened], "::1") == f"http://[::1]:{opened.getsockname()[1]}"
    opened.close()
