"""The catalogue: every component in every state, drawn by the real macros."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from yingxu.base.web import methods, signed_in

from . import specimens

PARTS = {
    "basics": ["colour", "type", "buttons", "marks", "flow"],
    "forms": ["input", "choice", "working"],
    "lists": ["tables", "navigation"],
    "talking": ["story", "telling", "floating", "nothing"],
    "figures": ["cards", "charts"],
}


@signed_in
@methods("GET")
def catalogue(request: HttpRequest, part: str = "basics") -> HttpResponse:
    """One part of the catalogue."""
    if part not in PARTS:
        raise Http404
    names = {
        "basics": _("Basics"), "forms": _("Forms"), "lists": _("Lists"), "talking": _("Talking"), "figures": _("Figures"),
        "colour": _("Colours"), "type": _("Type"), "buttons": _("Buttons"), "marks": _("Marks"), "flow": _("Loop and clocks"),
        "input": _("Input"), "choice": _("Choosing"), "working": _("Settings and imports"), "tables": _("Tables"),
        "navigation": _("Navigation"), "story": _("Timeline"), "telling": _("Telling"), "floating": _("What floats"),
        "nothing": _("Empty, waiting, wrong"), "cards": _("Cards and figures"), "charts": _("Charts"),
    }  # fmt: skip
    context = {"part": part, "parts": PARTS, "names": names, "s": specimens, "t": specimens.TEXT}
    return render(request, f"ui/catalogue/{part}.html", context)
