"""What waits for one's signature, a request's page, and its verbs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from yingxu.base import sheets
from yingxu.base.access import Actor, Rule
from yingxu.base.action import check
from yingxu.base.errors import Gone, Invalid
from yingxu.base.web import door, methods, page, peer
from yingxu.matters import queries as matters
from yingxu.matters.actions import Once, look, once_only
from yingxu.people.verifying import verify
from yingxu.ui.asking import ask

from .. import actions, forms, queries, rules
from ..models import Request, State
from .drawing import drawn, outcome

PARTS: dict[str, tuple[Any, str]] = {
    "waiting": (pgettext_lazy("approvals", "For me to sign"), "stamp"),
    "signed": (pgettext_lazy("approvals", "Signed by me"), "check"),
    "mine": (pgettext_lazy("approvals", "My requests"), "send"),
    "all": (pgettext_lazy("approvals", "All I may see"), "list"),
}
STATES: list[tuple[str, Any]] = [*State.choices, ("late", pgettext_lazy("approvals", "Late"))]
SORTS = (
    ("due", gettext_lazy("Nearest date first")), ("-due", gettext_lazy("Farthest date first")), ("-asked", gettext_lazy("Newest first")),
    ("asked", gettext_lazy("Oldest first")),
)  # fmt: skip
TONES = {State.OPEN: "new", State.GRANTED: "good", State.REFUSED: "bad", State.SENT_BACK: "warn"}


@dataclass(frozen=True)
class Verb:
    """What a verb asks, which action it is, what its button is called, what is said when it is done. `proves`: the password is asked
    for where the step wants it."""

    form: type[django_forms.Form]
    act: Callable[..., Any]
    label: Any
    said: Any
    rule: Rule
    key: str = ""
    danger: bool = False
    proves: bool = False


VERBS: dict[str, Verb] = {
    "approve": Verb(forms.Approve, actions.approve, pgettext_lazy("approval button", "Approve"), gettext_lazy("Signed"), rules.SIGN, "e", proves=True),
    "refuse": Verb(forms.Refuse, actions.refuse, pgettext_lazy("approval button", "Do not approve"), gettext_lazy("Not approved"), rules.SIGN, "x", True, True),
    "send-back": Verb(forms.SendBack, actions.send_back, pgettext_lazy("approval button", "Send back"), gettext_lazy("Sent back to be changed"), rules.SIGN, "b"),
    "delegate": Verb(forms.Delegate, actions.delegate, pgettext_lazy("approval button", "Hand on"), gettext_lazy("Handed on"), rules.SIGN, "t"),
    "add": Verb(forms.Add, actions.add_approver, pgettext_lazy("approval button", "Add a signer"), gettext_lazy("Signer added"), rules.SIGN),
    "resubmit": Verb(forms.Resubmit, actions.resubmit, pgettext_lazy("approval button", "Ask again"), gettext_lazy("Asked again"), rules.ASK, "e"),
    "withdraw": Verb(forms.Withdraw, actions.withdraw, pgettext_lazy("approval button", "Withdraw"), gettext_lazy("Withdrawn"), rules.ASK, danger=True),
}  # fmt: skip
SIGNERS = ("approve", "refuse", "send-back", "delegate", "add")


# ── list ──


def wish(asked: Any) -> queries.Wish:
    """What a query string asks for. Raises Invalid for what no list knows."""
    whose, state, sort, chain = asked.get("whose") or "waiting", asked.get("state", ""), asked.get("sort") or "due", asked.get("chain", "")
    known = whose in queries.WHOSE and state in ["", *(code for code, _name in STATES)] and sort in queries.SORTS and len(chain) <= 40
    if not known or "\x00" in chain:
        raise Invalid(_("This list has no such filter."))
    return queries.Wish(whose=whose, state=state, chain=chain, q=asked.get("q", "").replace("\x00", "").strip()[:100], sort=sort)


def _address(asked: queries.Wish, **over: Any) -> str:
    """The list's address with some of the wishes changed; the page begins anew."""
    values: dict[str, Any] = {key: getattr(asked, key) for key in ("whose", "state", "chain", "q", "sort")} | over
    usual = {"whose": "waiting", "sort": "due"}
    kept = {key: value for key, value in values.items() if value and value != usual.get(key, "")}
    return reverse("approvals:index") + (f"?{urlencode(kept)}" if kept else "")


@door(rules.VIEW)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    by, asked = request.actor, wish(request.GET)
    found, counts = queries.listed(by, asked, request.GET.get("cursor", "")), queries.counts(by)
    names = queries.chain_names()
    context = {
        "wish": asked, "slice": found, "rows": [{"request": row, "clock": face, "tone": TONES.get(State(row.state), "")} for row, face in queries.faces(found.rows)],
        "address": _address, "parts": parts(asked.whose, counts), "states": STATES, "sorts": SORTS, "chains": names,
        "filters": _filters(asked, dict(names)), "heading": PARTS[asked.whose][0], "may_export": by.may(rules.EXPORT),
        "standing": queries.principals(by) if asked.whose == "waiting" else [],
    }  # fmt: skip
    return page(request, "approvals/index.html", context, block="rows")


