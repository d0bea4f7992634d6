"""Settings of routing: the rules in order, and a box to try them."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from yingxu.base.errors import Invalid
from yingxu.base.names import word
from yingxu.base.web import door, go, methods, page

from . import actions, queries, rules
from .forms import RuleForm, TryForm


@dataclass(frozen=True)
class _Customer:
    """Stands in for a customer while rules are tried."""

    grade: str
    tags: tuple[str, ...] = ()


@door(rules.MANAGE)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    asked = TryForm(request.GET) if "text" in request.GET else TryForm()
    context = _listed() | {"try_form": asked, **_tried(asked)}
    return page(request, "routing/index.html", context, block="tried")


def _listed() -> dict[str, Any]:
    return {
        "rules": [(r, queries.in_words(r)) for r in queries.rules()],
        "learned": [(m, m.get_target_display()) for m in queries.learned()],
        "word": word,
    }


def _tried(form: TryForm) -> dict[str, Any]:
    """Which rule fires for the made-up need, and why the ones before it do not."""
    if not form.is_bound or not form.is_valid() or not any(form.cleaned_data.values()):
        return {"answer": None}
    data = form.cleaned_data
    customer, fields = _Customer(data["grade"]), {queries.AMOUNT: data["amount"]}
    answer = queries.suggest(data["text"], data["kind"], "", data["channel"], customer, fields)
    facts = queries.facts_of(data["text"], data["kind"], "", data["channel"], customer, fields)
    passed = []
    for rule in queries.rules():
        if rule.active:
            fits, why = queries.judge(rule, facts)
            passed.append((rule, fits, why))
            if fits:
                break
    return {"answer": answer, "passed": passed}


@door(rules.MANAGE)
@methods("GET", "POST")
def new(request: HttpRequest) -> HttpResponse:
    form = RuleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.create(by=request.actor, **form.given())
            return go(request, reverse("routing:index"))
        except Invalid as refusal:
            _add(form, refusal)
    return page(request, "routing/rule.html", {"form": form, "rule": None}, status=422 if form.is_bound else 200)


@door(rules.MANAGE)
@methods("GET", "POST")
def rule(request: HttpRequest, code: str) -> HttpResponse:
    own = queries.rule(code)
    form = RuleForm(request.POST or None, own=own)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(own, by=request.actor, **form.given())
            return go(request, reverse("routing:index"))
        except Invalid as refusal:
            _add(form, refusal)
    return page(request, "routing/rule.html", {"form": form, "rule": own}, status=422 if form.is_bound else 200)


@door(rules.MANAGE)
@methods("POST")
def switch(request: HttpRequest, code: str) -> HttpResponse:
    actions.switch(queries.rule(code), by=request.actor, active=request.POST.get("active") == "yes")
    return go(request, reverse("routing:index"))


@door(rules.MANAGE)
@methods("POST")
def move(request: HttpRequest, code: str) -> HttpResponse:
    actions.move(queries.rule(code), by=request.actor, places=-1 if request.POST.get("to") == "up" else 1)
    return go(request, reverse("routing:index"))


def _add(form: RuleForm, refusal: Invalid) -> None:
    for name, found in refusal.fields.items():
        for message in found:
            form.add_error(name if name in form.fields else None, str(message))
    if not refusal.fields:
        form.add_error(None, str(refusal))
