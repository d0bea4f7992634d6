"""What becomes of one mail: a need, words on a need, a bounce or automatic reply put where it belongs, or a person's to decide.

Mail has no authority (S20): whoever it says it is from, it can only say something as a customer.
"""

import io
from dataclasses import replace
from datetime import timedelta

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.utils.translation import gettext as _

from yingxu.base import clock, crypto
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.errors import Invalid, NotAllowed
from yingxu.customers import identifiers
from yingxu.files import actions as files
from yingxu.files.actions import Staged
from yingxu.files.models import File
from yingxu.matters import actions as matters
from yingxu.matters.models import Entry, Matter
from yingxu.meetings import actions as meeting_acts
from yingxu.meetings import queries as meetings
from yingxu.needs import actions as needs
from yingxu.needs.models import Need
from yingxu.needs.states import Channel, State
from yingxu.notices import actions as notices
from yingxu.notices.models import MailOut
from yingxu.people import queries as people
from yingxu.routing import queries as routing
from yingxu.templates import queries as record_templates

from ..events import AutoReplyCame, MailFilesLeft, MailRegistered, MailWaits
from ..models import Mailbox, Received
from . import signs, threads
from .invitations import Reply, reply_in
from .reading import LONG, Mail, Part
from .signs import Nature

PER_HOUR = 30  # needs and replies from one address before a person has to look
WORDS = 19_000  # characters of a mail that are shown on the need; the whole is in the mail itself
FILES = 60
S, R = Received.State, Received.Reason


def settle(row: Received, mail: Mail) -> Received:
    """Decide and write it, in the caller's transaction."""
    describe(row, mail)
    if LONG in mail.trouble:
        return _aside(row, R.UNREADABLE)
    mark = bytes(row.sender_mark) if row.sender_mark else None
    if row.nature == Nature.LOOP or (row.nature == Nature.MESSAGE and _ours(mail)):
        row.nature = Nature.LOOP
        return _aside(row, R.LOOP)
    if row.nature == Nature.BOUNCE:
        return _bounced(row, mail)
    if answer := reply_in(mail):
        return _invited(row, mail, answer)
    thread = threads.find(mail, mark, row)
    if row.nature == Nature.AUTO:
        return _automatic(row, mail, thread)
    if row.nature == Nature.LIST and not (thread and thread.trusted):
        return _aside(row, R.LIST, thread.matter if thread else None)
    if mark is None:
        return _aside(row, R.NOBODY, thread.matter if thread else None)
    if thread and not thread.trusted:
        return _aside(row, R.STRANGER, thread.matter)
    if _too_many(row, mark):
        return _aside(row, R.RATE, thread.matter if thread else None)
    if thread is None:
        return register(row, mail)
    if thread.matter is None or thread.matter.kind != "need":
        return _aside(row, R.OTHER, thread.matter)
    return join(row, mail, Need.objects.select_related("matter", "customer").get(pk=thread.matter.pk))


def describe(row: Received, mail: Mail) -> None:
    """What lists and look-ups need to know of a mail."""
    row.nature = signs.nature(mail)
    row.message_id, row.refs = mail.message_id[:255], [one[:255] for one in mail.references]
    row.subject, row.sender_name = mail.subject[:250], mail.sender.name[:120]
    try:
        given = identifiers.read("email", mail.sender.address)
    except Invalid:
        row.sender_hint, row.sealed_sender, row.sender_mark = "", "", None
        return
    row.sender_hint, row.sender_mark = given.masked, given.fingerprint
    row.sealed_sender = crypto.seal(given.value, Received.SEALED)


def _aside(row: Received, reason: str, maybe: Matter | None = None) -> Received:
    row.state, row.reason, row.maybe = S.QUARANTINE, reason, maybe
    row.save()
    if reason in (R.STRANGER, R.OTHER, R.RATE):  # written by somebody who waits for an answer
        service = people.service_department()
        matters.record(MailWaits(mail=row.pk, subject=row.subject), on=None, by=SYSTEM, tell=[service.head_id if service else None])
    return row


