"""Contracts: drawn up, put in force, changed, renewed, ended; what is to be collected, what came in."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from yingxu.base import clock, given
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action, step
from yingxu.base.errors import Gone, Invalid, Stale, WrongMoment
from yingxu.files import actions as files
from yingxu.matters import actions as matters
from yingxu.people.models import User
from yingxu.ui.show import money

from .. import queries, rules
from ..events import CollectionPlanned, ContractEnds, ContractKept, ContractMoved, InstalmentDue, InstalmentPaid
from ..labels import column, names_in, worded
from ..models import Contract, Customer, Instalment
from ..queries.archive import plain
from .editing import not_merged
from .keeping import clean_why, kept

SERIES = "HT"
TEXTS = {"title": 120, "kind": 40, "ours": 80, "theirs": 120, "reference": 60, "clauses": 20_000}
DATES = ("signed_on", "begins_on", "ends_on", "remind_on")
MOST = 60  # instalments of one contract


@action(rules.CONTRACT)
def draw_up(customer: Customer, *, by: Actor, title: str, scans: Iterable[Any] = (), level: int = 0, why: str = "", renews: Contract | None = None, **details: Any) -> Contract:
    """A new contract, as a draft (kind, ours, theirs, amount, currency, signed_on, begins_on, ends_on, renewal, remind_on, clauses,
    reference, owner), with its scans and a `level` of theirs. Raises Invalid naming each field."""
    not_merged(customer)
    clean, why, scans = _clean({"theirs": customer.name, "owner": None, "title": title, **details}), clean_why(why), list(scans)
    clean["owner"] = clean["owner"] or User.objects.filter(pk=by.user_id).first()
    with kept(customer, "contract", by=by, why=why):
        made = Contract.objects.create(customer=customer, number=matters.next_number(SERIES, prefix=SERIES), renews=renews, **clean)
        event = ContractKept(contract=made.pk, number=made.number, title=made.title, fields=[], why=why)
        entry = matters.record(event, on=customer.matter, by=by, tell=[made.owner_id])
        made.files.set(files.attach(customer.matter, scans, by=by, entry=entry, level=level) if scans else [])
    return made


@action(rules.CONTRACT)
def amend_contract(
    customer: Customer, contract: Contract, *, by: Actor, version: int | None = None, scans: Iterable[Any] = (), level: int = 0, why: str = "", **changes: Any
) -> Contract:
    """Change what a contract says, or add scans; the old values stay in the file's history. `version` is the one the person was looking
    at: raises Stale with both values when another one changed it since. Another end begins the reminders anew."""
    contract, why, scans = _own(customer, contract), clean_why(why), list(scans)
    _still_open(contract)
    clean = _clean({"title": contract.title, "begins_on": contract.begins_on, "ends_on": contract.ends_on, **changes})
    differ = {key: value for key, value in clean.items() if getattr(contract, key) != value}
    if not differ and not scans:
        return contract
    if version is not None and version != contract.version and differ:
        raise Stale(_("Not saved: somebody else has just changed this contract."), theirs={column("contract", k): (_said(k, getattr(contract, k)), _said(k, v)) for k, v in differ.items()})
    with kept(customer, "contract", by=by, why=why):
        for key, value in differ.items():
            setattr(contract, key, value)
        if differ.keys() & {"ends_on", "remind_on"}:
            contract.told_on = None
        contract.version += 1
        contract.save()
        labels = [column("contract", key if key != "owner" else "owner_id") for key in differ] or [_("Scans")]
        event = ContractKept(contract=contract.pk, number=contract.number, title=contract.title, new=False, fields=labels, why=why)
        entry = matters.record(event, on=customer.matter, by=by)
        if scans:
            contract.files.add(*files.attach(customer.matter, scans, by=by, entry=entry, level=level))
    return contract


@action(rules.CONTRACT)
def put_in_force(customer: Customer, contract: Contract, *, by: Actor, signed_on: date | None = None) -> Contract:
    """It was signed. Raises WrongMoment unless it is a draft."""
    contract = _own(customer, contract)
    if contract.state != Contract.State.DRAFT:
        raise WrongMoment(_("%(number)s is no draft any more.") % {"number": contract.number})
    return _move(customer, contract, Contract.State.RUNNING, by, signed_on=signed_on or contract.signed_on or clock.today())


@action(rules.CONTRACT)
def end_contract(customer: Customer, contract: Contract, *, by: Actor, reason: str) -> Contract:
    """Over before its day, or as agreed: a draft is cancelled, a contract in force ended. The reason stays."""
    contract, reason = _own(customer, contract), given.words(reason, "reason", longest=200)
    _still_open(contract)
    over = Contract.State.CANCELLED if contract.state == Contract.State.DRAFT else Contract.State.ENDED
    return _move(customer, contract, over, by, reason=reason)


@action(rules.CONTRACT)
def renew(customer: Customer, contract: Contract, *, by: Actor, begins_on: date, ends_on: date, amount: Decimal | None = None) -> Contract:
    """The same again for another term: a new contract in force takes its place; the old one stays as renewed. Returns the new one."""
    contract = _own(customer, contract)
    if contract.state not in (Contract.State.RUNNING, Contract.State.ENDED):
        raise WrongMoment(_("Only a contract that is or was in force can be renewed."))
    same = {key: getattr(contract, key) for key in ("kind", "ours", "theirs", "currency", "renewal", "clauses", "owner")}
    same |= {"amount": contract.amount if amount is None else amount, "begins_on": begins_on, "ends_on": ends_on, "signed_on": clock.today()}
    made = draw_up(customer, by=by, title=contract.title, renews=contract, **same)
    _move(customer, contract, Contract.State.RENEWED, by)
    return _move(customer, made, Contract.State.RUNNING, by)


@action(rules.CONTRACT)
def plan_collection(customer: Customer, contract: Contract, *, by: Actor, instalments: Sequence[tuple[date, Decimal, str]], why: str = "") -> Contract:
    """What is to be paid by when, in place of what was planned and has not been paid: (day, amount, note) for each. What was paid
    stays. Raises Invalid when there are too many, or more than the contract's amount."""
    contract, why = _own(customer, contract), clean_why(why)
    _still_open(contract)
    if len(instalments) > MOST or any(amount <= 0 for _day, amount, _note in instalments):
        raise Invalid.field("instalments", _("At most %(n)s instalments, each of more than nothing.") % {"n": MOST})
    paid = list(contract.instalments.filter(paid__gt=0))
    total = sum((amount for _day, amount, _note in instalments), Decimal(0)) + sum((row.paid for row in paid), Decimal(0))
    if contract.amount is not None and total > contract.amount:
        raise Invalid.field("instalments", _("Together this is more than the contract's amount."))
    with kept(customer, "instalment", by=by, why=why):
        contract.instalments.filter(paid=0).delete()
        for row in paid:
            row.amount = row.paid
            row.save(update_fields=["amount"])
        Instalment.objects.bulk_create(
            Instalment(contract=contract, due_on=day, amount=amount, note=str(note or "").strip()[:120]) for day, amount, note in instalments
        )
    said = _sum(total, contract)
    event = CollectionPlanned(contract=contract.pk, number=contract.number, count=len(instalments) + len(paid), total=said, why=why)
    matters.record(event, on=customer.matter, by=by)
    return contract


