"""Opening rounds by the calendar, and going through a list field by field."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from yingxu.base import clock, given
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action
from yingxu.base.errors import Gone, Invalid, WrongMoment
from yingxu.customers import actions as customers
from yingxu.customers import rules as seeing
from yingxu.customers.models import Change, Customer, Section
from yingxu.deadlines import queries as deadlines
from yingxu.matters.actions import next_number, open_matter, record
from yingxu.people import queries as people
from yingxu.people.models import Department, User
from yingxu.tasks import actions as tasks

from .. import fields, rhythm, rules
from ..events import Reverified, SheetClosed, SheetFinished, SheetOpened
from ..models import Check, Round, Settings, Sheet
from ..models.rounds import DONE
from .staying import doer, keeper

R = Check.Result
BATCH = 2_000
Wanted = dict[tuple[int, str], Check | None]  # customer and field → the row left open before


def open_rounds() -> int:
    """Open the rounds whose time has come, each once, and close those that are over; returns how many were opened. Two workers at once:
    one waits for the other and finds it done."""
    made, today, calendar = 0, clock.today(), deadlines.calendar()
    for kind in Round.Kind.values:
        first, last = rhythm.SPANS[kind](today)
        if rhythm.worked_until(first, last, calendar) is None or today < rhythm.worked_from(first, calendar):
            continue
        if not Round.objects.filter(kind=kind, starts_on=first).exists():
            made += _opened(kind, first, last, calendar)
    return made


def _opened(kind: str, first: date, last: date, calendar: Any) -> bool:
    with transaction.atomic():
        found = Settings.objects.select_for_update().filter(pk=1).first()
        asked = (found.quarter_fields if kind == Round.Kind.QUARTER else found.week_fields) if found else []
        if found is None or not asked or Round.objects.filter(kind=kind, starts_on=first).exists():
            return False
        due = rhythm.nth(first, found.quarter_days, calendar) if kind == Round.Kind.QUARTER else rhythm.worked_until(first, last, calendar)
        one = Round.objects.create(kind=kind, starts_on=first, due_on=min(due or last, last), opened_at=clock.now())
        left = _closed(kind, one)
        at = rhythm.end_of(one.due_on, calendar, clock.zone())
        for user, wanted in _shares(found, kind, asked, left).items():
            _sheet(one, user, wanted, at)
    return True


def _closed(kind: str, after: Round) -> dict[tuple[int, str], Check]:
    """End the rounds before this one; what was left open, by customer and field."""
    left: dict[tuple[int, str], Check] = {}
    for one in Round.objects.select_for_update().filter(kind=kind, closed_at=None).exclude(pk=after.pk):
        one.closed_at = clock.now()
        one.save(update_fields=["closed_at"])
        for sheet in Sheet.objects.filter(round=one, finished_at=None).select_related("matter", "task"):
            open_ = list(sheet.checks.filter(result=R.OPEN).select_related("customer"))
            left |= {(check.customer_id, check.field): check for check in open_ if check.customer.merged_into_id is None}
            sheet.checks.filter(result=R.OPEN, customer__merged_into__isnull=False).update(result=R.LAPSED, at=clock.now())
            sheet.checks.filter(result=R.OPEN).update(result=R.CARRIED, at=clock.now())
            _put_away(sheet)
            head = sheet.matter.department.head_id if sheet.matter.department else None
            record(SheetClosed(carried=len(open_)), on=sheet.matter, by=SYSTEM, tell=[sheet.matter.owner_id, head] if open_ else [])
    return left


def _put_away(sheet: Sheet) -> None:
    if sheet.task and sheet.task.open:
        tasks.take_back([sheet.task], by=SYSTEM, reason=str(_("The round is over; what is open goes on in the next one.")))
    sheet.matter.closed_at = clock.now()
    sheet.matter.save(update_fields=["closed_at"])


def _shares(found: Settings, kind: str, asked: list[str], left: Mapping[tuple[int, str], Check]) -> dict[User, Wanted]:
    """Who looks at which fields of which customers again: the owner (or who stands in) and only what they may see."""
    rows = Customer.objects.filter(merged_into=None)
    rows = rows.filter(grade__in=found.grades) if found.grades else rows
    whose = _whose(rows, {customer for customer, _field in left})
    shares: dict[User, Wanted] = {}
    for user, keys in whose.items():
        by, types = people.actor(user), fields.types()
        closed = fields.closed(by)
        may = [field for field in asked if field not in fields.hidden(asked, by)]
        wanted: Wanted = {}
        seen = Customer.objects.filter(seeing.VIEW.where(by), merged_into=None).select_related("matter")
        for start in range(0, len(keys), BATCH):
            here = list(seen.filter(pk__in=keys[start : start + BATCH]).order_by("name", "pk"))
            wanted |= _wanted(here, kind, may, types)
            old = {key: check for key, check in left.items() if key[0] in {c.pk for c in here} and key[1] not in fields.hidden([key[1]], by)}
            wanted |= old
        wanted = {key: before for key, before in wanted.items() if (key[0], key[1].partition(".")[0]) not in closed}
        if kind == Round.Kind.WEEK:
            wanted = _capped(wanted, found.week_most)
        if wanted:
            shares[user] = wanted
    return shares


def _whose(rows: Any, also: set[int]) -> dict[User, list[int]]:
    """Who looks after which customers; those nobody does are the keeper's. Customers left open before stay, whatever their grade is now."""
    every = Customer.objects.filter(pk__in=also, merged_into=None)
    pairs = set(rows.values_list("pk", "matter__owner_id", "matter__department_id")) | set(every.values_list("pk", "matter__owner_id", "matter__department_id"))
    users = User.objects.select_related("department__head").in_bulk({owner for _pk, owner, _place in pairs if owner})
    places = {row.pk: row for row in Department.objects.select_related("head", "parent__head")}
    found: dict[User, list[int]] = {}
    nobody = keeper()
    for pk, owner, place in sorted(pairs, key=lambda pair: pair[0]):
        to = doer(users.get(owner), places.get(place)) or nobody
        if to is not None:
            found.setdefault(to, []).append(pk)
    return found


