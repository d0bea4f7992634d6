"""How many: many capped counts in one round trip. The SQL of a question is kept, since making it costs more than asking it."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Q, Value

from yingxu.base.access import Actor
from yingxu.base.kept import NOTHING, Text, present, shape, sizes, standing_still

CAP = 1_000
GLANCE = 99  # of a count beside a name
KEPT = 4_000  # questions of all people together
_kept: OrderedDict[Hashable, Text] = OrderedDict()


def capped(rows: Any) -> int:
    """How many, at most CAP + 1: nobody reads an exact large number, and counting it costs."""
    return sizes([_compiled(rows, CAP)])[0]


def capped_counts(querysets: Sequence[Any], caps: Sequence[int] | None = None) -> list[int]:
    """`capped` of each, each at its own cap, in one round trip."""
    return sizes([_compiled(rows, cap) for rows, cap in zip(querysets, caps or [CAP] * len(querysets), strict=True)])


def counted(by: Actor, questions: Mapping[Any, Callable[[], Any]], caps: Mapping[Any, int] | None = None) -> dict[Any, int]:
    """Every question this person asks, capped at CAP or as `caps` says. A key must say everything about its question but the person
    and the present."""
    asked = [_kept_sql(_who(by), key, build, (caps or {}).get(key, CAP)) for key, build in questions.items()]
    return dict(zip(questions, sizes(asked), strict=True))


def tallied(by: Actor, key: Hashable, build: Callable[[], Any], wheres: Mapping[str, Callable[[Actor], Q]]) -> dict[str, int]:
    """How many of the rows that `build` gives meet each condition, in one pass over them. A key as for `counted`."""
    mark = (_who(by), key, tuple(wheres))
    found = _kept.get(mark)
    if found is None:
        with standing_still():
            counts = {f"n{i}": Count("pk", filter=where(by)) for i, where in enumerate(wheres.values())}
            found = _keep(mark, build().select_related(None).order_by().annotate(one=Value(1)).values("one").annotate(**counts).values(*counts).query.sql_with_params())
    with connection.cursor() as cursor:
        cursor.execute(found[0], present(found[1]))
        return dict(zip(wheres, cursor.fetchone() or [0] * len(wheres), strict=True))


def _who(by: Actor) -> Hashable:
    return by.user_id, shape(by)


def _keep(mark: Hashable, made: Text) -> Text:
    _kept[mark] = made
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return made


def _kept_sql(who: Hashable, key: Hashable, build: Callable[[], Any], cap: int) -> Text:
    mark = (who, key, cap)
    found = _kept.get(mark)
    if found is None:
        with standing_still():
            found = _keep(mark, _compiled(build(), cap))
    return found[0], tuple(present(found[1]))


def _compiled(rows: Any, cap: int) -> Text:
    try:
        return rows.select_related(None).order_by().values("pk")[: cap + 1].query.sql_with_params()
    except EmptyResultSet:  # the question can have no answer
        return NOTHING
