"""Servers for tests: pymap as a real IMAP server, and one that breaks off where it is told to."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def pymap(folder: Path) -> Iterator[int]:
    """A real IMAP server with the account demouser / demopass; yields its port."""
    port = free_port()
    words = [str(Path(sys.executable).with_name("pymap")), "--host", "127.0.0.1", "--port", str(port), "--no-tls", "dict", "--demo-data"]
    with (folder / "pymap.log").open("wb") as log:
        server = subprocess.Popen(words, stdout=log, stderr=log, env={**os.environ, "PYTHONUNBUFFERED": "1"})  # noqa: S603
    try:
        for _try in range(150):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if server.poll() is not None:
                raise RuntimeError((folder / "pymap.log").read_text())
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(20)


class Scripted:
    """Speaks as much IMAP as fetching needs, over messages of its own, and fails as told: `drop_after` bodies it hangs up."""

    def __init__(self, bodies: list[bytes], *, validity: int = 7, drop_after: int = -1, read_only: bool = False, vanished: set[int] | None = None) -> None:
        self.bodies, self.validity, self.drop_after, self.read_only = bodies, validity, drop_after, read_only
        self.vanished, self.sent, self.flagged, self.asked = vanished or set(), 0, [], []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.on_body: Callable[[int], None] = lambda uid: None
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self.socket.close()

    def _serve(self) -> None:
        while True:
            try:
                peer, _where = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(peer,), daemon=True).start()

    def _talk(self, peer: socket.socket) -> None:
        with peer, peer.makefile("rwb") as talk:
            talk.write(b"* OK scripted\r\n")
            talk.flush()
            for line in talk:
                tag, _space, words = line.strip().partition(b" ")
                if not self._answer(talk, tag, words.decode("latin-1").upper()):
                    return
                talk.flush()

    def _answer(self, talk: Any, tag: bytes, words: str) -> bool:
        self.asked.append(words)
        if words.startswith("CAPABILITY"):
            talk.write(b"* CAPABILITY IMAP4rev1 UIDPLUS\r\n")
        elif words.startswith(("SELECT", "EXAMINE")):
            mode = b"READ-ONLY" if self.read_only or words.startswith("EXAMINE") else b"READ-WRITE"
            talk.write(b"* %d EXISTS\r\n* OK [UIDVALIDITY %d] ok\r\n" % (len(self.bodies), self.validity))
            talk.write(tag + b" OK [" + mode + b"] done\r\n")
            return True
        elif words.startswith("UID SEARCH"):
            first = int(words.rsplit(" ", 1)[1].partition(":")[0])
            found = [uid for uid in range(1, len(self.bodies) + 1) if uid >= first] or [len(self.bodies)]
            talk.write(b"* SEARCH " + " ".join(map(str, found)).encode() + b"\r\n")
        elif words.startswith("UID FETCH"):
            if not self._fetch(talk, int(words.split()[2]), words):
                return False
        elif words.startswith("UID STORE"):
            self.flagged.append(int(words.split()[2]))
        elif words.startswith("LOGOUT"):
            talk.write(b"* BYE\r\n" + tag + b" OK\r\n")
            talk.flush()
            return False
        talk.write(tag + b" OK done\r\n")
        return True

    def _fetch(self, talk: Any, uid: int, words: str) -> bool:
        body = self.bodies[uid - 1]
        if uid in self.vanished and "BODY" in words:
            return True
        if "BODY" not in words:
            talk.write(b'* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE "18-Mar-2026 09:12:00 +0800")\r\n' % (uid, uid, len(body)))
            return True
        if self.sent == self.drop_after:
            talk.write(b"* %d FETCH (UID %d BODY[] {%d}\r\n" % (uid, uid, len(body)) + body[: len(body) // 2])
            talk.flush()
            self.drop_after = -1
            return False
        self.sent += 1
        self.on_body(uid)
        talk.write(b"* %d FETCH (UID %d BODY[] {%d}\r\n" % (uid, uid, len(body)) + body + b")\r\n")
        return True


def certificate(folder: Path) -> tuple[str, str]:
    """A certificate nobody vouches for, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    cert, secret = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return str(cert), str(secret)
