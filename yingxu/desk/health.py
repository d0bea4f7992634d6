"""Is the product well? Each check is a word and whether it holds; nothing here needs a session."""

import json
from pathlib import Path

from django.conf import settings
from django.db import connection

from yingxu.base import room
from yingxu.matters import queries as matters
from yingxu.notices import queries as notices
from yingxu.operations import queries as operations

SILENT_SECONDS = 180


def checks() -> dict[str, str]:
    """check → "ok" or what is wrong."""
    return {"database": _database(), "keyring": _keyring(), "disk": _disk(), "worker": _worker(), "loops": _loops(), "outbox": _outbox(), "seals": _seals()}


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as error:  # noqa: BLE001  whatever it is, it is not there
        return type(error).__name__
    return "ok"


def _keyring() -> str:
    try:
        ring = json.loads(Path(settings.KEYRING).read_text())
        return "ok" if ring["current"] in ring["keys"] else f"key {ring['current']} is not in the keyring"
    except (OSError, ValueError, KeyError, TypeError) as error:
        return type(error).__name__


def _disk() -> str:
    """Every disk that what we take is put down on."""
    try:
        left = {name: room.left(place) for name, place in room.places().items()}
    except OSError as error:
        return type(error).__name__
    short = [f"{name}: {int(100 * found.share)} % free" for name, found in left.items() if found.level == "bad"]
    return "ok" if not short else ", ".join(short)


def _worker() -> str:
    """A worker that began and fell silent is a fault; one that never began is a web process on its own."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers")
            (silent,) = cursor.fetchone()
    except Exception as error:  # noqa: BLE001
        return type(error).__name__
    return "ok" if silent is None or silent < SILENT_SECONDS else f"silent for {int(silent)} s"


def _loops() -> str:
    """A loop that went round once and stands still: intake, clocks, outbox, journal … (R6)."""
    try:
        found = operations.silent()
    except Exception as error:  # noqa: BLE001
        return type(error).__name__
    return "ok" if not found else "silent: " + ", ".join(f"{loop} for {seconds} s" for loop, seconds in found)


def _seals() -> str:
    """Rows of the journal or the access log that nobody seals are a fault."""
    try:
        late = matters.sealed_late()
    except Exception as error:  # noqa: BLE001
        return type(error).__name__
    return "ok" if not late else f"{', '.join(late)} not sealed"


def _outbox() -> str:
    """Messages that no worker takes are a fault; those a server refuses are not."""
    try:
        left = notices.unattended()
    except Exception as error:  # noqa: BLE001
        return type(error).__name__
    return "ok" if not left else f"{left} messages lie untouched"
