"""The API's document for people and programs, and the settings page for tokens."""

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yingxu.base.errors import Gone, Invalid
from yingxu.base.web import door, go, methods, page, public

from .. import actions, queries, reference, rest, rules, scopes
from ..forms import TokenForm


@public
@methods("GET")
def openapi(request: HttpRequest) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(rest.document()), content_type="application/json")


@public
@methods("GET")
def docs(request: HttpRequest) -> HttpResponse:
    document = rest.document()
    return page(request, "api/docs.html", {"document": document, "groups": reference.groups(document), **_calling(request)})


def _calling(request: HttpRequest) -> dict[str, str]:
    """What the example of a call needs."""
    return {"base": request.build_absolute_uri("/api/v1"), "example": reference.first_need()}


@door(rules.MANAGE)
@methods("GET", "POST")
def tokens(request: HttpRequest) -> HttpResponse:
    form = TokenForm(request.POST or None, by=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = actions.make_token(by=request.actor, **form.wanted())
        except Invalid as refusal:
            for name, found in (refusal.fields or {None: [refusal.message]}).items():
                form.add_error(name if name in form.fields else None, found)
        else:
            return page(request, "api/secret.html", {"token": made, "secret": secret, **_calling(request)})
    rows: list[dict[str, Any]] = [
        {"token": found, "scopes": [scopes.title(scope) for scope in found.scopes], "works": found.works} for found in queries.tokens()
    ]
    return page(request, "api/tokens.html", {"form": form, "rows": rows, **_calling(request)}, status=422 if form.is_bound else 200)


@door(rules.MANAGE)
@methods("POST")
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    found = queries.token(pk)
    if found is None:
        raise Gone()
    actions.revoke_token(found, by=request.actor)
    return go(request, "/settings/api/")


@public
def unknown(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Any other address below the API."""
    raise Gone(_("There is no such address in this API; see /api/v1/docs."))
