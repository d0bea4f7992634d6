"""The pages of this room for the section nav, and what was sent."""

from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.base.access import Actor


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with, also when it was empty; None when it is only shown."""
    return request.POST if request.method == "POST" else None


def lists(by: Actor, here: str) -> list[dict[str, Any]]:
    """The lists beside a page of ours."""
    pages = (("classes", _("Classes"), "flag", "relations:index"), ("distribution", _("Distribution"), "list", "relations:distribution"))
    pipeline = (("board", _("Board of prospects"), "flag", "relations:board"), ("prospects", _("List of prospects"), "list", "relations:prospects"), ("conversion", _("Conversion"), "list", "relations:conversion"))
    entries = [{"text": text, "icon": icon, "href": reverse(name), "current": here == key} for key, text, icon, name in pages]
    further = [{"text": text, "icon": icon, "href": reverse(name), "current": here == key} for key, text, icon, name in pipeline]
    return [{"heading": _("Customers")}, {"text": _("All customers"), "icon": "customer", "href": reverse("customers:index")}, *entries, {"heading": _("Prospects")}, *further, {"heading": _("Care")}, {"text": _("Care calendar"), "icon": "calendar", "href": reverse("relations:care"), "current": here == "care"}]
