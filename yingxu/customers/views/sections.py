"""Filling in a section of a file, uncovering a sealed value, and every change that was made."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yingxu.base.errors import Gone, Invalid, Stale
from yingxu.base.web import asked_by_htmx, door, go, methods, page
from yingxu.matters import actions as matters
from yingxu.templates import queries as templates

from .. import actions, queries, rules
from .profile import show
from .ways import draft_of, opened, to


@door(rules.EDIT)
@methods("GET", "POST")
def section(request: HttpRequest, number: str, code: str) -> HttpResponse:
    customer = queries.one(number, request.actor)
    shown = queries.sections.one(customer, code, request.actor)
    if request.method == "GET":
        opened(request, customer, f"section {code}", above=queries.sections.above(customer, [shown]))
    what, sealed = shown.section, any(spec.sensitive for spec in shown.section.specs)
    place = "" if sealed else f"customers.section:{number}-{code}"[:80].replace("_", "-")
    drafts, typed = draft_of(request, place)
    errors: dict[str, list] = {}
    values = {fact.spec.code: fact.kept["value"] for fact in shown.filled} | templates.given(what, _Typed(typed))  # type: ignore[arg-type, index]
    why, theirs, status = str(typed.get("why", "")), None, 200
    if request.method == "POST":
        values, why, status = templates.given(what, request.POST), request.POST.get("why", ""), 422  # type: ignore[arg-type]
        given = {spec.code: values.get(spec.code, "") for spec in what.specs}
        seen, clear = request.POST.get("seen", ""), request.POST.getlist("clear")
        try:
            actions.fill(customer, code, by=request.actor, values=given, seen=seen, why=why, clear=clear)
            if place:
                matters.drop_draft(request.actor.user_id, place)
            return go(request, to(customer, f"section-{code}"))
        except Stale as refusal:
            status, theirs = 409, refusal.theirs
        except Invalid as refusal:
            errors = refusal.fields or {"": [str(refusal)]}
    context = {
        "customer": customer, "shown": shown, "inputs": templates.form(what, values, at="import", errors=errors), "why": why, "theirs": theirs,  # type: ignore[arg-type]
        "covered": [(fact.spec, fact.text) for fact in shown.filled if fact.spec.sensitive], "draft_url": drafts, "typed": bool(typed), "errors": errors.get("", []) + errors.get("why", []),
    }  # fmt: skip
    return page(request, "customers/section.html", context, status=status)


class _Typed(dict):
    """A draft read like a sent form."""

    def getlist(self, name: str) -> list:
        value = self.get(name, [])
        return value if isinstance(value, list) else [value]


@door(rules.REVEAL)
@methods("POST")
def reveal_value(request: HttpRequest, number: str, code: str, field: str) -> HttpResponse:
    """A sealed value for 30 seconds; the journal says who looked."""
    customer = queries.one(number, request.actor)
    fact = next((f for f in queries.sections.one(customer, code, request.actor).filled if f.spec.code == field and f.value), None)
    if fact is None or fact.value is None:
        raise Gone()
    text = actions.reveal_value(fact.value, by=request.actor, need=request.GET.get("need", ""), reason=request.POST.get("reason", ""))
    if asked_by_htmx(request):
        return page(request, "customers/revealed.html", {"text": text, "covered": fact.text})
    response = show(request, number, revealed={f"{code}.{field}": text})
    response["Refresh"] = f"30; url={to(customer)}"
    return response


@door(rules.VIEW)
@methods("GET")
def changes(request: HttpRequest, number: str) -> HttpResponse:
    """Field by field: what it was, what it is, who, when, why."""
    customer = queries.one(number, request.actor)
    opened(request, customer, "changes")
    found = queries.changes.of(customer, request.actor, request.GET.get("cursor", ""))
    context = {"customer": customer, "slice": found, "title": _("Every change")}
    return page(request, "customers/changes.html", context)
