"""Is there room to keep what we take? With less than 5 % of the disk free nothing is taken any more: refused, not lost (R5, F10)."""

import shutil
import time
from pathlib import Path

from django.conf import settings

LEAST_FREE = 0.05
PAUSE = 5.0  # seconds an answer is remembered
_seen: dict[str, tuple[float, bool]] = {}


def full() -> bool:
    """Has the disk with our data, or the one with the files, less than 5 % free? Remembered for a few seconds; a disk that cannot be asked
    counts as full."""
    now = time.monotonic()
    at, said = _seen.get("full", (-PAUSE, False))
    if now - at >= PAUSE:
        said = any(_full(Path(place)) for place in {settings.DATA_DIR, settings.FILES_DIR})
        _seen["full"] = now, said
    return said


def forget() -> None:
    """Ask the disk again at the next question."""
    _seen.clear()


def _full(place: Path) -> bool:
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        usage = shutil.disk_usage(place)
    except OSError:
        return True
    return usage.free < LEAST_FREE * usage.total
