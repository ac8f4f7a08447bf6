"""Sign-in: which requests are let in, and how a visitor signs in and out.

A visitor gives the secret once, in a link (?token=...) or in the form, and has a signed cookie from
then on. Programs send it with every request: `Authorization: Bearer TOKEN`, or user and password.
"""

import ipaddress
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple
from urllib.parse import quote, urlencode

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, TooManyRequests, Unauthorized

from voc_web.serving.access import Access, Secret
from voc_web.serving.contexts import SignInContext
from voc_web.serving.failures import is_api_request

blueprint = Blueprint("sign_in", __name__)

_VISITOR = "visitor"  # In the session: a random id, which is valid until its visitor signs out.
_MAX_VISITORS = 10_000
_MAX_FAILURES, _WINDOW_S = 10, 60
_MAX_ADDRESSES = 10_000


class FailureLimit:
    """Counts failed attempts per address, so that passwords cannot be guessed one after another."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def wait_s(self, address: str) -> int:
        """Returns in how many seconds an address may try again; 0 for now."""
        with self._lock:
            times = self._failures.get(address)
            if times is None or len(times) < _MAX_FAILURES:
                return 0
            return max(0, round(times[0] + _WINDOW_S - self._now() + 0.5))

    def note(self, address: str) -> None:
        """Notes a failed attempt."""
        with self._lock:
            times = self._failures.setdefault(address, deque(maxlen=_MAX_FAILURES))
            times.append(self._now())
            self._failures.move_to_end(address)
            if len(self._failures) > _MAX_ADDRESSES:
                self._failures.popitem(last=False)


class _Shown(NamedTuple):
    """What a request shows, and whether it gets a cookie for it."""

    user: str
    password: str
    keep: bool


class _Cookies(SecureCookieSessionInterface):
    """Cookies as narrow as possible: one per port, for our path, only for HTTPS if we use it."""

    def get_cookie_name(self, app: Flask) -> str:
        return f"ranking_browser_{request.environ.get('SERVER_PORT', '')}"

    def get_cookie_path(self, app: Flask) -> str:
        return request.root_path or "/"

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def register(app: Flask, access: Access) -> None:
    """Lets in only the requests that `access` admits."""

    @app.before_request
    def _check_host() -> None:
        if not access.answers_to(request.host):
            g.is_stranger = True
            raise BadRequest(
                f"This server is not known as {request.host[:100]!r}. "
                "If it should be, start it with --allowed-host NAME."
            )

    if access.secret is not None:
        _register_sign_in(app, access.secret)


def _register_sign_in(app: Flask, secret: Secret) -> None:
    app.secret_key = secrets.token_bytes(32)  # A restart signs everybody out.
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"  # Links from elsewhere work, forms do not.
    app.session_interface = _Cookies()
    app.register_blueprint(blueprint)
    app.extensions["visitors"] = {}
    limit = FailureLimit()

    @app.before_request
    def _check_visitor() -> ResponseReturnValue | None:
        if request.endpoint == "assets.serve":
            return None  # The sign-in page needs its style.
        if _is_signed_in():
            return redirect(_here()) if "token" in request.args else None
        g.is_stranger = True
        return _admit(secret, limit)

    @app.after_request
    def _keep_private(response: Response) -> Response:
        # No cache that visitors share may keep what only some of them may see.
        if request.endpoint != "assets.serve":
            response.cache_control.public = False
            response.cache_control.private = True
        return response

    @app.context_processor
    def _state() -> dict[str, bool]:
        return {"can_sign_out": _is_signed_in()}


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Forgets the visitor: the cookie, and any copy of it, is invalid from then on."""
    _visitors().pop(session.pop(_VISITOR), None)
    return redirect(url_for("rankings.overview"), 303)


def _admit(secret: Secret, limit: FailureLimit) -> ResponseReturnValue | None:
    """Returns None if the request shows the secret, or what to answer instead of it."""
    shown = _shown(secret)
    if shown is None:
        return _ask(secret, "")
    address = _network(request.remote_addr or "")
    if wait_s := limit.wait_s(address):
        raise TooManyRequests(
            f"Too many failed attempts. Try again in {wait_s} seconds.", retry_after=wait_s
        )
    if not secret.matches(shown.user, shown.password):
        limit.note(address)
        return _ask(secret, f"Wrong {'token' if secret.user is None else 'user or password'}.")
    g.is_stranger = False
    if not shown.keep:
        return None
    session[_VISITOR] = secrets.token_urlsafe(16)
    visitors = _visitors()
    visitors[session[_VISITOR]] = None
    for visitor in list(visitors)[:-_MAX_VISITORS]:
        visitors.pop(visitor, None)
    return redirect(_here(), 303)


def _is_signed_in() -> bool:
    return session.get(_VISITOR) in _visitors()


def _visitors() -> dict[str, None]:
    """Returns the ids of those who are signed in, in the order in which they did."""
    visitors: dict[str, None] = current_app.extensions["visitors"]
    return visitors


def _shown(secret: Secret) -> _Shown | None:
    """Returns what the request shows of the kind that is asked for; None if nothing."""
    if request.method == "POST" and "password" in request.form:
        return _Shown(request.form.get("user", ""), request.form["password"], keep=True)
    if secret.user is None and "token" in request.args:
        return _Shown("", request.args["token"], keep=True)
    given = request.authorization
    # Another kind may be for a proxy before us.
    if given and secret.user is None and given.type == "bearer":
        return _Shown("", given.token or "", keep=False)
    if given and secret.user is not None and given.type == "basic":
        return _Shown(given.username or "", given.password or "", keep=False)
    return None


def _ask(secret: Secret, problem: str) -> ResponseReturnValue:
    if is_api_request():
        way = "'Authorization: Bearer TOKEN'" if secret.user is None else "user and password"
        # "Basic" is not offered: browsers would ask in a window of their own.
        raise Unauthorized(
            f"{problem} Send {way} with each request.".strip(),
            www_authenticate=WWWAuthenticate("bearer"),
        )
    context = SignInContext(asks_user=secret.user is not None, problem=problem)
    return render_template("sign_in.html", page=context), 401, {"WWW-Authenticate": "Bearer"}


def _here() -> str:
    """Returns the address of the request without the token, relative to this host."""
    path = f"{quote(request.root_path)}/{quote(request.path.lstrip('/'))}"
    rest = [(name, value) for name, value in request.args.items(multi=True) if name != "token"]
    return f"{path}?{urlencode(rest)}" if rest else path


def _network(address: str) -> str:
    """Returns the network that one visitor's addresses are from: an IPv4 address or an IPv6 /64."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False))