def _wanted(customers: list[Customer], kind: str, asked: list[str], types: dict[str, str]) -> Wanted:
    """Every field of each in a quarter; in a week those that are empty."""
    now = fields.read(customers, asked) if kind == Round.Kind.WEEK else {}
    return {
        (customer.pk, field): None
        for customer in customers for field in asked
        if fields.applies(field, customer, types) and (kind == Round.Kind.QUARTER or not now[customer.pk][field].text)
    }  # fmt: skip


def _capped(wanted: Wanted, most: int) -> Wanted:
    """So many customers a week, those left open before first."""
    old = list(dict.fromkeys(customer for (customer, _field), before in wanted.items() if before))
    keep = set(list(dict.fromkeys([*old, *(customer for customer, _field in wanted)]))[: max(most, len(old))])
    return {key: before for key, before in wanted.items() if key[0] in keep}


def _sheet(one: Round, user: User, wanted: Wanted, at: datetime) -> Sheet:
    title = f"{Round.Kind(one.kind).label} · {one}"
    number = next_number("upkeep", prefix="FH")
    matter = open_matter("upkeep", title, number=number, owner_id=user.pk, department_id=user.department_id)
    task = tasks.add(matter, by=SYSTEM, title=title, owner=user, due_at=at)
    sheet = Sheet.objects.create(matter=matter, round=one, person=user, task=task)
    Check.objects.bulk_create(
        [Check(sheet=sheet, customer_id=customer, field=field, carried_from=before, times=before.times + 1 if before else 0) for (customer, field), before in wanted.items()],
        batch_size=BATCH,
    )  # fmt: skip
    carried = sum(before is not None for before in wanted.values())
    event = SheetOpened(rows=len(wanted), customers=len({customer for customer, _field in wanted}), carried=carried, due_on=one.due_on)
    record(event, on=matter, by=SYSTEM, tell=[user.pk])
    return sheet


# ── going through ──


