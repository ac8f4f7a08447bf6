"""The server: waitress, on all addresses of a host, until a signal stops it.

A silent or slow client occupies a connection but no thread: waitress hands a request to a thread
only once it has all of it. benchmarks/robustness.py measures what these settings do.
"""

import errno
import os
import signal
import socket
import time
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any
from wsgiref.types import WSGIApplication

import waitress
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer

from voc_model.errors import SettingsError

_LIMITS = {
    "connection_limit": 500,  # Windows' select() watches no more than 512.
    "channel_timeout": 30,  # Seconds without a byte in either direction.
    "cleanup_interval": 10,
    "asyncore_use_poll": True,  # Where there is poll(): it has no limit of its own.
    "max_request_header_size": 65_536,
    "max_request_body_size": 65_536,  # The only body is that of the sign-in form.
    "clear_untrusted_proxy_headers": False,  # `create_app` reads them if there are proxies.
}
_BACKLOG = 1024
_FINISH_S = 4.0  # For the requests in flight; container runtimes kill after 10.
_SAME_PORT_TRIES = 20
_STOP_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # Not every system has each.

_Address = tuple[socket.AddressFamily, Any]  # The second is as bind() takes it.


def end_on_signals() -> None:
    """Makes signals end the program, which a container's first process would otherwise ignore."""
    _handle_signals(signal.default_int_handler)


def open_sockets(host: str, port: int) -> list[socket.socket]:
    """Returns listening sockets, one per address of the host.

    Args:
        host: a name or an address of this machine; "*" for all of them. "localhost" is both
            127.0.0.1 and, if there is IPv6, ::1: browsers try either first.
        port: 0 for any that is free on all of them.

    Raises:
        SettingsError: the port is in use, or the address is not this machine's.
    """
    for _ in range(_SAME_PORT_TRIES if port == 0 else 1):
        opened: list[socket.socket] = []
        taken = []
        for family, address in _addresses(host, port):
            free_port = opened[0].getsockname()[1] if opened else port
            try:
                opened.append(_listen(family, (address[0], free_port, *address[2:])))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    taken.append(_shown(address[0]))
                elif not (host == "localhost" and family == socket.AF_INET6):
                    _close(opened)
                    raise SettingsError(
                        f"Cannot listen on {host}:{port}: {error.strerror}."
                    ) from None
        if opened and not taken:
            return opened
        _close(opened)
    other = port + 1 if port < 65535 else port - 1
    raise SettingsError(
        f"Port {port} is in use at {' and '.join(taken)}. "
        f"Choose another: --port {other} (make gui port={other})."
    )


def address_of(sockets: list[socket.socket], host: str) -> str:
    """Returns the URL to open in a browser that knows this machine as `host`."""
    return f"http://{_shown(host)}:{sockets[0].getsockname()[1]}"


def serve(
    app: WSGIApplication,
    sockets: list[socket.socket],
    threads: int,
    announce: Callable[[], None],
) -> None:
    """Answers requests until a signal, then finishes those in flight; takes at most 5 seconds more.

    Args:
        app: the pages.
        sockets: see `open_sockets`; closed at the end.
        threads: how many requests are answered at once.
        announce: called when requests are answered, and signals handled.
    """
    channels: dict[int, Any] = {}  # Everything that is polled, by file descriptor.
    server = waitress.create_server(app, map=channels, sockets=sockets, threads=threads, **_LIMITS)
    listeners = [it for it in channels.values() if isinstance(it, BaseWSGIServer)]
    signals: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        signals.append(number)
        if len(signals) == 1:
            listeners[0].pull_trigger()  # Ends the wait for the next event.

    _handle_signals(stop)
    announce()
    while not signals:
        wasyncore.loop(timeout=1, use_poll=True, map=channels, count=1)
    end = time.monotonic() + _FINISH_S
    # A second signal does not wait.
    _finish(channels, listeners, lambda: time.monotonic() > end or len(signals) > 1)
    server.task_dispatcher.shutdown(timeout=0.5)
    wasyncore.close_all(channels)
    _close(sockets)


def _handle_signals(handler: Callable[[int, FrameType | None], Any]) -> None:
    """Handles every signal that asks a program to end; as a container's first process it has to."""
    for name in _STOP_SIGNALS:
        number = getattr(signal, name, None)
        # `nohup` makes a program ignore SIGHUP; a shell makes background jobs ignore SIGINT.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _finish(
    channels: dict[int, Any], listeners: Iterable[BaseWSGIServer], is_late: Callable[[], bool]
) -> None:
    """Answers the requests that have arrived and sends the responses, until it is late."""
    before = None
    while not is_late() and before != (now := _arrived(channels)):
        wasyncore.loop(timeout=0, use_poll=True, map=channels, count=1)
        before = now
    for listener in listeners:
        listener.accepting = False
        listener.adj.channel_request_lookahead = -1  # No further requests are read.
    while not is_late() and any(
        it.requests or it.total_outbufs_len for it in _connections(channels)
    ):
        wasyncore.loop(timeout=0.05, use_poll=True, map=channels, count=1)


def _arrived(channels: dict[int, Any]) -> tuple[int, float]:
    """Returns what changes with each connection that is accepted, and each request that is read."""
    times = (it.last_activity for it in _connections(channels))
    return len(channels), max(times, default=0.0)


def _connections(channels: dict[int, Any]) -> list[HTTPChannel]:
    return [it for it in channels.values() if isinstance(it, HTTPChannel)]


def _addresses(host: str, port: int) -> list[_Address]:
    """Returns the addresses to listen on, each once.

    Raises:
        SettingsError: there is no host with this name.
    """
    if host == "localhost":
        return [(socket.AF_INET, ("127.0.0.1", port)), (socket.AF_INET6, ("::1", port))]
    try:
        found = socket.getaddrinfo(
            None if host in ("", "*") else host.strip("[]"),
            port,
            type=socket.SOCK_STREAM,
            flags=socket.AI_PASSIVE,
        )
    except (OSError, UnicodeError):
        raise SettingsError(
            f"There is no host named {host}. Choose another: --host 127.0.0.1"
        ) from None
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


def _listen(family: socket.AddressFamily, address: Any) -> socket.socket:
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # Elsewhere it would allow two servers at one port.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def _close(sockets: Iterable[socket.socket]) -> None:
    for opened in sockets:
        opened.close()


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
