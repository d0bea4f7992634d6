"""From our pages to a provider's: a page that goes on by itself, because a form may lead nowhere but here (form-action in our policy)."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from yingxu.base import crypto
from yingxu.base.web import page

from .. import oidc, trusted
from ..middleware import CAME

HINT = "people.sso.hint"


def over(request: HttpRequest, to: str, name: str) -> HttpResponse:
    """On to the provider."""
    return page(request, "people/over.html", {"to": to, "name": name})


def leaving(request: HttpRequest) -> tuple[str, str]:
    """(address, name) of the provider that this session has to end at, too; ("", "") when there is none."""
    came = request.session.get(CAME) or {}
    provider = trusted.provider(came.get("provider", 0))
    if provider is None or not provider.found:
        return "", ""
    try:
        hint = crypto.unseal(came.get("hint", ""), HINT)
    except (crypto.KeyMissing, ValueError):
        hint = ""  # sealed with a key that is gone: the provider asks, then
    return oidc.leaving_address(provider.found, provider.client_id, hint, request.build_absolute_uri(reverse("people:sign_in"))), provider.name
