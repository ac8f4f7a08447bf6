"""WSGI servers with silent and slow clients, excessive requests, and at shutdown.

A client requests a page while 300 other connections send nothing, or one byte of a header per
second. Headers of growing length are sent, and a body of 100 MB is announced but never sent. A
server receives SIGTERM while it handles a request that takes a second: is the response complete,
and does the server exit? The same again as process 1, as in a container, where the kernel ignores
signals that the process does not handle.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
from served import is_running, make_run
from servers import OURS, Server, ask, commands, family, free_port, get, started, write_module

PAGE = "/classes/person"
HEADERS_KB = (8, 32, 128, 512)
BODY_MB = 100
ANSWERED_WITHIN_S = 3  # A server that has not responded by then is waiting for the body.
SIGNAL_AFTER_S = 0.5  # In the middle of the request, which takes a second.
ENDED_WITHIN_S = 10
UNSHARE = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
FAILURES = ("over", "cut off", "does not exit")


@contextmanager
def held_open(port: int, connections: int, slow: bool) -> Iterator[None]:
    """Opens connections that send nothing, or (`slow`) one byte of a header per second."""
    done = threading.Event()
    held = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(connections)]

    def drip() -> None:
        text = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nSlow: "
        while True:
            for connection in held:
                with contextlib.suppress(OSError):  # The server may have closed it.
                    connection.sendall(text)
            text = b"x"
            if done.wait(1):
                return

    thread = threading.Thread(target=drip)
    if slow:
        thread.start()
    try:
        time.sleep(1)  # Until the server has accepted all of them.
        yield
    finally:
        done.set()
        if slow:
            thread.join()
        for connection in held:
            connection.close()


def wait_behind(connections: int, slow: bool, longest_s: float, server: Server) -> str:
    """Returns how long a client waits for a page behind other connections, as text."""
    with held_open(server.port, connections, slow):
        began = time.perf_counter()
        try:
            found = status(ask(server.port, get(PAGE), longest_s))
        except OSError:
            return f"over {longest_s:.0f} s"
        seconds = time.perf_counter() - began
    return f"{1e3 * seconds:.0f} ms" if found == "200" else found


def largest_header(server: Server) -> str:
    """Returns the largest header that is accepted, and the response to the next larger one."""
    accepted = "none"
    for kb in HEADERS_KB:
        request = get(PAGE).removesuffix("\r\n") + f"X-Long: {'x' * (kb << 10)}\r\n\r\n"
        try:
            found = status(ask(server.port, request, ANSWERED_WITHIN_S))
        except OSError:
            found = "reset"  # Rejected while the client was still sending.
        if found != "200":
            return f"{accepted}, then {found}"
        accepted = f"{kb} KB"
    return f"{accepted} or more"


def announced_body(server: Server) -> str:
    """Returns the response to a GET request that announces a body but does not send it."""
    length = f"Content-Length: {BODY_MB << 20}\r\n\r\n"
    request = get(PAGE).removesuffix("\r\n") + length
    try:
        return status(ask(server.port, request, ANSWERED_WITHIN_S))
    except OSError:
        return "waits for it"


def stop(server: Server, as_process_1: bool = False) -> str:
    """Sends SIGTERM during a request; returns what became of response and server, as text."""
    answers: list[bytes] = []

    def visit() -> None:
        with contextlib.suppress(OSError):
            answers.append(ask(server.port, get("/second"), ENDED_WITHIN_S))

    target = family(server.process_id)[1 if as_process_1 else 0]  # The child of `unshare`.
    visitor = threading.Thread(target=visit)
    visitor.start()
    time.sleep(SIGNAL_AFTER_S)
    os.kill(target, signal.SIGTERM)
    began = time.perf_counter()
    while is_running(target) and time.perf_counter() - began < ENDED_WITHIN_S:
        time.sleep(0.01)
    seconds = time.perf_counter() - began
    visitor.join()
    response = "complete" if answers and answers[0].endswith(b"done") else "cut off"
    exited = f"exits in {seconds:.1f} s" if seconds < ENDED_WITHIN_S else "does not exit"
    return f"response {response}, {exited}"


def status(answer: bytes) -> str:
    """Returns the status code of a response; "closed" if there is none."""
    return answer.split(maxsplit=2)[1].decode() if answer.startswith(b"HTTP/") else "closed"


def can_unshare() -> bool:
    """Returns whether a command can be started as process 1 of a new namespace."""
    if shutil.which(UNSHARE[0]) is None:
        return False
    return subprocess.run([*UNSHARE, "true"], check=False, capture_output=True).returncode == 0


@click.command()
@click.option("--connections", default=300, show_default=True, help="Silent or slow connections.")
@click.option("--rounds", default=1, show_default=True, help="Measurements of each server.")
@click.option(
    "--longest", default=5.0, show_default=True, help="Timeout of the client, in seconds."
)
def main(connections: int, rounds: int, longest: float) -> None:
    """Test every server alternately with difficult clients, and stop it.

    Fails if a request to app.py's own server times out or its response is cut off.
    """
    checks: dict[str, Callable[[Server], str]] = {
        "behind silent connections": partial(wait_behind, connections, False, longest),
        "behind slow connections": partial(wait_behind, connections, True, longest),
        "longest header": largest_header,
        f"announced body of {BODY_MB} MB": announced_body,
        "SIGTERM": stop,
    }
    in_container = "SIGTERM as process 1"
    if can_unshare():
        checks[in_container] = partial(stop, as_process_1=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run = make_run(folder, images=5823)
        write_module(run)
        failed = False
        for check, measure in checks.items():
            click.echo(check)
            found: dict[str, list[str]] = {server: [] for server in commands(run, 0)}
            prefix = UNSHARE if check == in_container else ()
            for _ in range(rounds):
                for server_name, words in found.items():
                    port = free_port()
                    command = commands(run, port)[server_name]
                    with started(command, port, PAGE, folder, prefix) as server:
                        words.append(measure(server))
            for server_name, words in found.items():
                click.echo(f"  {server_name:28} {'; '.join(words)}")
            failed = failed or any(bad in it for it in found[OURS] for bad in FAILURES)
    if failed:
        raise click.ClickException(f"{OURS}: a request timed out, or a response was cut off")


if __name__ == "__main__":
    main()
