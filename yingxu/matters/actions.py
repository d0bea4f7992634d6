"""Steps other rooms' verbs are made of: open a matter, state a fact, say words, follow, keep a draft."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from yingxu.base import clock, marks, searching, trace
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import step
from yingxu.base.errors import Refusal, Unsaid
from yingxu.base.events import INSIDE, Event, keeps
from yingxu.base.numbers import register_number
from yingxu.base.web import Busy

from .models import Draft, Entry, Look, Matter, Note, Presence, Receipt, Snooze, Watcher
from .queries import LEVELLED, Said, asked_at, last_said, levelled


@step
def open_matter(
    kind: str,
    title: str,
    *,
    number: str,
    owner_id=None,
    department_id=None,
    secrecy: int = 0,
    words: Iterable[str] = (),
) -> Matter:
    """A new matter with its search words."""
    now = clock.now()
    matter = Matter.objects.create(
        kind=kind, number=number, title=title[:200], owner_id=owner_id, department_id=department_id,
        secrecy=secrecy, opened_at=now, changed_at=now,
    )  # fmt: skip
    index(matter, number, title, *words)
    return matter


@step
def next_number(series: str, *, prefix: str = "") -> str:
    """The next register number of this year. Call it last: it holds the counter until the transaction ends."""
    year = clock.today().year
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO matters_counter (series, year, last) VALUES (%s, %s, 1) "
            "ON CONFLICT (series, year) DO UPDATE SET last = matters_counter.last + 1 RETURNING last",
            [series, year],
        )
        return register_number(year, cursor.fetchone()[0], prefix)


@step
def index(matter: Matter, *words: str) -> None:
    """Search words of the matter, from the beginning."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE matters_matter SET search = %s::tsvector WHERE id = %s", [searching.vector(*words), matter.pk]
        )


