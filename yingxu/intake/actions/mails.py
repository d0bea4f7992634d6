"""What a person does with mail that could not be placed by itself, and with mail that was placed wrongly."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import action, check, opens
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.files import queries as files
from yingxu.matters import actions as matters
from yingxu.matters.models import Look
from yingxu.needs import actions as needs
from yingxu.needs import rules as needs_rules
from yingxu.needs.models import Need
from yingxu.needs.states import State

from .. import rules
from ..events import MailDropped, MailOpened, MailPlaced, MailRestored, MailsExported, MailTakenBack
from ..mail import sorting
from ..mail.reading import read
from ..models import Received

S, R = Received.State, Received.Reason
MOST = 20_000  # rows of a list


def _waits(mail: Received) -> None:
    if mail.state != S.QUARANTINE:
        raise WrongMoment(_("This mail is now “%(state)s”; somebody else was quicker.") % {"state": mail.get_state_display()})


def _decided(mail: Received, by: Actor) -> None:
    Received.objects.filter(pk=mail.pk).update(decided_by=by.user_id, decided_at=clock.now())


@action(rules.MAILS)
def put_on(mail: Received, *, by: Actor, need: Need) -> Received:
    """Put a mail to the need it belongs to: its words are the customer's. Where the need has ended, they open one that follows it."""
    _waits(mail)
    check(needs_rules.ADD, by, need)
    _nothing_hangs(mail)
    sorting.join(mail, read(mail.raw.body), need)
    _decided(mail, by)
    matters.record(MailPlaced(mail=mail.pk), on=mail.about, by=by)
    return mail


@action(rules.MAILS)
def make_need(mail: Received, *, by: Actor) -> Received:
    """Take a mail as a need of its own. The customer is found by the address, or opened."""
    _waits(mail)
    check(needs_rules.REGISTER, by)
    _nothing_hangs(mail)
    if not mail.sealed_sender and not mail.sender_name:
        mail.sender_name = _("Unknown sender")
    sorting.register(mail, read(mail.raw.body))
    _decided(mail, by)
    matters.record(MailPlaced(mail=mail.pk), on=mail.about, by=by)
    return mail


def _nothing_hangs(mail: Received) -> None:
    """Too big ones were never taken in as a whole."""
    if mail.reason == R.TOO_BIG:
        raise WrongMoment(_("Only the beginning of this mail is here. Ask the sender to send it in parts."))


@action(rules.MAILS)
def drop(mail: Received, *, by: Actor, reason: str) -> Received:
    """Nothing for us (advertising, somebody else's). It stays here and can be put back."""
    _waits(mail)
    reason = " ".join(reason.split())[:300]
    if not reason:
        raise Invalid.field("reason", _("This cannot be empty."))
    mail.state, mail.remark, mail.decided_by_id, mail.decided_at = S.DROPPED, reason, by.user_id, clock.now()
    mail.save(update_fields=["state", "remark", "decided_by", "decided_at"])
    matters.record(MailDropped(mail=mail.pk, reason=reason), on=None, by=by)
    return mail


@action(rules.MAILS)
def take_back(mail: Received, *, by: Actor) -> Received:
    """Undo what became of it. A need made of it that nobody has worked on is declared void; words on a need stay in its history
    with a line that they belong elsewhere."""
    if mail.state == S.NEED:
        _void(mail, by)
    elif mail.state == S.REPLY and mail.about is not None:
        check(needs_rules.VIEW, by, Need.objects.select_related("matter").get(pk=mail.about_id))
        matters.record(MailTakenBack(mail=mail.pk), on=mail.about, by=by)
    elif mail.state != S.DROPPED:
        raise WrongMoment(_("There is nothing to take back: this mail is “%(state)s”.") % {"state": mail.get_state_display()})
    else:
        matters.record(MailRestored(mail=mail.pk), on=None, by=by)
    mail.state, mail.reason, mail.maybe, mail.about, mail.entry = S.QUARANTINE, R.TAKEN_BACK, mail.about, None, None
    mail.remark, mail.decided_by_id, mail.decided_at = "", by.user_id, clock.now()
    mail.save()
    return mail


def _void(mail: Received, by: Actor) -> None:
    need = Need.objects.select_related("matter").get(pk=mail.about_id)
    if need.state != State.REGISTERED or Received.objects.filter(about=need.matter).exclude(pk=mail.pk).exists():
        raise WrongMoment(_("%(number)s has been worked on since; transfer, merge or close it there.") % {"number": need.number})
    needs.void(need, by=by, reason=_("The mail it was made of was no need"))
    need.receipts.filter(source="mail").delete()


@action(rules.MAILS)
def open_original(mail: Received, *, by: Actor) -> bytes:
    """The bytes as they came, with addresses uncovered; that somebody took them is stated."""
    matters.record(MailOpened(mail=mail.pk), on=mail.about, by=by)
    if mail.about:
        matters.look(mail.about, by=by, what=Look.What.FILE, detail=f"mail {mail.pk}", work="mail", above=files.above(files.on_matter(mail.about, by)))
    return mail.raw.body


@opens(rules.MAILS)
def export_mails(rows: QuerySet[Received], *, by: Actor, asked: str = "") -> list[Received]:
    """The mails of a list, all of them, for a file. Stated with how many and what was asked for."""
    found = list(rows[: MOST + 1])
    if len(found) > MOST:
        raise Invalid(_("This is more than %(n)s mails; narrow it down with the filters.") % {"n": MOST})
    matters.record(MailsExported(count=len(found), asked=asked[:200]), on=None, by=by)
    matters.exported("mails", by=by, rows=len(found), words=asked, of={mail.about_id for mail in found if mail.about_id})
    return found
