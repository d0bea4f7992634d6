"""What every test run stands on: one embedded PostgreSQL shared by all runs of this user, and a data directory of its own.

Loaded by `-p tests.harness` before Django reads its settings. YINGXU_TEST_DB gives a run a database of its own, so that
several can go on at once; two runs with the same name wait for each other. DATABASE_URL, when set, is used instead.
"""

import atexit
import fcntl
import json
import os
import secrets
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from config import postgres
from yingxu.base.crypto import new_keyring

QUICK = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nwal_level = minimal\nmax_wal_senders = 0\n"
LEAVING = ExitStack()  # what is undone when the run ends


def _place() -> Path:
    """A directory other users cannot write to and the server's user can reach."""
    place = Path(tempfile.gettempdir()) / f"yingxu-test-{os.getuid()}"
    place.mkdir(mode=0o711, exist_ok=True)
    if place.is_symlink() or place.stat().st_uid != os.getuid():
        raise SystemExit(f"{place} belongs to somebody else; remove it or set TMPDIR.")
    return place


def _wait_for_turn(place: Path, name: str) -> None:
    turn = LEAVING.enter_context((place / f"{name}.turn").open("a"))
    try:
        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"Another test run uses the database {name}; waiting for it.", file=sys.stderr, flush=True)
        fcntl.flock(turn, fcntl.LOCK_EX)


def _server(data: Path) -> str:
    try:
        return LEAVING.enter_context(postgres.serving(data, buffers="128MB", extra=QUICK))
    except postgres.Trouble:  # what tests left behind is worth nothing: begin anew
        shutil.rmtree(data, ignore_errors=True)
        return LEAVING.enter_context(postgres.serving(data, buffers="128MB", extra=QUICK))


def _data() -> Path:
    data = Path(tempfile.mkdtemp(prefix="yingxu-data-"))
    LEAVING.callback(shutil.rmtree, data, ignore_errors=True)
    (data / "keys").mkdir(mode=0o700)
    (data / "keys" / "secret").write_text(secrets.token_urlsafe(48))
    (data / "keys" / "keyring.json").write_text(json.dumps(new_keyring()))
    return data


def begin() -> None:
    place = _place()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    name = "_".join(part for part in ("yingxu", os.environ.get("YINGXU_TEST_DB", ""), worker) if part)
    _wait_for_turn(place, name)
    server = urlsplit(os.environ.get("DATABASE_URL") or _server(place / "postgres"))
    os.environ["DATABASE_URL"] = server._replace(path=f"/{name}").geturl()
    os.environ["YINGXU_DATA"] = str(_data())
    atexit.register(LEAVING.close)


begin()
