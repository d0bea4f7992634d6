"""A receiver of webhooks that behaves as it is told: well, or in every bad way the security bar names (F18)."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Got:
    """A request as it came in."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Trap:
    """`ways` is how requests are answered, one after the other; the last way stays."""

    ways: list[str] = field(default_factory=lambda: ["ok"])
    got: list[Got] = field(default_factory=list)
    port: int = 0
    ending: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/in"

    def answer(self, link: socket.socket) -> None:
        way = self.ways.pop(0) if len(self.ways) > 1 else self.ways[0]
        with link:
            with suppress(OSError):  # whoever called has gone
                self._answer(way, link)

    def _answer(self, way: str, link: socket.socket) -> None:
        if way == "reset at once":
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        self.got.append(_read(link))
        if way == "hang":
            self.ending.wait()
        elif way == "drip":
            for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Slow: 1\r\n" * 1_000:
                link.sendall(bytes([byte]))
                if self.ending.wait(0.05):
                    return
        elif way == "flood":
            link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
            while not self.ending.is_set():
                link.sendall(b"x" * 65_536)
        elif way == "flood of heads":
            link.sendall(b"HTTP/1.1 200 OK\r\n")
            while not self.ending.is_set():
                link.sendall(b"X-Many: " + b"x" * 8_000 + b"\r\n")
        elif way == "reset":
            link.sendall(b"HTTP/1.1 ")
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif way == "garbage":
            link.sendall(b"\x00\x01\x02 not http\r\n\r\n")
        elif way == "ok":
            link.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        elif way == "redirect":
            link.sendall(f"HTTP/1.1 302 Found\r\nLocation: {self.url}\r\nContent-Length: 0\r\n\r\n".encode())
        else:
            status, _, rest = way.partition(" ")
            link.sendall(f"HTTP/1.1 {status} X\r\n{rest or 'X-Plain: 1'}\r\nContent-Length: 16\r\n\r\nno\x1b[31m <b>today".encode())


def _read(link: socket.socket) -> Got:
    data = b""
    while b"\r\n\r\n" not in data:
        data += link.recv(65_536)
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")[1:]
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    while len(body) < int(headers["content-length"]):
        body += link.recv(65_536)
    return Got(headers, body)


@contextmanager
def trap(*ways: str, port: int = 0) -> Iterator[Trap]:
    """A receiver on this machine, until the test is over; at `port` when it is free."""
    made = Trap(list(ways) or ["ok"])
    with _server(port) as server:
        made.port = server.getsockname()[1]
        server.settimeout(0.2)
        thread = threading.Thread(target=_serve, args=(server, made), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            made.ending.set()
            thread.join(timeout=5)


def _server(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError:
        return socket.create_server(("127.0.0.1", 0))


def _serve(server: socket.socket, made: Trap) -> None:
    while not made.ending.is_set():
        try:
            link, _peer = server.accept()
        except TimeoutError:
            continue
        except OSError:
            return
        link.settimeout(10)
        threading.Thread(target=made.answer, args=(link,), daemon=True).start()
