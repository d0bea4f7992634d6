"""Lists of the day: all of them, one of them, as a file; and when the day ends."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base import sheets
from yingxu.base.errors import Gone, Invalid
from yingxu.base.web import door, go, methods, page, toast
from yingxu.deadlines import rules as deadlines_rules
from yingxu.matters import actions as matters
from yingxu.matters.queries import page_of

from .. import actions, rules
from ..categories import names as category_names
from ..models import DayList
from ..queries import dayend


class DayEndForm(forms.Form):
    before_minutes = forms.IntegerField(
        label=gettext_lazy("Flag the unsent this many minutes before closing time"), min_value=5, max_value=240
    )
    morning_minutes = forms.IntegerField(
        label=gettext_lazy("An unread list is told further after this many working minutes"), min_value=5, max_value=480
    )


@door(rules.DAY_LIST)
@methods("GET")
def day_lists(request: HttpRequest) -> HttpResponse:
    """The newest day first."""
    by, unread, department = request.actor, request.GET.get("unread") == "1", request.GET.get("department", "")
    found = dayend.day_list_page(by, department=department, unread=unread, cursor=request.GET.get("cursor", ""))
    kept = {name: value for name, value in (("unread", "1" if unread else ""), ("department", department)) if value}
    context = {
        "rows": found.rows, "unread": unread, "department": department, "departments": dayend.list_departments(by),
        "previous": "?" + urlencode(kept | {"cursor": found.previous}) if found.previous else None,
        "next": "?" + urlencode(kept | {"cursor": found.next}) if found.next else None,
    }  # fmt: skip
    return page(request, "needs/day_lists.html", context)


@door(rules.DAY_LIST)
@methods("GET")
def day_list(request: HttpRequest, pk: int) -> HttpResponse:
    row = _one(request, pk)
    found, hidden = dayend.listed_needs(row, request.actor)
    context = {
        "list": row, "hidden": hidden, "is_head": row.head_id == request.actor.user_id,
        "rows": [(each, page_of(each.need.matter), category_names().get(each.need.category, "")) for each in found],
    }  # fmt: skip
    return page(request, "needs/day_list.html", context)


@door(rules.DAY_LIST)
@methods("POST")
def day_list_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Pressed, or sent by the page itself when its head opens it."""
    row = actions.read_day_list(_one(request, pk), by=request.actor)
    if request.headers.get("HX-Trigger") == "opened":
        return HttpResponse(status=204)
    return toast(go(request, reverse("needs:day_list", args=[row.pk])), _("Marked as read"))


@door(rules.DAY_LIST)
@methods("GET")
def day_list_export(request: HttpRequest, pk: int) -> HttpResponse:
    row = _one(request, pk)
    kind = "csv" if request.GET.get("kind") == "csv" else "xlsx"
    cells = list(dayend.cells(row, request.actor))
    matters.exported("day_list", by=request.actor, rows=len(cells), words=f"{row.department.code} {row.day}", of=dayend.keys(row, request.actor))
    return sheets.download(f"{row.department.name} {row.day.isoformat()}", dayend.heads(), cells, kind=kind)


@door(deadlines_rules.MANAGE)
@methods("GET", "POST")
def day_settings(request: HttpRequest) -> HttpResponse:
    held = dayend.settings()
    form = DayEndForm(request.POST or None, initial={"before_minutes": held.before_minutes, "morning_minutes": held.morning_minutes})
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_day_end(by=request.actor, **form.cleaned_data)
            return go(request, reverse("needs:day_settings") + "?saved=1")
        except Invalid as refusal:
            form.add_error(None, str(refusal))
    context = {"form": form, "saved": "saved" in request.GET, "closes": dayend.closing_now()}
    return page(request, "needs/day_settings.html", context, status=422 if form.is_bound else 200)


def _one(request: HttpRequest, pk: int) -> DayList:
    found = dayend.day_list(request.actor, pk)
    if found is None:
        raise Gone()
    return found
