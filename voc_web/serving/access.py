"""Access: the names that the server answers to, and the secret that a visitor needs.

A page of another site can have its own name resolve to this machine (DNS rebinding) and then read
whatever is served here without a password. So without one, only known names are answered.
"""

import hmac
import ipaddress
import os
import secrets
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from voc_model.errors import SettingsError

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
EVERY_ADDRESS = ("", "*", "0.0.0.0", "::")  # noqa: S104 (compared, not listened on)

TOKEN_VARIABLE = "RANKING_BROWSER_TOKEN"  # noqa: S105 (the name of a variable)
USER_VARIABLE = "RANKING_BROWSER_USER"
PASSWORD_VARIABLE = "RANKING_BROWSER_PASSWORD"  # noqa: S105


@dataclass(frozen=True)
class Secret:
    """What a visitor signs in with: a password and, unless it is a token, the user's name."""

    password: str
    user: str | None = None

    def matches(self, user: str, password: str) -> bool:
        """Compares in a time that does not depend on how much of it is right."""
        same_user = self.user is None or _equal(user, self.user)
        return _equal(password, self.password) & same_user

    @classmethod
    def generate(cls) -> Self:
        """Returns a random token of 192 bits."""
        return cls(secrets.token_urlsafe(24))


@dataclass(frozen=True)
class Access:
    """Which requests are answered.

    Attributes:
        hosts: the names that a request may address the server by; None for any.
        any_address: whether any IP address is one of them. A request of another site cannot
            have one, since its address is a name.
        secret: what a visitor signs in with; None for no sign-in.
    """

    hosts: frozenset[str] | None = LOOPBACK_NAMES
    any_address: bool = False
    secret: Secret | None = None

    def answers_to(self, host: str) -> bool:
        """Returns whether a request with this `Host` header is answered.

        Args:
            host: a name or address, with or without a port; IPv6 in brackets.
        """
        if self.hosts is None:
            return True
        end = host.find("]") + 1 if host.startswith("[") else host.find(":")
        name = (host if end < 0 else host[:end]).lower()
        return name in self.hosts or (self.any_address and _address_of(name) is not None)


THIS_MACHINE = Access()  # Whoever asks for localhost.


def decide_access(
    host: str,
    allowed_hosts: Iterable[str],
    secret: Secret | None,
    *,
    no_auth: bool,
    behind_proxy: bool,
) -> Access:
    """Returns the access rules: if other machines can connect, visitors need the secret.

    Args:
        host: the address that the server listens on.
        allowed_hosts: further names that requests may address it by.
        secret: chosen by the user; None to generate one if it is needed.
        no_auth: visitors do not sign in.
        behind_proxy: whether requests come through a reverse proxy, and so from other machines.

    Raises:
        SettingsError: a secret is given along with `no_auth`, or an allowed host is not a name.
    """
    if no_auth and secret:
        raise SettingsError("--no-auth contradicts the token or password. Leave one of them out.")
    allowed = frozenset(map(_host_name, allowed_hosts))
    exposed = behind_proxy or not is_loopback(host)
    if exposed and not no_auth:
        secret = secret or Secret.generate()
        # Other sites do not have the visitor's cookie, whichever name they use.
        return Access(LOOPBACK_NAMES | allowed if allowed else None, bool(allowed), secret)
    own = frozenset() if host in EVERY_ADDRESS else frozenset({_host_name(host)})
    if not exposed:
        return Access(LOOPBACK_NAMES | own | allowed, secret=secret)
    name = socket.gethostname().lower()
    machine = {name, f"{name}.local"}  # The second is what other machines of the network call it.
    return Access(LOOPBACK_NAMES | own | allowed | machine, any_address=True)


def find_secret(
    token: str | None, password_file: Path | None, environment: Mapping[str, str] = os.environ
) -> Secret | None:
    """Returns the secret that the user has chosen; None if none.

    Args:
        token: from the command line, or its variable of the environment.
        password_file: its first line is `user:password`.
        environment: may have user and password, see USER_VARIABLE and PASSWORD_VARIABLE.

    Raises:
        SettingsError: more than one is given, one is empty, or the file cannot be read.
    """
    found = []
    if token is not None:
        found.append(Secret(token))
    if password_file is not None:
        found.append(_read_password(password_file))
    names = (USER_VARIABLE, PASSWORD_VARIABLE)
    if any(name in environment for name in names):
        user, password = (environment.get(name, "") for name in names)
        if not user:
            raise SettingsError(f"{PASSWORD_VARIABLE} is set without {USER_VARIABLE}.")
        found.append(Secret(password, user))
    if len(found) > 1:
        raise SettingsError(
            f"Choose one: --token ({TOKEN_VARIABLE}), --password-file, "
            f"or {USER_VARIABLE} with {PASSWORD_VARIABLE}."
        )
    if any(not secret.password.strip() for secret in found):
        raise SettingsError("The token or password is empty, so anybody could sign in.")
    return found[0] if found else None


def is_loopback(host: str) -> bool:
    """Returns whether only this machine can connect to an address to listen on."""
    address = _address_of(host)
    return host == "localhost" if address is None else address.is_loopback


def _read_password(path: Path) -> Secret:
    try:
        with path.open(encoding="utf-8") as file:
            line = file.readline(10_000).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read ({error}).") from None
    user, colon, password = line.partition(":")
    if not (user and colon):
        raise SettingsError(f"{path}: the first line must be user:password.")
    return Secret(password, user)


def _equal(given: str, wanted: str) -> bool:
    return hmac.compare_digest(*(text.encode("utf-8", "surrogatepass") for text in (given, wanted)))


def _address_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def _host_name(host: str) -> str:
    """Returns a name or address as the `Host` header has it.

    Raises:
        SettingsError: it is neither.
    """
    address = _address_of(host)
    if address is not None:
        return f"[{address}]" if address.version == 6 else str(address)
    try:
        name = host.encode("idna").decode().lower()
    except UnicodeError:
        name = ""
    if not name or set(name) & set(":/ "):
        raise SettingsError(f"{host!r} is not a host name. Leave out http:// and the port.")
    return name
