"""A company as its operator keeps it: backed up while it runs, lost, brought back onto an empty machine (A10, S4, F10, F26, F27, F28)."""

import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from config import postgres
from yingxu.operations import vault

from .test_serving import ROOT, Company

PAPER = os.urandom(300_000)
ERASED = '{"matters": {"999999999": "KH-2020-000001"}, "roots": [999999999], "by": "kai"}\n'  # of a file the backup does not hold
ASK = {
    "entries": "SELECT count(*), max(id), md5(string_agg(e::text, '|' ORDER BY id)) FROM matters_entry e",
    "people": "SELECT string_agg(username || password, '|' ORDER BY id) FROM people_user",
}


class Kept(Company):
    """A company with its recovery code and a place for backups."""

    def __init__(self, data: Path, code: str) -> None:
        super().__init__(data)
        self.place, self.code = data.parent / "place", code
        (data / "files" / "ab").mkdir(parents=True)
        (data / "files" / "ab" / "abcd").write_bytes(PAPER)
        assert self.back_up().returncode == 0

    def back_up(self, **more) -> subprocess.CompletedProcess:
        words = self.words("backup", "--to", str(self.place))
        return subprocess.run(words, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=120, **more)

    def restore(self, data: Path, source: Path | None = None, code: str | None = None) -> subprocess.CompletedProcess:
        words = [*self.words("restore", str(source or self.place))[:-1], str(data)]
        given = self.code if code is None else code
        return subprocess.run(words, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=120, input=given + "\n")

    def whole(self) -> list[str]:
        return sorted(p.name for p in self.place.iterdir() if (p / "seal").exists() and not p.name.startswith("."))


def _asked(data: Path) -> dict[str, list]:
    with postgres.serving(data / "postgres") as url, psycopg.connect(url) as connection:
        return {name: connection.execute(sql).fetchall() for name, sql in ASK.items()}


def _xid(data: Path) -> int:
    with postgres.serving(data / "postgres") as url, psycopg.connect(url) as connection:
        return connection.execute("SELECT pg_current_xact_id()::text::bigint - (SELECT max(tx) FROM matters_entry)").fetchone()[0]


@pytest.fixture(scope="module")
def kept(place: Path, begun: Callable[[Path], str]) -> Kept:
    return Kept(place / "data", begun(place / "data"))


@pytest.fixture
def empty(kept: Kept) -> Path:
    return Path(tempfile.mkdtemp(prefix="new-", dir=kept.data.parent)) / "data"


def test_what_comes_back_is_what_was_saved(kept: Kept, empty: Path):
    """F26: an empty machine; the journal is equal but for the line that says it was restored, and goes on from there."""
    before = _asked(kept.data)
    assert kept.back_up().returncode == 0
    done = kept.restore(empty)
    assert done.returncode == 0, done.stderr
    assert re.search(r"ok   journal: \d+ rows in \d+ seals", done.stdout) and "BAD" not in done.stdout
    with postgres.serving(empty / "postgres") as url, psycopg.connect(url) as connection:
        count = before["entries"][0][1]
        same = connection.execute(ASK["entries"] + " WHERE id <= %s", [count]).fetchall()
        people = connection.execute(ASK["people"]).fetchall()
        (said,) = connection.execute("SELECT count(*) FROM matters_entry WHERE event = 'operations.restored'").fetchone()
    assert same == before["entries"] and people == before["people"] and said == 1
    assert _xid(empty) > 0  # the journal is handed out in the order of transactions
    assert (empty / "files" / "ab" / "abcd").read_bytes() == PAPER
    for name in ("secret", "keyring.json", "backup.json"):
        assert (empty / "keys" / name).read_bytes() == (kept.data / "keys" / name).read_bytes()
        assert (empty / "keys" / name).stat().st_mode & 0o077 == 0
    assert "ok   database" in Company(empty).run("status").stdout


def test_the_second_backup_copies_no_paper_again(kept: Kept):
    papers = {p: p.stat().st_mtime_ns for p in kept.place.glob("papers/*/*")}
    assert kept.back_up().returncode == 0
    assert papers and {p: p.stat().st_mtime_ns for p in papers} == papers


def test_nothing_of_it_can_be_read_without_the_code(kept: Kept):
    secrets = [(kept.data / "keys" / "secret").read_bytes()[:20], PAPER[1000:1032], b"kai", b"PGDMP", "应需测试".encode()]
    for path in kept.place.rglob("*"):
        if path.is_file():
            body = path.read_bytes()
            assert not [secret for secret in secrets[:2] + secrets[3:] if secret in body], path


@pytest.mark.parametrize("code", ["", "no code", vault.new_code()], ids=["none", "mistyped", "another"])
def test_a_wrong_code_is_refused_before_anything_is_touched(kept: Kept, empty: Path, code: str):
    done = kept.restore(empty, code=code)
    assert done.returncode == 1 and "recovery code" in done.stderr and not empty.exists()
    assert not list(empty.parent.iterdir())