def _ours(mail: Mail) -> bool:
    """Is it one of our own that came back: by its token, or sent from an address of ours?"""
    own = {address.lower() for box in Mailbox.objects.all() for address in box.addresses}
    out = MailOut.objects.first()
    own |= {address.lower() for address in (out.from_address, out.reply_address) if address} if out else set()
    return mail.sender.address.lower() in own or bool(mail.message_id and threads.sent([mail.message_id]))


def _too_many(row: Received, mark: bytes) -> bool:
    since = clock.now() - timedelta(hours=1)
    rows = Received.objects.filter(sender_mark=mark, at__gte=since, state__in=[S.NEED, S.REPLY]).exclude(pk=row.pk)
    return rows.count() >= PER_HOUR


def _bounced(row: Received, mail: Mail) -> Received:
    bounce = signs.bounce(mail) or signs.Bounce()
    texts = [*mail.references, *mail.recipients, *(value for _name, value in mail.returned), *(text for _mime, text in mail.report), mail.text[:50_000]]
    delivery = threads.sent([*texts, *(part.content[:20_000].decode("latin-1") for part in mail.files if part.mime == "message/rfc822")])
    told = next(iter(bounce.failed), signs.Failed(""))
    row.remark = " ".join(word for word in (told.status, told.words) if word)[:300]
    if delivery is None:
        return _aside(row, R.BOUNCE)
    notices.bounced(delivery, words=row.remark or _("undeliverable"), permanent=bounce.final)
    row.state, row.about = S.BOUNCE, delivery.matter
    row.save()
    return row


def _automatic(row: Received, mail: Mail, thread: threads.Thread | None) -> Received:
    if thread is None or not thread.trusted or thread.matter is None:
        return _aside(row, R.AUTOMATIC, thread.matter if thread else None)
    row.entry = matters.record(AutoReplyCame(mail=row.pk, subject=mail.subject[:200]), on=thread.matter, by=SYSTEM)
    row.state, row.about = S.AUTO, thread.matter
    row.save()
    return row


def _invited(row: Received, mail: Mail, answer: Reply) -> Received:
    """A calendar's answer, from the invited address itself, to a meeting whose name only those invited know. It never becomes anything else."""
    meeting = meetings.by_uid(answer.uid)
    if meeting is None:
        return _aside(row, R.OTHER)
    if answer.address != mail.sender.address.lower():
        return _aside(row, R.STRANGER, meeting.matter)
    try:
        if answer.status in ("ACCEPTED", "DECLINED"):
            row.entry = meeting_acts.answered_by_mail(
                meeting, by=SYSTEM, address=answer.address, comes=answer.status == "ACCEPTED", sequence=answer.sequence, stamp=answer.stamp, words=answer.words
            )
    except NotAllowed:
        return _aside(row, R.STRANGER, meeting.matter)
    row.remark = "" if row.entry else _("It changed nothing: another answer is newer, the meeting was changed since, or it says neither yes nor no.")
    row.state, row.about = S.ANSWER, meeting.matter
    row.save()
    return row


# ── what a customer says ──


def speaker(row: Received, need: Need | None = None) -> Actor:
    """The customer who wrote it. A customer's own mail reaches their own file, whatever its secrecy."""
    name = row.sender_name or row.sender_hint or _("Customer")
    return Actor(
        kind="customer", name=name[:80], id=need.customer_id if need else None, matters=frozenset({need.pk} if need else ()), clearance=3
    )


def register(row: Received, mail: Mail, *, state: str = S.NEED) -> Received:
    """A need of its own. Its kind is what routing would say, else the mailbox's, else that of consultations."""
    text = _first_words(mail)
    intake = _intake(row, mail, text)
    staged, row.left_out = stage(mail.files)
    done = needs.register(intake, by=speaker(row), once=_once(row))
    need = Need.objects.select_related("matter").get(pk=done.id)
    _registered(row, need, staged)
    row.state = state
    row.save()
    return row


