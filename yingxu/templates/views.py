"""Settings of record templates: the list, the editor with its preview, versions; categories; ready-made words."""

import uuid
from typing import Any

import msgspec
from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.base.errors import Gone, Invalid
from yingxu.base.web import door, go, methods, page

from . import actions, queries, rules
from .fields import Field
from .forms import STAGES, TYPES, AskForm, CategoryForm, FieldForm, KindForm, NameForm, TextForm
from .models import Template


@door(rules.MANAGE)
@methods("GET")
def first(request: HttpRequest) -> HttpResponse:
    return redirect("templates:index")


@door(rules.MANAGE)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    return page(request, "templates/index.html", {"templates": queries.overview()})


@door(rules.MANAGE)
@methods("GET", "POST")
def new(request: HttpRequest) -> HttpResponse:
    form = KindForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create(by=request.actor, **form.cleaned_data)
            return go(request, reverse("templates:editor", args=[made.code]))
        except Invalid as refusal:
            _add(form, refusal)
    return page(request, "templates/new.html", {"form": form}, status=422 if form.is_bound else 200)


# ── one template ──


@door(rules.MANAGE)
@methods("GET")
def editor(request: HttpRequest, code: str) -> HttpResponse:
    return _editor(request, queries.template(code))


@door(rules.MANAGE)
@methods("POST")
def rename(request: HttpRequest, code: str) -> HttpResponse:
    found, form = queries.template(code), NameForm(request.POST)
    if form.is_valid():
        actions.rename(found, by=request.actor, name=form.cleaned_data["name"])
        return go(request, _saved(code))
    return _editor(request, found, name_form=form, status=422)


@door(rules.MANAGE)
@methods("POST")
def archive(request: HttpRequest, code: str) -> HttpResponse:
    actions.archive(queries.template(code), by=request.actor, active=request.POST.get("active") == "yes")
    return go(request, reverse("templates:index"))


@door(rules.MANAGE)
@methods("POST")
def must_ask(request: HttpRequest, code: str) -> HttpResponse:
    found, form = queries.template(code), AskForm(request.POST)
    if form.is_valid():
        try:
            actions.set_must_ask(found, by=request.actor, seen=_seen(request), lines=form.lines())
            return go(request, _saved(code))
        except Invalid as refusal:
            _add(form, refusal)
    return _editor(request, found, ask_form=form, status=422)


@door(rules.MANAGE)
@methods("GET", "POST")
def add_field(request: HttpRequest, code: str) -> HttpResponse:
    found = queries.template(code)
    form = FieldForm(request.POST or None, specs=_specs(found))
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_field(found, by=request.actor, seen=_seen(request), field=form.field())
            return go(request, _saved(code))
        except Invalid as refusal:
            _add(form, refusal)
    return _editor(request, found, field_form=form, status=422 if form.is_bound else 200)


@door(rules.MANAGE)
@methods("GET", "POST")
def field(request: HttpRequest, code: str, name: str) -> HttpResponse:
    found = queries.template(code)
    own = _own(found, name)
    form = FieldForm(request.POST or None, specs=_specs(found), own=own)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_field(found, name, by=request.actor, seen=_seen(request), field=form.field())
            return go(request, _saved(code))
        except Invalid as refusal:
            _add(form, refusal)
    return _editor(request, found, field_form=form, own=own, status=422 if form.is_bound else 200)


@door(rules.MANAGE)
@methods("POST")
def preview(request: HttpRequest, code: str) -> HttpResponse:
    """How the form would look with the field as it is being typed; keeps nothing."""
    found = queries.template(code)
    specs = _specs(found)
    own = next((s for s in specs if s.code == request.POST.get("own")), None)
    form = FieldForm(request.POST, specs=specs, own=own)
    if form.is_valid():
        try:
            typed = msgspec.convert({**form.field(), "code": own.code if own else "typed"}, Field)
            specs = [typed if s is own else s for s in specs] if own else [*specs, typed]
        except msgspec.ValidationError:
            specs = _specs(found)
    context = {"inputs": [queries.drawn(s) for s in specs], "now": own.code if own else "typed"}
    return page(request, "templates/preview.html", context)


@door(rules.MANAGE)
@methods("POST")
def remove_field(request: HttpRequest, code: str, name: str) -> HttpResponse:
    actions.remove_field(queries.template(code), name, by=request.actor, seen=_seen(request))
    return go(request, _saved(code))


@door(rules.MANAGE)
@methods("POST")
def move_field(request: HttpRequest, code: str, name: str) -> HttpResponse:
    places = -1 if request.POST.get("to") == "up" else 1
    actions.move_field(queries.template(code), name, by=request.actor, seen=_seen(request), places=places)
    return go(request, reverse("templates:editor", args=[code]))


