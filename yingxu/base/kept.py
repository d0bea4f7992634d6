"""Questions that every page asks: their SQL is made once and kept, since making it in the ORM costs more than asking it.

    @kept
    def _open_on(by: Actor, matter: int, *, many: int = 5) -> QuerySet[Task]:
        return visible_to(by).filter(matter_id=matter, state=State.OPEN)[:many]

    _open_on(by, matter.pk)  # a list

By position goes what differs from one asking to the next: an actor, keys and words (an int, a str, or several). By keyword what makes
it another question; it must be hashable. The function is called with stand-ins and must hand them on to the database as they are: it may
not compute with them or ask anything by itself. Of the present it may use `clock.now()`, `clock.today()` and the midnight that ends today.

What an actor may see is part of the question: everything an actor is but their own key, which is a stand-in too, so that two people
with the same rights in the same department share one text. Conditions therefore come from the rules and are never written twice.
"""

import copy
import functools
import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection, connections
from django.db.models import Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.where import WhereNode

from . import clock
from .access import Actor

Row = TypeVar("Row", bound=Model)
Text = tuple[str, tuple]

KEPT = 2_000  # questions
_NOW = datetime(2001, 1, 2, 3, 4, 5, 678, tzinfo=clock.zone())
_FIRST, _WORD = 2**62, "\ue000stand-in"  # no row has such keys, these and above, and no text such words
_NEAR = 4_000  # days; a moment this close to the stand-in for now was computed from it


NOTHING: Text = ("SELECT 1 WHERE false", ())  # of a question that can have no answer


class NotKept(Exception):
    """The question does something with a stand-in that the database would not be told again. An error of ours."""


@dataclass(frozen=True)
class _Question:
    """What was compiled: None for what can have no answer. `slots` says which parameters are given anew: (place, what)."""

    rows: QuerySet
    compiler: SQLCompiler | None
    sql: str
    params: tuple
    slots: tuple[tuple[int, Hashable], ...]


_kept: OrderedDict[Hashable, _Question] = OrderedDict()


def kept(build: Callable[..., QuerySet[Row]]) -> Callable[..., list[Any]]:
    """The function as one that gives the rows."""

    def known(given: tuple[Any, ...], wish: Mapping[str, Hashable]) -> tuple[_Question, dict[Hashable, Any]]:
        mark = (build, tuple(_mark(value) for value in given), tuple(wish.items()))
        question = _kept.get(mark)
        if question is None:
            question = _kept[mark] = _compile(build, given, wish)
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
        return question, _stand_ins(given)[1]

    @functools.wraps(build)
    def ask(*given: Any, **wish: Hashable) -> list[Any]:
        question, meant = known(_listed(given), wish)
        return _rows(question, meant) if question.compiler else []

    def text(*given: Any, **wish: Hashable) -> Text:
        question, meant = known(_listed(given), wish)
        return (question.sql, _filled(question, meant)) if question.compiler else NOTHING

    ask.text = text  # type: ignore[attr-defined]
    return ask


def text(ask: Callable[..., list[Any]], *given: Any, **wish: Hashable) -> Text:
    """The SQL of a kept question and its parameters, to be asked in one round trip with others."""
    return ask.text(*given, **wish)  # type: ignore[attr-defined]


def sizes(texts: Sequence[Text]) -> list[int]:
    """How many rows each question has, in one round trip. What is not to be counted further limits itself."""
    return scalars([size(text) for text in texts])


def size(text: Text) -> Text:
    """The question of how many rows it has, for `scalars`."""
    sql, params = text
    return f"SELECT count(*) FROM ({sql}) AS part", params  # noqa: S608  the ORM wrote the part


def scalars(texts: Sequence[Text]) -> list[Any]:
    """What each question answers that has one value for an answer, in one round trip."""
    if not texts:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"({sql})" for sql, _params in texts), [p for _sql, params in texts for p in params])
        return list(cursor.fetchone())


def shape(by: Actor) -> Hashable:
    """What an actor may see, whoever they are: two actors of one shape are told the same but for what is their own."""
    rights = tuple(_frozen(getattr(by, f.name)) for f in fields(by) if f.name not in ("name", "user_id", "id"))
    return rights, by.user_id is None, None if by.id == by.user_id else by.id


def standing_still() -> Any:
    """The present as a stand-in, for SQL that is kept."""
    return clock.at(_NOW)


def present(params: Iterable[Any]) -> list[Any]:
    """The parameters of SQL made inside `standing_still`, as they are now."""
    now = _present()
    return [now.get(_slot(value), value) for value in params]


