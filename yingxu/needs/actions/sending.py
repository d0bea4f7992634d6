"""Words to the customer that can still be taken back: held for some seconds, then said by the verb itself, or withdrawn.

Nothing reaches the customer, stops a clock or moves the need before the words leave: while they wait they are a row of `Outgoing`
(so neither a dead browser nor a dead process loses them), and what the journal says afterwards is what happened, at the moment it
happened. Withdrawn words are stated as withdrawn and stand in their writer's draft again.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from yingxu.base import clock
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action
from yingxu.base.errors import Gone, Invalid, NotAllowed, Refusal, WrongMoment
from yingxu.base.flow import at_state
from yingxu.base.given import staff, words
from yingxu.files import actions as files
from yingxu.matters import actions as matters
from yingxu.matters import queries as kept
from yingxu.matters.models import Matter
from yingxu.people import queries as people

from .. import rules
from ..events import WordsNotSent, WordsWithdrawn
from ..models import Need, Outgoing, Result
from ..states import Channel, State
from ._parts import state
from .answer import feed_back, reply
from .handle import review

WINDOW = timedelta(seconds=15)


@action(rules.REPLY)
def send_reply(need: Need, *, by: Actor, text: str, channel: str = "", question: bool = False, uploads: Iterable[Any] = ()) -> Outgoing:
    """`reply`, after the moment in which it can be withdrawn."""
    if need.state in (State.MERGED, State.VOID):
        raise WrongMoment(_("This need has ended; write on the one it went into."))
    staged = [asdict(one if isinstance(one, files.Staged) else files.stage(one)) for one in uploads]
    return _hold(need, by, Outgoing.What.REPLY, words(text, "text"), channel, {"question": question, "files": staged})


@action(rules.FEEDBACK)
def send_feedback(need: Need, *, by: Actor, text: str = "", channel: str = "") -> Outgoing:
    """`feed_back`, after the moment in which it can be withdrawn."""
    at_state(need, State.FEEDBACK)
    result = need.results.filter(review=Result.Review.PASSED, round=need.round).order_by("-id").first()
    if result is None:
        raise WrongMoment(_("There is no reviewed result to feed back."))
    if need.outgoing.filter(what=Outgoing.What.FEEDBACK).exists():
        raise WrongMoment(_("The result is about to leave already; withdraw it first to change it."))
    return _hold(need, by, Outgoing.What.FEEDBACK, words(text, "text", required=False) or result.answer, channel, {})


@transaction.atomic
def pass_and_send(need: Need, *, by: Actor, answer: str = "", tell: bool = False, channel: str = "") -> Need | Outgoing:
    """`pass_and_tell`, where the words to the customer can still be withdrawn; the review stands in any case."""
    need = review(need, by=by, answer=answer)
    return send_feedback(need, by=by, channel=channel) if tell else need


@action(rules.VIEW)
def withdraw(need: Need, *, by: Actor, outgoing: int) -> str:
    """Take back one's own words before they leave; returns them. They stand in the draft again."""
    row = need.outgoing.select_for_update().filter(pk=outgoing).first()
    if row is None:
        raise WrongMoment(_("These words have left already; write once more to put it right."))
    if row.by_id != by.user_id:
        raise NotAllowed(_("Only who wrote the words can take them back."))
    _back(row)
    state(WordsWithdrawn(round=need.round, what=row.what), need, by)
    return row.text


def release(*, by: Actor = SYSTEM) -> int:
    """Let everything leave whose moment is over; returns how many left. Each in a transaction of its own, once, whoever else does
    this at the same time. What its verb refuses by now goes back to its writer, who is told."""
    due = Outgoing.objects.filter(leaves_at__lte=clock.now()).order_by("leaves_at", "id").values_list("pk", "need_id")
    return sum(_leave(pk, matter_id, by) for pk, matter_id in due[:200])


def _leave(pk: int, matter_id: int, system: Actor) -> int:
    with transaction.atomic():
        Matter.objects.select_for_update().get(pk=matter_id)  # first, as every verb does
        row = Outgoing.objects.select_for_update(skip_locked=True).select_related("need__matter", "by").filter(pk=pk).first()
        if row is None:
            return 0
        with override(row.by.language or settings.LANGUAGE_CODE):
            try:
                with transaction.atomic():
                    _say(row)
            except Refusal as refusal:
                _back(row)
                state(WordsNotSent(round=row.need.round, what=row.what, reason=str(refusal)), row.need, system, tell=[row.by_id])
                return 0
        row.delete()
        return 1


def _say(row: Outgoing) -> None:
    if not row.by.is_active:
        raise Gone()
    who = people.actor(row.by)
    if row.what == Outgoing.What.FEEDBACK:
        feed_back(row.need, by=who, text=row.text, channel=row.channel)
        return
    staged = [files.Staged(**one) for one in row.more.get("files", ())]
    reply(row.need, by=who, text=row.text, channel=row.channel, question=bool(row.more.get("question")), uploads=staged)


def _hold(need: Need, by: Actor, what: Outgoing.What, text: str, channel: str, more: dict[str, Any]) -> Outgoing:
    channel = channel or need.channel
    if channel not in Channel.values:
        raise Invalid.field("channel", _("There is no channel “%(channel)s”.") % {"channel": channel})
    now = clock.now()
    return Outgoing.objects.create(
        need=need, what=what, text=text, channel=channel, more=more, by_id=staff(by), at=now, leaves_at=now + WINDOW,
    )  # fmt: skip


def _back(row: Outgoing) -> None:
    """Into the writer's draft, before what they have begun since. If that is a note for us, the whole stays for us."""
    place = f"needs.say:{row.need.number}"
    draft = kept.draft(row.by_id, place)
    begun = draft.content if draft else {}
    audience = begun.get("audience", "reply") if begun.get("text") else "reply"
    content = {"audience": audience, "text": "\n\n".join(t for t in (row.text, str(begun.get("text", "")).strip()) if t), "channel": row.channel}
    if row.more.get("question"):
        content["question"] = "on"
    matters.save_draft(row.by_id, place, content)
    row.delete()


