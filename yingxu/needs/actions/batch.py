"""Many needs at once: one transaction, by COPY; what cannot be kept is answered row by row."""

import json
from collections.abc import Sequence

from django.db import connection
from psycopg.errors import UniqueViolation

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import check, opens
from yingxu.base.errors import Refusal
from yingxu.base.events import INSIDE
from yingxu.base.numbers import register_number
from yingxu.customers import actions as customers
from yingxu.deadlines.models import Clock
from yingxu.matters.actions import Once, other_content
from yingxu.matters.models import Entry

from .. import rules
from ..events import NeedRegistered
from ..states import State
from .intakes import (
    NEED,
    Intake,
    Ready,
    Registered,
    Settings,
    clock_columns,
    need_values,
    prepared,
    to_tell,
)


def register_many(
    intakes: Sequence[Intake], *, by: Actor, onces: Sequence[Once] | None = None
) -> list[Registered | Refusal]:
    """Up to some thousand needs in one transaction by COPY; what cannot be kept is answered row by row."""
    if by.kind != "customer":
        check(rules.REGISTER, by)
    settings = Settings()
    found: list[Ready | Refusal] = []
    for intake in intakes:
        try:
            if intake.customer is None:
                customers.check(
                    name=intake.customer_name, phone=intake.phone, email=intake.email, contact_name=intake.contact_name
                )
            found.append(prepared(intake, settings))
        except Refusal as refusal:
            found.append(refusal)
    try:
        return _register_many(found, by=by, onces=onces)
    except UniqueViolation as error:  # somebody else registered some of it under the same keys meanwhile: now we see which
        if onces is None or "acknowledged_once" not in str(error):
            raise
        return _register_many(found, by=by, onces=onces)


@opens(rules.REGISTER)
def _register_many(
    given: Sequence[Ready | Refusal], *, by: Actor, onces: Sequence[Once] | None
) -> list[Registered | Refusal]:
    """Write what is ready; a key seen before, earlier or in this batch, answers with its need."""
    answers: list[Registered | Refusal | None] = [one if isinstance(one, Refusal) else None for one in given]
    going: list[int] = []
    first: dict[tuple[str, str], int] = {}
    twins: dict[int, int] = {}
    earlier = _earlier(onces or ())
    for at in range(len(given)):
        once = onces[at] if onces else None
        mark = (once.source, once.key) if once else None
        if once and mark in earlier:
            fingerprint, pk, number = earlier[mark]
            answers[at] = Registered(pk, number, True) if fingerprint == once.fingerprint else other_content()
        elif answers[at] is not None:
            continue
        elif once and mark in first:
            same = onces[first[mark]].fingerprint == once.fingerprint  # type: ignore[index]
            if same:
                twins[at] = first[mark]
            else:
                answers[at] = other_content()
        else:
            going.append(at)
            if mark:
                first[mark] = at
    ready = [given[at] for at in going]
    if ready:
        done = _copy(ready, _people(ready, by), by, [onces[at] for at in going] if onces else None)  # type: ignore[arg-type]
        for at, answer in zip(going, done, strict=True):
            answers[at] = answer
    for at, other in twins.items():
        found = answers[other]
        answers[at] = Registered(found.id, found.number, True) if isinstance(found, Registered) else found
    return answers  # type: ignore[return-value]


def _people(ready: Sequence[Ready], by: Actor) -> list[tuple]:
    """Customer and contact of each row: those that are known by name of their file one by one, all others together."""
    asked = [_asked(one.intake) for one in ready]
    unknown = [at for at, one in enumerate(ready) if one.intake.customer is None]
    found: list[tuple] = [(None, None)] * len(ready)
    for at, who in zip(unknown, customers.resolve_many([asked[at] for at in unknown], by=by), strict=True):
        found[at] = who
    met: dict[tuple, tuple] = {}
    for at, one in enumerate(ready):
        if one.intake.customer is not None:
            key = (
                one.intake.customer.pk,
                *(str(asked[at][name]) for name in ("name", "phone", "email", "contact_name")),
            )
            if key not in met:
                met[key] = customers.resolve(by=by, customer=one.intake.customer, **asked[at])
            found[at] = met[key]
    return found


def _asked(intake: Intake) -> dict:
    return {
        "name": intake.customer_name,
        "phone": intake.phone,
        "email": intake.email,
        "contact_name": intake.contact_name,
    }


def _earlier(onces: Sequence[Once]) -> dict:
    if not onces:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.source, r.key, r.fingerprint, r.need_id, m.number FROM needs_receipt r "
            "JOIN unnest(%s::text[], %s::text[]) AS k(source, key) USING (source, key) JOIN matters_matter m ON m.id = r.need_id",
            [[o.source for o in onces], [o.key for o in onces]],
        )
        return {(s, k): (bytes(f), pk, number) for s, k, f, pk, number in cursor.fetchall()}


