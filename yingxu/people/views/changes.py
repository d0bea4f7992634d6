"""Changes of rights: what waits for another security administrator, and what became of the others. Who the three administrators are."""

from django.http import HttpRequest, HttpResponse

from yingxu.base.errors import Invalid
from yingxu.base.web import door, go, keyset, methods, page

from .. import actions, queries, rules
from ..models import RoleChange
from .small import found, stay

HOME = "/settings/changes/"


@door(rules.MANAGE)
@methods("GET")
def changes(request: HttpRequest) -> HttpResponse:
    return _changes(request)


def _changes(request: HttpRequest, *, wrong: RoleChange | None = None, said: str = "", status: int = 200) -> HttpResponse:
    context = {
        "waiting": [(c, queries.differences(c)) for c in queries.changes(RoleChange.State.WAITING)[:100]],
        "slice": keyset(queries.changes().exclude(state=RoleChange.State.WAITING), ("-id",), request.GET.get("cursor", "")),
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
