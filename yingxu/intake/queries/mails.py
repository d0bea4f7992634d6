"""Mail that came in: lists, one mail safely shown, mailboxes. What became of a matter one may not see is not there."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from yingxu.base.access import Actor
from yingxu.base.errors import Gone, Invalid
from yingxu.base.web import Slice, keyset
from yingxu.customers import identifiers
from yingxu.files import queries as files
from yingxu.matters.queries import seen_by
from yingxu.needs import queries as needs
from yingxu.needs.models import Need

from .. import rules
from ..mail import bodies, signs
from ..mail.reading import Mail, addresses, read
from ..models import Mailbox, Received

S = Received.State
ORDERS = {"-at": ("-at", "-id"), "at": ("at", "id")}
CAP = 99
_SHOWN = ("from", "to", "cc", "reply-to", "date", "subject", "message-id", "in-reply-to", "return-path", "delivered-to", "auto-submitted",
          "list-id", "precedence", "x-mailer", "user-agent", "received")  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """What a list is asked for; empty fields mean everything."""

    state: str = ""
    mailbox: int | None = None
    text: str = ""
    sort: str = "-at"

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Wish":
        """Raises Invalid for what the list does not know."""
        state, box, sort = asked.get("state", ""), asked.get("mailbox", ""), asked.get("sort") or "-at"
        if state not in ["", *S.values] or sort not in ORDERS or (box and not (box.isascii() and box.isdigit() and len(box) < 10)):
            raise Invalid(_("This list has no such filter."))
        return cls(state, int(box) if box else None, asked.get("q", "").strip()[:100], sort)


def visible_to(by: Actor) -> QuerySet[Received]:
    """Mail on matters this actor may see; whoever looks after incoming mail sees what belongs to no matter, too."""
    seen = seen_by(by, "about_id")
    return Received.objects.filter(seen | Q(about=None) if by.may(rules.MAILS) else seen)


def matching(by: Actor, wish: Wish) -> QuerySet[Received]:
    rows = visible_to(by).select_related("mailbox", "about", "maybe", "decided_by", "original").defer("about__search", "maybe__search")
    rows = rows.filter(state=wish.state) if wish.state else rows
    rows = rows.filter(mailbox=wish.mailbox) if wish.mailbox else rows
    return rows.filter(_text(wish.text)) if wish.text else rows


def _text(text: str) -> Q:
    """By a whole address, a register number, or part of subject or name."""
    marks = [given.fingerprint for given in identifiers.guess(text) if given.type == "email"]
    if marks:
        return Q(sender_mark__in=marks)
    number = text.strip("[]# ")
    return Q(subject__icontains=text) | Q(sender_name__icontains=text) | Q(about__number=number) | Q(message_id=text.strip("<> "))


def index(by: Actor, wish: Wish, cursor: str = "", *, size: int = 50) -> Slice:
    """A page of mails. One query."""
    return keyset(matching(by, wish), ORDERS[wish.sort], cursor, size=size)


def ordered(by: Actor, wish: Wish) -> QuerySet[Received]:
    return matching(by, wish).order_by(*ORDERS[wish.sort])


def counts(by: Actor) -> dict[str, int]:
    """How many are in each state."""
    return dict(visible_to(by).order_by().values_list("state").annotate(n=Count("pk")))


def find(by: Actor, pk: int) -> Received:
    """One mail. Raises Gone."""
    found = visible_to(by).select_related("mailbox", "about", "maybe", "decided_by", "original").filter(pk=pk).first()
    if found is None:
        raise Gone()
    return found


@dataclass
class Letter:
    """One mail as it may be shown: addresses of others covered, HTML cleaned, files by name only."""

    mail: Received
    said: str = ""
    quoted: str = ""
    laid_out: bool = False  # it has a page of its own, to be asked for with `html_of`
    headers: list[tuple[str, str]] = field(default_factory=list)
    files: list[tuple[str, int, str]] = field(default_factory=list)
    failed: list[tuple[str, str, str]] = field(default_factory=list)  # of a bounce: covered address, status, words
    trouble: list[str] = field(default_factory=list)
    again: list[Received] = field(default_factory=list)
    whole: bool = True  # all of it may be taken; not when it holds a copy of a paper above the reader's clearance
    maybe: Need | None = None


def letter(mail: Received, by: Actor) -> Letter:
    """What can be read of a mail that this actor was let see."""
    first = mail.original or mail
    again = list(Received.objects.filter(original=first).select_related("mailbox").order_by("id"))
    shown = Letter(mail, again=again, maybe=_need(mail, by))
    try:
        inside = read(first.raw.body)
    except Exception as error:  # noqa: BLE001  set aside because it cannot be read; the page says so
        shown.trouble = [type(error).__name__]
        return shown
    shown.said, shown.quoted, shown.laid_out = inside.said, inside.quoted, bool(inside.html)
    shown.headers, shown.trouble = _headers(inside), inside.trouble
    bounce = signs.bounce(inside)
    shown.failed = [(identifiers.mask("email", one.address), one.status, covered(one.words)) for one in bounce.failed] if bounce else []
    left, hidden = dict(first.left_out), _hidden(first, by)
    parts = [part for part in inside.files if not hidden or hashlib.sha256(part.content).hexdigest() not in hidden]
    shown.files = [(part.name, len(part.content), left.get(part.name, "")) for part in parts]
    shown.whole = len(parts) == len(inside.files)
    return shown


def whole_for(mail: Received, by: Actor) -> bool:
    """May this actor, who sees the mail, have all of it as it came?"""
    return not _hidden(mail.original or mail, by) or letter(mail, by).whole


def _hidden(mail: Received, by: Actor) -> set[str]:
    """What of the need it went to is above the actor's clearance, by SHA-256."""
    return files.hidden_sums(mail.about, by) if mail.about else set()


def html_of(mail: Received) -> str:
    """The cleaned page of a mail, for its frame."""
    try:
        return bodies.clean(read((mail.original or mail).raw.body).html)
    except Exception:  # noqa: BLE001
        return ""


def _need(mail: Received, by: Actor) -> Need | None:
    """The need it claims to belong to, when this actor may see it."""
    return needs.visible_to(by).filter(pk=mail.maybe_id).first() if mail.maybe_id else None


def _headers(inside: Mail) -> list[tuple[str, str]]:
    kept = [(name, value) for name, value in inside.headers if name.lower() in _SHOWN]
    return [(name, covered(value)) for name, value in kept][:60]


def covered(text: str) -> str:
    """Addresses in a header with their middle covered; one's own stay."""
    for found in addresses(text)[:20] if "@" in text else []:
        text = text.replace(found.address, identifiers.mask("email", found.address))
    return text


# ── on the needs' pages ──


def of_entries(entries: Iterable[int]) -> dict[int, int]:
    """Which journal entries are words of a mail: entry → mail."""
    return dict(Received.objects.filter(entry__in=list(entries)).values_list("entry_id", "pk"))


# ── mailboxes ──


def boxes() -> list[Mailbox]:
    return list(Mailbox.objects.order_by("-active", "name", "id"))


def box(pk: int) -> Mailbox:
    """Raises Gone."""
    found = Mailbox.objects.filter(pk=pk).first()
    if found is None:
        raise Gone()
    return found


def last(box: Mailbox, by: Actor, many: int = 5) -> list[Received]:
    """The newest mails of a mailbox that this actor may see, for its page."""
    return list(visible_to(by).filter(mailbox=box, original=None).order_by("-at", "-id")[:many])
