"""The register of recipients: whom personal data goes to, on which ground, and which way out goes to whom (P8, P17; PIPL art. 20–25, 38)."""

import re
from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from yingxu.base import clock, given
from yingxu.base.access import Actor
from yingxu.base.action import action, opens, step
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.matters.actions import exported, record

from .. import fields as kinds_of_data
from .. import queries, rules
from ..events import HandedOver, HandoverEnded, RecipientSaid, RecipientSwitched, RecordsExported
from ..models import Assessment, Handover, Purpose, Recipient

Role = Recipient.Role


@opens(rules.MANAGE)
def add_recipient(
    *, by: Actor, name: str, role: str, purposes: Iterable[Purpose], fields: Iterable[str], region: str = "CN", contract: str = "",
    until: date | None = None, assessment: Assessment | None = None,
) -> Recipient:  # fmt: skip
    """Take somebody into the register. Nothing goes there before it is switched on."""
    made = Recipient(made_at=clock.now())
    return _say(made, by, name=name, role=role, purposes=purposes, fields=fields, region=region, contract=contract, until=until, assessment=assessment)


@action(rules.MANAGE)
def edit_recipient(
    recipient: Recipient, *, by: Actor, name: str, role: str, purposes: Iterable[Purpose], fields: Iterable[str], region: str = "CN",
    contract: str = "", until: date | None = None, assessment: Assessment | None = None,
) -> Recipient:  # fmt: skip
    """Say anew what it gets, where and on which paper. What no longer is in order gets nothing from this moment."""
    recipient = _say(
        recipient, by, name=name, role=role, purposes=purposes, fields=fields, region=region, contract=contract, until=until, assessment=assessment
    )
    if recipient.active and (_missing(recipient) or queries.why_wanting(recipient)):
        _switch(recipient, by, active=False)
    return recipient


def _say(recipient: Recipient, by: Actor, *, purposes: Iterable[Purpose], fields: Iterable[str], **more) -> Recipient:
    used, sorts = list(purposes), sorted(set(fields))
    more["name"] = " ".join(given.words(more["name"], "name", longest=120).split())
    more["contract"] = given.words(more["contract"], "contract", required=False, longest=200)
    more["region"] = more["region"].strip().upper()
    if more["role"] not in Role.values:
        raise Invalid.field("role", _("Choose one of those named."))
    if not re.fullmatch(r"[A-Z]{2}", more["region"]):
        raise Invalid.field("region", _("Two letters, such as CN, HK or SG."))
    if not used:
        raise Invalid.field("purposes", _("Say what they need it for."))
    if not sorts or set(sorts) - set(kinds_of_data.KINDS):
        raise Invalid.field("fields", _("Choose the kinds of data that go there."))
    if Recipient.objects.filter(name__iexact=more["name"]).exclude(pk=recipient.pk).exists():
        raise Invalid.field("name", _("This recipient is in the register already."))
    values = {**more, "fields": sorts}
    before = {p.pk for p in recipient.purposes.all()} if recipient.pk else set()
    changed = [key for key, value in values.items() if getattr(recipient, f"{key}_id", getattr(recipient, key, None)) != getattr(value, "pk", value)]
    changed += ["purposes"] if before != {p.pk for p in used} else []
    if not changed:
        return recipient
    for key, value in values.items():
        setattr(recipient, key, value)
    new, recipient.changed_at = recipient.pk is None, clock.now()
    recipient.save()
    recipient.purposes.set(used)
    record(RecipientSaid(recipient=recipient.pk, name=recipient.name, region=recipient.region, new=new, fields=sorted(changed)), on=None, by=by)
    return recipient


@action(rules.MANAGE)
def switch_recipient(recipient: Recipient, *, by: Actor, active: bool) -> Recipient:
    """Data may go there, or must not any more. Whoever processes for us needs a contract (art. 21); handing over to anybody but our own
    systems and authorities, and anything across the border, needs an impact assessment that is in force (art. 55)."""
    if active and (why := _missing(recipient) or queries.why_wanting(recipient)):
        raise WrongMoment(why)
    return _switch(recipient, by, active=active) if recipient.active != active else recipient


