"""The ladders change: each change makes a version, and who climbs now goes on by the new one."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from yingxu.base import clock as time
from yingxu.base.access import Actor
from yingxu.base.action import opens
from yingxu.base.action import step as part
from yingxu.base.errors import Invalid, Stale
from yingxu.matters.actions import record
from yingxu.matters.models import Matter

from .. import climbing, current, queries, rules
from ..events import LaddersChanged
from ..models import Category, Climb, LadderVersion, Rung, Step, Unit, Who
from ..spans import span

MOST = 8  # rungs


@opens(rules.MANAGE)
def set_ladder(name: str, rungs: Sequence[Mapping], *, by: Actor, round_the_clock: bool = False, was: str | None = None) -> int | None:
    """The rungs of one ladder, lowest first: {"who", "code", "after": "2h"}; without rungs the wider ladder holds again. `was` (see
    `queries.ladder_words`) is what the editor saw; when somebody changed it meanwhile, nothing is saved. Returns the version."""
    version = _lock()
    ladders = {each: list(found) for each, found in climbing.ladders_of(version).items()}
    now = queries.ladder_words(ladders.get(name, ()))
    made = _rungs(name, rungs, round_the_clock) if rungs else []
    if was is not None and was != now:
        raise Stale(_("Nothing was saved: somebody changed this just now."), theirs={name: (now, queries.ladder_words(made))})
    if not rungs and name in (climbing.USUAL, climbing.EMERGENCY):
        raise Invalid.field("rungs", _("This ladder is needed: it must have at least one rung."))
    ladders.pop(name, None)
    if made:
        ladders[name] = made
    return _changed(version, ladders, by)


@part
def install_ladders(ladders: Mapping[str, Mapping], *, by: Actor) -> int | None:
    """Make the ladders what a policy pack says: name → {"round_the_clock", "rungs": [{"who", "code", "after"}]}; they replace all.
    Installing the same twice changes nothing. Returns the version in force."""
    version = _lock()
    made = {name: _rungs(name, row["rungs"], row.get("round_the_clock", False)) for name, row in ladders.items()}
    return _changed(version, made, by)


def _lock() -> int | None:
    """One change after the other."""
    current.forget()
    return LadderVersion.objects.select_for_update().order_by("-id").values_list("id", flat=True).first()


def _rungs(name: str, given: Sequence[Mapping], round_the_clock: bool) -> list[Rung]:
    _known(name)
    if len(given) > MOST:
        raise Invalid.field("rungs", _("A ladder has at most %(most)s rungs.") % {"most": MOST})
    made: list[Rung] = []
    for place, row in enumerate(given, 1):
        amount, unit = span(row["after"])
        if row["who"] not in Who.values:
            raise Invalid.field("who", _("“%(word)s” is not known here.") % {"word": row["who"]})
        code = row.get("code", "").strip()
        if bool(code) != (row["who"] in (Who.ROLE, Who.DEPARTMENT)):
            raise Invalid.field("code", _("A role or a department needs its name, the others have none."))
        made.append(Rung(ladder=name, place=place, who=row["who"], code=code, amount=amount.quantize(Decimal("0.01")), unit=unit,
                         round_the_clock=round_the_clock))  # fmt: skip
    day = 1_440 if round_the_clock else current.book().calendar.day_minutes
    spans = [rung.amount * {Unit.MINUTES: 1, Unit.HOURS: 60, Unit.DAYS: day}[Unit(rung.unit)] for rung in made]
    if spans != sorted(spans):
        raise Invalid.field("after", _("Each rung comes after the one below it: put the times in order."))
    return made


def _known(name: str) -> None:
    """A ladder is the usual one, an alarm's, a category's, or one step's of a category."""
    category, _slash, step = name.partition("/")
    if name in climbing.SINGLE or category in Category.values and (not step or step in Step.values):
        return
    raise Invalid.field("name", _("“%(word)s” is not known here.") % {"word": name})


def _changed(version: int | None, ladders: Mapping[str, Sequence[Rung]], by: Actor) -> int | None:
    held = climbing.ladders_of(version)
    if _figures(held) == _figures(ladders):
        return version
    made = LadderVersion.objects.create(made_at=time.now(), made_by_id=by.user_id)
    rows = [rung for name in ladders for rung in ladders[name]]
    Rung.objects.bulk_create(
        Rung(version=made, ladder=r.ladder, place=r.place, who=r.who, code=r.code, amount=r.amount, unit=r.unit,
             round_the_clock=r.round_the_clock) for r in rows
    )  # fmt: skip
    _go_on_by(made.pk)
    record(LaddersChanged(version=made.pk), on=None, by=by)
    return made.pk


def _figures(ladders: Mapping[str, Iterable[Rung]]) -> dict[str, str]:
    return {name: queries.ladder_words(rungs) for name, rungs in ladders.items()}


def _go_on_by(version: int) -> None:
    """Who climbs now goes on by the new rungs, from the rung reached; a ladder that is gone leads to the wider one."""
    ladders: Any = climbing.ladders_of(version)
    open_ = Climb.objects.exclude(state=Climb.State.ENDED)
    matters = open_.order_by("matter_id").values("matter_id")
    list(Matter.objects.select_for_update(of=("self",)).filter(pk__in=matters).order_by("pk").values_list("pk", flat=True))
    for climb in open_.select_related("clock"):
        name = climbing.name_for(ladders, climb.clock.category, climb.clock.step) if climb.clock else climb.ladder
        if name not in ladders:
            continue
        climb.version_id, climb.ladder, climb.told = version, name, min(climb.told, len(ladders[name]))
        climb.next_at = climbing.look_at(climb)
        climb.save(update_fields=["version", "ladder", "told", "next_at"])