@pytest.mark.parametrize("part", ["seal", "manifest", "database", "keys", "paper"])
@pytest.mark.parametrize("how", ["flipped", "cut", "missing"])
def test_a_flawed_backup_is_refused_and_leaves_nothing(kept: Kept, empty: Path, part: str, how: str):
    flawed = empty.parent / "flawed"
    name = kept.whole()[-1]
    shutil.copytree(kept.place / name, flawed / name)
    shutil.copytree(kept.place / "papers", flawed / "papers")
    path = flawed / name / part if part != "paper" else max(flawed.glob("papers/*/*"), key=lambda p: p.stat().st_size)
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(body if how == "flipped" else body[: len(body) // 2])
    done = kept.restore(empty, flawed)
    assert done.returncode == 1 and done.stderr.strip() and "Traceback" not in done.stderr
    assert not empty.exists() and not list(empty.parent.glob(".*restoring"))


def test_it_is_never_restored_over_something(kept: Kept, empty: Path):
    empty.mkdir()
    (empty / "letter").write_text("mine")
    done = kept.restore(empty)
    assert done.returncode == 1 and "not empty" in done.stderr and (empty / "letter").read_text() == "mine"


def test_a_full_disk_leaves_no_half_backup(kept: Kept):
    """F10: no file may grow beyond what is left; afterwards it works again."""
    before, papers = kept.whole(), sorted(kept.place.glob("papers/*/*"))
    (kept.data / "files" / "ab" / "more").write_bytes(os.urandom(3_000_000))
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))  # noqa: E731
    with postgres.serving(kept.data / "postgres"):  # the server itself is not limited
        done = kept.back_up(preexec_fn=limit)
    assert done.returncode == 1 and "no room" in done.stderr
    assert kept.whole() == before and sorted(kept.place.glob("papers/*/*")) == papers
    assert not list(kept.place.glob(".half-*")) and not list(kept.place.glob("papers/*/.*"))
    assert kept.back_up().returncode == 0


def test_one_that_is_killed_leaves_no_half_backup(kept: Kept):
    before = kept.whole()
    (kept.data / "files" / "ab" / "large").write_bytes(os.urandom(1_000_000) * 200)
    process = subprocess.Popen(kept.words("backup", "--to", str(kept.place)), cwd=ROOT, env=kept.env, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not list(kept.place.glob("papers/*/.*")) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert list(kept.place.glob(".half-*")) and kept.whole() == before
    (kept.data / "files" / "ab" / "large").unlink()
    done = kept.back_up()
    assert done.returncode == 0, done.stderr
    assert not list(kept.place.glob(".half-*")) and not list(kept.place.glob("papers/*/.*"))


def test_it_is_proved_by_restoring_it_and_a_lost_paper_is_noticed(kept: Kept):
    done = kept.run("backup", "verify")
    assert done.returncode == 0 and "is the same" in done.stdout, done.stderr
    assert "verified" in kept.run("backup", "list").stdout
    assert "last verified restore: 0 h ago" in kept.run("status").stdout
    assert not list(kept.data.glob("verify-*"))
    paper = max(kept.place.glob("papers/*/*"), key=lambda p: p.stat().st_size)
    paper.rename(paper.with_name("elsewhere"))
    done = kept.run("backup", "verify")
    paper.with_name("elsewhere").rename(paper)
    assert done.returncode == 1 and "files/ab/" in done.stdout


def test_the_second_place_has_it_too_and_says_when_not(kept: Kept, empty: Path):
    second = empty.parent / "second"
    done = subprocess.run(
        [*kept.words("backup", "--to", str(kept.place), "--second", str(second))], cwd=ROOT, env=kept.env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert kept.restore(empty, second).returncode == 0
    assert (empty / "files" / "ab" / "abcd").read_bytes() == PAPER


def test_without_a_recovery_code_there_is_no_backup(kept: Kept):
    key = kept.data / "keys" / "backup.json"
    text = key.read_text()
    key.unlink()
    done = kept.back_up()
    assert done.returncode == 1 and "yingxu backup code" in done.stderr
    key.write_text(text)
    key.chmod(0o600)


def test_what_was_erased_after_the_backup_is_carried_beside_it(kept: Kept, empty: Path):
    """The ledger of erasures of the newest backup comes back, whichever backup is restored."""
    first = kept.whole()[-1]
    (kept.data / "erasures.jsonl").write_text(ERASED)
    assert kept.back_up().returncode == 0
    words = [*kept.words("restore", str(kept.place), "--name", first)[:-1], str(empty)]
    done = subprocess.run(words, cwd=ROOT, env=kept.env | {"YINGXU_RECOVERY_CODE": kept.code}, capture_output=True, text=True, timeout=120)
    (kept.data / "erasures.jsonl").unlink()
    assert done.returncode == 0, done.stderr
    assert (empty / "erasures.jsonl").read_text() == ERASED
