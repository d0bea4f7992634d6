"""A PostgreSQL of one's own, by DATABASE_URL: over TCP, with a password. Backed up and restored as the embedded one; its log is its operator's."""

import os
import secrets
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from config import postgres

from .test_backup import ASK
from .test_serving import ROOT, Company


class Own:
    """A server that listens at a port of this machine and asks for a password, with odd characters in it."""

    def __init__(self, place: Path) -> None:
        self.place, self.password = place, secrets.token_urlsafe(9) + "/@ %"
        self.user, self.cluster = postgres._server_user(place / "own"), place / "own"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.cluster.mkdir(mode=0o700)
        kept = place / "password"
        kept.write_text(self.password)
        for path in (self.cluster, kept):
            postgres._own(self.user, path)
        postgres._call(place, "initdb", "-D", self.cluster, "-U", "owner", "--auth=scram-sha-256", f"--pwfile={kept}", "--encoding=UTF8", "--no-sync", user=self.user)
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        postgres._call(place, "pg_ctl", "-D", self.cluster, "-w", "-o", options, "-l", self.cluster / "server.log", "start", user=self.user)

    def stop(self) -> None:
        postgres._call(self.place, "pg_ctl", "-D", self.cluster, "-w", "-m", "immediate", "stop", user=self.user)

    def url(self, name: str) -> str:
        return f"postgresql://owner:{quote(self.password, safe='')}@127.0.0.1:{self.port}/{name}"

    def make(self, name: str) -> str:
        with psycopg.connect(self.url("postgres"), autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name}")
        return self.url(name)


@pytest.fixture(scope="module")
def own(place: Path) -> Iterator[Own]:
    server = Own(place)
    yield server
    server.stop()


def _run(company: Company, url: str | None, *words: str, code: str = "") -> subprocess.CompletedProcess:
    env = company.env | ({"DATABASE_URL": url} if url else {}) | {"YINGXU_RECOVERY_CODE": code}
    return subprocess.run(company.words(*words), cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)


def _asked(url: str) -> dict[str, list]:
    with psycopg.connect(url) as database:
        return {name: database.execute(sql).fetchall() for name, sql in ASK.items()}


def test_a_company_moves_to_a_server_of_ones_own_and_back_from_its_backup(place: Path, own: Own, begun: Callable[[Path], str]):
    """Embedded → a server of one's own → another database of it: each time what came back is compared with what was saved."""
    code = begun(place / "data")
    old = Company(place / "data")
    (place / "data" / "files" / "ab").mkdir(parents=True)
    (place / "data" / "files" / "ab" / "abcd").write_bytes(paper := os.urandom(10_000))
    assert _run(old, None, "backup", "--to", str(place / "first")).returncode == 0

    moved, one = Company(place / "moved"), own.make("one")
    done = _run(moved, one, "restore", str(place / "first"), code=code)
    assert done.returncode == 0, done.stderr
    assert "the same as saved" in done.stdout and "BAD" not in done.stdout
    assert (place / "moved" / "files" / "ab" / "abcd").read_bytes() == paper and not (place / "moved" / "postgres").exists()

    before = _asked(one)
    done = _run(moved, one, "backup", "--to", str(place / "second"))
    assert done.returncode == 0, done.stderr
    assert own.password not in "".join(path.read_text(errors="replace") for path in (place / "second").rglob("*") if path.is_file())
    again, two = Company(place / "again"), own.make("two")
    done = _run(again, two, "restore", str(place / "second"), code=code)
    assert done.returncode == 0, done.stderr
    with psycopg.connect(two) as database:
        count = before["entries"][0][1]
        assert database.execute(ASK["entries"] + " WHERE id <= %s", [count]).fetchall() == before["entries"]
        assert database.execute(ASK["people"]).fetchall() == before["people"]

    said = _run(again, two, "status").stdout
    assert "ok   database" in said and "BAD  log of your server: not archived" in said

    for words, why in (
        (("restore", str(place / "second")), "is not empty"),  # the database is not
        (("restore", str(place / "second"), "--at", "2026-11-24 17:00"), "its own tools bring it back to a moment"),
    ):
        done = _run(Company(place / "refused"), two, *words, code=code)
        assert done.returncode == 1 and why in done.stderr and not (place / "refused").exists()
    done = _run(again, two, "backup", "log")
    assert done.returncode == 1 and "its own tools archive its log" in done.stderr