def parts(whose: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    """The section nav of this room's pages."""
    plain = queries.Wish()
    entries = [
        {"text": text, "icon": icon, "href": _address(plain, whose=code), "current": whose == code, "count": counts.get(code),
         "tone": "warn" if code == "waiting" and counts.get(code) else "", "cap": queries.CAP}
        for code, (text, icon) in PARTS.items()
    ]  # fmt: skip
    deputies = {"text": _("Deputies"), "icon": "users", "href": reverse("approvals:deputies"), "current": whose == "deputies", "count": None}
    return [{"heading": _("Approvals")}, *entries, {"heading": _("Absence")}, deputies]


def _filters(asked: queries.Wish, names: dict[str, str]) -> list[tuple[Any, Any, str]]:
    """Conditions in force: name, value, the address without it."""
    found: list[tuple[Any, Any, str]] = []
    if asked.state:
        found.append((_("State"), dict(STATES)[asked.state], _address(asked, state="")))
    if asked.chain:
        found.append((pgettext("approvals", "Kind"), names.get(asked.chain, asked.chain), _address(asked, chain="")))
    return found


@door(rules.EXPORT)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    kind = "csv" if request.POST.get("kind") == "csv" else "xlsx"
    heads = [_("Request"), pgettext("approvals", "Kind"), _("State"), _("Number"), _("Asked by"), _("Asked"), pgettext("approvals", "Step"), pgettext("approvals", "By when"), _("Rounds"), _("Ended")]
    found = actions.export(wish=wish(request.POST), by=request.actor)
    rows = (
        [r.title, r.chain_name, r.get_state_display(), r.matter.number if r.matter else "", r.asked_by, r.asked_at, r.step_name, r.due_at, r.rounds_made, r.ended_at]
        for r in found
    )  # fmt: skip
    return sheets.download(str(_("Approvals")), heads, rows, kind=kind)


@door(rules.ASK)
@methods("GET", "POST")
def propose(request: HttpRequest) -> HttpResponse:
    """Anything else that needs a signature, in one's own words."""
    by = request.actor
    start = {"number": request.GET.get("number", "")[:24].replace("\x00", "")}
    form = forms.Propose(request.POST) if request.method == "POST" else forms.Propose(initial=start)

    def act(*, number: str, **given: Any) -> Request:
        matter = matters.visible_matters(by).filter(number=number).first() if number else None
        if number and matter is None:
            raise Invalid.field("number", _("There is no record of this number that you may see."))
        made, _before = once_only(Once.form(by, request.path, request.POST), lambda: actions.propose(by=by, matter=matter, **given))
        return made

    return ask(
        request, form, act, title=_("Ask for a signature"), said=_("Sent to be signed"), address=reverse("approvals:propose"),
        back=reverse("approvals:index") + "?whose=mine", then=lambda made: reverse("approvals:request", args=[made.pk]),
    )  # fmt: skip


# ── one request ──


@door(rules.VIEW)
@methods("GET")
def request_(request: HttpRequest, pk: int) -> HttpResponse:
    by = request.actor
    found = queries.find(pk, by)
    if found.matter:
        look(found.matter, by=by, detail=f"approval {pk}", work="approval")
    step, seat = queries.mine_at(found, by)
    laps = [{"round": lap.round, "steps": drawn(lap), "outcome": outcome(lap), "facts": queries.facts(lap.round.subject)} for lap in queries.laps(found)]
    context = {
        "asked": found, "laps": laps, "facts": laps[0]["facts"] if laps else [], "step": step,
        "stands_for": seat.user.name if seat and seat.user_id != by.user_id else "", "clock": queries.face(step) if step else None,
        "offers": offers(found, by, seat), "tone": TONES.get(State(found.state), ""),
        "matter_href": matters.page_of(found.matter), "parts": parts("", queries.counts(by)),
    }  # fmt: skip
    return page(request, "approvals/request.html", context)


def offers(found: Request, by: Actor, seat: Any) -> list[tuple[str, Verb]]:
    """(verb, how) of what this person may do now, the likeliest first."""
    names: list[str] = [*SIGNERS] if seat else []
    if found.asked_by_id == by.user_id and by.user_id is not None:
        names += ["resubmit", "withdraw"] if found.state == State.SENT_BACK else ["withdraw"] if found.open else []
    return [(name, VERBS[name]) for name in names if VERBS[name].rule.allows(by, found)]


@door(rules.VIEW)
@methods("GET", "POST")
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    by = request.actor
    found, how = queries.find(pk, by), VERBS.get(verb)
    if how is None:
        raise Gone()
    check(how.rule, by, found)
    if found.matter:
        look(found.matter, by=by, detail=f"approval {pk}", work="approval")
    form, back = _form(request, found, verb, how), reverse("approvals:request", args=[pk])
    sent = request.POST.copy()
    sent.pop("password", None)  # not even its digest is kept with what was done once

    def once(**given: Any) -> Any:
        if (details := given.pop("details", None)) is not None:
            given["subject"] = actions.in_words(details)
        if (password := given.pop("password", None)) is not None:
            given["proof"] = verify(by=by, password=password, peer=peer(request))
        return once_only(Once.form(by, request.path, sent), lambda: how.act(found, by=by, **given))

    return ask(
        request, form, once, title=how.label, said=how.said, address=reverse("approvals:act", args=[pk, verb]), back=back,
        number=found.matter.number if found.matter else "", subject=found.title, danger=how.danger,
    )  # fmt: skip


def _form(request: HttpRequest, found: Request, verb: str, how: Verb) -> Any:
    data = request.POST if request.method == "POST" else None
    if verb == "resubmit" and found.chain == actions.OTHER:
        rows = queries.facts(queries.subject_of(found))
        return forms.Revise(data, initial={"details": rows[0][1] if rows else ""})
    if verb not in SIGNERS:
        return how.form(data)
    step, _seat = queries.mine_at(found, request.actor)
    return how.form(data, step=step.pk if step else None, reauth=bool(how.proves and step and step.reauth))