@door(rules.MANAGE)
@methods("GET")
def versions(request: HttpRequest, code: str) -> HttpResponse:
    found = queries.template(code)
    listed = queries.versions(found)
    before = [*listed[1:], None]
    context = {
        "template": found,
        "versions": [(v, queries.differences(old, v), old) for v, old in zip(listed, before, strict=True)],
        "keys": {**{name: f.label for name, f in FieldForm.base_fields.items()}, "required": _("Required")},
        "words": dict(TYPES) | dict(STAGES),
    }
    return page(request, "templates/versions.html", context)


def _editor(
    request: HttpRequest, found: Template, *, field_form: FieldForm | None = None, own: Field | None = None,
    name_form: NameForm | None = None, ask_form: AskForm | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    current = found.current
    specs = _specs(found)
    context = {
        "template": found,
        "specs": specs,
        "types": dict(TYPES),
        "stages": dict(STAGES),
        "labels": {s.code: s.label for s in specs},
        "inputs": [queries.drawn(s) for s in specs],
        "field_form": field_form,
        "own": own,
        "name_form": name_form or NameForm(initial={"name": found.name}),
        "ask_form": ask_form or AskForm(initial={"must_ask": "\n".join(current.must_ask if current else [])}),
        "saved": "saved" in request.GET,
        "now": own.code if own else "",
    }
    return page(request, "templates/editor.html", context, status=status)


def _specs(found: Template) -> list[Field]:
    return list(found.current.specs) if found.current else []


def _own(found: Template, name: str) -> Field:
    own = next((s for s in _specs(found) if s.code == name), None)
    if own is None:
        raise Gone()
    return own


def _seen(request: HttpRequest) -> int:
    text = request.POST.get("seen", "")
    return int(text) if text.isdecimal() and len(text) < 9 else -1


def _saved(code: str) -> str:
    return reverse("templates:editor", args=[code]) + "?saved"


# ── categories and ready-made words ──


@door(rules.MANAGE)
@methods("GET", "POST")
def categories(request: HttpRequest) -> HttpResponse:
    texts = queries.category_texts()
    asked = request.POST.get("category", "")
    forms = {t.category: CategoryForm(request.POST if t.category == asked else None, text=t) for t in texts}
    chosen = next((t for t in texts if t.category == asked), None)
    if request.method == "POST":
        if chosen is None:
            raise Gone()
        form = forms[asked]
        if form.is_valid():
            actions.describe(chosen, by=request.actor, **form.given())
            return go(request, reverse("templates:categories") + f"?saved={asked}")
    context = {"texts": [(t, forms[t.category]) for t in texts], "saved": request.GET.get("saved", "")}
    return page(request, "templates/categories.html", context, status=422 if request.method == "POST" else 200)


@door(rules.MANAGE)
@methods("GET")
def texts(request: HttpRequest) -> HttpResponse:
    return _texts(request)


@door(rules.MANAGE)
@methods("GET", "POST")
def text(request: HttpRequest, code: str = "") -> HttpResponse:
    own = next((t for t in queries.quick_texts() if t.code == code), None)
    if code and own is None:
        raise Gone()
    initial = {"title": own.title, "place": own.place, "body": own.body, "kinds": own.kinds} if own else None
    form = TextForm(request.POST or None, known=queries.kinds(), initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.put_quick_text(by=request.actor, code=code or f"text-{uuid.uuid4().hex[:8]}", **form.cleaned_data)
        return go(request, reverse("templates:texts"))
    return _texts(request, form=form, own=own, status=422 if form.is_bound else 200)


@door(rules.MANAGE)
@methods("POST")
def remove_text(request: HttpRequest, code: str) -> HttpResponse:
    own = next((t for t in queries.quick_texts() if t.code == code), None)
    if own is None:
        raise Gone()
    actions.put_quick_text(
        by=request.actor, code=code, place=own.place, title=own.title, body=own.body, kinds=own.kinds, active=False
    )
    return go(request, reverse("templates:texts"))


def _texts(request: HttpRequest, *, form: TextForm | None = None, own: Any = None, status: int = 200) -> HttpResponse:
    known = queries.quick_texts()
    places = TextForm.base_fields["place"].choices
    context = {
        "groups": [(label, [t for t in known if t.place == place]) for place, label in places if any(t.place == place for t in known)],
        "kind_name": queries.kind_name,
        "form": form,
        "own": own,
    }
    return page(request, "templates/texts.html", context, status=status)


def _add(form: django_forms.Form, refusal: Invalid) -> None:
    """A verb's refusal onto the form that asked for it."""
    for name, found in refusal.fields.items():
        for message in found:
            form.add_error(name if name in form.fields else None, str(message))
    if not refusal.fields:
        form.add_error(None, str(refusal))


