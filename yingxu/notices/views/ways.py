"""How I am told."""

from django.http import HttpRequest, HttpResponse

from yingxu.base.errors import Invalid
from yingxu.base.web import go, methods, page, signed_in
from yingxu.people import actions as people

from .. import actions, queries
from ..choosing import QUIET, Way
from ..forms import WaysForm


@signed_in
@methods("GET", "POST")
def ways(request: HttpRequest) -> HttpResponse:
    user = request.user
    wishes = queries.ways_of([user.pk])[user.pk]
    begins, ends = wishes.quiet
    start = {
        "quiet": begins is not None, "quiet_from": begins or QUIET[0], "quiet_to": ends or QUIET[1], "mobile": user.mobile, "chat_id": user.chat_id,
    }  # fmt: skip
    form = WaysForm(request.POST or None, wishes=wishes, initial=start)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            people.set_contact(by=request.actor, mobile=data["mobile"], chat_id=data["chat_id"])
        except Invalid as refusal:
            for name, found in refusal.fields.items():
                form.add_error(name, found)
        else:
            quiet = (data["quiet_from"], data["quiet_to"]) if data["quiet"] else (None, None)
            actions.choose(by=request.actor, given=data, quiet_from=quiet[0], quiet_to=quiet[1])
            return go(request, request.path + "?saved=1")
    context = {
        "form": form, "ways": list(Way), "open": _open(queries.ways_out()), "saved": "saved" in request.GET, "daily_at": queries.common().daily_at,
    }  # fmt: skip
    return page(request, "notices/ways.html", context, status=422 if form.is_bound else 200)


def _open(out: set[str]) -> dict[str, bool]:
    """Which ways are set up here at all."""
    return {"screen": True, "mail": "mail" in out, "sms": "sms" in out, "robot": bool(out - {"mail", "sms"})}
