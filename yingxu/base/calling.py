"""One call out of the house: ten seconds in all, however slowly the other side reads, thinks or answers; at most 64 kB of its answer; no
redirects, no proxies, no cookies. Uses no database, so it may run in any thread."""

import json
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpcore
from django.db import models
from django.utils.translation import gettext_lazy as _

from .addresses import NotThere, Refused, Target, resolve

SECONDS = 10.0
READ_MOST = 65_536
KEPT = 500


class Trouble(models.TextChoices):
    """Why there is no answer. Only after `SLOW` and `BROKEN` may the other side have heard us."""

    REFUSED = "refused", _("the address is not allowed")
    UNKNOWN = "unknown", _("the name of the host is unknown")
    CONNECT = "connect", _("no connection")
    TLS = "tls", _("the certificate is not valid")
    SLOW = "slow", _("no answer within 10 seconds")
    BROKEN = "broken", _("the connection broke or the answer is not HTTP")


T = Trouble


@dataclass(frozen=True)
class Answer:
    """What came back: a status, or the trouble. `wait` is what the receiver asked for (Retry-After), in seconds."""

    took: int
    status: int | None = None
    trouble: str = ""
    begins: str = ""
    wait: int = 0
    body: bytes = b""

    @property
    def good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    def json(self) -> dict[str, Any] | None:
        """The object that came; None when it is anything else."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None


class _Full(Exception):
    """More came than we read: heads without end."""


def call(target: Target, headers: Mapping[str, str], content: bytes = b"", *, seconds: float = SECONDS, method: str = "POST") -> Answer:
    """POST the body, or ask for something ("GET", without one). Never raises for what the other side does."""
    began = time.monotonic()
    backend = _Checked(target, began + seconds)
    status: int | None = None
    body, wait, trouble = b"", 0, ""
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_context(), network_backend=backend, max_connections=1) as pool,
            pool.stream(method, _address(target), headers=_all(target, headers, content), content=content) as response,
        ):
            status = response.status
            wait = _wait(response.headers)
            for chunk in response.iter_stream():
                body += chunk
    except Refused:
        trouble = T.REFUSED
    except NotThere:
        trouble = T.UNKNOWN
    except (TimeoutError, httpcore.TimeoutException):
        trouble = T.SLOW
    except httpcore.ConnectError as error:
        trouble = T.TLS if isinstance(_cause(error), ssl.SSLError) else T.CONNECT
    except (_Full, httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError):
        trouble = T.BROKEN
    took = round((time.monotonic() - began) * 1000)
    return Answer(took, status, "" if status is not None else trouble, _readable(body[: KEPT * 4]), wait, body)  # a status is an answer, whatever came after


def ask(target: Target, *, seconds: float = SECONDS) -> Answer:
    """GET a JSON document."""
    return call(target, {"Accept": "application/json"}, seconds=seconds, method="GET")


def send_form(target: Target, values: Mapping[str, str], headers: Mapping[str, str], *, seconds: float = SECONDS) -> Answer:
    """POST a form, for an answer in JSON."""
    said = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded", **headers}
    return call(target, said, urlencode(values).encode(), seconds=seconds)


def _cause(error: BaseException) -> BaseException | None:
    """httpcore wraps what the socket said."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _context() -> ssl.SSLContext:
    import httpx  # here, since most processes never call out

    return httpx.create_ssl_context()


def _address(target: Target) -> httpcore.URL:
    return httpcore.URL(scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode())


def host_of(target: Target) -> str:
    """What the Host head says."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if target.port == {"https": 443, "http": 80}[target.scheme] else f"{host}:{target.port}"


def _all(target: Target, headers: Mapping[str, str], body: bytes) -> list[tuple[bytes, bytes]]:
    said = {
        "Host": host_of(target), "Content-Type": "application/json", "Content-Length": str(len(body)), "User-Agent": "Yingxu/1",
        "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close", **headers,
    }  # fmt: skip
    return [(name.encode(), value.encode()) for name, value in said.items()]


def _wait(headers: Iterable[tuple[bytes, bytes]]) -> int:
    given = {name.lower(): value for name, value in headers}.get(b"retry-after", b"")
    return min(int(given), 86_400) if given.isdigit() and len(given) < 8 else 0


def _readable(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    return "".join(c if c.isprintable() or c == "\n" else "·" for c in text)[:KEPT]


class _Checked(httpcore.NetworkBackend):
    """Resolves the name, refuses what we do not call, connects to exactly what was checked, and lets nothing outlast the deadline."""

    def __init__(self, target: Target, deadline: float) -> None:
        self._target, self._deadline = target, deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None, socket_options: Any = None
    ) -> httpcore.NetworkStream:
        error: Exception = NotThere()
        for address in resolve(self._target, seconds=left(self._deadline)):
            try:
                made = self._plain.connect_tcp(str(address), port, timeout=left(self._deadline), socket_options=socket_options)
            except httpcore.ConnectError as found:
                error = found
            else:
                return _Bounded(made, self._deadline)
        raise error


class _Bounded(httpcore.NetworkStream):
    """A stream of which only so much is read, and only until the deadline, however it drips."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float, most: int = READ_MOST) -> None:
        self._stream, self._deadline, self._left = stream, deadline, most

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._left <= 0:
            raise _Full
        found = self._stream.read(min(max_bytes, self._left), timeout=left(self._deadline))
        self._left -= len(found)
        return found

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Bounded(self._stream.start_tls(ssl_context, server_hostname, timeout=left(self._deadline)), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def left(deadline: float) -> float:
    """Seconds until then. Raises TimeoutError when there are none."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds
