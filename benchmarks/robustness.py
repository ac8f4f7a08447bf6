"""WSGI servers and difficult clients: silent, slow, excessive; and how each server stops.

A visitor asks for a page while 300 connections say nothing, or send a byte of a header per second.
Headers of growing length are tried, and a body of 100 MB is announced that never comes. A server
gets SIGTERM while it answers a request that takes a second: is the answer complete, and does the
server end? Then again as process 1, as in a container: the system ignores a signal to process 1
that it does not handle itself.
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
from served import make_run
from servers import OURS, Server, ask, commands, family, free_port, get, started, write_module

PAGE = "/classes/person"
HEADERS_KB = (8, 32, 128, 512)
BODY_MB = 100
ANSWERED_WITHIN_S = 3  # A server that reads on until then waits for the body.
SIGNAL_AFTER_S = 0.5  # In the middle of a request that takes a second.
ENDED_WITHIN_S = 10
UNSHARE = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
BAD = ("over", "cut off", "does not end")


@contextmanager
def held_open(port: int, connections: int, slow: bool) -> Iterator[None]:
    """Opens connections that say nothing, or one byte of a header per second."""
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
        time.sleep(1)  # The server sees them all.
        yield
    finally:
        done.set()
        if slow:
            thread.join()
        for connection in held:
            connection.close()


def wait_behind(connections: int, slow: bool, longest_s: float, server: Server) -> str:
    """Returns how long a visitor waits for a page, in words."""
    with held_open(server.port, connections, slow):
        began = time.perf_counter()
        try:
            met = status(ask(server.port, get(PAGE), longest_s))
        except OSError:
            return f"over {longest_s:.0f} s"
        taken = time.perf_counter() - began
    return f"{1e3 * taken:.0f} ms" if met == "200" else met


def largest_header(server: Server) -> str:
    """Returns the largest header of those tried that is taken, and what the next one meets."""
    taken = "none"
    for kb in HEADERS_KB:
        request = get(PAGE).removesuffix("\r\n") + f"X-Long: {'x' * (kb << 10)}\r\n\r\n"
        try:
            met = status(ask(server.port, request, ANSWERED_WITHIN_S))
        except OSError:
            met = "reset"  # Refused, and the refusal lost since the client was still sending.
        if met != "200":
            return f"{taken}, then {met}"
        taken = f"{kb} KB"
    return f"{taken} or more"


def announced_body(server: Server) -> str:
    """Returns what a client meets that announces a body which no page wants, and sends nothing."""
    length = f"Content-Length: {BODY_MB << 20}\r\n\r\n"
    request = get(PAGE).removesuffix("\r\n") + length
    try:
        return status(ask(server.port, request, ANSWERED_WITHIN_S))
    except OSError:
        return "waits for it"


def stop(server: Server, contained: bool = False) -> str:
    """Sends SIGTERM in the middle of an answer; returns what came of both, in words."""
    answers: list[bytes] = []

    def visit() -> None:
        with contextlib.suppress(OSError):
            answers.append(ask(server.port, get("/second"), ENDED_WITHIN_S))

    target = family(server.process_id)[1 if contained else 0]  # Within `unshare`.
    visitor = threading.Thread(target=visit)
    visitor.start()
    time.sleep(SIGNAL_AFTER_S)
    os.kill(target, signal.SIGTERM)
    began = time.perf_counter()
    while is_running(target) and time.perf_counter() - began < ENDED_WITHIN_S:
        time.sleep(0.01)
    taken = time.perf_counter() - began
    visitor.join()
    answer = "complete" if answers and answers[0].endswith(b"done") else "cut off"
    ended = f"ends in {taken:.1f} s" if taken < ENDED_WITHIN_S else "does not end"
    return f"answer {answer}, {ended}"


def is_running(process_id: int) -> bool:
    """Tells whether a process has not ended; one that is only waited for has."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def status(answer: bytes) -> str:
    """Returns the status of an answer; "closed" where there is none."""
    return answer.split(maxsplit=2)[1].decode() if answer.startswith(b"HTTP/") else "closed"


def can_contain() -> bool:
    """Tells whether this machine lets us start a command as process 1 of its own."""
    if shutil.which(UNSHARE[0]) is None:
        return False
    return subprocess.run([*UNSHARE, "true"], check=False, capture_output=True).returncode == 0


@click.command()
@click.option("--connections", default=300, show_default=True, help="How many hold a server up.")
@click.option("--rounds", default=1, show_default=True, help="Measurements of each, in turns.")
@click.option("--longest", default=5.0, show_default=True, help="Seconds that a visitor waits.")
def main(connections: int, rounds: int, longest: float) -> None:
    """Hold up every server in turns, exceed its limits, and stop it.

    Fails if a visitor of app.py's own server waits for so long, or its answer is cut off.
    """
    checks: dict[str, Callable[[Server], str]] = {
        "behind silent connections": partial(wait_behind, connections, False, longest),
        "behind slow connections": partial(wait_behind, connections, True, longest),
        "longest header": largest_header,
        f"announced body of {BODY_MB} MB": announced_body,
        "SIGTERM": stop,
    }
    in_container = "SIGTERM as process 1"
    if can_contain():
        checks[in_container] = partial(stop, contained=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run = make_run(folder, images=5823)
        write_module(run)
        failed = False
        for check, measure in checks.items():
            click.echo(check)
            met: dict[str, list[str]] = {server: [] for server in commands(run, 0)}
            prefix = UNSHARE if check == in_container else ()
            for _ in range(rounds):
                for server_name, words in met.items():
                    port = free_port()
                    command = commands(run, port)[server_name]
                    with started(command, port, PAGE, folder, prefix) as server:
                        words.append(measure(server))
            for server_name, words in met.items():
                click.echo(f"  {server_name:28} {'; '.join(words)}")
            failed = failed or any(bad in it for it in met[OURS] for bad in BAD)
    if failed:
        raise click.ClickException(f"{OURS}: a visitor waited, or an answer was cut off")


if __name__ == "__main__":
    main()
