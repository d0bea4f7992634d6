"""Pages of a list by their addresses: a caller follows `next` until it is null."""

from typing import Any

from django.http import HttpRequest

from yingxu.base.web import Slice


def page_of(request: HttpRequest, found: Slice, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"items": items, "next": _address(request, found.next), "previous": _address(request, found.previous)}


def _address(request: HttpRequest, cursor: str) -> str | None:
    if not cursor:
        return None
    asked = request.GET.copy()
    asked["cursor"] = cursor
    return f"{request.path}?{asked.urlencode()}"
