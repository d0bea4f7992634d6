"""What is verified anew, how often, for whom."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.base.web import door, methods
from yingxu.ui.asking import ask

from .. import actions, forms, queries, rules


@door(rules.SET)
@methods("GET", "POST")
def index(request: HttpRequest) -> HttpResponse:
    row = queries.settings()
    form = forms.Setting(*((request.POST,) if request.method == "POST" else ()), initial={key: getattr(row, key) for key in queries.setting.KEYS})
    return ask(
        request, form, lambda **given: actions.set_upkeep(by=request.actor, **given), title=_("Set the upkeep of archives"), said=_("It holds from the next round on"),
        address=reverse("upkeep:settings"), back=reverse("desk:settings"), wide=True, subject=_("Lists that are out now stay as they are."),
    )  # fmt: skip