def _registered(row: Received, need: Need, staged: list[Staged]) -> None:
    row.entry = need.matter.entries.order_by("id").first()
    row.about, row.reason, row.maybe = need.matter, "", None
    _attach(need, staged, row.entry, speaker(row, need))
    matters.record(MailRegistered(mail=row.pk, left_out=len(row.left_out)), on=need.matter, by=SYSTEM)


def _intake(row: Received, mail: Mail, text: str) -> needs.Intake:
    title = mail.title[:200]
    kinds = {template.code for template in record_templates.kinds()}
    guess = routing.suggest(f"{title}。{text}"[:5_000], channel=Channel.MAIL).kind
    kind = next((code for code in (guess, row.mailbox.kind, "consultation", *sorted(kinds)) if code in kinds), "")
    address = row.sender
    name = row.sender_name or address.partition("@")[0]
    return needs.Intake(
        kind=kind, body=text, title=title, channel=Channel.MAIL, customer_name=name, contact_name=row.sender_name, email=address,
        raised_at=min(row.at, clock.now()), backfill=True,
    )  # fmt: skip


def _once(row: Received) -> needs.Once:
    return needs.Once("mail", str(row.pk), bytes(row.key))


def join(row: Received, mail: Mail, need: Need) -> Received:
    """The customer's words on a need. Where it was merged, on the one it went into; where it has ended, a new need linked to it."""
    need = threads.followed(need)
    by = speaker(row, need)
    staged, row.left_out = stage(mail.files, need.matter)
    if need.state in (State.CLOSED, State.VOID):
        problem = replace(_intake(row, mail, _words(mail)), customer=need.customer, kind=need.kind, secrecy=need.matter.secrecy)
        done = needs.follow_up(need, by=by, problem=problem, once=_once(row))
        made = Need.objects.select_related("matter").get(pk=done.id)
        _registered(row, made, staged)
        row.state = S.NEED
    else:
        needs.listen(need, by=by, text=_words(mail), channel=Channel.MAIL, uploads=staged[: files.AT_ONCE])
        row.entry = need.matter.entries.filter(event="needs.customer_spoke").order_by("-id").first()
        _attach(need, staged[files.AT_ONCE :], row.entry, by)
        if row.left_out:
            matters.record(MailFilesLeft(mail=row.pk, left_out=len(row.left_out)), on=need.matter, by=SYSTEM)
        row.state, row.about, row.reason, row.maybe = S.REPLY, need.matter, "", None
    row.save()
    return row


def _words(mail: Mail) -> str:
    """What was written now; a mail without words has those of its subject."""
    return _short(mail.said or mail.title or _("(A mail without words)"))


def _first_words(mail: Mail) -> str:
    """All of it, since what a first mail quotes or passes on is what it is about."""
    return _short(mail.text or mail.title or _("(A mail without words)"))


def _short(text: str) -> str:
    return text if len(text) <= WORDS else text[:WORDS] + "\n" + _("… (The rest is in the mail itself.)")


# ── files ──


def stage(parts: list[Part], matter: Matter | None = None) -> tuple[list[Staged], list[list[str]]]:
    """(those that are kept, [name, why not] of the others). Pictures that are on the matter already (signatures) are not kept again."""
    kept: list[Staged] = []
    left: list[list[str]] = []
    known = set(File.objects.filter(matter=matter).values_list("sha256", flat=True)) if matter else set()
    for part in parts:
        name = files.clean_name(part.name)
        if len(kept) >= FILES:
            left.append([name, _("More than %(n)s files in one mail.") % {"n": FILES}])
            continue
        try:
            one = files.stage(InMemoryUploadedFile(io.BytesIO(part.content), None, name, part.mime, len(part.content), None))
        except Invalid as refusal:
            left.append([name, str(next((m for found in refusal.fields.values() for m in found), refusal))])
            continue
        if not (part.inline and one.sha256 in known):
            kept.append(one)
            known.add(one.sha256)
    return kept, left


def _attach(need: Need, staged: list[Staged], entry: Entry | None, by: Actor) -> None:
    for at in range(0, len(staged), files.AT_ONCE):
        files.attach(need.matter, staged[at : at + files.AT_ONCE], by=by, entry=entry, public=True)
