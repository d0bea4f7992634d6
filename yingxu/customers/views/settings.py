"""What customer files hold: sections, their fields, and the days of the reminders."""

from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.base.errors import Gone, Invalid
from yingxu.base.web import door, go, methods, page

from .. import actions, queries, rules
from ..forms import FieldForm, NewSection, SectionForm, Terms, blame
from ..forms.papers import TYPES


@door(rules.FIELDS)
@methods("GET", "POST")
def fields(request: HttpRequest) -> HttpResponse:
    """The sections in order, and the days before something ends."""
    days = queries.sections.term()
    form = Terms(request.POST or None, initial={key: getattr(days, key) for key in Terms.base_fields})
    if request.method == "POST" and form.is_valid():
        actions.set_terms(by=request.actor, **form.cleaned_data)
        return go(request, reverse("customers:fields") + "?saved")
    context = {"sections": queries.sections.every(), "form": form, "saved": "saved" in request.GET}
    return page(request, "customers/fields.html", context, status=422 if form.is_bound else 200)


@door(rules.FIELDS)
@methods("GET", "POST")
def add_section(request: HttpRequest) -> HttpResponse:
    form = NewSection(request.POST or None)
    if request.method == "POST" and form.is_valid() and (made := _tried(form, lambda: actions.add_section(by=request.actor, **form.cleaned_data))):
        return go(request, _to(made.code))
    return page(request, "customers/field.html", {"form": form, "title": _("New section"), "back": reverse("customers:fields"), "seen": None}, status=422 if form.is_bound else 200)


@door(rules.FIELDS)
@methods("GET", "POST")
def section_fields(request: HttpRequest, code: str) -> HttpResponse:
    """One section: its head and its fields."""
    found = queries.sections.section(code)
    form = SectionForm(request.POST or None, initial={key: getattr(found, key) for key in SectionForm.base_fields})
    if request.method == "POST" and form.is_valid() and _tried(form, lambda: actions.edit_section(found, by=request.actor, seen=_seen(request), **form.cleaned_data)):
        return go(request, _to(code))
    return page(request, "customers/section_fields.html", {"section": found, "form": form, "types": dict(TYPES)}, status=422 if form.is_bound else 200)


@door(rules.FIELDS)
@methods("GET", "POST")
def add_field(request: HttpRequest, code: str) -> HttpResponse:
    return _field(request, code, "")


@door(rules.FIELDS)
@methods("GET", "POST")
def field(request: HttpRequest, code: str, name: str) -> HttpResponse:
    return _field(request, code, name)


@door(rules.FIELDS)
@methods("POST")
def field_place(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Up, down, out of use, into use."""
    found, to = queries.sections.section(code), request.POST.get("to", "")
    if to in ("out", "in"):
        actions.retire_field(found, name, by=request.actor, seen=_seen(request), retired=to == "out")
    else:
        actions.move_field(found, name, by=request.actor, seen=_seen(request), places=-1 if to == "up" else 1)
    return go(request, _to(code))


def _field(request: HttpRequest, code: str, name: str) -> HttpResponse:
    found = queries.sections.section(code)
    own = next((spec for spec in found.every if spec.code == name), None)
    if name and own is None:
        raise Gone()
    form = FieldForm(request.POST or None, own=own)
    if request.method == "POST" and form.is_valid() and _tried(form, lambda: actions.put_field(found, by=request.actor, seen=_seen(request), field=form.field(), code=name)):
        return go(request, _to(code))
    title = _("Change “%(label)s”") % {"label": own.label} if own else _("Add field")
    context = {"form": form, "title": title, "back": _to(code), "seen": found.version}
    return page(request, "customers/field.html", context, status=422 if form.is_bound else 200)


def _tried(form: django_forms.Form, verb: Any) -> Any:
    try:
        return verb()
    except Invalid as refusal:
        blame(form, refusal)
        return None


def _seen(request: HttpRequest) -> int:
    text = request.POST.get("seen", "")
    return int(text) if text.isdecimal() and len(text) < 9 else -1


def _to(code: str) -> str:
    return reverse("customers:section_fields", args=[code])
