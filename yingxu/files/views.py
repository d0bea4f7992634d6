"""A file's bytes."""

from django.http import FileResponse, HttpRequest

from yingxu.base.web import methods, signed_in
from yingxu.matters.actions import look
from yingxu.matters.models import Look

from . import queries


@signed_in
@methods("GET")
def file(request: HttpRequest, pk: int) -> FileResponse:
    found = queries.find(request.actor, pk)
    look(found.matter, by=request.actor, what=Look.What.FILE, detail=str(found.pk), above=found.stamp, ask=True)
    return queries.answer(found, inline=request.GET.get("inline") == "1")
