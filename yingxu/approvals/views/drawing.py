"""A round as `ui.signing` draws it."""

from typing import Any

from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.ui.show import moment

from .. import queries
from ..models import Needed, Seat, State, Step

MARKS = {Seat.State.APPROVED: "yes", Seat.State.REFUSED: "no", Seat.State.SENT_BACK: "back", Seat.State.WAITING: "now", Seat.State.DELEGATED: "on"}


def drawn(lap: queries.Lap) -> list[dict[str, Any]]:
    """The steps of a round, in order."""
    return [_step(shown) for shown in lap.steps]


def _step(shown: queries.Shown) -> dict[str, Any]:
    step = shown.step
    state = {Step.State.PASSED: "done", Step.State.OPEN: "now", Step.State.STOPPED: "late"}.get(Step.State(step.state), "")
    late = step.open and (step.vacant_at is not None or (step.due_at is not None and step.due_at < clock.now()))
    return {
        "name": step.name, "state": "late" if late else state, "rule": _rule(shown), "note": _note(step),
        "when": moment(step.closed_at) if step.closed_at else "", "people": [_person(person, step) for person in shown.people],
    }  # fmt: skip


def _rule(shown: queries.Shown) -> str:
    step = shown.step
    parts = [shown.asks] + ([_("of them %(rule)s") % {"rule": Needed(step.needed).label}] if len(shown.people) > 1 or step.needed != Needed.ANY else [])
    parts += [_("password")] if step.reauth else []
    parts += [_("within %(span)s") % {"span": _span(step)}] if step.within else []
    return " · ".join(parts)


def _span(step: Any) -> str:
    units = {"m": _("%(n)s min"), "h": _("%(n)s h"), "d": _("%(n)s days") if step.round_the_clock else _("%(n)s working days")}
    return units.get(step.within[-1:], "%(n)s") % {"n": step.within.rstrip("minhd ")}


def _note(step: Step) -> str:
    if step.state == Step.State.DROPPED:
        return _("No longer needed")
    if step.open and step.vacant_at is not None:
        return _("Nobody can sign this now; the administrators have been told.")
    if step.open and step.due_at is not None:
        return _("late, it was due %(due)s") % {"due": moment(step.due_at)} if step.due_at < clock.now() else _("by %(due)s") % {"due": moment(step.due_at)}
    if step.added_by_id:
        return _("Added by %(name)s: %(reason)s") % {"name": step.added_by.name, "reason": step.added_why}
    return ""


def _person(person: queries.Person, step: Step) -> dict[str, Any]:
    seat = person.seat
    waits = seat.waiting and not step.open
    return {
        "name": person.name, "id": seat.user_id, "state": "" if waits else MARKS.get(Seat.State(seat.state), ""),
        "said": _("to come") if waits else seat.get_state_display(), "when": moment(seat.signed_at) if seat.signed_at else "", "words": seat.words,
        "by": person.signer, "instead": person.from_whom, "stands": "、".join(person.stands),
        "why": (_("asked besides: %(why)s") % {"why": seat.why} if seat.added and not seat.instead_of_id else _("handed on: %(why)s") % {"why": seat.why}) if seat.why else "",
    }  # fmt: skip


def outcome(lap: queries.Lap) -> str:
    """How a round ended, in one line."""
    found = lap.round
    if found.outcome == State.OPEN:
        return ""
    who = found.ended_by.name if found.ended_by else _("System")
    said = f"{found.get_outcome_display()} · {who} · {moment(found.ended_at)}"
    return f"{said}。{found.reason}" if found.reason else said
