"""Changes of rights: what waits for another security administrator, and what became of the others. Who the three administrators are."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yingxu.base import clock, sheets
from yingxu.base.errors import Invalid
from yingxu.base.web import door, go, keyset, methods, page

from .. import actions, queries, rules
from ..models import RoleChange
from .small import found, stay

HOME, MOST = "/settings/changes/", 10_000


@door(rules.MANAGE)
@methods("GET")
def changes(request: HttpRequest) -> HttpResponse:
    return _changes(request)


def _asked(request: HttpRequest) -> dict[str, str]:
    """What the list is narrowed to; words that are none narrow nothing."""
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    return {
        "state": state if state in RoleChange.State.values else "", "kind": kind if kind in RoleChange.Kind.values else "",
        "text": request.GET.get("q", "").strip()[:60],
    }  # fmt: skip


@door(rules.MANAGE)
@methods("GET")
def export(request: HttpRequest) -> HttpResponse:
    """The list as it is narrowed, waiting ones too, as a spreadsheet."""
    heads = [_("What"), pgettext("person", "Name"), _("Role"), _("Clearance"), _("Why"), pgettext("change", "Proposed by"), _("Proposed"), _("State"), _("Settled by"), pgettext("change", "Settled at"), pgettext("change", "Answer")]
    rows = (
        [
            c.get_kind_display(), c.user.name if c.user else "", c.wanted.get("name") or (c.role.name if c.role else ""), c.wanted.get("clearance", ""), c.why,
            c.proposed_by.name if c.proposed_by else "", c.proposed_at, c.get_state_display(), c.settled_by.name if c.settled_by else "", c.settled_at or "", c.said,
        ]
        for c in queries.changes(**_asked(request))[:MOST]
    )  # fmt: skip
    return sheets.download(f"{_('Changes of rights')} {clock.today().isoformat()}", heads, rows, kind="csv" if request.GET.get("as") == "csv" else "xlsx")


def _changes(request: HttpRequest, *, wrong: RoleChange | None = None, said: str = "", status: int = 200) -> HttpResponse:
    asked = _asked(request)
    context = {
        **asked, "states": RoleChange.State.choices[1:], "kinds": RoleChange.Kind.choices,
        "waiting": [(c, queries.differences(c)) for c in queries.changes(RoleChange.State.WAITING)[:100]],
        "slice": keyset(queries.changes(**asked).exclude(state=RoleChange.State.WAITING), ("-id",), request.GET.get("cursor", "")),
        "founding": queries.founding(), "saved": "saved" in request.GET, "sent": "sent" in request.GET, "wrong": wrong, "said": said,
    }  # fmt: skip
    return page(request, "people/changes.html", context, status=status)


@door(rules.MANAGE)
@methods("POST")
def settle(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    change = found(queries.change(pk))
    said = request.POST.get("said", "")
    try:
        if verb == "refuse":
            actions.refuse(change, by=request.actor, said=said)
        else:
            {"agree": actions.agree, "withdraw": actions.withdraw}[verb](change, by=request.actor)
    except Invalid as refusal:
        return _changes(request, wrong=change, said=str(refusal), status=422)
    stay(request)
    return go(request, HOME + "?saved=1")


@door(rules.MANAGE)
@methods("GET")
def administrators(request: HttpRequest) -> HttpResponse:
    return page(request, "people/administrators.html", {"offices": queries.offices_held(), "founding": queries.founding()})
