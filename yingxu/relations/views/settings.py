"""The rules of this room, and reckoning anew."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.base.errors import Invalid
from yingxu.base.web import door, go, methods, page, toast

from .. import actions, forms, queries, rules
from .ways import sent


@door(rules.MANAGE)
@methods("GET", "POST")
def classification(request: HttpRequest) -> HttpResponse:
    content, version = queries.content("classification"), queries.version("classification")
    form = forms.ClassificationForm(sent(request), initial=forms.ClassificationForm.first(content, version))
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_rules(by=request.actor, part="classification", content=form.rules, was=form.cleaned_data["was"])
            return toast(go(request, reverse("relation_settings:classification")), _("Saved"))
        except Invalid as refusal:
            for place, said in refusal.fields.items():
                form.add_error(place.replace("_", "__", 1) if place.replace("_", "__", 1) in form.fields else "bands", said)
    context = {"form": form, "versions": queries.versions("classification"), "runs": queries.runs(), "version": version}
    return page(request, "relations/classification.html", context, status=422 if form.is_bound else 200)


@door(rules.MANAGE)
@methods("POST")
def reckon(request: HttpRequest) -> HttpResponse:
    actions.reckon(by=request.actor)
    return redirect(reverse("relation_settings:classification"))


@door(rules.MANAGE)
@methods("GET", "POST")
def prospects(request: HttpRequest) -> HttpResponse:
    content, version = queries.content("prospects"), queries.version("prospects")
    form = forms.ProspectRules(sent(request), content=content, version=version)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_rules(by=request.actor, part="prospects", content=form.rules, was=form.cleaned_data["was"])
            return toast(go(request, reverse("relation_settings:prospects")), _("Saved"))
        except Invalid as refusal:
            form.add_error(None, str(refusal))
    return page(request, "relations/prospect_rules.html", {"form": form, "version": version}, status=422 if form.is_bound else 200)
