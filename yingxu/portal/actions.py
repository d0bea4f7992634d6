"""Verbs of the portal: raise a need, knock with number and code, give out codes, set up form points."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from yingxu.base import clock, crypto
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action, opens
from yingxu.base.errors import Gone, Invalid, NotAllowed
from yingxu.files import actions as files
from yingxu.intake.models import Nature, Received
from yingxu.matters import actions as matters
from yingxu.matters.models import Entry
from yingxu.needs import actions as needs
from yingxu.needs import rules as needs_rules
from yingxu.needs.models import Need
from yingxu.needs.states import Channel
from yingxu.notices import actions as notices
from yingxu.notices import queries as outgoing
from yingxu.notices.models import Delivery
from yingxu.privacy import actions as requests
from yingxu.privacy import queries as privacy
from yingxu.privacy.models import Consent, Purpose, Request

from . import rules
from .events import CodeIssued, MailAcknowledged
from .models import Agreement, FormPoint, Knock, TrackingCode

UNWRITTEN = "-"  # the version of the usual words, where the company has published no notice of its own
LIFE = timedelta(days=365)
LATE = timedelta(days=1)
WINDOW = timedelta(minutes=15)
PER_NUMBER, PER_PEER, RAISED_PER_PEER = 10, 30, 20


def visitor(name: str, matters: Sequence[int] = ()) -> Actor:
    """A customer at the portal, who may touch these needs."""
    return Actor(kind="customer", name=(name or _("Customer"))[:80], matters=frozenset(matters))


def raise_need(
    *, by: Actor, given: Mapping[str, Any], fields: Mapping[str, Any], uploads: Sequence = (), nonce: str, channel: str = Channel.PORTAL,
    agreed_to: Sequence[str] = (), peer: str | None = None,
) -> tuple[needs.Registered, str]:  # fmt: skip
    """(the need, its code to show once). Sent twice with the same nonce it is one need, and the code is a fresh one."""
    now = timezone.now()
    if peer and Knock.objects.filter(peer=peer, number="", at__gt=now - WINDOW).count() >= RAISED_PER_PEER:
        raise NotAllowed(
            _("That is a lot of requests in a short time. Please wait a quarter of an hour."), code="throttled"
        )
    staged = [files.stage(upload) for upload in uploads]
    with transaction.atomic():
        intake = needs.Intake(
            kind=given["kind"], body=given["body"], channel=channel, fields=fields, customer_name=given.get("name", ""),
            contact_name=given.get("name", ""), phone=given.get("phone", ""), email=given.get("email", ""),
        )  # fmt: skip
        done = needs.register(
            intake, by=by, once=needs.Once.of("portal", nonce, {**dict(given), "fields": dict(fields)})
        )
        need = Need.objects.select_related("matter").get(pk=done.id)
        if not done.repeated:
            Knock.objects.create(number="", peer=peer, at=now, ok=True)
            notice = privacy.notice()
            Agreement.objects.create(need=need, notice=notice.version if notice else UNWRITTEN, at=clock.now())
            for purpose in privacy.offered() if opened_by(need) else []:
                if purpose.code in agreed_to:
                    _said(need, purpose, Consent.Act.GIVEN, by)
            if staged:
                files.attach(need.matter, staged, by=by, entry=need.matter.entries.order_by("id").first(), public=True)
        return done, _new_code(need, None)


def opened_by(need: Need) -> bool:
    """Was the customer's file opened by this need, at the portal? Only then may who holds its code agree to something in the customer's
    name: anybody can type a stranger's phone number."""
    customer = need.customer
    if customer is None or customer.matter.entries.order_by("id").values_list("actor_kind", flat=True).first() != "customer":
        return False
    return not Need.objects.filter(customer=customer, pk__lt=need.pk).exists()


@action(rules.SPEAK)
def consent(need: Need, *, by: Actor, purpose: Purpose) -> Consent:
    """The customer agrees to a purpose on the need's page. Where the file was not opened by this need, staff do it, who see whom they
    speak with."""
    if not opened_by(need) or purpose.pk not in {p.pk for p in privacy.offered()}:
        raise NotAllowed(_("Please tell our customer service that you agree; we make sure first that it is you."))
    return _said(need, purpose, Consent.Act.GIVEN, by)


@action(rules.SPEAK)
def take_back(need: Need, *, by: Actor, purpose: Purpose) -> Consent:
    """The customer takes a consent back; nothing more is asked, and it holds at once."""
    if need.customer is None:
        raise Gone()
    return _said(need, purpose, Consent.Act.WITHDRAWN, by)


@action(rules.SPEAK)
def ask_about_data(need: Need, *, by: Actor, kind: str, contact: str, words: str = "") -> Request:
    """The customer asks for a copy, a correction, the deletion or an explanation of their data. Whose data it is, is checked by a person
    before anything is given out."""
    return requests.take_in(
        by=by, kind=kind, applicant=need.caller or by.name, contact=contact, channel=Consent.Channel.PORTAL, words=words, beside=need.matter
    )