def _switch(recipient: Recipient, by: Actor, *, active: bool) -> Recipient:
    recipient.active, recipient.changed_at = active, clock.now()
    recipient.save(update_fields=["active", "changed_at"])
    record(RecipientSwitched(recipient=recipient.pk, name=recipient.name, active=active), on=None, by=by)
    return recipient


def _missing(recipient: Recipient) -> str:
    if recipient.role in (Role.PROCESSOR, Role.HANDLER) and not recipient.contract:
        return _("Name the contract with %(name)s first.") % {"name": recipient.name}
    if recipient.assessment is None and (recipient.role in (Role.PROCESSOR, Role.HANDLER) or recipient.abroad):
        return _("Handing personal data over needs an impact assessment first (PIPL art. 55); name its number.")
    if recipient.abroad and recipient.assessment.kind != Assessment.Kind.ABROAD:
        return _("%(number)s does not weigh up going abroad.") % {"number": recipient.assessment.matter.number}
    return ""


@step
def hand_over(outlet: str, party: str, *, by: Actor, words: str = "") -> Handover:
    """What goes out by this way goes to that party ("12:3": recipient and purpose) from now on. Part of the verb of the room that sends."""
    number, _sep, purpose_id = party.partition(":")
    recipient = Recipient.objects.select_for_update(of=("self",)).select_related("assessment__matter").filter(pk=number if number.isdecimal() else 0).first()
    purpose = recipient.purposes.filter(pk=purpose_id if purpose_id.isdecimal() else 0, active=True).first() if recipient else None
    if recipient is None or (purpose is None and not words):
        raise Invalid.field("party", _("Choose a recipient of the register and its purpose."))
    if not recipient.active or (why := queries.why_wanting(recipient)):
        raise Invalid.field("party", why if recipient.active else _("%(name)s is switched off in the register of recipients.") % {"name": recipient.name})
    old = Handover.objects.select_for_update().filter(outlet=outlet, ended_at=None).first()
    if old and (old.recipient_id, old.purpose_id, old.words) == (recipient.pk, purpose and purpose.pk, words):
        return old
    now = clock.now()
    if old:
        old.ended_at = now
        old.save(update_fields=["ended_at"])
    made = Handover.objects.create(outlet=outlet, recipient=recipient, purpose=purpose, words=words, began_at=now)
    record(HandedOver(outlet=outlet, recipient=recipient.pk, name=recipient.name, purpose=purpose.code if purpose else ""), on=None, by=by)
    return made


@step
def end_handover(outlet: str, *, by: Actor) -> None:
    """The way was taken away."""
    for old in Handover.objects.select_for_update(of=("self",)).select_related("recipient").filter(outlet=outlet, ended_at=None):
        old.ended_at = clock.now()
        old.save(update_fields=["ended_at"])
        record(HandoverEnded(outlet=outlet, recipient=old.recipient_id, name=old.recipient.name), on=None, by=by)


@opens(rules.EXPORT)
def export_recipients(*, by: Actor, wish: queries.RecipientWish) -> list[Recipient]:
    """The register as the wish says; stated in the journal."""
    found = list(queries.recipients_to_export(wish))
    record(RecordsExported(what="recipients", count=len(found)), on=None, by=by)
    exported("recipients", by=by, rows=len(found), words=wish.q)
    return found


class Register(queries.Read):
    """The whole register, for `base.outlets`."""

    def hand(self, outlet: str, party: str, *, by: Actor, words: str = "") -> None:
        hand_over(outlet, party, by=by, words=words)

    def drop(self, outlet: str, *, by: Actor) -> None:
        end_handover(outlet, by=by)
