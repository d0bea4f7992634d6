"""A client that costs little: prepared requests over kept connections, one loop, no parsing beyond the length of the answer.

It shares the machine with the product, so its own processor time is measured and printed with the rest.
"""

import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Measured:
    """Times are in ms, sorted."""

    seconds: float = 0.0
    own_cpu: float = 0.0
    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        return self.times[min(len(self.times) - 1, int(len(self.times) * share))] if self.times else float("nan")


def request(method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{k}: {v}" for k, v in (headers or {}).items())]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Connection:
    """One kept connection that waits for one answer at a time."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got = b""
        self.sent_at = 0.0

    def send(self, raw: bytes) -> None:
        self.got = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(raw)

    def receive(self) -> int:
        """Read what there is; the status once the answer is complete, else 0."""
        piece = self.socket.recv(262_144)
        if not piece:
            raise ConnectionError("the product closed the connection")
        self.got += piece
        head = self.got.find(b"\r\n\r\n")
        if head < 0:
            return 0
        at = self.got.lower().find(b"content-length:", 0, head)
        length = int(self.got[at + 15 : self.got.find(b"\r", at)]) if at >= 0 else 0
        return int(self.got[9:12]) if len(self.got) - head - 4 >= length else 0

    @property
    def body(self) -> bytes:
        return self.got.split(b"\r\n\r\n", 1)[1]


def ask(port: int, raw: bytes) -> tuple[int, bytes, bytes]:
    """One request: status, head, body."""
    connection = Connection(port)
    connection.send(raw)
    while not (status := connection.receive()):
        pass
    connection.socket.close()
    head, body = connection.got.split(b"\r\n\r\n", 1)
    return status, head, body


def run(port: int, clients: int, seconds: float, make: Callable[[], bytes], *, warm: float = 0.5, least: int = 20) -> Measured:
    """So many clients, each sending its next request when the last one is answered, for so many seconds (and at least `least`
    answers), after a time of warming up that does not count."""
    connections = {}
    poll = select.epoll()
    for _i in range(clients):
        made = Connection(port)
        connections[made.socket.fileno()] = made
        poll.register(made.socket, select.EPOLLIN)
        made.send(make())
    found = Measured()
    began = time.perf_counter()
    cpu = time.process_time()
    counting = False
    while True:
        now = time.perf_counter()
        if not counting and now - began >= warm:
            counting, began, cpu = True, now, time.process_time()
        if counting and now - began >= seconds and len(found.times) >= least:
            break
        for number, _event in poll.poll(60):
            connection = connections[number]
            status = connection.receive()
            if not status:
                continue
            if counting:
                found.times.append((time.perf_counter() - connection.sent_at) * 1_000)
                found.statuses[status] = found.statuses.get(status, 0) + 1
            connection.send(make())
    found.seconds, found.own_cpu = time.perf_counter() - began, time.process_time() - cpu
    for connection in connections.values():
        connection.socket.settimeout(60)
        while not connection.receive():
            pass
        connection.socket.close()
    poll.close()
    found.times.sort()
    return found
