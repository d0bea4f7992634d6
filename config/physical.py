"""A physical copy of the embedded PostgreSQL, and its way back: the copy, then the pieces of the log that came after it, up to a moment.

The log is divided into pieces of one size ("segments"), named by timeline and number; they are what is archived. Who replays them asks
us for one after the other: its command leaves a note, and a thread of ours puts the piece there, so that never more than two lie in the clear.
"""

import gzip
import re
import shutil
import subprocess
import tarfile
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config import postgres

NAME = re.compile(r"[0-9A-F]{24}")
HISTORY = re.compile(r"[0-9A-F]{8}\.history")
SPAN = 1 << 32
FETCH = """#!/bin/sh
# PostgreSQL calls this in its directory while it replays its log (name, path): it asks for a piece and waits until it is there.
# 1: there is none, the log ends here; 200: something is wrong with it, stop.
set -eu
: > "../feed/want.$1"
turns=0
until [ -e "../feed/have.$1" ]; do
    [ ! -e "../feed/none.$1" ] || exit 1
    [ ! -e ../feed/flawed ] || exit 200
    turns=$((turns + 1))
    [ "$turns" -lt 15000 ] || exit 200
    sleep 0.02
done
mv "../feed/have.$1" "$2"
"""
SETTINGS = """
restore_command = 'sh ../fetch.sh "%f" "%p"'
recovery_target_timeline = 'current'
recovery_target_action = 'promote'
"""


@dataclass(frozen=True, order=True)
class Segment:
    """One piece of the log: its timeline and its number on it. `size` is that of all pieces of the cluster, in bytes."""

    timeline: int
    number: int
    size: int = 1 << 24

    @classmethod
    def of(cls, name: str, size: int) -> "Segment":
        each = SPAN // size
        return cls(int(name[:8], 16), int(name[8:16], 16) * each + int(name[16:], 16), size)

    @property
    def name(self) -> str:
        log, number = divmod(self.number, SPAN // self.size)
        return f"{self.timeline:08X}{log:08X}{number:08X}"

    @property
    def next(self) -> "Segment":
        return Segment(self.timeline, self.number + 1, self.size)


@dataclass(frozen=True)
class Standing:
    """Which cluster this is, and in which piece of its log it writes."""

    system: str
    size: int
    writes: Segment


def standing(connection: Any) -> Standing:
    """Of the server behind a connection. The place itself is reckoned: at the very end of a piece the server still names that one."""
    system, size, name, place = connection.execute(
        "SELECT (pg_control_system()).system_identifier::text, pg_size_bytes(current_setting('wal_segment_size')), pg_walfile_name(lsn), (lsn - '0/0')::bigint "
        "FROM pg_current_wal_lsn() AS lsn"
    ).fetchone()
    return Standing(system, size, Segment(int(name[:8], 16), place // size, size))


def base(environment: dict[str, str], put: Callable[[bytes], Any]) -> None:
    """Hand the physical copy of a running server, a compressed tar, to `put`, piece by piece; it returns when the log that belongs to
    it is archived too. Raises Trouble with the words of the program."""
    words = ["--pgdata=-", "--format=tar", "--wal-method=none", "--checkpoint=fast", "--compress=client-gzip:1", "--no-password"]
    process = subprocess.Popen(
        [postgres.client("pg_basebackup"), *words], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/"
    )
    said: list[bytes] = []
    ear = threading.Thread(target=lambda: said.append(process.stderr.read()), daemon=True)  # type: ignore[union-attr]
    ear.start()
    try:
        while piece := process.stdout.read(1 << 20):  # type: ignore[union-attr]
            put(piece)
        code = process.wait()
        ear.join()
        if code:
            raise postgres.Trouble((b"".join(said).decode(errors="replace").strip().splitlines() or [f"pg_basebackup: {code}"])[-1])
    finally:
        process.kill()
        process.wait()
        ear.join()
        for end in (process.stdout, process.stderr):
            end.close()  # type: ignore[union-attr]


def recover(
    data: Path, pieces: Iterable[bytes], give: Callable[[str], bytes | None], size: int, *, until: str = "", extra: str = "", archive: bool = False
) -> None:
    """Make the cluster in `data` of a copy and replay what `give` has of its log (None: there is no such piece; `size`: of all pieces), to
    its end or to the moment `until`. Raises what `pieces` or `give` raised; Trouble when the server could not."""
    feed = _Feed(data, give, size)

    def fill(cluster: Path) -> None:
        _unpack(pieces, cluster)
        feed.open()

    target = f"recovery_target_time = '{until}'\n" if until else ""
    try:
        postgres.recover(data, fill, SETTINGS + target + extra, archive=archive)
    except postgres.Trouble:
        if feed.failed:
            raise feed.failed from None
        raise
    finally:
        feed.close()


def _unpack(pieces: Iterable[bytes], cluster: Path) -> None:
    try:
        with gzip.open(_Stream(iter(pieces))) as plain, tarfile.open(fileobj=plain, mode="r|") as tar:  # type: ignore[call-overload]
            tar.extractall(cluster, filter="tar")
    except (tarfile.TarError, EOFError) as error:
        raise postgres.Trouble(f"The copy of the database cannot be unpacked: {error}") from error
    (cluster / "postmaster.pid").unlink(missing_ok=True)


class _Stream:
    """Pieces of bytes as a file to read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._left = pieces, b""

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._left) < size:
            piece = next(self._pieces, b"")
            if not piece:
                size = len(self._left)
            self._left += piece
        found, self._left = self._left[:size], self._left[size:]
        return found


class _Feed:
    """Answers the command that asks for pieces of the log. `failed` is what was raised meanwhile: why the server stopped."""

    def __init__(self, data: Path, give: Callable[[str], bytes | None], size: int) -> None:
        self.failed: Exception | None = None
        self._data, self._give, self._size = data, give, size
        self._ending, self._thread = threading.Event(), threading.Thread(target=self._run, name="feed", daemon=True)
        self._at = data / "feed"

    def open(self) -> None:
        self._at = postgres.room(self._data, "feed")
        (self._data / "fetch.sh").write_text(FETCH)
        (self._data / "fetch.sh").chmod(0o755)
        self._thread.start()

    def close(self) -> None:
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()
        shutil.rmtree(self._at, ignore_errors=True)
        (self._data / "fetch.sh").unlink(missing_ok=True)

    def _run(self) -> None:
        try:
            while not self._ending.wait(0.01):
                for note in sorted(self._at.glob("want.*")):
                    note.unlink()
                    name = note.name.removeprefix("want.")
                    self._put(name)
                    if NAME.fullmatch(name):
                        self._put(Segment.of(name, self._size).next.name)  # it will be asked for next
        except Exception as error:  # noqa: BLE001  the server is told to stop, and who waits for it is told why
            self.failed = error
            (self._at / "flawed").touch()

    def _put(self, name: str) -> None:
        if (self._at / f"have.{name}").exists():
            return
        raw = self._give(name)
        if raw is None:
            (self._at / f"none.{name}").touch()
            return
        half = self._at / f"half.{name}"
        half.write_bytes(raw)
        postgres.hand(self._data, half)
        half.rename(self._at / f"have.{name}")
