"""A record while it stands open: who else is here, who is typing, and whether something new was stated since it was drawn.

Any room's page of a matter takes part by drawing `matters/here.html` in its head and `matters/news.html` beside its timeline. Who is
here is kept for half a minute by the heartbeat itself, after asking whether its actor may see the matter at this moment; who may not
see it neither is shown nor learns anything.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from markupsafe import Markup

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.remember import forgets
from yingxu.ui import live

from .access import VIEWS
from .models import Entry, Matter
from .queries import seen_by, within_part

HERE = timedelta(seconds=35)  # three heartbeats
TYPING = timedelta(seconds=10)
MOST = 6  # names; nobody reads more
_ANY = -987_654_321  # stands for a matter's key in kept SQL
_kept: dict[Hashable, tuple[str, tuple]] = {}


@dataclass(frozen=True)
class Other:
    """Somebody else who has the record open."""

    id: int
    name: str
    typing: bool


@dataclass(frozen=True)
class Moment:
    """A record at this moment, as one person may see it: its newest entry, and who else is here."""

    last: int
    others: tuple[Other, ...]


def look(matter_id: int, by: Actor, *, read: int = 0, typing: bool = False) -> Moment | None:
    """`by` has the matter open, has read up to an entry, and perhaps types: kept, and answered with the rest. None for what `by` may
    not see. One statement, since every open record asks it several times a minute."""
    if by.kind != "user" or by.user_id is None:
        return None
    now = clock.now()
    seen, params = _seen_sql(by)
    with connection.cursor() as sql:
        sql.execute(
            _LOOK.format(seen=seen),
            {
                **{f"p{i}": matter_id if value == _ANY else value for i, value in enumerate(params)},
                "matter": matter_id, "user": by.user_id, "now": now, "typing": now if typing else None, "read": read,
                "gone": now - HERE, "typed": now - TYPING, "most": MOST,
            },
        )  # fmt: skip
        rows = sql.fetchall()
    if not rows:
        return None
    return Moment(rows[0][0] or 0, tuple(Other(pk, name, typed) for _last, pk, name, typed in rows if pk is not None))


_LOOK = """
WITH seen (id) AS MATERIALIZED ({seen}),
mine AS (
  INSERT INTO matters_presence (matter_id, user_id, at, typing_at) SELECT seen.id, %(user)s, %(now)s, %(typing)s FROM seen
  ON CONFLICT (matter_id, user_id) DO UPDATE SET at = excluded.at, typing_at = excluded.typing_at),
done AS (
  INSERT INTO matters_seen (matter_id, user_id, entry, at)
  SELECT seen.id, %(user)s, least(%(read)s, (SELECT max(id) FROM matters_entry WHERE matter_id = seen.id)), %(now)s FROM seen WHERE %(read)s > 0
  ON CONFLICT (matter_id, user_id) DO UPDATE SET entry = excluded.entry, at = excluded.at WHERE matters_seen.entry < excluded.entry),
woken AS (
  DELETE FROM matters_snooze WHERE matter_id = (SELECT id FROM seen) AND user_id = %(user)s AND until <= %(now)s)
SELECT (SELECT max(id) FROM matters_entry WHERE matter_id = seen.id), other.id, other.name, other.typing
FROM seen LEFT JOIN LATERAL (
  SELECT u.id, u.name, coalesce(p.typing_at >= %(typed)s, false) AS typing
  FROM matters_presence AS p JOIN people_user AS u ON u.id = p.user_id
  WHERE p.matter_id = %(matter)s AND p.user_id <> %(user)s AND p.at >= %(gone)s AND u.is_active ORDER BY u.name, u.id LIMIT %(most)s
) AS other ON true
"""


def _seen_sql(by: Actor) -> tuple[str, tuple]:
    """The matter if this actor may see it, as SQL; made once for all who may see the same, since making it costs more than asking."""
    who = (by.user_id, by.department_id, by.subtree, by.clearance, by.admitted, tuple(by.reaches.get(view.rule.name) for view in VIEWS.values()))
    found = _kept.get(who)
    if found is None:
        if len(_kept) > 2_000:
            _kept.clear()
        sql, params = Matter.objects.filter(pk=_ANY).filter(seen_by(by)).order_by().values("pk").query.sql_with_params()
        for i in range(len(params)):
            sql = sql.replace("%s", f"%(p{i})s", 1)
        found = _kept[who] = (sql.replace("{", "{{").replace("}", "}}"), params)
    return found


@forgets
def forget() -> None:
    _kept.clear()


# ── the parts of a page ──


def here_mark(matter: Matter, others: tuple[Other, ...] = ()) -> str:
    """Who is shown on this record."""
    return _here_mark(matter.pk, others)


def news_mark(matter: Matter, last: int) -> str:
    """Up to which entry the timeline of this record is drawn."""
    return f"{matter.pk}.{last}.0"


def _here_mark(pk: int, others: tuple[Other, ...]) -> str:
    return f"{pk}.{live.digest(others) if others else ''}"


def _numbers(mark: str) -> list[int]:
    """The whole numbers a mark of ours is made of; none for any other."""
    parts = mark.split(".")
    return [int(part) for part in parts] if all(part.isdecimal() and len(part) < 18 for part in parts) else []


@live.part("here")
def here(beat: live.Beat, mark: str) -> Markup | None:
    """Who else looks at this, who is typing."""
    pk = (_numbers(mark.partition(".")[0]) or [0])[0]
    read = _numbers(beat.request.POST.get("news", ""))
    if not pk:
        return None
    found = beat.known[f"matter {pk}"] = look(pk, beat.by, read=read[1] if len(read) == 3 and read[0] == pk else 0, typing=beat.typing)
    if found is None or _here_mark(pk, found.others) == mark:
        return None
    return live.draw(beat.request, "matters/here.html", others=found.others, mark=_here_mark(pk, found.others))


@live.part("news")
def news(beat: live.Beat, mark: str) -> Markup | None:
    """What was stated since the timeline was drawn; it is shown when the reader asks for it."""
    pk, last, shown = _numbers(mark) if mark.count(".") == 2 and _numbers(mark) else (0, 0, 0)
    found = beat.known.get(f"matter {pk}")
    if found is None or found.last <= last:
        return None
    newer = _newer(pk, last, beat.by)
    return None if newer in (0, shown) else live.draw(beat.request, "matters/news.html", newer=newer, mark=f"{pk}.{last}.{newer}")


def _newer(matter_id: int, last: int, by: Actor) -> int:
    """How many entries came since, without those about a part of it that this reader may not know of."""
    rows = Entry.objects.filter(matter_id=matter_id, id__gt=last).select_related("matter").order_by("id")[:100]
    return sum(within_part(by, entry) for entry in rows)