def _listed(given: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(list(value) if isinstance(value, tuple | set | frozenset) else value for value in given)


def _frozen(value: Any) -> Hashable:
    return frozenset(value.items()) if isinstance(value, Mapping) else value


def _mark(value: Any) -> Hashable:
    if isinstance(value, Actor):
        return shape(value)
    return (type(value), type(value[0])) if isinstance(value, list) and value else (type(value), value == [])


def _stand_ins(given: Sequence[Any]) -> tuple[list[Any], dict[Hashable, Any]]:
    """What the function is called with, and what each stand-in stands for."""
    called: list[Any] = []
    meant: dict[Hashable, Any] = {}
    for value in given:
        key = _FIRST + len(meant)
        if isinstance(value, Actor):
            person = None if value.user_id is None else key
            called.append(replace(value, name="", user_id=person, id=person if value.id == value.user_id else value.id))
            meant |= {} if person is None else {key: value.user_id}
        elif isinstance(value, list):
            called.append([_stand_in(one, key) for one in value[:1]])
            meant |= dict.fromkeys(called[-1], value)
        else:
            called.append(_stand_in(value, key))
            meant[called[-1]] = value
    return called, meant


def _stand_in(value: Any, key: int) -> int | str:
    if type(value) in (int, str):
        return key if type(value) is int else f"{_WORD}{key}"
    raise NotKept(f"{value!r} cannot be given by position")


def _present() -> dict[Hashable, Any]:
    now = clock.now()
    return {"now": now, "today": clock.today(), "tomorrow": _midnight(now)}


def _midnight(moment: datetime) -> datetime:
    here = moment.astimezone(clock.zone()) + timedelta(days=1)
    return here.replace(hour=0, minute=0, second=0, microsecond=0)


_MOMENTS: dict[date, str] = {_NOW: "now", _NOW.date(): "today", _midnight(_NOW): "tomorrow"}


def _slot(value: Any) -> Hashable:
    """What is to be put in the place of this parameter, None when it stays as it is."""
    if isinstance(value, date):
        found = _MOMENTS.get(value)
        if found is None and abs(value.toordinal() - _NOW.toordinal()) < _NEAR:
            raise NotKept(f"{value} was computed from the present")
        return found
    if type(value) is int:
        return value if value >= _FIRST else None
    return value if isinstance(value, str) and value.startswith(_WORD) else None


def _compile(build: Callable[..., QuerySet], given: Sequence[Any], wish: Mapping[str, Any]) -> _Question:
    called, meant = _stand_ins(given)
    with standing_still():
        rows = build(*called, **wish)
        compiler = rows.query.get_compiler(rows.db)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            return _Question(rows, None, "", (), ())
    slots = tuple((place, what) for place, what in enumerate(map(_slot, params)) if what is not None)
    asked = {what for _place, what in slots}
    people = {one.user_id for one in called if isinstance(one, Actor)}  # a rule may ask for nothing of their own
    if meant.keys() - people - asked or asked - meant.keys() - set(_MOMENTS.values()):
        raise NotKept(f"{build.__qualname__} does not ask by what it was given, as it was given")
    for place, what in slots:
        if isinstance(meant.get(what), list):
            sql = _several(sql, place)
    rows.query.where = compiler.where = WhereNode()  # is in the text now; the tree is large
    return _Question(rows, compiler, sql, tuple(params), slots)


def _several(sql: str, place: int) -> str:
    """One key of many was compiled to IN (%s): from now on the parameter at this place is all of them."""
    holes = [hole.start() for hole in re.finditer("%s|%%", sql) if hole[0] == "%s"]
    before, after = sql[: holes[place]], sql[holes[place] + 2 :]
    if not before.endswith(" IN (") or not after.startswith(")"):
        raise NotKept("several keys are asked for by IN only")
    return f"{before.removesuffix('IN (')}= ANY(%s){after[1:]}"


def _filled(question: _Question, meant: Mapping[Hashable, Any]) -> tuple:
    params, meant = list(question.params), {**_present(), **meant}
    for place, what in question.slots:
        params[place] = meant[what]
    return tuple(params)


def _rows(question: _Question, meant: Mapping[Hashable, Any]) -> list[Any]:
    """What the database answers, made into rows by the queryset as always."""
    params = _filled(question, meant)
    compiler: Any = copy.copy(question.compiler)
    compiler.connection = connections[question.rows.db]
    compiler.as_sql = lambda *_args, **_kwargs: (question.sql, params)
    rows: Any = question.rows.all()
    rows.query.get_compiler = lambda *_args, **_kwargs: compiler
    return list(rows)
