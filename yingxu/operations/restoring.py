"""How a backup comes back: onto an empty machine, or into a scratch database to prove that it would.

Nothing is put where the product looks until everything was opened, restored and compared. The database is poured into `pg_restore` in one
transaction; afterwards its tables are counted and hashed again and compared with the manifest.
"""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from django.utils.translation import gettext_noop

from config import postgres

from . import counting, places, vault
from .taking import Tell, environment

LEFT = "verify-"  # how scratch directories begin


@dataclass
class Compared:
    """What a restored backup holds, and every difference to its manifest in a sentence."""

    tables: int = 0
    rows: int = 0
    papers: int = 0
    size: int = 0
    differences: list[str] = field(default_factory=list)


def pour(backup: places.Backup, url: str, tell: Tell = lambda what, done: None) -> None:
    """Restore the database part into an empty database, in one transaction. Raises Flawed, Trouble."""
    words = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    env = environment(url)
    process = subprocess.Popen(
        [postgres.client("pg_restore"), *words, "--dbname", env.get("PGDATABASE", "yingxu")],
        env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/",
    )  # fmt: skip
    digest, size = hashlib.sha256(), 0
    try:
        with contextlib.suppress(BrokenPipeError):  # it ended before us; its words say why
            for piece in backup.part("database"):
                digest.update(piece)
                process.stdin.write(piece)
                size += len(piece)
                tell("database", size)
            process.stdin.close()
        said = process.stderr.read().decode(errors="replace").strip()
        if process.wait():
            raise vault.Trouble(gettext_noop("The database could not be restored: %(why)s"), why=said.splitlines()[0] if said else process.returncode)
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
        with contextlib.suppress(OSError):
            process.stdin.close()
    if digest.hexdigest() != backup.head()["database"]["sha256"]:
        raise vault.Flawed(gettext_noop("The database in the backup is not the one its manifest tells of."))


def compare(backup: places.Backup, url: str, tell: Tell = lambda what, done: None) -> Compared:
    """Count and hash the restored tables and compare them with the manifest."""
    head, result = backup.head(), Compared()
    with psycopg.connect(url, autocommit=True) as connection:
        counting.settle(connection)
        found = {}
        for table, count, total in counting.tables(connection):
            found[table] = [count, total]
            result.tables, result.rows = result.tables + 1, result.rows + count
            tell("comparing", result.tables)
        if counting.journal(connection) != head["journal"]:
            result.differences.append("The head of the journal is another.")
    for table, was in head["tables"].items():
        if (now := found.pop(table, None)) is None:
            result.differences.append(f"The table {table} is missing.")
        elif now != was:
            result.differences.append(f"{table}: {was[0]} rows were saved, {now[0]} came back" + (", with other content." if was[0] == now[0] else "."))
    result.differences += [f"The table {table} is not in the backup." for table in found]
    return result


def check_attachments(backup: places.Backup, url: str, result: Compared) -> None:
    """See that every attachment the database names is in the manifest with the same content."""
    with _listed(backup, url, result, lambda digest, size: None) as connection:
        _miss(connection, result)


def check_papers(backup: places.Backup, url: str, result: Compared, tell: Tell = lambda what, done: None) -> None:
    """Open every paper, compare it with the manifest, and see that every attachment the database names is among them."""

    def look(digest: str, size: int) -> None:
        look_at(backup, digest, size)
        tell("papers", result.papers)

    with _listed(backup, url, result, look) as connection:
        _miss(connection, result)


@contextlib.contextmanager
def _listed(backup: places.Backup, url: str, result: Compared, look: Callable[[str, int], None]) -> Iterator[Any]:
    """A connection with the temporary table `paper`, filled from the manifest while each is looked at."""
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TEMPORARY TABLE paper (path text, sha256 text)")
        with connection.cursor().copy("COPY paper FROM STDIN") as rows:
            for path, size, _changed, digest in backup.papers():
                try:
                    look(digest, size)
                except vault.Flawed as flaw:
                    result.differences.append(f"{path}: {flaw}")
                rows.write_row((path, digest))
                result.papers, result.size = result.papers + 1, result.size + size
        yield connection


def _miss(connection: Any, result: Compared) -> None:
    missing = connection.execute(
        "SELECT count(*) FROM files_file f WHERE NOT EXISTS (SELECT FROM paper p WHERE p.path = 'files/' || left(f.stored, 2) || '/' || f.stored "
        "AND p.sha256 = f.sha256)"
    ).fetchone()[0]
    if missing:
        result.differences.append(f"{missing} attachments the database names are missing or have other content.")


def require_empty(url: str) -> None:
    """Raises Trouble when a database of your own already holds tables."""
    with psycopg.connect(url) as connection:
        if connection.execute(counting.TABLES).fetchone():
            raise vault.Trouble(gettext_noop("The database that DATABASE_URL names is not empty. A backup is restored into an empty one only."))


