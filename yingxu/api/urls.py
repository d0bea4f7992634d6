from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from yingxu.base.web import public

from . import problems
from .rest import api
from .views import tokens as views

app_name = "api"


def _door(pattern: URLPattern) -> URLPattern:
    """ninja's view as one of ours: it opens to everybody and asks for the token itself; other methods are refused in our format."""
    view: Callable[..., HttpResponse] = pattern.callback

    @public
    def run(request: HttpRequest, **parts: Any) -> HttpResponse:
        response = view(request, **parts)
        return problems.not_allowed(response["Allow"]) if response.status_code == 405 else response

    run.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie opens anything here
    pattern.callback = run
    return pattern


urlpatterns = [
    *(_door(pattern) for pattern in api.urls[0]),
    path("openapi.json", views.openapi, name="openapi"),
    path("docs", views.docs, name="docs"),
    path("<path:rest>", views.unknown, name="unknown"),
]
