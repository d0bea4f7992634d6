"""Where a call out may go. The same questions are asked when an address is saved and when it is called; the call then goes to the very
address that was checked, so that a name which changes its mind in between (DNS rebinding) gains nothing (S19).

Refused: everything but https, names and passwords in the address, and whatever does not lead into the public internet: loopback, private,
link-local, carrier and metadata addresses, also when they are wrapped in an IPv6 address. Whoever runs the machine may name networks of
the company's own in YINGXU_OUTBOUND_NETWORKS; into those, http is allowed, too.
"""

import ipaddress
import queue
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from .errors import Invalid

T = TypeVar("T")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
LONGEST = 500
# they answer to whoever asks with the keys of the machine; some lie in networks that look public
METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in ("169.254.169.254", "169.254.0.23", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254")
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LINK_LOCAL = ipaddress.ip_network("169.254.0.0/16")
_HOST = re.compile(r"(?!-)[A-Za-z0-9_.-]{1,253}", re.ASCII)


class NotThere(Exception):
    """The name leads nowhere."""


class Refused(Exception):
    """The address is not one we call."""


@dataclass(frozen=True)
class Target:
    """An address taken apart: what is connected to, and what is asked for there."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def shown(self) -> str:
        """The address without what may be a secret in it: the query, and long parts of the path."""
        path, mark, _query = self.path.partition("?")
        covered = re.sub(r"[^/]{20,}", lambda part: part[0][:4] + "…", path)
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{covered}{'?…' if mark else ''}"[:200]


_PORTS = {"https": 443, "http": 80}


def target(url: str) -> Target:
    """The address in parts. Raises Invalid with a sentence for what can never be called."""
    try:
        if len(url) > LONGEST or not url.isprintable() or " " in url or not url.isascii():
            raise ValueError
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise _wrong(_("This is not an address that can be called; write https://host/path.")) from None
    if parts.scheme not in _PORTS or not host:
        raise _wrong(_("Write a whole address: https://host/path."))
    if parts.username is not None or parts.password is not None:
        raise _wrong(_("Leave name and password out of the address; the signature proves who sends."))
    if parts.fragment:
        raise _wrong(_("Leave the part behind # out of the address."))
    port = port if port is not None else _PORTS[parts.scheme]
    if port < 1024 and port not in _PORTS.values():
        raise _wrong(_("Port %(port)s belongs to another kind of service.") % {"port": port})
    if _literal(host) is None and (not _HOST.fullmatch(host) or _numeric(host)):
        raise _wrong(_("“%(host)s” is not the name of a host.") % {"host": host[:60]})
    return Target(parts.scheme, host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def check(url: str) -> Target:
    """The address, which leads somewhere we may call at this moment. Raises Invalid with a sentence."""
    found = target(url)
    try:
        resolve(found, seconds=5.0)
    except Refused:
        if found.scheme == "http":
            raise _wrong(_("Write https; without encryption only hosts in networks named by the administrator are called.")) from None
        raise _wrong(
            _("“%(host)s” does not lead into the public internet. Ask the administrator to name its network in YINGXU_OUTBOUND_NETWORKS.")
            % {"host": found.host[:60]}
        ) from None
    except NotThere:
        raise _wrong(_("There is no host “%(host)s”.") % {"host": found.host[:60]}) from None
    return found


def resolve(found: Target, *, seconds: float) -> list[Address]:
    """The addresses behind the name, every one of them allowed. Raises NotThere, Refused, TimeoutError."""
    literal = _literal(found.host)
    addresses = [literal] if literal is not None else _within(seconds, lambda: _looked_up(found))
    if not addresses:
        raise NotThere
    if not all(allowed(address, encrypted=found.scheme == "https") for address in addresses):
        raise Refused
    return addresses


def allowed(address: Address, *, encrypted: bool = True) -> bool:
    """May this address be called?"""
    inner = _unwrapped(address)
    if address in METADATA or inner in METADATA:
        return False
    if any(inner in network or address in network for network in networks()):
        return not inner.is_multicast
    return encrypted and inner.is_global and not inner.is_multicast and not inner.is_reserved and not inner.is_unspecified


def metadata(host: str) -> bool:
    """Does this name lead to a service that gives out the keys of the machine, however it is written? For servers that may otherwise stand
    anywhere in the company's network: its own mail."""
    try:
        rows = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    found = [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows]
    return any(one in METADATA or _unwrapped(one) in METADATA or _unwrapped(one) in _LINK_LOCAL for one in found)


def networks() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """The company's own networks that may be called."""
    return [ipaddress.ip_network(text) for text in settings.OUTBOUND_NETWORKS]


def _looked_up(found: Target) -> list[Address]:
    try:
        rows = socket.getaddrinfo(found.host, found.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows))


def _within(seconds: float, ask: Callable[[], T]) -> T:
    """The answer, or TimeoutError: looking up a name takes no time limit of its own, so it is left behind in its thread."""
    answers: queue.SimpleQueue[T] = queue.SimpleQueue()
    threading.Thread(target=lambda: answers.put(ask()), daemon=True, name="look-up").start()
    try:
        return answers.get(timeout=max(0.01, seconds))
    except queue.Empty:
        raise TimeoutError from None


def _unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one, where there is one. Tunnels lead we know not where: they count as unspecified."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.sixtofour is not None or address.teredo is not None or int(address) >> 32 == 0:
        return ipaddress.IPv4Address(0)
    return address


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _numeric(host: str) -> bool:
    """2130706433, 0x7f.1 and 0177.0.0.1: other ways to write an address, which no honest service needs."""
    return bool(re.fullmatch(r"(0[xX][0-9a-fA-F]*|\d+)(\.(0[xX][0-9a-fA-F]*|\d+))*", host))


def _wrong(message: str) -> Invalid:
    return Invalid.field("url", message)
