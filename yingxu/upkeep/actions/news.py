"""What was learned is noted with its day, entered into the file in time, told of when it is late."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from yingxu.base import clock, given
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action, step
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.customers.models import Change, Customer
from yingxu.matters.actions import record

from .. import queries, rhythm, rules
from ..events import NewsEntered, NewsLate, NewsNoted
from ..models import News
from .staying import doer


@action(rules.NOTE)
def note(customer: Customer, *, by: Actor, kind: str, text: str, learned_on: date) -> News:
    """Something was learned about the customer: on which day, and what. From that day on the time runs until it stands in the file."""
    if customer.merged_into_id:
        raise WrongMoment(_("This customer was merged into another; work with that one."))
    text = given.words(text, "text", longest=300)
    if kind not in News.Kind.values:
        raise Invalid.field("kind", _("Choose one of the values offered."))
    if learned_on > clock.today():
        raise Invalid.field("learned_on", _("This day is still to come."))
    made = News.objects.create(
        customer=customer, kind=kind, text=text, learned_on=learned_on, due_on=queries.news.due(kind, learned_on), noted_by_id=by.user_id, noted_at=clock.now()
    )
    record(NewsNoted(news=made.pk, text=text, learned_on=learned_on, due_on=made.due_on), on=customer.matter, by=by, tell=[customer.matter.owner_id])
    return made


@action(rules.ENTER)
def enter(news: News, *, by: Actor) -> News:
    """It stands in the file now. Raises Invalid when the file has not changed since it was noted."""
    if news.entered_at:
        raise WrongMoment(_("This was entered already."))
    if not Change.objects.filter(customer=news.customer_id, at__gte=rhythm.begins(news.learned_on, clock.zone())).exists():
        raise Invalid(_("The file has not changed since that day; change it there first, then mark it here."))
    news.entered_at, news.entered_by_id = clock.now(), by.user_id
    news.save(update_fields=["entered_at", "entered_by"])
    record(NewsEntered(news=news.pk, text=news.text, late=clock.today() > news.due_on), on=news.customer.matter, by=by, tell=[news.noted_by_id])
    return news


@step
def entered_at_once(customer: int, learned_on: date, by_id: int | None) -> None:
    """The file was changed and the day on which it was learned given with it."""
    kind, now = News.Kind.UPDATE, clock.now()
    News.objects.create(
        customer_id=customer, kind=kind, learned_on=learned_on, due_on=queries.news.due(kind, learned_on), noted_by_id=by_id, noted_at=now, entered_by_id=by_id, entered_at=now
    )


def state_late_news() -> int:
    """Tell the owner and the head of the department of what should be in the archive and is not, each once; returns how many."""
    told = 0
    for pk in News.objects.filter(entered_at=None, late_at=None, due_on__lt=clock.today()).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = News.objects.select_for_update(skip_locked=True, of=("self",)).select_related("customer__matter__owner", "customer__matter__department").filter(pk=pk, entered_at=None, late_at=None).first()
            if row is None:
                continue
            row.late_at = clock.now()
            row.save(update_fields=["late_at"])
            matter = row.customer.matter
            whose, head = doer(matter.owner, matter.department), matter.department.head_id if matter.department else None
            record(NewsLate(news=row.pk, text=row.text, due_on=row.due_on), on=matter, by=SYSTEM, tell=[whose.pk if whose else None, head])
            told += 1
    return told
