"""What guarding the archive costs, each beside the same thing done unguarded in the same run, before the product starts: who may see what on
the first page of the queue, sealed identifiers, the sealed journal, the access log.

The limits: the page's own SQL with nobody's conditions in it, plain text and a plain hash instead of sealed columns, reading the same rows
plainly, an INSERT of the same row.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from .kept import unsealed

if TYPE_CHECKING:
    from .__main__ import Bench

ADMISSIONS = 20
SEALED = 10_000  # rows of the journal


def guarded(bench: "Bench") -> None:
    for name, measure in (("seen", _visibility), ("sealed", _identifiers), ("journal", _journal), ("look", _look)):
        if bench._wanted(name):
            measure(bench)


# ── who sees what ──


def _visibility(bench: "Bench") -> None:
    """The queue's first page and its counts: as SQL, once with the reader's conditions and once with nobody's. Rows and order are the
    same but for what the reader may not see."""
    from yingxu.base.access import SYSTEM
    from yingxu.needs.queries.lists import SORTS
    from yingxu.needs.queries.rows import _first_page
    from yingxu.people import queries as people

    desk, clerk = (people.actor(bench.company[name]) for name in ("desk", "clerk"))
    with connection.cursor() as sql:
        sql.execute("SELECT id FROM matters_matter WHERE kind = 'customer' AND circle_id = id ORDER BY id LIMIT %s", [ADMISSIONS])
        circles = frozenset(row[0] for row in sql.fetchall())
    readers = {
        "everything, level 1": desk,
        f"the same, in {len(circles)} circles": replace(desk, admitted=circles),
        "a clerk's own and department's": clerk,
        f"the same, in {len(circles)} circles ": replace(clerk, admitted=circles),
    }
    plain = replace(SYSTEM, id=desk.id, user_id=desk.user_id, department_id=desk.department_id)  # sees all, by no condition
    wish = {"queue": "all", "keys": SORTS["-opened"], "size": 50}
    page: Callable[[Any], Any] = lambda by: _first_page.text(by, **wish)  # noqa: E731
    for name, reader in readers.items():
        _sql(bench, f"page seen: {name}", page(reader), page(plain))
    for name, reader in readers.items():
        _sql(bench, f"count seen: {name}", _counted(reader), _counted(plain))


def _counted(by: Any) -> tuple[str, tuple]:
    """The count beside "all open", as the queue asks it."""
    from yingxu.base.kept import size
    from yingxu.needs.queries.counting import GLANCE, _compiled
    from yingxu.needs.queries.lists import Filters, matching

    return size(_compiled(matching(by, Filters(queue="all", open=True)), GLANCE))


def _sql(bench: "Bench", what: str, guarded_: tuple[str, tuple], plain: tuple[str, tuple]) -> None:
    def ask(text: tuple[str, tuple]) -> None:
        with connection.cursor() as sql:
            sql.execute(*text)
            sql.fetchall()

    _pair(bench, what, lambda: ask(guarded_), lambda: ask(plain), 60)


# ── sealed columns ──


def _identifiers(bench: "Bench") -> None:
    from yingxu.base.access import SYSTEM
    from yingxu.customers import actions, queries

    serial = count(10**7)
    known = [f"139{n:08d}" for n in range(5 * 10**7, 5 * 10**7 + 200)]
    for phone in known:
        actions.add(by=SYSTEM, name="季棠", phone=phone)

    def create() -> None:
        actions.add(by=SYSTEM, name="季棠", phone=f"138{next(serial):08d}")

    def find() -> None:
        queries.find_while_typing(known[next(serial) % len(known)], by=SYSTEM)

    for what, act in (("sealed: create a customer", create), ("sealed: find by phone", find)):

        def unguarded(act: Callable[[], None] = act) -> None:
            with unsealed():
                act()

        _pair(bench, what, act, unguarded, 150)


# ── the journal ──


def _journal(bench: "Bench") -> None:
    """Sealing and verifying so many rows beside reading them; afterwards the rest counts as sealed, so that the worker measured later has
    no more to do than on any day."""
    from yingxu.matters.models import Seal
    from yingxu.matters.seals import LEDGERS, NONE, code, seal_once
    from yingxu.matters.verifying import verify

    def plain() -> None:
        with connection.cursor() as sql:
            sql.execute(
                f"SELECT personal::text, {LEDGERS['journal'].columns} FROM matters_entry ORDER BY tx, id LIMIT %s",  # noqa: S608  our own words
                [SEALED],
            )
            sql.fetchall()

    read = statistics.median(_timed(plain) for _n in range(5))
    rows = 0
    began = time.perf_counter()
    while rows < SEALED and (made := seal_once("journal", wait=timedelta(0))):
        rows += made
    sealing = (time.perf_counter() - began) * SEALED / max(1, rows)
    began = time.perf_counter()
    found = verify("journal")
    if found.trouble:
        raise SystemExit(found.trouble.sentence)
    verifying = (time.perf_counter() - began) * SEALED / max(1, rows)
    for what, seconds in (("journal sealed, 10k rows", sealing), ("journal verified, 10k rows", verifying)):
        bench.table.cost(bench.name, what, seconds * 1_000, read * 1_000, "reading them")
    with transaction.atomic(), connection.cursor() as sql:
        sql.execute("SELECT tx, id FROM matters_entry ORDER BY tx DESC, id DESC LIMIT 1")
        tx, row = sql.fetchone()
        last = Seal.objects.filter(ledger="journal").order_by("-number").first()
        number, previous = (last.number, bytes(last.mac)) if last else (0, NONE)
        rest = Seal(ledger="journal", number=number + 1, tx=tx, row=row, rows=0, leaves=b"", salts=b"", previous=previous, sealed_at=timezone.now().replace(microsecond=0))
        rest.key, rest.mac = code(rest)
        rest.save(force_insert=True)


def _look(bench: "Bench") -> None:
    """One row of the access log before a guarded page is shown, committed, beside the same INSERT with nothing else."""
    from yingxu.matters.actions import look
    from yingxu.matters.models import Look, Matter
    from yingxu.people import queries as people

    by = people.actor(bench.company["desk"])
    found = list(Matter.objects.order_by("id")[:400])
    for matter in found:
        matter.secrecy = 1  # not in the database: only what is written down counts here
    matters = iter(found)

    def plain() -> None:
        with transaction.atomic(), connection.cursor() as sql:
            sql.execute(
                "INSERT INTO matters_look (what, matter_id, at, recorded_at, tx, actor_kind, actor_id, actor_name, user_id, facts, personal) VALUES "
                "(%s, %s, now(), clock_timestamp(), pg_current_xact_id()::text::bigint, 'user', %s, %s, %s, '{}', '{}')",
                [Look.What.PAGE, next(matters).pk, by.id, by.name, by.user_id],
            )

    _pair(bench, "a look written down", lambda: look(next(matters), by=by), plain, 100)


def _pair(bench: "Bench", what: str, guarded_: Callable[[], Any], plain: Callable[[], Any], times: int) -> None:
    """In ms, taken in turns, so that both meet the same machine: the lower quartile, which other work on the machine disturbs least."""
    for _n in range(6):
        guarded_()
        plain()
    taken = [(_timed(guarded_), _timed(plain)) for _n in range(times)]
    with_, without = (statistics.quantiles(column, n=4)[0] * 1_000 for column in zip(*taken, strict=True))
    bench.table.cost(bench.name, what, with_, without, "unguarded")


def _timed(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
