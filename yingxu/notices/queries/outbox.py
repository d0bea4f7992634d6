"""What leaves the house: the threads of letters, what was sent because of a matter, and the outbox of those who look after it."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from yingxu.base import clock, crypto, outlets
from yingxu.base.access import Actor
from yingxu.base.kept import kept
from yingxu.base.web import Slice, keyset
from yingxu.matters.models import Matter
from yingxu.matters.queries import may_see, page_of, seen_by
from yingxu.people import queries as people

from ..models import Attempt, Channel, Delivery, Part
from ..sms.templates import TEMPLATES
from .channels import outlet

State = Delivery.State
EXPORTED = 20_000


def thread(token: str) -> tuple[Matter | None, Delivery] | None:
    """What a token of ours (in References, In-Reply-To or a reply address) belongs to; None for any other."""
    token = token.strip().lower()
    if len(token) != 32:
        return None
    found = Delivery.objects.select_related("matter").filter(token_hash=crypto.token_hash(token)).first()
    return (found.matter, found) if found else None


def deliveries_of(matter: Matter) -> dict[int | None, list[Delivery]]:
    """What was sent because of this matter, by the journal entry it belongs to, oldest first; for staff who may see the matter.
    Notices to colleagues are left out."""
    found: dict[int | None, list[Delivery]] = defaultdict(list)
    for row in _deliveries_of(matter.pk):
        found[row.entry_id].append(row)
    return found


@kept
def _deliveries_of(matter: int):
    return Delivery.objects.filter(matter_id=matter, user=None, robot=None).order_by("id")


class Stays(NamedTuple):
    """Why something does not leave, and whether a person may still decide about it."""

    words: str
    hold: bool


MAY_USE: list[Callable[[int, str], bool]] = []  # (matter of a customer's file, purpose): may the address be used for it now?


def why_it_stays(row: Delivery) -> Stays | None:
    """Asked at the moment of sending (S6): does the colleague still work here and still see the matter, and may its content leave?"""
    if row.user is not None and not row.user.is_active:
        return Stays(_("This colleague does not work here any more."), False)
    if row.user is not None and row.matter is not None and not may_see(people.actor(row.user), row.matter):
        return Stays(_("This colleague may not see it any more."), False)
    if (way := outlet(row)) and (why := outlets.why_not(way)):
        return Stays(why, True)
    if row.purpose and not all(may_use(row.about_id, row.purpose) for may_use in MAY_USE):
        return Stays(_("The customer has not agreed to this use, or took the consent back."), False)
    if row.matter is not None and (row.matter.guarded and (row.content or row.parts.exists()) or _levelled(row)):
        return Stays(_("What has a secrecy level or a circle of persons does not leave by mail, SMS or robot."), True)
    return None


WITHHELD: list[Callable[[int, Sequence[str]], set[str]]] = []


def withholds(beyond: Callable[[int, Sequence[str]], set[str]]) -> None:
    """`beyond(clearance, stored)` says which of these kept bytes have a level of their own above that clearance: they do not leave, and are
    not named to who is not cleared for them."""
    WITHHELD.append(beyond)


def parts_for(row: Delivery, by: Actor) -> list[Part]:
    """What goes with it, as far as this actor may know of it."""
    found = list(row.parts.all())
    hidden = set() if by.kind == "system" else _beyond(by.clearance, found)
    return [part for part in found if part.stored not in hidden]


def _levelled(row: Delivery) -> bool:
    return bool(_beyond(0, list(row.parts.exclude(stored=""))))


def _beyond(clearance: int, parts: Sequence[Part]) -> set[str]:
    stored = [part.stored for part in parts if part.stored]
    return {one for beyond in WITHHELD if stored for one in beyond(clearance, stored)}


# ── the outbox page ──


@dataclass(frozen=True)
class Wish:
    """Conditions of the list."""

    state: str = ""
    channel: str = ""
    text: str = ""
    sort: str = "-id"
    since: date | None = None


def outbox_visible_to(by: Actor):
    """Everything sent out, except what belongs to matters this actor may not see."""
    return Delivery.objects.filter(Q(matter=None) | seen_by(by, "matter_id"))


def outbox(by: Actor, wish: Wish, cursor: str = "", *, size: int = 50) -> Slice:
    """A page of the outbox."""
    return keyset(_wanted(by, wish), (wish.sort,), cursor, size=size)


def _wanted(by: Actor, wish: Wish):
    rows = outbox_visible_to(by).select_related("matter", "user", "robot")
    rows = rows.filter(state=wish.state) if wish.state else rows
    rows = rows.filter(channel=wish.channel) if wish.channel else rows
    if wish.since:
        rows = rows.filter(made_at__gte=timezone.make_aware(datetime.combine(wish.since, datetime.min.time())))
    if wish.text:
        text = wish.text.strip()
        rows = rows.filter(Q(matter__number__iexact=text) | Q(subject__icontains=text) | Q(user__name=text) | Q(hint__icontains=text))
    return rows


def table(by: Actor, wish: Wish) -> tuple[list[Any], Iterator[list[Any]]]:
    """Heads and rows of exactly this list, for a file."""
    heads = [_("Made"), _("Way"), _("State"), _("To"), _("Matter"), _("Subject"), _("Tries"), _("Sent at"), _("Last error"), _("Provider's number"), _("Given to"), _("What went out")]
    rows = _wanted(by, wish).order_by(wish.sort)[:EXPORTED]
    return heads, (
        [
            row.made_at, row.get_channel_display(), row.get_state_display(), whom(row), row.matter.number if row.matter else "",
            row.subject, row.tries, row.sent_at, row.error, row.receipt, row.recipient, row.sent,
        ]
        for row in rows.iterator(chunk_size=500)
    )  # fmt: skip


def whom(row: Delivery) -> str:
    """The colleague with the address, covered; the robot; or the covered address."""
    if row.robot is not None:
        return row.robot.name
    return f"{row.user.name} {row.hint}" if row.user is not None else row.hint


@dataclass
class Shown:
    """A delivery with what a page says about it."""

    row: Delivery
    about: str
    whom: str
    page: str
    again: bool
    cancel: bool


def shown(row: Delivery) -> Shown:
    again = row.state in (State.FAILED, State.HELD, State.CANCELLED, State.BOUNCED)
    return Shown(row, _about(row), whom(row), page_of(row.matter), again, row.state in (State.WAITING, State.HELD))


def _about(row: Delivery) -> str:
    """What it is, in a few words."""
    if row.subject:
        return row.subject
    if row.user_id or row.robot_id:
        return _("Notices")
    template = TEMPLATES.get(row.content.get("template", ""))
    return str(template.title) if template else str(row.get_channel_display())


def delivery(by: Actor, pk: int) -> Delivery | None:
    return outbox_visible_to(by).select_related("matter", "user", "robot", "caused_by", "entry").filter(pk=pk).first()


def attempts_of(row: Delivery) -> list[Attempt]:
    return list(row.attempts.order_by("number"))


def body_of(row: Delivery) -> str:
    """The words that were or will be sent; those of notices to colleagues are made when they leave."""
    content = row.content
    template = TEMPLATES.get(content.get("template", ""))
    if template is not None:
        return template.say(content.get("params", {}))
    return content.get("body", "")


@dataclass
class Health:
    """How a way is doing: figures only, which say nothing about any matter."""

    channel: str
    label: Any
    waiting: int
    failed: int
    last_sent: datetime | None


def health() -> dict[str, Health]:
    """Of each way: what waits longer than it should, what failed in the last two days, when the last one left."""
    now = clock.now()
    due = Q(state__in=[State.WAITING, State.SENDING], next_at__lte=now)
    lately = Q(state__in=[State.FAILED, State.BOUNCED], made_at__gte=now - timedelta(days=4))
    rows = Delivery.objects.filter(made_at__gte=now - timedelta(days=30)).values("channel").annotate(
        waiting=Count("id", filter=due), failed=Count("id", filter=lately), last=Max("sent_at")
    )  # fmt: skip
    known: dict[str, dict[str, Any]] = {row["channel"]: dict(row) for row in rows}
    empty: dict[str, Any] = {"waiting": 0, "failed": 0, "last": None}
    return {
        channel.value: Health(channel.value, channel.label, found["waiting"], found["failed"], found["last"])
        for channel in Channel
        for found in [known.get(channel.value, empty)]
    }


def unattended() -> int:
    """How many messages nobody has tried to send for ten minutes since they were due: then no worker empties the outbox."""
    due = clock.now() - timedelta(minutes=10)
    return Delivery.objects.filter(state=State.WAITING, tries=0, robot=None, next_at__lt=due).count()
