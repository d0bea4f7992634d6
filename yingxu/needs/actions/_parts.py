"""Steps the verbs share."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.base.events import Event
from yingxu.base.flow import move
from yingxu.matters import actions as matters
from yingxu.matters.models import Entry, Note
from yingxu.people.models import Department, User
from yingxu.tasks import actions as work
from yingxu.tasks import queries as tasks

from ..models import Need
from ..states import MOVES, State
from . import mailing


def put(need: Need, to: State) -> None:
    """Move to a state; ending closes the matter, leaving an end opens it again."""
    move(need, to, MOVES)
    ended = to in (State.CLOSED, State.MERGED, State.VOID)
    if ended != bool(need.matter.closed_at):
        need.matter.closed_at = clock.now() if ended else None
        need.matter.save(update_fields=["closed_at"])


def no_open_task(need: Need) -> None:
    """Raise WrongMoment, naming them, while a task on the need is open: it is not resolved before everybody's part is done (N14)."""
    left = tasks.open_on(need.matter)
    if left:
        said = "、".join(f"{t.title}（{t.owner or t.department}）" if t.owner_id or t.department_id else t.title for t in left[:5])
        more = _(" and %(count)s more") % {"count": len(left) - 5} if len(left) > 5 else ""
        raise WrongMoment(_("Still open: %(titles)s. Finish or withdraw them first.") % {"titles": said + more})


def drop_tasks(need: Need, by: Actor, reason: str) -> None:
    """The need ends without being resolved: what was still to be done lapses."""
    work.take_back(tasks.open_on(need.matter), by=by, reason=reason)


def state(event: Event, need: Need, by: Actor, *, tell: Iterable[int | None] = ()) -> Entry:
    return matters.record(event, on=need.matter, by=by, tell=tell)


def say(
    need: Need, entry: Entry, voice: Note.Voice, body: str, *, channel: str = "", question: bool = False, by: Actor | None = None,
    files: Iterable[Any] = (), ask: bool = False,
) -> Note:  # fmt: skip
    """Words on the need; those to the customer (`by` somebody) also leave by mail or SMS when that is the channel."""
    note = matters.say(need.matter, entry, voice, body, channel=channel, question=question)
    if voice == Note.Voice.TOLD and by is not None:
        mailing.send(need, entry, body, channel=channel, by=by, files=files, ask=ask)
    return note


def responsible(need: Need) -> list[int | None]:
    """Who must know what happens next: the owner, else the department's head."""
    if need.matter.owner_id:
        return [need.matter.owner_id]
    return [need.matter.department.head_id] if need.matter.department_id else []


def place(need: Need, department: Department, owner: User | None) -> None:
    """Put the need into a department's hands (and a person's)."""
    if not department.active:
        raise Invalid.field("department", _("This department is no longer active."))
    if owner and (not owner.is_active or owner.department_id != department.pk):
        raise Invalid.field("owner", _("%(name)s does not work in %(department)s.") % {"name": owner.name, "department": department.name})
    need.matter.department, need.matter.owner = department, owner
    need.matter.save(update_fields=["department", "owner"])


def rated(rating: int | None) -> int | None:
    if rating is not None and not 1 <= rating <= 5:
        raise Invalid.field("rating", _("A rating is 1 to 5."))
    return rating