@step
def index_more(matter: Matter, *words: str) -> None:
    """Further words on the same matter."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE matters_matter SET search = coalesce(search, ''::tsvector) || %s::tsvector WHERE id = %s",
            [searching.vector(*words), matter.pk],
        )


@keeps
@step
def record(event: Event, *, on: Matter | None, by: Actor, tell: Iterable[int | None] = ()) -> Entry:
    """State a fact in the journal, in this transaction; reactions marked `inside` run now, the others after the commit.

    `tell` are the users who must know; the actor is never told of their own act.
    """
    facts, personal = event.split()
    now = clock.now()
    entry = Entry(
        matter=on, event=event.NAME, at=now, actor_kind=by.kind, actor_id=by.id, actor_name=by.sealed_name,
        facts=facts, personal=by.personal(personal), tell=sorted({u for u in tell if u} - {by.user_id}),
    )  # fmt: skip
    entry.save(force_insert=True)
    trace.stated(entry.pk)
    if on is not None:
        Matter.objects.filter(pk=on.pk).update(changed_at=now)
        on.changed_at = now
    for reaction in INSIDE[event.NAME]:
        reaction(event, entry)
    return entry


@step
def say(matter: Matter, entry: Entry, voice: str, body: str, *, channel: str = "", question: bool = False) -> Note:
    """Words that belong to an entry."""
    note = Note.objects.create(
        matter=matter, entry=entry, voice=voice, body=body, channel=channel, question=question, at=entry.at
    )
    index_more(matter, body)
    return note


@step
def watch(matter: Matter, user_ids: Iterable[int]) -> None:
    now = clock.now()
    Watcher.objects.bulk_create(
        [Watcher(matter=matter, user_id=u, since=now) for u in sorted(set(user_ids))], ignore_conflicts=True
    )


@step
def unwatch(matter: Matter, user_id: int) -> None:
    Watcher.objects.filter(matter=matter, user_id=user_id).delete()


def save_draft(user_id: int, place: str, content: dict) -> Draft | None:
    """Keep what was typed; empty content throws the draft away. At most 64 kB."""
    content = {k: v for k, v in content.items() if v not in ("", None, [])}
    if not content or len(json.dumps(content)) > 65_536:
        Draft.objects.filter(user_id=user_id, place=place[:80]).delete()
        return None
    return Draft.objects.update_or_create(
        user_id=user_id, place=place[:80], defaults={"content": content, "saved_at": clock.now()}
    )[0]


def drop_draft(user_id: int | None, place: str) -> None:
    Draft.objects.filter(user_id=user_id, place=place[:80]).delete()


@step
def snooze(matter: Matter, user_id: int, until: datetime) -> None:
    """Put aside by this person until a moment; again: another moment."""
    Snooze.objects.update_or_create(matter=matter, user_id=user_id, defaults={"since": clock.now(), "until": until, "told": False})


@step
def unsnooze(matter: Matter, user_id: int) -> bool:
    """Back at once; whether it had been put aside."""
    return bool(Snooze.objects.filter(matter=matter, user_id=user_id).delete()[0])


@step
def wake(matter: Matter) -> int:
    """Back at once for everybody who put it aside: something came that they may be waiting for."""
    now = clock.now()
    return Snooze.objects.filter(matter=matter, until__gt=now).update(until=now)


def forget_presence() -> int:
    """Throw away who had something open an hour ago; returns how many."""
    return Presence.objects.filter(at__lt=clock.now() - timedelta(hours=1)).delete()[0]


# ── the access log ──

SAME_LOOK = timedelta(minutes=10)
_LOOK = (
    "INSERT INTO matters_look (what, matter_id, serves_id, at, actor_kind, actor_id, actor_name, user_id, facts, personal) "
    "SELECT %(what)s::text, {matter}, %(serves)s::bigint, %(at)s::timestamptz, %(kind)s::text, %(id)s::bigint, %(name)s::text, "
    "%(user)s::bigint, %(facts)s::jsonb, %(personal)s::jsonb "
)
_NEW = (
    "WHERE NOT EXISTS (SELECT FROM matters_look WHERE matter_id IS NOT DISTINCT FROM %(matter)s::bigint "
    "AND user_id IS NOT DISTINCT FROM %(user)s::bigint AND actor_kind = %(kind)s::text AND actor_id IS NOT DISTINCT FROM %(id)s::bigint "
    "AND what = %(what)s::text AND serves_id IS NOT DISTINCT FROM %(serves)s::bigint AND facts = %(facts)s::jsonb "
    "AND at > %(since)s::timestamptz AND at <= %(at)s::timestamptz)"
)
LEAVES = (Look.What.EXPORT, Look.What.PRINT)  # the file or print carries the row's mark
REPEATS = (Look.What.PAGE, Look.What.API, Look.What.FILE, Look.What.REFUSED)  # worth one row in SAME_LOOK


@step
def looked(
    matter: Matter | None, *, by: Actor, what: str, said: Said | None = None, detail: str = "", facts: dict | None = None,
    personal: dict | None = None,
) -> None:
    """Write into the access log that `by` looked (Look.What). `said` is what it was for, `detail` which part of the matter;
    `personal` what may be blanked later (words that were typed).

    The same page, file or door again by the same person within SAME_LOOK is the same look; what leaves the house (export, print)
    and what is uncovered has a row each time, and what leaves carries its mark. One statement.
    """  # fmt: skip
    said = said or Said()
    known = {"detail": detail[:200], "work": said.work, "said": bool(said.reason)}
    facts = {**(facts or {}), **{name: value for name, value in known.items() if value}}
    personal = {**(personal or {}), **({"reason": said.reason[:200]} if said.reason else {})}
    values = _look(by, what, said.need, facts, personal)
    values["matter"] = matter.pk if matter else None
    again = _NEW if what in REPEATS else ""
    leaves = what in LEAVES
    with connection.cursor() as sql:
        sql.execute(_LOOK.format(matter="%(matter)s::bigint") + again + ("RETURNING id" if leaves else ""), values)
        if leaves:
            listed = facts.get("list") or (matter.number if matter else "")
            marks.leaves(marks.Mark(sql.fetchone()[0], by.name, listed, facts.get("rows"), values["at"]))


def _look(by: Actor, what: str, need: Matter | None, facts: dict, personal: dict) -> dict[str, Any]:
    now = clock.now()
    dumped = [json.dumps(part, ensure_ascii=False, default=str) for part in (facts, by.personal(personal))]
    return {
        "what": str(what), "serves": need.pk if need else None, "at": now, "since": now - SAME_LOOK, "kind": by.kind, "id": by.id,
        "name": by.sealed_name, "user": by.user_id, "facts": dumped[0], "personal": dumped[1],
    }  # fmt: skip


def look(
    matter: Matter, *, by: Actor, what: str = Look.What.PAGE, need: Matter | None = None, reason: str = "", detail: str = "", work: str = "",
    ask: bool = False, above: int = 0,
) -> None:  # fmt: skip
    """Before a matter is shown, handed out or printed: when it has a level or a closed circle, or a part of it that is shown has a level
    of its own (`above`, kept with the look), the look is written down first. It says what it is for: the `need` or `reason` given, the
    `work` of ours it is part of, or what was said last. Raises Unsaid with `ask` when a person said nothing; Busy (503) when it cannot be
    written: then nothing is shown (R8). Costs nothing for ordinary matters."""
    if not above and not levelled(matter):
        return
    with _kept():
        said = Said(work=work) if work else for_what(matter, by=by, need=need, reason=reason, ask=ask)
    with _kept(), transaction.atomic(savepoint=False):
        looked(matter, by=by, what=what, said=said, detail=detail, facts={"above": above} if above else None)


def for_what(matter: Matter, *, by: Actor, need: Matter | None = None, reason: str = "", ask: bool = False) -> Said:
    """What a look is for: said now, or last in this sitting. Raises Unsaid with `ask` when a person said nothing of a matter whose kind
    is asked about."""
    said = Said(need, reason.strip()[:200]) if need or reason.strip() else last_said(by, matter)
    if said is None and ask and by.kind == "user" and (page := asked_at(matter)):
        raise Unsaid(_("Say first what this look is for: the need it serves, or a reason."), ask=page)
    return said or Said()


def exported(listed: str, *, by: Actor, rows: int, words: str = "", of: Iterable[int] = (), purpose: str = "", left_out: int = 0) -> None:
    """A list leaves the house: which one ("needs"), how many rows, what it was filtered by, the code of the `purpose` of processing it
    serves and how many rows were left out since their consent does not cover that; and a look at each of its matters (`of`, their keys)
    that has a level or a closed circle. Two statements, in the verb's transaction or one of their own. Raises Busy (503)."""
    with _kept(), transaction.atomic(savepoint=False):
        facts = {"list": listed, "rows": rows, **({"purpose": purpose} if purpose else {}), **({"left_out": left_out} if left_out else {})}
        _exported(facts, by, words, list(of))