def empty(url: str) -> None:
    """Take back what a failed restore left in a database that was empty before."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def _opened(backup: places.Backup, digest: str, size: int, put: Callable[[bytes], Any]) -> None:
    found, length = hashlib.sha256(), 0
    for piece in backup.paper(digest):
        found.update(piece)
        length += len(piece)
        put(piece)
    if (found.hexdigest(), length) != (digest, size):
        raise vault.Flawed(gettext_noop("it has other content than the manifest says."))


def verify(backup: places.Backup, near: Path, tell: Tell = lambda what, done: None) -> Compared:
    """Really restore into a database of its own, in a scratch directory in `near`, and compare. Raises Flawed, Trouble."""
    for left in near.glob(f"{LEFT}*"):
        remove(left)
    scratch = Path(tempfile.mkdtemp(prefix=LEFT, dir=near))
    scratch.chmod(0o711 if os.geteuid() == 0 else 0o700)
    try:
        with postgres.serving(scratch / "postgres", extra="fsync = off\nfull_page_writes = off\n") as url:
            pour(backup, url, tell)
            result = compare(backup, url, tell)
            check_papers(backup, url, result, tell)
            return result
    except postgres.Trouble as trouble:
        raise vault.Trouble(gettext_noop("The scratch database did not run: %(why)s"), why=trouble) from trouble
    finally:
        remove(scratch)


def lay_out(backup: places.Backup, data: Path, tell: Tell = lambda what, done: None) -> None:
    """Write keys and papers into a new data directory. Raises Flawed."""
    write_keys(json.loads(b"".join(backup.part("keys"))), data)
    for count, (path, size, changed, digest) in enumerate(backup.papers(), 1):
        lay_out_paper(backup, data, path, size, changed, digest)
        tell("papers", count)
    lay_out_ledger(backup.folder.parent, [backup.key], data)


def write_keys(texts: dict[str, str], data: Path) -> None:
    """Write the files of keys into a new data directory."""
    (data / "keys").mkdir(mode=0o700, parents=True)
    for name, text in texts.items():
        with open(os.open(data / "keys" / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)


def lay_out_paper(backup: places.Backup, data: Path, path: str, size: int, changed: int | None, digest: str) -> None:
    """Write one paper where it was (`changed` in ns). Raises Flawed."""
    there = (data / path).resolve()
    if data.resolve() not in there.parents:
        raise vault.Flawed(gettext_noop("The manifest names a place outside of the data directory."))
    there.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with places.durable(there) as out:
        _opened(backup, digest, size, out.write)
    if changed is not None:
        os.utime(there, ns=(changed, changed))


def look_at(backup: places.Backup, digest: str, size: int) -> None:
    """Open one paper and compare it. Raises Flawed."""
    _opened(backup, digest, size, lambda piece: None)


def lay_out_ledger(place: Path, keys: Iterable[vault.Key], data: Path) -> None:
    """Write what was erased: as the backup knew it, and as the newest ledger in its place does. Raises Flawed."""
    if (place / "erasures").exists():
        newest = _ledger(place, list(keys))
        old = (data / "erasures.jsonl").read_bytes() if (data / "erasures.jsonl").exists() else b""
        lines = dict.fromkeys([*old.splitlines(), *newest.splitlines()])
        (data / "erasures.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))


def _ledger(place: Path, keys: list[vault.Key]) -> bytes:
    """With the first key that opens it: the recovery code may have been changed since the backup."""
    for key in keys[:-1]:
        with contextlib.suppress(vault.Flawed), (place / "erasures").open("rb") as source:
            return b"".join(vault.opened(source, key.derived("erasures"), "erasures"))
    with (place / "erasures").open("rb") as source:
        return b"".join(vault.opened(source, keys[-1].derived("erasures"), "erasures"))


def catch_up(url: str, transaction: int) -> None:
    """Let the new server's transaction numbers go on above those the rows keep: the journal is handed out in their order."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET statement_timeout = 0")
        here = int(connection.execute("SELECT pg_current_xact_id()::text").fetchone()[0])
        if transaction >= here:
            connection.execute(f"DO $$ BEGIN FOR i IN 1..{transaction - here + 1} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$")
        connection.execute("ANALYZE")


@contextlib.contextmanager
def beside(data: Path) -> Iterator[Path]:
    """A directory that becomes `data` when all went well, and is gone when not. Raises Trouble when `data` holds something."""
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise vault.Trouble(gettext_noop("%(place)s is not empty. A backup is restored onto an empty directory only; choose another one with --data."), place=data)
    half = data.with_name(f".{data.name}.restoring")
    if half.exists():
        remove(half)
    half.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True)
    try:
        yield half
        if data.exists():
            data.rmdir()
        half.rename(data)
    except BaseException:
        remove(half)
        raise


def remove(folder: Path) -> None:
    """Delete a directory and the cluster in it."""
    if (folder / "postgres").exists():
        with contextlib.suppress(postgres.Trouble):
            postgres.remove(folder / "postgres")
    shutil.rmtree(folder, ignore_errors=True)
