"""Questions about recipients and the ways out they get."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from yingxu.base import clock, outlets
from yingxu.base.errors import Gone
from yingxu.base.web import Slice, keyset

from ..models import Handover, Purpose, Recipient
from ..models.guarding import HOME

SORTS = {"name": ("name", "pk"), "-changed": ("-changed_at", "-pk"), "until": ("until", "pk")}


@dataclass(frozen=True)
class RecipientWish:
    """What a list of recipients is asked for. `state`: active, off, abroad, over (the contract)."""

    state: str = ""
    role: str = ""
    q: str = ""
    sort: str = "name"


def recipients(wish: RecipientWish) -> QuerySet[Recipient]:
    """The register as the wish says, each with the number of ways out it gets as `ways`."""
    rows = Recipient.objects.select_related("assessment__matter").prefetch_related("purposes")
    rows = rows.annotate(ways=Count("handovers", filter=Q(handovers__ended_at=None)))
    if wish.state == "over":
        rows = rows.filter(until__lt=clock.today())
    elif wish.state == "abroad":
        rows = rows.exclude(region=HOME)
    elif wish.state:
        rows = rows.filter(active=wish.state == "active")
    rows = rows.filter(role=wish.role) if wish.role else rows
    return rows.filter(Q(name__icontains=wish.q) | Q(contract__icontains=wish.q)) if wish.q else rows


def recipients_page(wish: RecipientWish, cursor: str = "", *, size: int = 50) -> Slice:
    return keyset(recipients(wish), SORTS[wish.sort], cursor, size=size)


def recipients_to_export(wish: RecipientWish) -> QuerySet[Recipient]:
    keys = SORTS[wish.sort]
    order = [F(k[1:]).desc(nulls_last=True) if k.startswith("-") else F(k).asc(nulls_last=True) for k in keys]
    return recipients(wish).order_by(*order)


def recipient(pk: int) -> Recipient:
    """One recipient. Raises Gone."""
    found = Recipient.objects.select_related("assessment__matter").prefetch_related("purposes").filter(pk=pk).first()
    if found is None:
        raise Gone()
    return found


def recipient_called(name: str) -> Recipient | None:
    """The recipient of this name."""
    return Recipient.objects.filter(name__iexact=" ".join(name.split())).first()


def recipient_names() -> list[str]:
    """Those that may get something."""
    return list(Recipient.objects.filter(active=True).values_list("name", flat=True))


def handovers(recipient: Recipient) -> list[tuple[Handover, str, bool]]:
    """What goes to a recipient, the newest first, earlier ones too: (handover, how the way is called, whether it is open)."""
    rows = list(recipient.handovers.select_related("purpose"))
    known = {outlet.key: outlet for kind in outlets.KINDS.values() for outlet in kind.listed()} if rows else {}
    return [(row, *_called(row.outlet, known)) for row in rows]


def _called(key: str, known: dict[str, outlets.Outlet]) -> tuple[str, bool]:
    kind = outlets.KINDS.get(key.partition(":")[0])
    label = str(kind.label) if kind else key
    found = known.get(key)
    return (f"{label} · {found.name}" if found and found.name else label), bool(found and found.open)


def open_ways_to_nobody() -> list[str]:
    """Ways out that are open though nobody in the register gets what goes out there; for the self-audit."""
    given = set(Handover.objects.filter(ended_at=None).values_list("outlet", flat=True))
    return [f"{kind.label} · {way.name}" for kind in outlets.KINDS.values() for way in kind.listed() if way.open and way.key not in given]


def why_wanting(recipient: Recipient) -> str:
    """Why nothing may go to this recipient now, whether or not it is switched on; "" when it is in order."""
    if recipient.over:
        return _("The contract with %(name)s is over.") % {"name": recipient.name}
    if recipient.assessment is not None and not recipient.assessment.holds:
        return _("The impact assessment %(number)s is not in force.") % {"number": recipient.assessment.matter.number}
    if recipient.abroad and recipient.assessment is None:
        return _("%(name)s is outside the country: nothing goes there without an impact assessment (PIPL art. 55).") % {"name": recipient.name}
    return ""


class Read:
    """What the register of recipients answers the rooms that send (`base.outlets`); `actions.recipients.Register` also writes."""

    def parties(self) -> list[tuple[str, Any]]:
        rows = Recipient.objects.filter(active=True).prefetch_related("purposes")
        return [(f"{r.pk}:{p.pk}", f"{r.name} · {p.name}") for r in rows for p in r.purposes.all() if p.active]

    def party(self, outlet: str) -> str:
        row = _standing(outlet)
        return f"{row.recipient_id}:{row.purpose_id}" if row and row.purpose_id else ""

    def name(self, outlet: str) -> str:
        row = _standing(outlet)
        return row.recipient.name if row else ""

    def why_not(self, outlet: str) -> str:
        row = _standing(outlet)
        if row is None:
            return _("Say first who receives what goes out here, and for which purpose: Settings, Recipients.")
        if not row.recipient.active:
            return _("%(name)s is switched off in the register of recipients.") % {"name": row.recipient.name}
        if row.purpose is not None and not row.purpose.active:
            return _("“%(name)s” has ended; nothing is used for it any more.") % {"name": row.purpose.name}
        return why_wanting(row.recipient)


def _standing(outlet: str) -> Handover | None:
    return Handover.objects.filter(outlet=outlet, ended_at=None).select_related("recipient__assessment__matter", "purpose").first()


def purposes_in_use() -> QuerySet[Purpose]:
    """Purposes a recipient may get data for."""
    return Purpose.objects.filter(active=True)