# a customer's level or circle may have changed since it was read
_AS_THEIR_CUSTOMERS = """
UPDATE matters_matter AS m SET secrecy = greatest(m.secrecy, c.secrecy), circle_id = coalesce(c.circle_id, m.circle_id)
FROM needs_need AS n JOIN matters_matter AS c ON c.id = n.customer_id
WHERE n.matter_id = m.id AND m.id = ANY(%s) AND (m.secrecy < c.secrecy OR (m.circle_id IS NULL AND c.circle_id IS NOT NULL))
"""


def _copy(ready: Sequence[Ready], people: Sequence, by: Actor, onces: Sequence[Once] | None) -> list[Registered]:
    intakes = [one.intake for one in ready]
    count, now, year = len(intakes), clock.now(), clock.today().year
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('matters_matter', 'id')) FROM generate_series(1, %s::int)", [count]
        )
        ids = [row[0] for row in cursor.fetchall()]
        # everything is worked out before the first COPY: while one is open the connection answers no question
        rows = [need_values(one, by, *who) for one, who in zip(ready, people, strict=True)]
        tell = {circle: to_tell(circle, by) for circle in {v["circle_id"] for v in rows}}
        first_clocks = [(pk, *row) for pk, one in zip(ids, ready, strict=True) for row in one.clocks]
        fields = clock_columns()
        cursor.execute(
            "INSERT INTO matters_counter AS c (series, year, last) VALUES ('need', %s::int, %s::int) "
            "ON CONFLICT (series, year) DO UPDATE SET last = c.last + excluded.last RETURNING c.last",
            [year, count],
        )
        first = cursor.fetchone()[0] - count + 1
        numbers = [register_number(year, first + i) for i in range(count)]
        raw = cursor.connection
        with raw.cursor() as pg:
            matter = "id, kind, number, title, department_id, secrecy, circle_id, opened_at, changed_at, due_at, search"
            with pg.copy(f"COPY matters_matter ({matter}) FROM STDIN") as copy:  # noqa: S608
                for pk, number, v in zip(ids, numbers, rows, strict=True):
                    copy.write_row(
                        (
                            pk,
                            "need",
                            number,
                            v["title"],
                            v["department_id"],
                            v["secrecy"],
                            v["circle_id"],
                            v["now"],
                            v["now"],
                            v["due_at"],
                            v["search"],
                        )
                    )
            need = "matter_id, state, round, outcome, version, " + ", ".join(NEED)
            with pg.copy(f"COPY needs_need ({need}) FROM STDIN") as copy:  # noqa: S608
                for pk, v in zip(ids, rows, strict=True):
                    copy.write_row((pk, State.REGISTERED.value, 1, "", 1, *(v[c] for c in NEED)))
            entry = "matter_id, event, at, actor_kind, actor_id, actor_name, facts, personal, tell"
            with pg.copy(f"COPY matters_entry ({entry}) FROM STDIN") as copy:  # noqa: S608
                personal = json.dumps(by.personal({}), ensure_ascii=False)
                for pk, intake, v in zip(ids, intakes, rows, strict=True):
                    event = NeedRegistered(
                        kind=intake.kind,
                        channel=intake.channel,
                        category=intake.category,
                        raised_at=intake.raised_at.isoformat(),
                    )
                    facts = json.dumps(event.split()[0], ensure_ascii=False)
                    copy.write_row(
                        (pk, event.NAME, intake.registered_at, by.kind, by.id, by.sealed_name, facts, personal, tell[v["circle_id"]])
                    )
            columns = ", ".join(["matter_id", *(Clock._meta.get_field(f).column for f, _t in fields)])
            with pg.copy(f"COPY deadlines_clock ({columns}) FROM STDIN") as copy:  # noqa: S608
                for row in first_clocks:
                    copy.write_row(row)
            if onces:
                with pg.copy("COPY needs_receipt (source, key, fingerprint, need_id, at) FROM STDIN") as copy:
                    for pk, once in zip(ids, onces, strict=True):
                        copy.write_row((once.source, once.key, once.fingerprint, pk, now))
        cursor.execute(_AS_THEIR_CUSTOMERS, [ids])
    if INSIDE[NeedRegistered.NAME]:
        for entry in Entry.objects.filter(matter_id__in=ids, event=NeedRegistered.NAME):
            for reaction in INSIDE[NeedRegistered.NAME]:
                reaction(NeedRegistered(**entry.facts), entry)
    return [Registered(pk, number) for pk, number in zip(ids, numbers, strict=True)]