@contextmanager
def _kept() -> Iterator[None]:
    """Written into the access log, or nothing is shown (R8)."""
    try:
        yield
    except DatabaseError as error:
        raise Busy(_("This could not be written into the access log, so nothing is shown. Try again shortly.")) from error


def _exported(facts: dict[str, Any], by: Actor, words: str, keys: list[int]) -> None:
    looked(None, by=by, what=Look.What.EXPORT, facts=facts, personal={"words": words[:500]} if words else {})
    if keys:
        values = _look(by, Look.What.EXPORT, None, {name: facts[name] for name in ("list", "purpose") if name in facts}, {}) | {"of": keys}
        with connection.cursor() as sql:
            sql.execute(_LOOK.format(matter="id") + "FROM matters_matter WHERE id = ANY(%(of)s::bigint[]) AND " + LEVELLED, values)


@step
def erase_personal(entries: Iterable[int], *, by: Actor = SYSTEM, ledger: str = "journal") -> int:
    """Blank the personal part of these rows of a ledger ("journal", "looks") because the law asks; returns how many held any. Which
    ones stays in the access log, by which `yingxu audit verify` knows a lawful blank from any other."""
    ids = sorted(set(entries))
    with connection.cursor() as cursor:
        cursor.execute("SELECT matters_erase(%s::bigint[], %s)", [ids, ledger])
        blanked: int = cursor.fetchone()[0]
    if blanked:
        looked(None, by=by, what=Look.What.ERASED, facts={"ledger": ledger, "rows": blanked, "ids": ids})
    return blanked


# ── once, however often it is asked ──


@dataclass(frozen=True)
class Once:
    """Same source and key: the same request. `fingerprint` tells whether the content is the same too."""

    source: str
    key: str
    fingerprint: bytes

    @classmethod
    def of(cls, source: str, key: str, content: Any) -> "Once":
        raw = json.dumps(content, sort_keys=True, default=str, ensure_ascii=False)
        return cls(source[:60], key[:200], hashlib.sha256(raw.encode()).digest())

    @classmethod
    def form(cls, by: Actor, place: str, sent: QueryDict) -> "Once | None":
        """A form of the desk sent by this person; None for one without a nonce."""
        nonce = sent.get("nonce", "")
        kept = {name: values for name, values in sent.lists() if name not in ("csrfmiddlewaretoken", "nonce")}
        return cls.of(f"desk:{by.kind}:{by.id}", nonce, {"place": place, "sent": kept}) if nonce else None


def once_only(once: Once | None, make: Callable[[], Any]) -> tuple[Any, bool]:
    """What `make` returns, and whether it had been made before: then nothing is done and the same row is read again (None when no
    row came of it). A second request at the same moment waits here for the first; one that is refused leaves its key free. Raises
    Refusal (409) for other content under the same key. Without `once` it is simply done."""
    if once is None:
        return make(), False
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO matters_receipt (source, key, fingerprint, model, at) VALUES (%s, %s, %s, '', %s) ON CONFLICT DO NOTHING",
                [once.source, once.key, once.fingerprint, clock.now()],
            )
            first = bool(cursor.rowcount)
        receipt = Receipt.objects.get(source=once.source, key=once.key)
        if first:
            made = make()
            if isinstance(made, models.Model):
                receipt.model, receipt.made = made._meta.label_lower, made.pk
                receipt.save(update_fields=["model", "made"])
            return made, False
    if bytes(receipt.fingerprint) != once.fingerprint:
        raise other_content()
    return (apps.get_model(receipt.model)._base_manager.filter(pk=receipt.made).first() if receipt.model else None), True


def other_content() -> Refusal:
    """The key was used before for something else."""
    error = Refusal(_("This key was used before for something else. Use a new key for something new."), code="key_reused")
    error.status = 409
    return error
