"""What a look is for: asked once for a sitting, before a guarded file opens or something is uncovered."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yingxu.base.errors import Invalid
from yingxu.base.web import door, go, methods, page, toast
from yingxu.matters.queries import needs_below
from yingxu.ui.asking import way_back

from .. import actions, queries, rules
from ..forms import Serves, blame
from .ways import to


@door(rules.VIEW)
@methods("GET", "POST")
def serves(request: HttpRequest, number: str) -> HttpResponse:
    """The open needs of the customer to choose from, or a reason. Of the file it names the number only: nothing of it is open yet."""
    by, customer = request.actor, queries.one(number, request.actor)
    back, needs, posted = way_back(request, to(customer)), needs_below(by, customer.matter), request.method == "POST"
    form = Serves(request.POST if posted else None, needs=needs)
    if posted and form.is_valid():
        try:
            actions.say_what_for(customer, by=by, **form.cleaned_data)
            return toast(go(request, back), _("This holds for this file until you sign in again, at most %(n)s hours") % {"n": settings.LOOK_SAID_HOURS})
        except Invalid as refusal:
            blame(form, refusal)
    return page(request, "customers/serves.html", {"form": form, "number": number, "back": back, "needs": needs, "hours": settings.LOOK_SAID_HOURS}, status=422 if posted else 200)
