"""Passkeys on the pages: one's own taken up, and signing in with one."""


from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from yingxu.base.errors import Invalid, Refusal
from yingxu.base.web import before_password, even_when_full, methods, page, peer, public, signed_in

from .. import actions, passkeys, queries
from ..asking import SECONDS, asking, origin, taken, too_late
from ..forms import NewPasskey
from ..middleware import device
from ..models import User
from ..verification import Again, verify
from .door import halfway, let_in, not_in
from .factors import kept
from .small import add, local


def _said(refusal: Refusal) -> HttpResponse:
    said = next((str(words[0]) for words in refusal.fields.values() if words), str(refusal))
    return JsonResponse({"said": said}, status=refusal.status)


# ── one's own ──


@before_password
@signed_in
@methods("GET", "POST")
def new(request: HttpRequest) -> HttpResponse:
    """Take up a passkey; whoever has a factor already, or came in without being asked to take one up, proves first who they are."""
    form = NewPasskey(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = actions.add_passkey(
                taken(request, "new"), form.cleaned_data["answer"], by=request.actor, origin=origin(request), name=form.cleaned_data["name"]  # type: ignore[attr-defined]
            )
        except Refusal as refusal:
            add(form, refusal)
        else:
            return kept(request, codes)
    due = bool(request.session.get("factor_due"))
    context = {"form": form, "again": None if due else Again(), "due": due}
    return page(request, "people/new_passkey.html", context, status=422 if form.is_bound else 200)


@before_password
@signed_in
@methods("POST")
def new_options(request: HttpRequest) -> HttpResponse:
    """The question for the device, once the person proved who they are."""
    try:
        if not request.session.get("factor_due"):
            verify(request, request.POST.get("secret", "")[:256])
        return asking(request, "new", actions.ask_new_passkey(request.user, origin(request)))
    except Refusal as refusal:
        return _said(refusal)


@before_password
@signed_in
@methods("POST")
def again_options(request: HttpRequest) -> HttpResponse:
    """The question by which whoever is signed in shows with a passkey of theirs that it is still them."""
    known = queries.passkeys_of(request.user)  # type: ignore[arg-type]
    return asking(request, "again", passkeys.ask(origin(request), known)) if known else _said(Invalid(_("You have no passkey here; use your password.")))


# ── at the door ──


@public
@even_when_full
@methods("POST")
def options(request: HttpRequest) -> HttpResponse:
    """The question for whichever passkey the person chooses."""
    if not request.user.is_authenticated:
        request.session.set_expiry(SECONDS)
    return asking(request, "in", passkeys.ask(origin(request)))


@public
@even_when_full
@methods("POST")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Comes in with a passkey and nothing else."""
    try:
        user: User = actions.sign_in_by_passkey(taken(request, "in"), request.POST.get("answer", ""), origin=origin(request), peer=peer(request))
    except Refusal as refusal:
        return not_in(request, refusal)
    return let_in(request, user, local(request.POST.get("next", "")), came={"way": "passkey", "factor": True})


@public
@methods("POST")
def second_options(request: HttpRequest) -> HttpResponse:
    """The question for a passkey of whoever is half in."""
    user = halfway(request)
    known = queries.passkeys_of(user) if user else []
    return asking(request, "second", passkeys.ask(origin(request), known)) if known else _said(Invalid(too_late()))


@public
@methods("POST")
def second(request: HttpRequest) -> HttpResponse:
    """The second step, by a passkey."""
    user = halfway(request)
    if user is None:
        return not_in(request, Invalid(too_late()))
    half = request.session["half"]
    try:
        actions.second_step_by_passkey(
            user, taken(request, "second"), request.POST.get("answer", ""), origin=origin(request), peer=peer(request), device=device(request)
        )
    except Refusal as refusal:
        return not_in(request, refusal)
    return let_in(request, user, half["to"], came=half.get("came"))
