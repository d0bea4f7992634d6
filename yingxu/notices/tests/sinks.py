"""Servers that tests talk to as the product talks to the real ones: a mail server with moods, and an HTTP server that answers as it is
told and keeps what it was asked."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Mood:
    """What the mail server answers, and what it has taken. `then` runs when it has the letter, before it answers."""

    connect: str = ""
    mail: str = ""
    rcpt: str = ""
    data: str = ""
    drop: bool = False  # take the letter and end the connection without an answer
    hang: threading.Event | None = None
    then: Callable[[], None] = lambda: None
    letters: list[EmailMessage] = field(default_factory=list)
    users: list[tuple[str, str]] = field(default_factory=list)

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if self.mail:
            return self.mail
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data:
            return self.data
        letter: Any = message_from_bytes(envelope.content, policy=policy.default)
        self.letters.append(letter)
        self.then()
        if self.drop:
            server.transport.close()
        return "250 queued as 7"


@contextmanager
def mail_server(mood: Mood, *, tls: ssl.SSLContext | None = None, starttls: bool = True, user: tuple[str, str] | None = None) -> Iterator[int]:
    """On a port of this machine; with `starttls` it offers encryption, else speaks TLS from the beginning."""

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        mood.users.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=mood.users[-1] == user, handled=False)

    options: dict[str, Any] = {"authenticator": check, "auth_required": user is not None, "auth_require_tls": tls is not None} if user else {}
    if tls is not None and starttls:
        options["tls_context"] = tls
    place = Controller(mood, hostname="127.0.0.1", port=free_port(), ssl_context=tls if not starttls else None, **options)
    place.start()
    try:
        yield place.port
    finally:
        place.stop()


@contextmanager
def silent_server(*, greeting: bytes = b"") -> Iterator[int]:
    """Takes connections and says nothing more than its greeting."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    conversation, _peer = listening.accept()
                except OSError:
                    return
                taken.append(conversation)
                if greeting:
                    conversation.sendall(greeting)

        threading.Thread(target=take, daemon=True).start()
        yield listening.getsockname()[1]
    for conversation in taken:
        conversation.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context for 127.0.0.1, and the file whoever trusts it needs."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    both = folder / "server.pem"
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    both.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    trusted = folder / "trusted.pem"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context, trusted


@dataclass
class Asked:
    """A request somebody made."""

    path: str
    heads: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@contextmanager
def web_server(answer: Callable[[Asked], tuple[int, Any]]) -> Iterator[tuple[str, list[Asked]]]:
    """Answers POSTs with (status, JSON); yields its address and what it was asked. An answer of None ends the connection."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            one = Asked(self.path, {k.lower(): v for k, v in self.headers.items()}, self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            asked.append(one)
            status, said = answer(one)
            if said is None:
                self.close_connection = True
                return
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
