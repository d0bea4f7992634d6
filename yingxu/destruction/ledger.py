"""The ledger of erasures beside the database: what was erased is erased again after the restore of an older backup (F27). A line names
matters by key and number, parts by key, and certificates; never what was in them.

A line is on the disk before its transaction commits. When the machine falls between the two, the job that carries the destruction out
does it again, and the second line says the same.
"""

import json
import os
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import transaction

from yingxu.operations import actions as operations


def write(line: dict[str, Any]) -> None:
    """Append a line for good, and carry the ledger to the backups' places once the transaction has committed."""
    path = settings.ERASURES
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, json.dumps(line, ensure_ascii=False, sort_keys=True).encode() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    transaction.on_commit(operations.carry_ledger)


def lines() -> Iterator[dict[str, Any]]:
    """Every line; one that was cut short by a fall was never acknowledged and is left out."""
    if not settings.ERASURES.exists():
        return
    with settings.ERASURES.open("rb") as source:
        for raw in source:
            try:
                yield json.loads(raw)
            except ValueError:
                continue