@action(rules.CONTRACT)
def pay(customer: Customer, contract: Contract, *, by: Actor, instalment: int, amount: Decimal | None = None, paid_on: date | None = None) -> Instalment:
    """Money came in on an instalment, all that is left of it or a part. Raises WrongMoment when it is paid, Invalid for more than is left."""
    contract, paid_on = _own(customer, contract), paid_on or clock.today()
    row = Instalment.objects.select_for_update().filter(pk=instalment, contract=contract).first()
    if row is None:
        raise Gone()
    if row.left <= 0:
        raise WrongMoment(_("This instalment has been paid."))
    amount = row.left if amount is None else amount
    if not 0 < amount <= row.left:
        raise Invalid.field("amount", _("Between nothing and the %(left)s that are left.") % {"left": f"{row.left:,.2f}"})
    if paid_on > clock.today():
        raise Invalid.field("paid_on", _("This day is still to come."))
    with kept(customer, "instalment", by=by):
        row.paid, row.paid_on = row.paid + amount, paid_on
        row.save(update_fields=["paid", "paid_on"])
    said = _sum(amount, contract)
    event = InstalmentPaid(contract=contract.pk, number=contract.number, instalment=row.pk, amount=said, left=row.left > 0)
    matters.record(event, on=customer.matter, by=by, tell=[contract.owner_id])
    return row


# ── the clock ──


