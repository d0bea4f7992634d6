"""Is there room to keep what we take? With less than 5 % of a disk free nothing is taken any more: refused, not lost (R5, F10)."""

import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

LEAST_FREE = 0.05
TIGHT = 0.15  # people are told
PAUSE = 5.0  # seconds an answer is remembered
_seen: dict[str, tuple[float, bool]] = {}


@dataclass(frozen=True)
class Room:
    """What a disk has: bytes, and the share of it that is free. Files count like bytes: a disk without room for another file is full."""

    total: int
    free: int
    share: float

    @property
    def level(self) -> str:
        """"good", "warn" from 85 % used, "bad" from 95 %."""
        return "bad" if self.share < LEAST_FREE else "warn" if self.share < TIGHT else "good"


def places() -> dict[str, Path]:
    """Where what we take is put down: data, attachments, the embedded database (root may keep it elsewhere), what is being received."""
    found = {"data": settings.DATA_DIR, "files": settings.FILES_DIR, "temp": Path(tempfile.gettempdir())}
    return found | ({"database": settings.SPOOL.parent} if settings.EMBEDDED else {})


def left(place: Path) -> Room:
    """Raises OSError for a disk that cannot be asked."""
    found = os.statvfs(_there(place))
    total, free = found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize
    shares = [part / whole for part, whole in ((free, total), (found.f_favail, found.f_files)) if whole]
    return Room(total, free, min(shares, default=1.0))


def device(place: Path) -> int:
    """Which disk it is."""
    return _there(place).stat().st_dev


def _there(place: Path) -> Path:
    """The place, or what there is of it."""
    place = Path(place)
    while not place.exists() and place != place.parent:
        place = place.parent
    return place


def full() -> bool:
    """Has a disk we put things on less than 5 % free? Remembered for a few seconds; a disk that cannot be asked counts as full."""
    now = time.monotonic()
    at, said = _seen.get("full", (-PAUSE, False))
    if now - at >= PAUSE:
        said = any(_full(place) for place in places().values())
        _seen["full"] = now, said
    return said


def forget() -> None:
    """Ask the disk again at the next question."""
    _seen.clear()


def _full(place: Path) -> bool:
    try:
        return left(place).share < LEAST_FREE
    except OSError:
        return True
