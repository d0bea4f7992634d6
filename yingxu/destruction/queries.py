"""What is proposed, what forbids it, what was destroyed."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yingxu.approvals.models import GOING
from yingxu.approvals.models import Request as Approval
from yingxu.base import clock
from yingxu.base.access import Actor, bounds
from yingxu.base.errors import Gone, Invalid
from yingxu.base.web import Slice, keyset
from yingxu.customers.models import Change, Contract, Customer, Paper, Value
from yingxu.emergencies.models import Affected
from yingxu.files.models import File
from yingxu.matters import queries as matters
from yingxu.matters.models import Entry, Matter
from yingxu.needs.models import Need
from yingxu.tasks.models import State as TaskState
from yingxu.tasks.models import Task

from . import rules
from .erasing.reach import Rows, rows
from .events import FileErased
from .models import OVER, Certificate, Hold, Item, Kind, Proposal, State

SORTS = {"-opened": ("-matter__opened_at", "-matter_id"), "opened": ("matter__opened_at", "matter_id"), "state": ("state", "-matter_id")}


def find_customer(number: str, by: Actor) -> Customer:
    """The customer with this number whose destruction this actor may see. Raises Gone."""
    found = Customer.objects.filter(rules.VIEW.where(by), matter__number=number, merged_into=None).select_related("matter").first()
    if found is None:
        raise Gone()
    return found


def visible_to(by: Actor) -> QuerySet[Proposal]:
    """A proposal hangs from every file on its list, so its own matter says who may see it."""
    return Proposal.objects.filter(rules.VIEW.where(by))


def find(number: str, by: Actor) -> Proposal:
    """One proposal. Raises Gone."""
    found_rows = visible_to(by).select_related("matter__owner", "matter__department", "appraised_by", "request", "certificate")
    found = found_rows.filter(matter__number=number).first()
    if found is None:
        raise Gone()
    return found


@dataclass(frozen=True)
class Wish:
    """What the list is asked for."""

    state: str = ""
    kind: str = ""
    q: str = ""
    sort: str = "-opened"

    @classmethod
    def of(cls, asked: Any) -> "Wish":
        found = cls(asked.get("state", ""), asked.get("kind", ""), asked.get("q", "").strip()[:100], asked.get("sort") or "-opened")
        if found.state not in ("", "open", *State.values) or found.kind not in ("", *Kind.values) or found.sort not in SORTS:
            raise Invalid(_("This list has no such filter."), code="filter")
        return found


def matching(by: Actor, wish: Wish) -> QuerySet[Proposal]:
    found = visible_to(by)
    if wish.state == "open":
        found = found.exclude(state__in=OVER)
    elif wish.state:
        found = found.filter(state=wish.state)
    if wish.kind:
        found = found.filter(kind=wish.kind)
    if wish.q:
        named = Item.objects.filter(proposal=OuterRef("pk"), number__iexact=wish.q)
        found = found.filter(Q(matter__number__iexact=wish.q) | Q(certificate__number__iexact=wish.q) | Exists(named))
    return found.select_related("matter__owner", "certificate")


def listed(by: Actor, wish: Wish, cursor: str = "", *, size: int = 50) -> Slice:
    return keyset(matching(by, wish), SORTS[wish.sort], cursor, size=size)


def to_export(by: Actor, wish: Wish) -> QuerySet[Proposal]:
    keys = [F(k[1:]).desc() if k.startswith("-") else F(k).asc() for k in SORTS[wish.sort]]
    return matching(by, wish).select_related("appraised_by").order_by(*keys)


def certificate(number: str, by: Actor) -> Certificate:
    """One certificate; of a proposal one may see, or of a person's own request within the actor's clearance and circles. Raises Gone."""
    found = Certificate.objects.select_related("proposal", "matter").filter(bounds(by, "matter"), number=number).first()
    if found is None or (found.proposal_id and not visible_to(by).filter(pk=found.proposal_id).exists()):
        raise Gone()
    return found


def certificates(by: Actor) -> list[Certificate]:
    """The certificates of requests of persons concerned, the newest first, within the actor's clearance and circles; those of proposals
    stand in the list of proposals."""
    return list(Certificate.objects.filter(bounds(by, "matter"), proposal=None).select_related("matter")[:50])


def holds(matter_ids: set[int]) -> QuerySet[Hold]:
    """The legal holds that stand now on these matters."""
    return Hold.objects.filter(Q(until=None) | Q(until__gte=clock.today()), matter__in=matter_ids, lifted_at=None)


def history_of_holds(customer: Customer) -> list[Hold]:
    return list(Hold.objects.filter(matter=customer.matter_id).select_related("by", "lifted_by"))


def going_on(matter_id: int) -> list[Proposal]:
    """The proposals about a file, the newest first."""
    return list(Proposal.objects.filter(items__matter=matter_id).select_related("matter", "certificate").order_by("-matter_id"))


def against(found: Rows, *, but: set[int] = frozenset(), part: bool = False) -> list[str]:  # type: ignore[assignment]
    """Why what hangs together here may not be destroyed now, each reason in words; none when it may. `but` are matters that do not
    count (the request it is destroyed for). Of a `part` of a file only a hold and a running proposal count."""
    matters = found.get(Matter, set()) - but
    files = set(Need.objects.filter(pk__in=matters).values_list("customer_id", flat=True))
    said = [_("legal hold: %(number)s") % {"number": hold.matter.number} for hold in holds(matters | files).select_related("matter")]
    other = Item.objects.filter(matter__in=matters, proposal__state__in=[State.PROPOSED, State.SIGNING, State.APPROVED]).exclude(proposal__in=but)
    said += [_("already proposed: %(number)s") % {"number": number} for number in other.values_list("proposal__matter__number", flat=True)[:3]]
    if part:
        return said
    running = Matter.objects.filter(pk__in=matters, closed_at=None).exclude(kind__in=["customer", "destruction"]).exclude(pk__in=but)
    said += [_("still running: %(number)s") % {"number": number} for number in running.order_by("pk").values_list("number", flat=True)[:5]]
    contracts = Contract.objects.filter(pk__in=found.get(Contract, ()), state__in=["draft", "running"])
    said += [_("contract in force: %(number)s") % {"number": number} for number in contracts.values_list("number", flat=True)[:5]]
    if Approval.objects.filter(pk__in=found.get(Approval, ()), state__in=GOING).exclude(matter__in=but).exists():
        said.append(_("an approval is being signed"))
    if Task.objects.filter(pk__in=found.get(Task, ()), state=TaskState.OPEN).exclude(matter__in=but).exists():
        said.append(_("a task is open"))
    if Affected.objects.filter(pk__in=found.get(Affected, ()), left_at=None, emergency__matter__closed_at=None).exists():
        said.append(_("touched by a running emergency"))
    return said


def highest(found: Rows) -> int:
    """The highest level of the kept files in it."""
    from yingxu.files.models import File

    return File.objects.filter(pk__in=found.get(File, ())).aggregate(most=Max("secrecy"))["most"] or 0


def frozen(found: Rows) -> dict[str, str]:
    """What hangs together: each number with the last line of its journal and when it last changed."""
    values = Matter.objects.filter(pk__in=found[Matter]).annotate(last=Max("entries")).order_by("number").values_list("number", "changed_at", "last")
    return {number: f"{changed.isoformat()} {last}" for number, changed, last in values}


def counts(found: Rows) -> dict[str, int]:
    """How many rows of each table."""
    return {model._meta.label: len(keys) for model, keys in sorted(found.items(), key=lambda pair: pair[0]._meta.label) if not model._meta.auto_created}


def digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def list_digest(proposal: Proposal) -> str:
    """The digest of the list that is signed: the numbers, what hangs from each, when it last changed, how many rows."""
    return digest([[i.number, i.kind, i.frozen, i.counts] for i in proposal.items.order_by("number")])


def words_of(counted: dict[str, int]) -> list[tuple[str, int]]:
    """What a list or a certificate says of counted tables."""
    groups = {
        pgettext("destroyed", "Customer files"): ("customers.Customer",), pgettext("destroyed", "Needs"): ("needs.Need",),
        pgettext("destroyed", "Files"): ("files.File",), pgettext("destroyed", "Papers"): ("customers.Paper",),
        pgettext("destroyed", "Identifiers"): ("customers.Identifier",), pgettext("destroyed", "Filled-in fields"): ("customers.Value",),
        pgettext("destroyed", "Changes on record"): ("customers.Change",), pgettext("destroyed", "Notes"): ("matters.Note",),
        pgettext("destroyed", "Messages"): ("notices.Delivery",), pgettext("destroyed", "Mails"): ("intake.Received",),
        pgettext("destroyed", "Lines of the journal without personal data"): ("matters.Entry",),
    }  # fmt: skip
    return [(label, n) for label, names in groups.items() if (n := sum(counted.get(name, 0) for name in names))]


def part_of(customer: Customer, part: dict[str, Any]) -> Rows:
    """The rows of a section ({"section": key}) or of papers ({"papers": [keys]}) of a file, with their history and scans."""
    changes = Change.objects.filter(customer=customer)
    if "section" in part:
        found = {
            Value: set(Value.objects.filter(customer=customer, section=part["section"]).values_list("pk", flat=True)),
            Change: set(changes.filter(part="value", row=part["section"]).values_list("pk", flat=True)),
        }  # fmt: skip
    else:
        papers = Paper.objects.filter(customer=customer, pk__in=part["papers"])
        keys = set(papers.values_list("pk", flat=True))
        scans = set(papers.filter(files__isnull=False).values_list("files", flat=True))
        shared = set(Paper.objects.filter(files__in=scans).exclude(pk__in=keys).values_list("files", flat=True))
        shared |= set(Contract.objects.filter(files__in=scans).values_list("files", flat=True))
        found = {
            Paper: keys, File: scans - shared, Change: set(changes.filter(part="paper", row__in=keys).values_list("pk", flat=True)),
            Paper.files.through: set(Paper.files.through.objects.filter(paper__in=keys).values_list("pk", flat=True)),
        }  # fmt: skip
    return {model: pks for model, pks in found.items() if pks}


def lines_of(customer: Customer, part: dict[str, Any], found: Rows) -> Rows:
    """The lines of the journal that tell of a section or of papers, with what was attached: they lose their personal part with it."""
    stated = Entry.objects.filter(matter=customer.matter_id).exclude(personal={})
    about = Q(facts__section=part["section"]) if "section" in part else Q(facts__paper__in=part["papers"])
    return {Entry: set(stated.filter(about | Q(files__in=found.get(File, ()))).values_list("pk", flat=True))}


@dataclass(frozen=True)
class Grave:
    """What is left of a destroyed matter: its dates, by which number it went, the certificate."""

    matter: Matter
    by_number: str
    certificate: Certificate | None


def grave(number: str, by: Actor) -> Grave:
    """Of a matter that was destroyed, for whoever could have seen it. Raises Gone for everybody else, as for a number there never was."""
    matter = Matter.objects.select_related("department").filter(number=number[:24], erased_at__isnull=False).first()
    if matter is None or not matters.may_see(by, matter):
        raise Gone()
    roots = [matter.pk, *Need.objects.filter(pk=matter.pk).values_list("customer", flat=True), *Customer.objects.filter(pk=matter.pk).values_list("merged_into", flat=True)]
    stated = Entry.objects.filter(matter__in=[pk for pk in roots if pk], event=FileErased.NAME).order_by("pk").last()
    by_number = stated.facts["by_matter"] if stated else ""
    return Grave(matter, by_number, Certificate.objects.filter(matter__number=by_number).first() if by_number else None)


def may_read(by: Actor, found: Certificate | None) -> bool:
    """May this actor open the certificate?"""
    return found is not None and by.may(rules.VIEW) and (found.proposal_id is None or visible_to(by).filter(pk=found.proposal_id).exists())


def reached(matter_id: int) -> Rows:
    """Everything that hangs from a matter."""
    return rows([matter_id])
