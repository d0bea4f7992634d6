"""The archive of the database's log: a machine is lost, and what was finished of the log comes back, to the end or to a moment (R7, F26, F27)."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from config import physical, postgres
from yingxu.operations import places, replaying, segments, vault

from .test_serving import ROOT, Company

PAPER = os.urandom(50_000)
FILE = """
INSERT INTO files_file (matter_id, name, size, mime, sha256, stored, by_kind, by_name, public, secrecy, at)
VALUES (1, 'x', %s, 'text/plain', %s, 'cd00', 'system', 'x', false, 0, now())
"""


class Lost(Company):
    """A company whose machine is lost after what it wrote; `code` and the second place are left. Row 1 of `drill` was written before
    `moment`, row 2 and a paper after it, row 3 after the log was brought away last."""

    back: Company  # as it was restored first

    def __init__(self, data: Path, code: str) -> None:
        super().__init__(data)
        self.place, self.second, self.code = data.parent / "place", data.parent / "second", code
        for place in (self.place, self.second):
            places.begin(place)
        with postgres.serving(data / "postgres", archive=True) as url, psycopg.connect(url, autocommit=True) as database:
            database.execute("INSERT INTO operations_plan (id, hour, place, second) VALUES (1, 3, %s, %s)", [str(self.place), str(self.second)])
            database.execute("CREATE TABLE drill (n int)")
            self.backed_up = self.run("backup")
            database.execute("INSERT INTO drill VALUES (1)")
            time.sleep(1.1)
            self.moment = database.execute("SELECT date_trunc('second', clock_timestamp())").fetchone()[0]
            time.sleep(1.1)
            (data / "files" / "cd").mkdir(parents=True)
            (data / "files" / "cd" / "cd00").write_bytes(PAPER)
            database.execute("SET session_replication_role = replica")  # a paper without the need it belongs to
            database.execute(FILE, [len(PAPER), sha256(PAPER).hexdigest()])
            database.execute("INSERT INTO drill VALUES (2)")
            self.brought = self.run("backup", "log")
            self.proved = self.run("backup", "verify")
            database.execute("INSERT INTO drill VALUES (3)")
            os.kill(postgres.pid(data / "postgres"), signal.SIGKILL)
        postgres.remove(data / "postgres")
        shutil.rmtree(data)
        shutil.rmtree(self.place)

    def restore(self, *words: str, source: Path | None = None, code: str = "") -> tuple[subprocess.CompletedProcess, Path]:
        new = Path(tempfile.mkdtemp(prefix="new-", dir=self.data.parent)) / "data"
        line = [*self.words("restore", str(source or self.second), *words)[:-1], str(new)]
        return subprocess.run(line, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=120, input=(code or self.code) + "\n"), new

    @property
    def key(self) -> vault.Key:
        return vault.key_of(self.code)

    def copy(self) -> Path:
        """The second place once more, to spoil it."""
        return shutil.copytree(self.second, Path(tempfile.mkdtemp(prefix="copy-", dir=self.data.parent)) / "place")


@pytest.fixture(scope="module")
def lost(place: Path, begun: Callable[[Path], str]) -> Lost:
    return Lost(place / "data", begun(place / "data"))


def _drill(data: Path) -> list[int]:
    with postgres.serving(data / "postgres") as url, psycopg.connect(url) as database:
        return [row[0] for row in database.execute("SELECT n FROM drill ORDER BY n")]


def _log(place: Path) -> list[Path]:
    return sorted(place.glob("log/*/*"))


def test_a_lost_machine_comes_back_up_to_what_was_brought_away(lost: Lost):
    """R7: what an explicit switch closed is all there; what was written afterwards is what is lost."""
    assert lost.backed_up.returncode == 0 and lost.brought.returncode == 0, lost.backed_up.stderr + lost.brought.stderr
    done, data = lost.restore()
    assert done.returncode == 0, done.stderr
    assert _drill(data) == [1, 2] and (data / "files" / "cd" / "cd00").read_bytes() == PAPER
    assert "BAD" not in done.stdout and (data / "keys" / "keyring.json").stat().st_mode & 0o077 == 0
    lost.back = Company(data)


def test_a_moment_comes_back_as_it_was(lost: Lost):
    done, data = lost.restore("--at", f"{lost.moment.astimezone(datetime.now().astimezone().tzinfo):%Y-%m-%d %H:%M:%S%z}")
    assert done.returncode == 0, done.stderr
    assert _drill(data) == [1] and not (data / "files" / "cd").exists()
    assert f"as of {lost.moment.astimezone(replaying.standing.zone()):%Y-%m-%d %H:%M:%S}" in done.stdout


def test_it_is_proved_by_replaying_it(lost: Lost):
    assert lost.proved.returncode == 0 and "The log was replayed up to" in lost.proved.stdout, lost.proved.stderr


def test_nothing_of_it_can_be_read_without_the_code(lost: Lost):
    for path in lost.second.rglob("*"):
        if path.is_file():
            assert PAPER[1000:1032] not in path.read_bytes() and "应需测试".encode() not in path.read_bytes()
    assert _log(lost.second) and list(lost.second.glob("keyrings/*"))


@pytest.mark.parametrize("code", ["no code", vault.new_code()], ids=["mistyped", "another"])
def test_a_wrong_code_is_refused(lost: Lost, code: str):
    done, data = lost.restore("--at", "2026-01-01 00:00", code=code)
    assert done.returncode == 1 and "recovery code" in done.stderr and not list(data.parent.iterdir())


def test_a_changed_piece_is_refused_and_leaves_nothing(lost: Lost):
    spoilt = lost.copy()
    path = _log(spoilt)[-1]
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)
    done, data = lost.restore(source=spoilt)
    assert done.returncode == 1 and f"{path.name.partition('.')[0]} of the database's log was changed or cut" in done.stderr
    assert not list(data.parent.iterdir())


def test_a_hole_is_found_before_anything_is_begun(lost: Lost):
    spoilt = lost.copy()
    base = next(segments.bases(spoilt, [lost.key]))
    held = segments.held(spoilt, base.system)
    behind = [name for name in sorted(held) if physical.Segment.of(name, base.first.size) > base.whole]
    beyond = physical.Segment.of(behind[-1], base.first.size).next
    held[behind[-1]].rename(held[behind[-1]].with_name(held[behind[-1]].name.replace(behind[-1], beyond.name)))
    done, data = lost.restore(source=spoilt)
    assert done.returncode == 1 and f"The log has a hole: {behind[-1]} is missing. It leads up to" in done.stderr
    assert not list(data.parent.iterdir())
    held[base.first.name].unlink()
    with pytest.raises(vault.Flawed, match="without it the copy is not whole"):
        replaying.plan(spoilt, lost.key)


def test_a_cut_piece_is_refused(lost: Lost):
    spoilt = lost.copy()
    path = _log(spoilt)[-1]
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(vault.Flawed, match="changed or cut"):
        replaying.plan(spoilt, lost.key)


def test_moments_the_log_does_not_know_are_refused(lost: Lost):
    plan = replaying.plan(lost.second, lost.key)
    for until, words in ((plan.base.ended - timedelta(seconds=1), "an earlier moment cannot"), (plan.reached + timedelta(seconds=1), "not further")):
        with pytest.raises(vault.Trouble, match=words):
            replaying.plan(lost.second, lost.key, until)
    done, _data = lost.restore("--at", "yesterday")
    assert done.returncode == 1 and "is no moment" in done.stderr


def test_a_copy_of_another_postgresql_is_refused(lost: Lost, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(postgres, "carried", lambda: "19.1")
    with pytest.raises(vault.Trouble, match="Restore a backup with --name"):
        replaying.plan(lost.second, lost.key)


def test_one_backup_comes_back_as_it_was_taken(lost: Lost):
    done, data = lost.restore("--name", places.names(lost.second)[0])
    assert done.returncode == 0, done.stderr
    assert _drill(data) == []


def test_a_restored_company_goes_on_with_a_copy_of_its_own(lost: Lost):
    """The log has a new line from there; both places have a copy that begins it, beside the old one."""
    places.begin(lost.place)
    done = lost.back.run("backup")
    assert done.returncode == 0, done.stderr
    for place in (lost.place, lost.second):
        base = next(segments.bases(place, [lost.key]))
        assert base.first.timeline == 2 and segments.reach(place, base).last is not None
    assert [base.first.timeline for base in segments.bases(lost.second, [lost.key])] == [2, 1]
