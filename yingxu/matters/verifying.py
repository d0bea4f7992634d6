"""Is every sealed row still what it was? Walks the seals in order and names the first place that is not."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from . import heads
from .models import Look, Seal, Verification
from .seals import LEAF, LEDGERS, NONE, SALT, Ledger, Row, code, read

ROWS = 5_000  # read at once
SEALS = 200


@dataclass(frozen=True)
class Trouble:
    """The first bad place of a ledger: which seal, which row (None: the seal itself), what is wrong ("changed", "missing", "inserted",
    "reordered", "seal", "cut", "blanked"), in a sentence."""

    ledger: str
    kind: str
    seal: int
    row: int | None
    sentence: str


@dataclass
class Found:
    """What a walk found so far: up to which seal, how many rows, how many of them lawfully blanked, against how many heads outside the
    database they were held (None: there are none), and the trouble it ended with."""

    ledger: str
    through: int = 0
    code: bytes = NONE
    rows: int = 0
    blanked: int = 0
    heads: int | None = 0
    trouble: Trouble | None = None


def verify(name: str, *, after: int = 0, code_: bytes = NONE, outside: Path | None = None, tell: Callable[[Found], None] = lambda found: None) -> Found:
    """Hold every row of a ledger against its seals, beginning after seal number `after` (whose code is `code_`), then the seals against the heads outside the
    database (`outside`: another file of them). `tell` hears how far it is. Stops at the first trouble."""
    ledger, found = LEDGERS[name], Found(name)
    before: Seal | None = None
    if after:
        before = Seal.objects.filter(ledger=name, number=after).defer("leaves", "salts").first()
        if before is None:
            found.trouble = Trouble(name, "missing", after, None, _("Seal %(n)s is missing.") % {"n": after})
            return found
        if bytes(before.mac) != code_:
            found.trouble = Trouble(name, "seal", after, None, _("Seal %(n)s is another than the one verified before.") % {"n": after})
            return found
        found.through, found.code = after, bytes(before.mac)
    for group in _groups(name, after):
        trouble = _group(ledger, group, before, found)
        if trouble and trouble.kind != "seal":  # blanked meanwhile, perhaps: look once more, at everything anew
            again = list(Seal.objects.filter(ledger=name, number__in=[s.number for s in group]).order_by("number"))
            trouble = _group(ledger, again, before, found)
        if trouble:
            found.trouble = trouble
            return found
        before = group[-1]
        found.through, found.code = before.number, bytes(before.mac)
        found.rows += sum(seal.rows for seal in group)
        tell(found)
    _against_heads(name, found, outside)
    return found


def run(record: Verification, *, resume: bool = False, outside: Path | None = None, tell: Callable[[Found], None] = lambda found: None) -> Found:
    """Verify and keep in `record` how far it is, every few seconds. With `resume` it goes on behind the last seal that an earlier
    verification passed, when that seal is still the same. A worker that was killed goes on where it was."""
    passed = record if record.through else (_passed(record) if resume else None)
    rows, blanked = (passed.rows, passed.blanked) if passed else (0, 0)
    kept = timezone.now()

    def keep(found: Found) -> None:
        nonlocal kept
        tell(found)
        if timezone.now() - kept > timedelta(seconds=1):
            kept = timezone.now()
            _keep(record, found, rows, blanked)

    found = verify(record.ledger, after=passed.through if passed else 0, code_=bytes(passed.code) if passed else NONE, outside=outside, tell=keep)
    record.ended_at = timezone.now()
    record.trouble = found.trouble.sentence[:300] if found.trouble else ""
    record.heads = found.heads
    _keep(record, found, rows, blanked)
    return found


def _keep(record: Verification, found: Found, rows: int, blanked: int) -> None:
    record.through, record.code, record.rows, record.blanked = found.through, found.code, rows + found.rows, blanked + found.blanked
    record.seen_at = timezone.now()
    record.save()


def _passed(record: Verification) -> Verification | None:
    rows = Verification.objects.filter(ledger=record.ledger, through__gt=0, trouble="").exclude(pk=record.pk)
    return rows.order_by("-through").first()


def _groups(name: str, after: int) -> Iterator[list[Seal]]:
    while True:
        group: list[Seal] = []
        rows = 0
        for seal in Seal.objects.filter(ledger=name, number__gt=after).order_by("number")[:SEALS].iterator(chunk_size=10):
            group.append(seal)
            rows += seal.rows
            if rows >= ROWS:
                break
        if not group:
            return
        yield group
        after = group[-1].number


def _group(ledger: Ledger, group: list[Seal], before: Seal | None, found: Found) -> Trouble | None:
    start = (before.tx, before.row) if before else (0, 0)
    number, previous = (before.number, bytes(before.mac)) if before else (0, NONE)
    for seal in group:
        if trouble := _seal(ledger, seal, number, previous):
            return trouble
        number, previous = seal.number, bytes(seal.mac)
    last = group[-1]
    rows = read(ledger, start, (last.tx, last.row), sum(seal.rows for seal in group) + ROWS)
    at, blanked = 0, []
    for seal in group:
        mine = []
        while at < len(rows) and (rows[at].tx, rows[at].id) <= (seal.tx, seal.row):
            mine.append(rows[at])
            at += 1
        if trouble := _rows(ledger, seal, mine, blanked):
            return trouble
    if blanked and (secretly := set(blanked) - _announced(ledger, blanked)):
        row = min(secretly)
        sentence = _("The personal part of row %(row)s was blanked, and the access log does not say by whom.") % {"row": row}
        return Trouble(ledger.name, "blanked", last.number, row, sentence)
    found.blanked += len(blanked)
    return None


def _seal(ledger: Ledger, seal: Seal, number: int, previous: bytes) -> Trouble | None:
    if seal.number != number + 1:
        return Trouble(ledger.name, "missing", number + 1, None, _("Seal %(n)s is missing.") % {"n": number + 1})
    key, expected = code(seal)
    if seal.key != key:
        said = {"n": seal.number, "key": seal.key}
        return Trouble(ledger.name, "seal", seal.number, None, _("Seal %(n)s was made with key %(key)s, which is not the one in the keyring.") % said)
    whole = len(bytes(seal.leaves)) == seal.rows * LEAF.size and len(bytes(seal.salts)) == seal.rows * SALT
    if bytes(seal.mac) != expected or bytes(seal.previous) != previous or not whole:
        return Trouble(ledger.name, "seal", seal.number, None, _("Seal %(n)s was changed.") % {"n": seal.number})
    return None


def _rows(ledger: Ledger, seal: Seal, rows: list[Row], blanked: list[int]) -> Trouble | None:
    """Each row beside its leaf."""
    leaves, salts = [*LEAF.iter_unpack(bytes(seal.leaves))], bytes(seal.salts)
    if [row.id for row in rows] != [leaf[0] for leaf in leaves]:
        return _misplaced(ledger, seal, rows, [leaf[0] for leaf in leaves])
    for at, (row, (_id, core, commitment)) in enumerate(zip(rows, leaves, strict=True)):
        if hashlib.sha256(row.core).digest() != core:
            return _changed(ledger, seal, row)
        if row.personal == "{}" and commitment != NONE:
            blanked.append(row.id)
            if any(salts[at * SALT : (at + 1) * SALT]):
                return _changed(ledger, seal, row)
        elif row.commitment(salts[at * SALT : (at + 1) * SALT]) != commitment:
            return _changed(ledger, seal, row)
    return None


def _changed(ledger: Ledger, seal: Seal, row: Row) -> Trouble:
    said = {"row": row.id, "n": seal.number}
    return Trouble(ledger.name, "changed", seal.number, row.id, _("Row %(row)s was changed after seal %(n)s.") % said)


def _misplaced(ledger: Ledger, seal: Seal, rows: list[Row], sealed: list[int]) -> Trouble:
    """The first row that is not where it was."""
    here = [row.id for row in rows]
    for at in range(max(len(here), len(sealed))):
        was, now = sealed[at] if at < len(sealed) else None, here[at] if at < len(here) else None
        if was == now:
            continue
        if was is not None and was not in here:
            if _exists(ledger, was):
                return Trouble(ledger.name, "reordered", seal.number, was, _("Row %(row)s is no longer where seal %(n)s has it.") % {"row": was, "n": seal.number})
            return Trouble(ledger.name, "missing", seal.number, was, _("Row %(row)s of seal %(n)s is missing.") % {"row": was, "n": seal.number})
        if now is not None and now not in sealed:
            return Trouble(ledger.name, "inserted", seal.number, now, _("Row %(row)s was put in among the rows of seal %(n)s.") % {"row": now, "n": seal.number})
        break
    return Trouble(ledger.name, "reordered", seal.number, was, _("Row %(row)s is no longer where seal %(n)s has it.") % {"row": was, "n": seal.number})


def _exists(ledger: Ledger, row: int) -> bool:
    with connection.cursor() as sql:
        sql.execute(f"SELECT EXISTS (SELECT FROM {ledger.table} WHERE id = %s)", [row])  # noqa: S608  our own words
        return bool(sql.fetchone()[0])


def _announced(ledger: Ledger, rows: list[int]) -> set[int]:
    """Those of these rows of which the access log says that they were blanked."""
    with connection.cursor() as sql:
        sql.execute(
            "SELECT DISTINCT one::bigint FROM matters_look, jsonb_array_elements_text(facts -> 'ids') AS one "
            "WHERE what = %s AND facts ->> 'ledger' = %s AND one::bigint = ANY(%s)",
            [Look.What.ERASED.value, ledger.name, rows],
        )
        return {row for (row,) in sql.fetchall()}


def _against_heads(name: str, found: Found, outside: Path | None) -> None:
    """Every seal that was written down outside the database is there, and the same."""
    found.heads = 0
    chunk: list[heads.Head] = []
    try:
        for head in heads.known(name, outside):
            chunk.append(head)
            if len(chunk) == SEALS and _differs(name, found, chunk):
                return
            chunk = chunk if len(chunk) < SEALS else []
        _differs(name, found, chunk)
    except FileNotFoundError:
        found.heads = None


def _differs(name: str, found: Found, chunk: list[heads.Head]) -> bool:
    there = dict(Seal.objects.filter(ledger=name, number__in=[head.number for head in chunk]).values_list("number", "mac"))
    for head in chunk:
        found.heads = (found.heads or 0) + 1
        if head.number not in there:
            sentence = _("Seal %(n)s of %(when)s is known outside the database and missing in it: its end was cut off, or it came from an older backup.")
            found.trouble = Trouble(name, "cut", head.number, None, sentence % {"n": head.number, "when": head.when})
            return True
        if bytes(there[head.number]).hex() != head.code:
            found.trouble = Trouble(name, "seal", head.number, None, _("Seal %(n)s is another than the one known outside the database.") % {"n": head.number})
            return True
    return False
