"""How strict the door is."""

from django.http import HttpRequest, HttpResponse

from yingxu.base.web import door, go, methods, page

from .. import actions, rules, strictness
from ..forms import SignInRulesForm


@door(rules.MANAGE)
@methods("GET", "POST")
def sign_in_rules(request: HttpRequest) -> HttpResponse:
    form = SignInRulesForm(request.POST or None, instance=strictness.fresh())
    if request.method == "POST" and form.is_valid():
        actions.set_sign_in_rules(by=request.actor, **form.cleaned_data)
        return go(request, request.path + "?saved=1")
    return page(request, "people/sign_in_rules.html", {"form": form, "saved": "saved" in request.GET}, status=422 if form.is_bound else 200)
