"""Licences, tax papers and other documents of a customer: taken in with their scans, replaced, spoken of before they run out."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from yingxu.base import clock, crypto, given
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action, step
from yingxu.base.errors import Gone, Invalid
from yingxu.files import actions as files
from yingxu.matters import actions as matters
from yingxu.matters.models import Look
from yingxu.tasks import actions as tasks

from .. import rules
from ..events import PaperEnds, PaperKept, PaperNumberRevealed, PaperRetired
from ..fields import CONTEXT
from ..models import Customer, Paper
from .editing import not_merged
from .keeping import clean_why, kept
from .looking import said_for

DATES = ("issued_on", "valid_until")
DETAILS = {"name": 60, "issuer": 80, "note": 200}


@action(rules.EDIT)
def take_in_paper(customer: Customer, *, by: Actor, kind: str, number: str = "", scans: Iterable[Any] = (), level: int = 0, why: str = "", **details: Any) -> Paper:
    """A document the customer has shown us (name, issuer, issued_on, valid_until, note), its number sealed, its scans kept, with a `level` of
    their own where one is given. Raises Invalid."""
    not_merged(customer)
    clean, why, scans = _clean({"kind": kind, **details}), clean_why(why), list(scans)
    with kept(customer, "paper", by=by, why=why):
        paper = Paper.objects.create(customer=customer, **clean, **_sealed(number))
        entry = matters.record(PaperKept(paper=paper.pk, kind=kind, name=paper.name, why=why), on=customer.matter, by=by)
        paper.files.set(files.attach(customer.matter, scans, by=by, entry=entry, level=level) if scans else [])
    return paper


@action(rules.EDIT)
def amend_paper(customer: Customer, paper: Paper, *, by: Actor, number: str = "", scans: Iterable[Any] = (), level: int = 0, why: str = "", **changes: Any) -> Paper:
    """Change what is known of it, or add scans, with a `level` of their own; an empty number stays. Another last day begins the reminders anew."""
    paper, clean, why, scans = _own(customer, paper), _clean(changes), clean_why(why), list(scans)
    clean |= _sealed(number) if number.strip() else {}
    differ = {key: value for key, value in clean.items() if getattr(paper, key) != value}
    if not differ and not scans:
        return paper
    with kept(customer, "paper", by=by, why=why):
        for key, value in differ.items():
            setattr(paper, key, value)
        if "valid_until" in differ:
            paper.told_on = paper.ended_on = None
        _dates_fit(paper.issued_on, paper.valid_until)
        paper.save()
        entry = matters.record(PaperKept(paper=paper.pk, kind=paper.kind, name=paper.name, new=False, why=why), on=customer.matter, by=by)
        if scans:
            paper.files.add(*files.attach(customer.matter, scans, by=by, entry=entry, level=level))
    return paper


@action(rules.EDIT)
def retire_paper(customer: Customer, paper: Paper, *, by: Actor, active: bool = False, why: str = "") -> Paper:
    """Out of use, because it was replaced or given back, or into use again; it stays readable."""
    paper, why = _own(customer, paper), clean_why(why)
    if paper.active != active:
        with kept(customer, "paper", by=by, why=why):
            paper.active = active
            paper.save(update_fields=["active"])
        event = PaperRetired(paper=paper.pk, kind=paper.kind, name=paper.name, active=active, why=why)
        matters.record(event, on=customer.matter, by=by)
    return paper


@action(rules.REVEAL)
def reveal_paper(paper: Paper, *, by: Actor, reason: str = "", need: str = "") -> str:
    """The number of a paper. Who looked and why is stated in the customer's journal. Raises Unsaid when nobody said what for."""
    if not paper.sealed:
        raise Gone()
    said = said_for(paper.customer, by=by, need=need, reason=reason)
    matters.record(PaperNumberRevealed(paper=paper.pk, kind=paper.kind, reason=said.reason), on=paper.customer.matter, by=by)
    matters.looked(paper.customer.matter, by=by, what=Look.What.REVEAL, said=said, detail=f"paper {paper.kind}")
    return crypto.unseal(paper.sealed, CONTEXT)


@step
def speak_of_paper(paper: Paper, today: date) -> None:
    """State once that a paper ends soon, with a task to see to it, and once that it has ended."""
    paper = Paper.objects.select_for_update(of=("self",)).select_related("customer__matter__owner", "customer__matter__department").get(pk=paper.pk)
    matter, until = paper.customer.matter, paper.valid_until
    if not paper.active or until is None:
        return
    over = until < today
    if (paper.ended_on if over else paper.told_on) is not None:
        return
    if paper.told_on is None:
        due = max(timezone.make_aware(datetime.combine(until, time(18))), clock.now() + timedelta(days=1))
        tasks.add(matter, by=SYSTEM, title=_("Have “%(paper)s” renewed") % {"paper": paper}, owner=matter.owner, due_at=due)
    paper.told_on, paper.ended_on = paper.told_on or today, today if over else None
    paper.save(update_fields=["told_on", "ended_on"])
    event = PaperEnds(paper=paper.pk, kind=paper.kind, name=paper.name, until=until, over=over)
    matters.record(event, on=matter, by=SYSTEM, tell=[matter.owner_id])


def _own(customer: Customer, paper: Paper) -> Paper:
    not_merged(customer)
    found = Paper.objects.select_for_update().filter(pk=paper.pk, customer=customer).first()
    if found is None:
        raise Gone()
    return found


def _sealed(number: str) -> dict[str, str]:
    number = given.words(number, "number", required=False, longest=60)
    if not number:
        return {"sealed": "", "masked": ""}
    shown = f"{number[:2]}{'*' * (len(number) - 4)}{number[-2:]}" if len(number) > 6 else "*" * len(number)
    return {"sealed": crypto.seal(number, CONTEXT), "masked": shown[:60]}


def _clean(values: dict[str, Any]) -> dict[str, Any]:
    wrong = {key: [_("There is no such field.")] for key in set(values) - {"kind", *DETAILS, *DATES}}
    clean: dict[str, Any] = {}
    for key in values.keys() - wrong.keys():
        clean[key] = values[key] or None if key in DATES else " ".join(str(values[key] or "").split())
        if len(clean[key] or "") > DETAILS.get(key, 400) if key not in DATES else False:
            wrong[key] = [_("At most %(n)s characters.") % {"n": DETAILS[key]}]
    if clean.get("kind", Paper.Kind.OTHER) not in Paper.Kind.values:
        wrong["kind"] = [_("Choose one of the values offered.")]
    if wrong:
        raise Invalid(_("Not saved: look at the marked fields."), fields=wrong)
    _dates_fit(clean.get("issued_on"), clean.get("valid_until"))
    return clean


def _dates_fit(begin: date | None, end: date | None) -> None:
    if begin and end and end < begin:
        raise Invalid.field("valid_until", _("The end cannot be before the beginning."))
