"""python -m bench.kept [--papers 300] [--customers 2000]: what backups and sealing cost, each beside its limit in the same run.

Restoring and backing up: seconds for a gigabyte of what is kept, beside copying the same bytes file by file and syncing them. Sealing: creating a
customer with a phone, and finding one by it, with AES-GCM and HMAC and with both left out.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

from config import postgres

from .product import HOME, Product, _clean

PAPER = 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.kept", description=__doc__)
    parser.add_argument("--papers", type=int, default=300, help="attachments of 1 MB")
    parser.add_argument("--customers", type=int, default=2_000, help="customers in the database before measuring")
    args = parser.parse_args()
    product = Product()
    place = Path(tempfile.mkdtemp(prefix="yingxu-bench-kept-"))
    place.chmod(0o711)
    try:
        said = subprocess.run(product._command("init", "--pack", "pawnshop", "--company", "云岫典当"), check=True, cwd=HOME, env=_clean(),
                              capture_output=True, text=True).stdout  # fmt: skip
        code = next(line.strip() for line in said.splitlines() if line.startswith("    "))
        for n in range(args.papers):
            path = product.data / "files" / f"{n % 256:02x}" / f"{n:032x}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(os.urandom(PAPER))
        with postgres.serving(product.data / "postgres"):
            product.environment()
            _sealing(args.customers)
            _keeping(product, place, code)
    finally:
        product.end()
        for left in place.iterdir():
            if (left / "postgres").exists():
                postgres.remove(left / "postgres")
        shutil.rmtree(place)


# ── backups ──


def _keeping(product: Product, place: Path, code: str) -> None:
    papers = sum(p.stat().st_size for p in (product.data / "files").rglob("*") if p.is_file())
    database = sum(p.stat().st_size for p in (product.data / "postgres").resolve().rglob("*") if p.is_file())
    gigabytes = (papers + database) / 1e9
    print(f"{papers / 1e6:.0f} MB of papers, {database / 1e6:.0f} MB of database files")
    plain = _timed(lambda: _copy(product, place / "plain"))
    shutil.rmtree(place / "plain")
    first = _timed(lambda: _run(product, "backup", "--to", str(place / "backups")))
    second = _timed(lambda: _run(product, "backup", "--to", str(place / "backups")))
    proof = _timed(lambda: _run(product, "backup", "verify"))
    words = [sys.executable, "-m", "yingxu.cli", "--data", str(place / "back"), "restore", str(place / "backups")]
    back = _timed(lambda: subprocess.run(words, check=True, cwd=HOME, env=_clean() | {"YINGXU_RECOVERY_CODE": code}, stdout=subprocess.DEVNULL))
    for what, seconds in (("plain copy, synced", plain), ("backup, the first", first), ("backup, the next", second), ("verified restore", proof), ("restore", back)):
        print(f"{what:<22}{seconds:7.1f} s {seconds / gigabytes:8.1f} s/GB   {seconds / plain:6.2f} × a plain copy")


def _copy(product: Product, to: Path) -> None:
    shutil.copytree(product.data / "files", to / "files")
    shutil.copytree((product.data / "postgres").resolve() / "cluster", to / "cluster", ignore=shutil.ignore_patterns("postmaster.pid"))
    for path in to.rglob("*"):
        if path.is_file():
            handle = os.open(path, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)


def _run(product: Product, *words: str) -> None:
    subprocess.run(product._command(*words), check=True, cwd=HOME, env=_clean(), stdout=subprocess.DEVNULL)


def _timed(act: Callable[[], Any]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


# ── sealing ──


@contextmanager
def unsealed() -> Iterator[None]:
    """Values as they are, and a plain hash: what it would cost without."""
    import hashlib

    from yingxu.base import crypto

    with mock.patch.object(crypto, "seal", lambda text, context: f"k0.{text}"), mock.patch.object(crypto, "unseal", lambda value, context: value[3:]), mock.patch.object(
        crypto, "fingerprint", lambda text, context: hashlib.blake2b(text.encode(), digest_size=16).digest()
    ):
        yield


def _sealing(customers: int) -> None:
    import django

    django.setup()
    from yingxu.base.access import SYSTEM
    from yingxu.customers import actions, queries

    serial = count(1)

    def create() -> None:
        n = next(serial)
        actions.add(by=SYSTEM, name=f"客户{n}", phone=str(13_900_000_000 + n))

    def find() -> None:
        queries.find_while_typing(str(13_900_000_001 + next(serial) % customers), by=SYSTEM)

    for _n in range(customers):
        create()
    for what, act in (("create a customer", create), ("find by phone", find)):
        sealed, plain = [], []
        for _n in range(40):  # in turns, so that both meet the same machine
            sealed += _each(act, 10)
            with unsealed():
                plain += _each(act, 10)
        with_, without = statistics.median(sealed) * 1e3, statistics.median(plain) * 1e3
        print(f"{what:<22}{with_:7.2f} ms sealed, {without:6.2f} ms not: {with_ / without:.3f} ×")


def _each(act: Callable[[], None], times: int) -> list[float]:
    return [_timed(act) for _n in range(times)]


if __name__ == "__main__":
    main()
