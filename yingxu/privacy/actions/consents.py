"""Who agreed to what. Each act is a row of its own and is never changed; the last one holds, at once."""

from datetime import datetime

from django.utils.translation import gettext as _

from yingxu.base import clock, given
from yingxu.base.access import Actor
from yingxu.base.action import action, step
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.matters.actions import record
from yingxu.matters.models import Matter

from .. import queries, rules
from ..events import ConsentGiven, ConsentRefused, ConsentWithdrawn
from ..models import Consent, Purpose

Act = Consent.Act
_EVENTS = {Act.GIVEN: ConsentGiven, Act.REFUSED: ConsentRefused, Act.WITHDRAWN: ConsentWithdrawn}


@action(rules.RECORD)
def agree(
    matter: Matter, *, by: Actor, purpose: Purpose, channel: str, given_: bool = True, person: str = "", evidence: str = "",
) -> Consent:  # fmt: skip
    """Write down that the customer with this file agreed to a purpose, or refused: how they said so, and where that can be read or
    heard. What staff write down needs that evidence."""
    if not evidence.strip():
        raise Invalid.field("evidence", _("Say where it can be read or heard: the form's number, the recording, the mail."))
    return note_consent(matter, by=by, purpose=purpose, act=Act.GIVEN if given_ else Act.REFUSED, channel=channel, person=person, evidence=evidence)


@action(rules.RECORD)
def withdraw(matter: Matter, *, by: Actor, purpose: Purpose, channel: str, person: str = "", evidence: str = "") -> Consent:
    """Write down that the customer takes the consent back. It ends the use from this moment; what was done before stays lawful (art. 15).
    No reason is asked, and no evidence: taking back is as easy as giving."""
    return note_consent(matter, by=by, purpose=purpose, act=Act.WITHDRAWN, channel=channel, person=person, evidence=evidence)


@step
def note_consent(
    matter: Matter, *, by: Actor, purpose: Purpose, act: str, channel: str, person: str = "", evidence: str = "", at: datetime | None = None,
) -> Consent:  # fmt: skip
    """The same as part of another room's verb (the portal, an import, an identifier kept with its consent)."""
    if purpose.basis != Purpose.Basis.CONSENT:
        raise Invalid.field("purpose", _("“%(name)s” does not rest on consent, so there is none to give or take back.") % {"name": purpose.name})
    if channel not in Consent.Channel.values:
        raise Invalid.field("channel", _("Choose how the person said so."))
    standing = queries.standing(matter.pk, purpose)
    if act == Act.GIVEN and not purpose.active:
        raise WrongMoment(_("“%(name)s” has ended; nothing is used for it any more.") % {"name": purpose.name})
    if act == Act.WITHDRAWN and (standing is None or standing.act != Act.GIVEN):
        raise WrongMoment(_("There is no consent to “%(name)s” that could be taken back.") % {"name": purpose.name})
    wording = purpose.wordings.first()
    if act == Act.WITHDRAWN:
        wording = standing.wording
    now = at or clock.now()
    until = queries.months_later(now, wording.months) if act == Act.GIVEN and wording.months else None
    person, evidence = (given.words(text, field, required=False, longest=longest) for text, field, longest in ((person, "person", 60), (evidence, "evidence", 300)))
    more = {"until": until.date().isoformat() if until else ""} if act == Act.GIVEN else {}
    event = _EVENTS[Act(act)](
        purpose=purpose.code, name=purpose.name, version=wording.version, channel=channel, person=person, evidence=evidence, **more
    )
    tell = [matter.owner_id] if act == Act.WITHDRAWN else []
    entry = record(event, on=matter, by=by, tell=tell)
    return Consent.objects.create(
        matter=matter, purpose=purpose, wording=wording, act=act, channel=channel, person=person, evidence=evidence, at=now, until=until,
        by_id=by.user_id, entry=entry,
    )  # fmt: skip


@step
def require(matter_id: int, code: str) -> None:
    """Refuse unless the data of the customer with this file may be used for the purpose now (P2)."""
    if queries.may_use(matter_id, code):
        return
    name = Purpose.objects.filter(code=code).values_list("name", flat=True).first() or code
    raise NotAllowed(_("The customer has not agreed to “%(name)s”; without that the data is not used for it.") % {"name": name}, code="privacy.purpose")
