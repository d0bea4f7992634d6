"""The auditors' screen."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from yingxu.base import clock, sheets
from yingxu.base.web import door, go, methods, page, poll, toast
from yingxu.matters import heads

from . import actions, queries, rules

PARTS: dict[str, tuple[Any, str]] = {
    "": (pgettext_lazy("audit", "Everything"), "list"),
    "journal": (pgettext_lazy("audit", "Journal"), "history"),
    "looks": (pgettext_lazy("audit", "Access log"), "eye"),
    "signins": (pgettext_lazy("audit", "Sign-ins"), "lock"),
    "exports": (pgettext_lazy("audit", "Exports and prints"), "download"),
    "refused": (pgettext_lazy("audit", "Refused"), "warning"),
}
SORTS = (("-when", pgettext_lazy("audit", "Newest first")), ("when", pgettext_lazy("audit", "Oldest first")))
ACTORS = {"user": pgettext_lazy("audit", "Staff"), "customer": gettext_lazy("Customer"), "token": pgettext_lazy("audit", "Program"), "system": gettext_lazy("System")}


def _address(asked: queries.Wish, **over: Any) -> str:
    values: dict[str, Any] = {**vars(asked), **over}
    kept = {name: value for name, value in values.items() if value and (name, value) != ("sort", "-when")}
    return reverse("audit:index") + (f"?{urlencode(kept)}" if kept else "")


@door(rules.VIEW)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    by, asked = request.actor, queries.Wish.of(request.GET)
    found = queries.listed(by, asked, request.GET.get("cursor", ""))
    plain = queries.Wish()
    context = {
        "wish": asked, "slice": found, "rows": found.rows, "address": _address, "heading": PARTS[asked.kind][0], "sorts": SORTS, "word": queries.word, "actors": ACTORS,
        "covered": queries.covered, "codes": queries.kinds_of_event(), "may_export": by.may(rules.EXPORT), "filters": _filters(asked),
        "parts": [
            {"heading": _("Audit")},
            *({"text": text, "icon": icon, "href": _address(plain, kind=kind), "current": kind == asked.kind} for kind, (text, icon) in PARTS.items()),
            {"heading": pgettext("audit", "Proof")},
            {"text": pgettext("audit", "Seals"), "icon": "stamp", "href": reverse("audit:seals"), "current": False},
        ],
    }  # fmt: skip
    return page(request, "audit/index.html", context, block="rows")


def _filters(asked: queries.Wish) -> list[tuple[Any, Any, str]]:
    """Conditions in force: name, value, the address without it."""
    names = {"who": _("Who"), "what": pgettext("audit", "What"), "number": _("Number"), "since": pgettext("audit", "From"), "until": pgettext("audit", "To")}
    said = {**vars(asked), "what": queries.word(asked.what)}
    return [(name, said[key], _address(asked, **{key: None})) for key, name in names.items() if said[key]]


@door(rules.EXPORT)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    """The list as it is filtered, with the newest seals in its last rows."""
    kind = "csv" if request.POST.get("as") == "csv" else "xlsx"
    found = actions.export(by=request.actor, wish=queries.Wish.of(request.POST))
    heading = [
        pgettext("audit", "Ledger"), pgettext("audit", "Row"), pgettext("audit", "When"), pgettext("audit", "Recorded"), _("Who"), pgettext("audit", "Acted as"),
        pgettext("audit", "Code"), pgettext("audit", "What"), _("Number"), pgettext("audit", "For"), _("Details"),
    ]  # fmt: skip
    rows: list[list[Any]] = [
        [r.ledger, r.row, r.at, r.recorded_at, r.actor_name, r.actor_kind, r.what, queries.word(r.what), r.matter.number if r.matter else "",
         r.serves.number if r.serves else "", "; ".join(f"{name}={value}" for name, value in queries.covered(r))]
        for r in found
    ]  # fmt: skip
    rows += [[pgettext("audit", "Seal"), ledger.state.last.number, ledger.state.last.sealed_at, "", "", "", ledger.state.name, "", "", "", heads.line(ledger.state.last)] for ledger in queries.ledgers() if ledger.state.last]
    return sheets.download(f"{_('Audit')} {clock.today().isoformat()}", heading, rows, kind=kind)


@poll
@door(rules.VIEW)
@methods("GET")
def sealed(request: HttpRequest) -> HttpResponse:
    """How far both ledgers are sealed, what the last verification found; asked again by itself while one runs."""
    found = queries.ledgers()
    context = {
        "ledgers": [(one, heads.line(one.state.last) if one.state.last else "") for one in found], "names": PARTS,
        "running": any(one.running for one in found), "may_verify": request.actor.may(rules.VERIFY),
    }  # fmt: skip
    return page(request, "audit/seals.html", context, block="state")


@door(rules.VERIFY)
@methods("POST")
def verify(request: HttpRequest) -> HttpResponse:
    actions.verify(by=request.actor)
    return toast(go(request, reverse("audit:seals")), _("The verification has begun"))