@action(rules.DO)
def check(sheet: Sheet, *, by: Actor, customer: int, results: Mapping[str, str], values: Mapping[str, str] | None = None, words: str = "") -> Sheet:
    """What came of looking at fields of a customer again: field → result. A change goes through the customer's own verb: `values` gives
    the new one of a column; of everything else the file must have changed since the round began. `words` say what was tried where
    nobody could be reached, or why something does not apply. Raises Invalid naming the field; nothing is kept then."""
    if sheet.round.closed_at:
        raise WrongMoment(_("This round is over; what was left open is on the list of the next one."))
    file = Customer.objects.filter(seeing.VIEW.where(by), pk=customer).select_related("matter").first()
    rows = {row.field: row for row in sheet.checks.select_for_update().filter(customer=customer).exclude(fields.above(by)).exclude(result=R.LAPSED)} if file else {}
    if not file or not rows:
        raise Gone()
    words = given.words(words, "words", required=False, longest=300)
    wanted = {field: result for field, result in results.items() if result}
    if not wanted:
        raise Invalid(_("Say of at least one field what came of it."))
    if wrong := {field: [_("Choose one of the values offered.")] for field, result in wanted.items() if field not in rows or result not in DONE}:
        raise Invalid(_("Not saved: look at the marked fields."), fields=wrong)
    if R.UNREACHABLE in wanted.values() or R.NOT_APPLICABLE in wanted.values():
        given.words(words, "words")
    _change(sheet, file, by, [field for field, result in wanted.items() if result == R.CHANGED], values or {})
    for field, result in wanted.items():
        row = rows[field]
        row.result, row.at, row.by_id = result, clock.now(), by.user_id
        row.words = words if result in (R.UNREACHABLE, R.NOT_APPLICABLE) else ""
        row.save()
    event = Reverified(number=sheet.matter.number, fields=list(wanted), results=list(wanted.values()))
    record(event, on=file.matter, by=by)
    _finish(sheet, by)
    return sheet


def _change(sheet: Sheet, file: Customer, by: Actor, changed: Iterable[str], values: Mapping[str, str]) -> None:
    columns, wrong = {}, {}
    for field in changed:
        text = (values.get(field) or "").strip()
        if field in fields.COLUMNS and text and text != str(getattr(file, field) or ""):
            columns[field] = text
        elif not _moved(sheet, file, field):
            wrong[field] = [_("Give the new value.") if field in fields.COLUMNS else _("The file has not changed since the round began; change it there first, then mark it here.")]
    if wrong:
        raise Invalid(_("Not saved: look at the marked fields."), fields=wrong)
    if columns:
        customers.edit(file, by=by, why=str(sheet.matter.title)[:200], **columns)


def _moved(sheet: Sheet, file: Customer, field: str) -> bool:
    """Has this part of the file changed since the round began?"""
    rows = Change.objects.filter(customer=file, at__gte=sheet.round.opened_at)
    if field == "contact":
        rows = rows.filter(part="contact")
    elif field == "phone":
        rows = rows.filter(part="identifier")
    elif "." in field:
        section, _dot, code = field.partition(".")
        rows = rows.filter(part="value", field=code, row__in=Section.objects.filter(code=section).values("pk"))
    else:
        rows = rows.filter(part="customer", field=field)
    return rows.exists()


def _finish(sheet: Sheet, by: Actor) -> None:
    """Nothing open any more that the owner may see: the list is done, and so is its task."""
    owner = people.actor(sheet.matter.owner) if sheet.matter.owner else by
    seen = Customer.objects.filter(seeing.VIEW.where(owner), merged_into=None).values("pk")
    whose = people.actor(sheet.matter.owner) if sheet.matter.owner else by
    if sheet.finished_at or sheet.checks.filter(result=R.OPEN, customer__in=seen).exclude(fields.above(whose)).exists():
        return
    sheet.checks.filter(result=R.OPEN).update(result=R.LAPSED, at=clock.now())
    sheet.finished_at = clock.now()
    sheet.save(update_fields=["finished_at"])
    if sheet.task and sheet.task.open:
        tasks.conclude(sheet.task, by=by)
    sheet.matter.closed_at = clock.now()
    sheet.matter.save(update_fields=["closed_at"])
    done = sheet.checks.filter(result__in=DONE).count()
    record(SheetFinished(done=done, late=clock.today() > sheet.round.due_on), on=sheet.matter, by=by)


def settle_finished() -> int:
    """Lists on which nothing is left that their owner may see (merged, closed, destroyed meanwhile) are done; returns how many."""
    count = 0
    for pk in Sheet.objects.filter(finished_at=None, round__closed_at=None).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            sheet = Sheet.objects.select_for_update(skip_locked=True, of=("self",)).select_related("matter__owner", "round", "task").filter(pk=pk, finished_at=None).first()
            if sheet is not None:
                Check.objects.filter(sheet=sheet, result=R.OPEN, customer__merged_into__isnull=False).update(result=R.LAPSED, at=clock.now())
                _finish(sheet, SYSTEM)
                count += sheet.finished_at is not None
    return count
