"""How a person keeps the list: saved views, a name for its filters; and the columns shown."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.base.errors import Gone, Invalid
from yingxu.base.web import door, go, methods, toast
from yingxu.people import actions as people
from yingxu.ui.asking import way_back

from .. import actions, queries, rules
from .. import columns as columns_
from ..forms import Columns, SaveView


@door(rules.VIEW)
@methods("POST")
def save(request: HttpRequest) -> HttpResponse:
    form = SaveView(request.POST)
    if not form.is_valid():
        raise Invalid(_("Give the view a name of at most 30 characters."))
    query = form.cleaned_data["query"].lstrip("?")
    queries.Filters.parse(QueryDict(query))
    view = actions.save_view(by=request.actor, name=form.cleaned_data["name"], query=query, team=form.cleaned_data["team"])
    return toast(go(request, f"{reverse('needs:index')}?{query}&view={view.pk}"), _("View “%(name)s” saved") % {"name": view.name})


@door(rules.VIEW)
@methods("POST")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    view = next((v for v in queries.saved_views(request.actor) if v.pk == pk and v.owner_id == request.actor.user_id), None)
    if view is None:
        raise Gone()
    actions.delete_view(by=request.actor, view=view)
    return toast(go(request, reverse("needs:index")), _("View “%(name)s” deleted") % {"name": view.name})


@door(rules.VIEW)
@methods("POST")
def columns(request: HttpRequest) -> HttpResponse:
    """Which columns the list shows to oneself; `usual` for those everybody begins with."""
    form = Columns(request.POST)
    if not form.is_valid():
        raise Invalid(_("This list has no such column."))
    usual = "usual" in request.POST
    people.set_columns(columns_.LIST, None if usual else columns_.in_order(form.cleaned_data["columns"]), by=request.actor)
    return go(request, way_back(request, reverse("needs:index")))