@step
def speak_of_contract(contract: Contract, today: date) -> None:
    """State once that a contract in force comes to its end; one whose end is over and that does not go on by itself has ended."""
    contract = Contract.objects.select_for_update(of=("self",)).select_related("customer__matter").get(pk=contract.pk)
    if contract.state != Contract.State.RUNNING or contract.ends_on is None:
        return
    matter = contract.customer.matter
    if contract.told_on is None:
        contract.told_on = today
        contract.save(update_fields=["told_on"])
        event = ContractEnds(contract=contract.pk, number=contract.number, title=contract.title, on=contract.ends_on)
        matters.record(event, on=matter, by=SYSTEM, tell=[contract.owner_id, matter.owner_id])
    if contract.ends_on < today and contract.renewal != Contract.Renewal.AUTOMATIC:
        _move(contract.customer, contract, Contract.State.ENDED, SYSTEM, reason=_("its term is over"))


@step
def speak_of_instalment(row: Instalment, today: date) -> None:
    """State once that an instalment is due soon, and once that it is in arrears."""
    row = Instalment.objects.select_for_update(of=("self",)).select_related("contract__customer__matter").get(pk=row.pk)
    late, contract = row.late(today), row.contract
    if row.left <= 0 or contract.state == Contract.State.CANCELLED or (row.late_on if late else row.told_on) is not None:
        return
    row.told_on, row.late_on = row.told_on or today, today if late else None
    row.save(update_fields=["told_on", "late_on"])
    matter, said = contract.customer.matter, _sum(row.left, contract)
    event = InstalmentDue(contract=contract.pk, number=contract.number, instalment=row.pk, on=row.due_on, amount=said, late=late)
    matters.record(event, on=matter, by=SYSTEM, tell=[contract.owner_id, matter.owner_id])


# ── parts ──


def _own(customer: Customer, contract: Contract) -> Contract:
    not_merged(customer)
    found = Contract.objects.select_for_update().filter(pk=contract.pk, customer=customer).first()
    if found is None:
        raise Gone()
    return found


def _still_open(contract: Contract) -> None:
    if not contract.open:
        raise WrongMoment(_("%(number)s is over; draw up another one.") % {"number": contract.number})


def _move(customer: Customer, contract: Contract, to: str, by: Actor, **more: Any) -> Contract:
    with kept(customer, "contract", by=by, why=more.get("reason", "")):
        for key, value in {"state": to, **more}.items():
            setattr(contract, key, value)
        contract.version += 1
        contract.save()
    event = ContractMoved(contract=contract.pk, number=contract.number, state=str(to), title=contract.title, reason=more.get("reason", ""))
    matters.record(event, on=customer.matter, by=by, tell=[contract.owner_id])
    return contract


def _said(key: str, value: Any) -> str:
    return value.name if isinstance(value, User) else worded("contract", key, plain(value), names_in([]))


def _clean(values: dict[str, Any]) -> dict[str, Any]:
    wrong: dict[str, list[Any]] = {key: [_("There is no such field.")] for key in set(values) - {*TEXTS, *DATES, "amount", "currency", "renewal", "owner"}}
    clean: dict[str, Any] = {}
    for key in values.keys() - wrong.keys():
        value = values[key]
        if key in TEXTS:
            clean[key] = str(value or "").strip() if key == "clauses" else " ".join(str(value or "").split())
            if len(clean[key]) > TEXTS[key]:
                wrong[key] = [_("At most %(n)s characters.") % {"n": TEXTS[key]}]
        else:
            clean[key] = value or None
    if clean.get("amount") is not None and not 0 <= clean["amount"] < Decimal(10) ** 13:
        wrong["amount"] = [_("This is no sum of money.")]
    if "currency" in clean:
        clean["currency"] = str(clean["currency"] or "CNY").upper()
        if clean["currency"] not in queries.contracts.CURRENCIES:
            wrong["currency"] = [_("Choose one of the values offered.")]
    if "renewal" in clean:
        clean["renewal"] = clean["renewal"] or Contract.Renewal.ASK
        if clean["renewal"] not in Contract.Renewal.values:
            wrong["renewal"] = [_("Choose one of the values offered.")]
    for key in ("title", "theirs"):
        if key in clean and not clean[key] and key not in wrong:
            wrong[key] = [_("This cannot be empty.")]
    if clean.get("begins_on") and clean.get("ends_on") and clean["ends_on"] < clean["begins_on"]:
        wrong["ends_on"] = [_("The end cannot be before the beginning.")]
    if wrong:
        raise Invalid(_("Not saved: look at the marked fields."), fields=wrong)
    return clean


def _sum(amount: Decimal, contract: Contract) -> str:
    """A sum as the timeline says it; foreign money by its code."""
    return money(amount) if contract.currency == "CNY" else f"{amount:,.2f} {contract.currency}"
