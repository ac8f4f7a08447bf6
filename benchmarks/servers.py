"""The WSGI servers that are compared: one process and 8 threads each, on a free port."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from served import ROOT, cache_dir_of

OURS, FILES = "python app.py (waitress)", "the same bytes, http.server"
THREADS = 8
STARTED_WITHIN_S = 30
MODULE = "benchmark_app"

# The pages, and a request that takes a second, during which a server is stopped.
_MODULE = """
import time
from pathlib import Path
from voc_model.store.runs import RunFolder
from voc_web import create_app
from voc_web.run.opened_run import RunReader

pages = create_app(RunReader(RunFolder(Path({run!r}))), Path({cache!r}))

def app(environ, start_response):
    if environ["PATH_INFO"] != "/second":
        return pages(environ, start_response)
    time.sleep(1)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "4")])
    return [b"done"]
"""
_OURS = """
from voc_web.serving.server import open_sockets, serve

serve(app, open_sockets("127.0.0.1", {port}), {threads}, announce=lambda: None)
"""
_WAITRESS = "import waitress; waitress.serve(app, host='127.0.0.1', port={port}, threads={threads})"
_CHEROOT = """
from cheroot.wsgi import Server

server = Server(("127.0.0.1", {port}), app, numthreads={threads}, request_queue_size=1024)
server.keep_alive_conn_limit = None  # By default 10 connections are kept alive and 5 may wait.
server.safe_start()
"""
# http.server with the best settings: persistent connections, no 40 ms delay between head and body,
# and more than five pending connections.
_FILES = """
import http.server
from functools import partial

class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version, disable_nagle_algorithm = "HTTP/1.1", True

class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 1024

Server(("127.0.0.1", {port}), partial(Handler, directory={folder!r})).serve_forever()
"""
_GUNICORN = "--chdir {folder} --bind 127.0.0.1:{port} --workers 1 --threads {threads}"
_GRANIAN = (
    "--interface wsgi --working-dir {folder} --host 127.0.0.1 --port {port} --workers 1 "
    "--blocking-threads {threads} --no-ws"
)


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        port: its port at 127.0.0.1.
        process_id: the id of its first process.
        start_s: seconds from the command to the end of the first response.
    """

    port: int
    process_id: int
    start_s: float

    def memory_mb(self) -> float:
        """Returns the resident memory of all its processes; shared pages are counted once."""
        fields = (_proportional_kb(process_id) for process_id in family(self.process_id))
        return sum(fields) / 1024

    def processor_s(self) -> float:
        """Returns the processor time of all its processes, in seconds."""
        ticks = 0
        for process_id in family(self.process_id):
            fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def write_module(run: Path) -> None:
    """Writes the module that the servers import, next to a run."""
    text = _MODULE.format(run=str(run), cache=str(cache_dir_of(run)))
    (run.parent / f"{MODULE}.py").write_text(text)


def commands(run: Path, port: int) -> dict[str, list[str]]:
    """Returns the command of each server that is installed; call `write_module` first."""

    def python(program: str) -> list[str]:
        return [sys.executable, "-c", f"from {MODULE} import app\n" + filled(program)]

    def module(name: str, options: str) -> list[str]:
        return [sys.executable, "-m", name, *filled(options).split(), f"{MODULE}:app"]

    def filled(text: str) -> str:
        return text.format(port=port, threads=THREADS, folder=run.parent)

    every = {
        OURS: python(_OURS),
        "waitress": python(_WAITRESS),
        "granian": module("granian", _GRANIAN),
        "cheroot": python(_CHEROOT),
        "gunicorn": module("gunicorn", _GUNICORN),
    }
    return {name: command for name, command in every.items() if name == OURS or is_installed(name)}


def files_command(folder: Path, port: int) -> list[str]:
    """Returns the command that serves the files of a folder."""
    return [sys.executable, "-c", _FILES.format(port=port, folder=str(folder))]


def is_installed(name: str) -> bool:
    """Returns whether the package named by the first word is installed."""
    return find_spec(name.split(maxsplit=1)[0]) is not None


def free_port() -> int:
    """Returns an unused port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(
    command: list[str], port: int, page: str, folder: Path, prefix: tuple[str, ...] = ()
) -> Iterator[Server]:
    """Starts a server, yields it once it has served a page, then kills it and its children.

    Args:
        command: see `commands`.
        port: the one named in the command.
        page: the path that is requested until it is served.
        folder: contains the module.
        prefix: a command that runs the command.

    Raises:
        RuntimeError: the server ended, or did not respond in time.
    """
    path = os.pathsep.join([str(ROOT), str(folder)])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}
    with tempfile.TemporaryFile("w+") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            [*prefix, *command], cwd=folder, env=environment, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
        try:
            while not _answers(port, page):
                if process.poll() is not None or time.perf_counter() - began > STARTED_WITHIN_S:
                    output.seek(0)
                    raise RuntimeError(f"{command} does not respond: {output.read()[-2000:]}")
                time.sleep(0.005)
            yield Server(port, process.pid, time.perf_counter() - began)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def ask(port: int, head: str, wait_s: float, body: bytes = b"") -> bytes:
    """Returns everything that a server sends over a new connection; may be empty.

    Raises:
        OSError: the connection failed or timed out.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=wait_s) as connection:
        connection.sendall(head.encode() + body)
        received = b""
        while part := connection.recv(1 << 16):
            received += part
        return received


def get(path: str) -> str:
    """Returns a GET request that asks the server to close the connection afterwards."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


def family(process_id: int) -> list[int]:
    """Returns a process, then all its descendants that were started by main threads."""
    children = Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()
    return [process_id, *(it for child in children for it in family(int(child)))]


def _answers(port: int, page: str) -> bool:
    try:
        return ask(port, get(page), wait_s=STARTED_WITHIN_S).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def _proportional_kb(process_id: int) -> int:
    found = re.search(r"^Pss: +(\d+)", Path(f"/proc/{process_id}/smaps_rollup").read_text(), re.M)
    assert found
    return int(found[1])
