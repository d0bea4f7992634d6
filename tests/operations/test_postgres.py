"""The embedded database: made once, found again, recovered, shared, closed to others, as root and as a user."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config import postgres

ROOT = os.geteuid() == 0


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory the server's user can reach, stopped and removed afterwards."""
    made = Path(tempfile.mkdtemp(prefix="yx-"))
    made.chmod(0o711)
    yield made
    postgres.stop(made / "postgres")
    shutil.rmtree(made)


def _ask(url: str, sql: str) -> list:
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(sql)
        return found.fetchall() if found.description else []


def test_what_was_written_is_found_after_a_stop(place: Path):
    url = postgres.start(place / "postgres")
    _ask(url, "CREATE TABLE t AS SELECT 7 AS a")
    postgres.stop(place / "postgres")
    assert postgres.pid(place / "postgres") is None
    with pytest.raises(psycopg.OperationalError):
        _ask(url, "SELECT 1")
    assert _ask(postgres.start(place / "postgres"), "SELECT a FROM t") == [(7,)]


def test_it_recovers_after_a_kill(place: Path):
    url = postgres.start(place / "postgres")
    _ask(url, "CREATE TABLE t (a int)")
    _ask(url, "INSERT INTO t VALUES (1)")
    os.kill(postgres.pid(place / "postgres"), signal.SIGKILL)
    time.sleep(0.2)
    assert postgres.pid(place / "postgres") is None
    assert _ask(postgres.start(place / "postgres"), "SELECT a FROM t") == [(1,)]


def test_a_process_number_left_over_by_a_crash_is_not_believed(place: Path):
    """After a restart of the machine the old number may be another program's, even our own."""
    postgres.start(place / "postgres")
    postgres.stop(place / "postgres")
    left = place / "postgres" / "cluster" / "postmaster.pid"
    left.write_text(f"{os.getpid()}\n{left.parent}\n1\n5432\n{place}\n\n0 0\nready\n")
    assert postgres.pid(place / "postgres") is None
    assert _ask(postgres.start(place / "postgres"), "SELECT 1") == [(1,)]


def test_a_copy_taken_while_it_runs_is_whole(place: Path):
    """As docs/operations.md says: pg_basebackup, then pg_verifybackup."""
    url = postgres.start(place / "postgres")
    _ask(url, "CREATE TABLE t AS SELECT 7 AS a")
    programs, run = postgres._programs(None), str(place / "postgres" / "run")
    copy = [str(programs / "pg_basebackup"), "-h", run, "-U", "yingxu", "-c", "fast", "-X", "stream", "-D", str(place / "copy")]
    assert subprocess.run(copy, capture_output=True).returncode == 0
    assert subprocess.run([str(programs / "pg_verifybackup"), "-q", str(place / "copy")]).returncode == 0


def test_a_half_made_cluster_is_made_again(place: Path):
    (place / "postgres" / "cluster" / "base").mkdir(parents=True)
    assert _ask(postgres.start(place / "postgres"), "SELECT 1") == [(1,)]


def test_a_path_too_long_for_a_socket(place: Path):
    data = place / ("long" * 30) / "postgres"
    url = postgres.start(data)
    assert _ask(url, "SELECT 1") == [(1,)] and _ask(postgres.url(data), "SELECT 1") == [(1,)]
    found = Path((data / "socket").read_text())
    assert found.stat().st_mode & 0o777 == 0o700
    postgres.stop(data)
    found.rmdir()


def test_other_versions_are_refused_with_a_sentence(place: Path):
    postgres.start(place / "postgres")
    postgres.stop(place / "postgres")
    (place / "postgres" / "cluster" / "PG_VERSION").write_text("17\n")
    with pytest.raises(postgres.Trouble, match="PostgreSQL 17 made the database .* restore a backup"):
        postgres.start(place / "postgres")


def test_the_last_user_stops_it(place: Path):
    """Users that were killed do not count."""
    other = "import sys, time; sys.path.insert(0, '.'); from config import postgres; from pathlib import Path\n"
    other += f"with postgres.serving(Path({str(place / 'postgres')!r})): print('in', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", other], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "in\n"
        with postgres.serving(place / "postgres") as url:
            assert _ask(url, "SELECT 1") == [(1,)]
        assert postgres.pid(place / "postgres"), "the other one still uses it"
        process.kill()
    with postgres.serving(place / "postgres"):
        pass
    assert postgres.pid(place / "postgres") is None


@pytest.mark.skipif(not ROOT, reason="only root can become somebody else")
def test_nobody_else_gets_in(place: Path):
    """The server runs as an unprivileged user; neither that user nor another one may sign in."""
    url = postgres.start(place / "postgres")
    (place / "postgres" / "run").chmod(0o777)
    (place / "postgres" / "run" / ".s.PGSQL.5432").chmod(0o777)
    psql = [str(postgres._programs(None) / "psql"), url, "-c", "select 1"]
    for user in ("nobody", "daemon"):
        tried = subprocess.run(psql, user=user, group="nogroup", extra_groups=[], cwd="/", capture_output=True, text=True)
        assert tried.returncode and "eer authentication failed" in tried.stderr
    assert subprocess.run(psql, capture_output=True).returncode == 0


@pytest.mark.skipif(not ROOT, reason="only root starts the server as somebody else")
def test_data_and_programs_the_server_cannot_reach_are_put_where_it_can(place: Path, monkeypatch: pytest.MonkeyPatch):
    """A checkout under a closed home directory."""
    shared, closed = place / "shared", place / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(postgres, "SHARED", shared)
    for part in (wheel := postgres._programs(None).parents[1]).parent.glob(f"{wheel.name}*"):
        shutil.copytree(part, closed / part.name)
    monkeypatch.setattr(postgres, "find_spec", lambda name: type("Spec", (), {"origin": str(closed / name / "__init__.py")}))
    assert _ask(postgres.start(closed / "postgres"), "SELECT 1") == [(1,)]
    assert (closed / "postgres").is_symlink() and list(shared.glob("programs-*/*/pginstall/bin/postgres"))
    assert _ask(postgres.url(closed / "postgres"), "SELECT 1") == [(1,)]
    postgres.stop(closed / "postgres")