def _said(need: Need, purpose: Purpose, act: str, by: Actor) -> Consent:
    return requests.note_consent(need.customer.matter, by=by, purpose=purpose, act=act, channel=Consent.Channel.PORTAL, evidence=need.matter.number)


def knock(number: str, code: str, *, peer: str | None) -> Need:
    """The need this number and code open. The same answer for an unknown number and a wrong code; throttled (S11, S13)."""
    number, code = "".join(c for c in number.upper() if c.isalnum() or c == "-")[:24], "".join(c for c in code.upper() if c.isalnum())
    now = timezone.now()
    wrong = Knock.objects.filter(at__gt=now - WINDOW, ok=False)
    if wrong.filter(number=number).count() >= PER_NUMBER or (peer and wrong.filter(peer=peer).count() >= PER_PEER):
        raise NotAllowed(_("Too many attempts. Wait 15 minutes and try again."), code="throttled")
    held = (
        TrackingCode.objects.select_related("need__matter")
        .filter(hash=crypto.token_hash(code), ended_at=None, expires_at__gt=now, need__matter__number=number)
        .first()
    )
    Knock.objects.create(number=number, peer=peer, at=now, ok=held is not None)
    if held is None:
        raise Invalid(_("Number and code do not match. Please check them once more."), code="credentials")
    TrackingCode.objects.filter(pk=held.pk).update(used_at=now)
    return held.need


@action(needs_rules.REPLY)
def issue_code(need: Need, *, by: Actor) -> str:
    """A new code for a customer who lost theirs; earlier ones end. Shown once."""
    matters.record(CodeIssued(), on=need.matter, by=by)
    return _new_code(need, by.user_id)


def _new_code(need: Need, user_id: int | None) -> str:
    now = clock.now()
    TrackingCode.objects.filter(need=need, ended_at=None).update(ended_at=now)
    code = crypto.spoken_code(16)
    TrackingCode.objects.create(
        need=need, hash=crypto.token_hash(code), issued_at=now, issued_by_id=user_id, expires_at=timezone.now() + LIFE
    )
    return code


@transaction.atomic
def acknowledge_mail(entry: Entry, mail: int) -> Delivery | None:
    """Answer a mail that became a need, by ourselves: its number and a code to follow it. Once a day to an address, with fixed words and
    none of the sender's (S22); never to what a machine sent, nor to history. Called after the commit, any number of times."""
    row = Received.objects.filter(pk=mail, nature=Nature.MESSAGE, sender_mark__isnull=False).first()
    if row is None or entry.matter_id is None or timezone.now() - entry.at > LATE:
        return None
    key = f"portal.acknowledged:{bytes(row.sender_mark).hex()}:{clock.today():%Y%m%d}"
    if Delivery.objects.filter(key=key).exists():
        return None
    need = Need.objects.select_related("matter").get(pk=entry.matter_id)
    stated = matters.record(MailAcknowledged(), on=need.matter, by=SYSTEM)
    code, number = _new_code(need, None), need.matter.number
    address = outgoing.common().address
    with override(settings.LANGUAGE_CODE):
        lines = [
            _("Your mail has arrived and is registered under the number %(number)s.") % {"number": number},
            _("Tracking code: %(code)s") % {"code": "-".join(code[i : i + 4] for i in range(0, len(code), 4))},
        ]
        if address:
            lines.append(_("Follow it here: %(address)s") % {"address": f"{address.rstrip('/')}{reverse('portal:door')}?number={number}"})
        lines.append(_("You can simply answer this mail to add something; leave the number in the subject."))
        lines.append(_("This mail was written by the system."))
        return notices.send(
            channel="mail", to=row.sender, subject=_("[#%(number)s] Your mail has arrived") % {"number": number}, body="\n\n".join(lines),
            matter=need.matter, entry=stated, key=key, in_reply_to=row.message_id, references=[row.message_id] if row.message_id else [],
            automatic=True,
        )  # fmt: skip


@opens(rules.MANAGE)
def add_point(*, by: Actor, name: str, channel: str, kind: str = "") -> FormPoint:
    """A new place for a form; its address cannot be guessed."""
    name = name.strip()
    if not name:
        raise Invalid.field("name", _("This cannot be empty."))
    if channel not in Channel.values:
        raise Invalid.field("channel", _("There is no channel “%(channel)s”.") % {"channel": channel})
    return FormPoint.objects.create(
        slug=secrets.token_urlsafe(9).replace("_", "-"),
        name=name[:60],
        channel=channel,
        kind=kind,
        made_by_id=by.user_id,
        made_at=clock.now(),
    )


@opens(rules.MANAGE)
def switch_point(point: FormPoint, *, by: Actor, active: bool) -> FormPoint:
    """Take a form away from customers, or put it back."""
    point.active = active
    point.save(update_fields=["active"])
    return point
