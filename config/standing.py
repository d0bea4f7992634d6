"""What every command stands on: the keys, the database, Django; nothing starts without them."""

import json
import os
import secrets
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from config import postgres


def make_keys(data: Path) -> str:
    """Secret, keyring and backup key, once; returns the recovery code of the backups ("" when there were keys already). Everybody may
    pass through the data directory, nobody may look around in it."""
    from yingxu.base.crypto import new_keyring
    from yingxu.operations import vault

    keys = data / "keys"
    if keys.exists():
        return ""
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o711 if os.geteuid() == 0 else 0o700)
    half = data / f"keys.{os.getpid()}"
    half.mkdir(mode=0o700)
    for name, text in {"secret": secrets.token_urlsafe(48), "keyring.json": json.dumps(new_keyring())}.items():
        with open(os.open(half / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    code = vault.new_code()
    vault.keep(half / "backup.json", vault.key_of(code))
    half.rename(keys)
    return code


def require_keys(data: Path) -> None:
    """No keys, no start: a new key would make everything sealed unreadable."""
    for name, what in {"secret": "secret", "keyring.json": "keyring"}.items():
        path = data / "keys" / name
        if name == "secret" and os.environ.get("YINGXU_SECRET"):
            continue
        if not path.exists():
            sys.exit(f"There is no {what} at {path}. Restore it from your backup; for a new company run: yingxu init")
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            sys.exit(f"Others may read the {what} at {path}. Close it: chmod 600 {path}")


@contextmanager
def database(data: Path) -> Iterator[Callable[[], None]]:
    """Your own server when DATABASE_URL names one, else the embedded one, started for us. Yields what keeps it alive."""
    if os.environ.get("DATABASE_URL"):
        yield lambda: None
        return
    place, buffers, again = data / "postgres", os.environ.get("YINGXU_BUFFERS", "64MB"), 0.0

    def keep() -> None:
        nonlocal again
        if time.monotonic() > again and postgres.pid(place) is None:
            try:
                postgres.start(place, buffers=buffers, archive=True)
            except postgres.Trouble as trouble:
                print(trouble, file=sys.stderr, flush=True)
                again = time.monotonic() + 5

    with postgres.serving(place, buffers=buffers, archive=True) as url:
        os.environ["DATABASE_URL"] = url
        yield keep


def zone() -> ZoneInfo:
    """The company's time zone (`TIME_ZONE` of the settings), for a command that must not read the settings yet."""
    return ZoneInfo(os.environ.get("YINGXU_ZONE", "Asia/Shanghai"))


def django() -> None:
    import django

    django.setup()


def migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
