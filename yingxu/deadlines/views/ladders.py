"""Who is told when nothing happens: the ladders on screen, and taking what was escalated."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from yingxu.base.errors import Gone, Invalid
from yingxu.base.web import door, go, methods, page, toast
from yingxu.matters.actions import look
from yingxu.matters.queries import may_see, page_of

from .. import actions, queries, rules
from ..forms import LadderForm, TakeForm
from ..models import Category, Climb, Step
from .time import MEANT, add_refusal

EDITABLE = ("default", "emergency", "approval")


@door(rules.MANAGE)
@methods("GET")
def ladders(request: HttpRequest) -> HttpResponse:
    context = {
        "steps": list(Step), "categories": list(Category), "table": queries.ladder_table(), "meant": MEANT,
        "words": queries.named(), "versions": queries.ladder_versions(), "saved": "saved" in request.GET,
    }  # fmt: skip
    return page(request, "deadlines/ladders.html", context)


@door(rules.MANAGE)
@methods("GET", "POST")
def ladder(request: HttpRequest, category: str, step: str = "") -> HttpResponse:
    """One ladder: its rungs from the lowest up; without rungs the wider one holds."""
    if category not in EDITABLE + tuple(Category.values) or (step and (step not in Step.values or category in EDITABLE)):
        raise Gone()
    name = f"{category}/{step}" if step else category
    held = queries.ladder(name)
    form = LadderForm(request.POST or None, ladder=held)
    if request.method == "POST" and form.is_valid():
        try:
            rungs = [] if "remove" in request.POST else form.rungs()
            actions.set_ladder(
                name, rungs, round_the_clock=form.cleaned_data["round_the_clock"], was=form.cleaned_data["was"], by=request.actor
            )
            return go(request, reverse("deadlines:ladders") + "?saved=1")
        except Invalid as refusal:
            add_refusal(form, refusal)
    context = {
        "form": form, "ladder": held, "title": title(category, step), "words": queries.named(),
        "wider": queries.ladder(held.wider) if held.wider else None,
    }  # fmt: skip
    return page(request, "deadlines/ladder.html", context, status=422 if form.is_bound else 200)


def title(category: str, step: str = "") -> str:
    """What a ladder is called on screen."""
    if category == "default":
        return _("Usual ladder")
    if category == "emergency":
        return _("Alarms (emergencies)")
    if category == "approval":
        return _("Late signatures (approvals)")
    label = str(Category(category).label)
    return _("%(step)s, %(category)s") % {"step": Step(step).label, "category": label} if step else label


@door(rules.ACKNOWLEDGE)
@methods("GET", "POST")
def climb(request: HttpRequest, pk: int) -> HttpResponse:
    """Take what was escalated, in one press or with words and a promised time."""
    found = queries.climb_to_take(request.actor, pk)
    if found is None or not may_see(request.actor, found.matter):
        raise Gone()
    look(found.matter, by=request.actor, work="deadline")
    back = page_of(found.matter) or reverse("home")
    form = TakeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.acknowledge(found, by=request.actor, **form.taken())
            return toast(go(request, _inbox() if request.POST.get("back") == "inbox" else back), _("Taken. Nobody further is told."))
        except Invalid as refusal:
            add_refusal(form, refusal)
    ascent: Any = next((each for each in queries.ascents(found.matter, request.actor) if each.climb.pk == found.pk), None)
    context = {"climb": found, "ascent": ascent, "form": form, "back": back, "over": found.state == Climb.State.ENDED}
    return page(request, "deadlines/climb.html", context, block="form", status=422 if form.is_bound else 200)


def _inbox() -> str:
    try:
        return reverse("notices:inbox")
    except NoReverseMatch:
        return "/"
