"""How values of a need look on every screen: chips, clocks, rows of the list."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from markupsafe import Markup

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.deadlines import queries as deadlines
from yingxu.deadlines.models import Step
from yingxu.matters.models import Note
from yingxu.tasks import queries as tasks
from yingxu.templates import queries as record_templates
from yingxu.ui import show
from yingxu.ui.words import gettext as _
from yingxu.ui.words import ngettext, pgettext

from ..categories import names as category_names
from ..columns import USUAL
from ..queries import rows as listing
from ..queries.rows import Shown
from ..states import ENDED, STEP, Channel, State

ICONS = {
    Channel.PHONE: "phone", Channel.COUNTER: "counter", Channel.CHAT: "chat", Channel.WECHAT: "wechat", Channel.MAIL: "mail",
    Channel.WEB: "web", Channel.PORTAL: "web", Channel.IMPORT: "upload", Channel.API: "web", Channel.SURVEY: "list",
    Channel.RESEARCH: "chart", Channel.VISIT: "users", Channel.EVENT: "flag", Channel.SOCIAL: "chat", Channel.SMS: "chat",
    Channel.OTHER: "need",
}  # fmt: skip
MENTION = re.compile(r"@[\w.\-]{1,60}")
NO_STEP = (State.MERGED, State.VOID)


def kind_names() -> dict[str, str]:
    return {t.code: t.name for t in record_templates.all_kinds()}


def state_names() -> dict[str, str]:
    return {state.value: str(state.label) for state in State}


def channel_icon(channel: str) -> str:
    return ICONS.get(Channel(channel), "need")


def joint(state: str) -> int | None:
    """Which of the nine joints is full; ten when all are done; none for what left the loop."""
    return None if state in NO_STEP else STEP[State(state)]


def working_now(now: datetime) -> bool:
    """Does working time run at this moment?"""
    return deadlines.calendar().between(now, now + timedelta(minutes=1)) > 0


def step_names() -> dict[str, str]:
    """What the steps of the clocks are called."""
    return {step.value: str(step.label) for step in Step}


def clock_look(shown: Shown, *, runs: bool, step: str = "") -> dict[str, Any]:
    """The keywords of ui.clock. `step` is the step's name, if it was already looked up."""
    face = shown.face
    step = step or str(Step(shown.clock.step).label)
    return {
        "state": face.state, "minutes": face.minutes, "total": shown.clock.allowance, "day": face.day,
        "title": _("%(step)s, due %(due)s") % {"step": step, "due": show.full(shown.clock.due_at)} if shown.clock.due_at else None,
        "runs": shown.clock.open and (runs or shown.clock.round_the_clock),
    }  # fmt: skip


def clock_note(shown: Shown, held: bool, now: datetime, step: str = "") -> str:
    """The line under a clock: which step, and until when."""
    step = step or str(Step(shown.clock.step).label)
    if shown.face.state == "paused":
        return _("waiting for the customer") if held else step
    due = shown.clock.due_at
    if due is None:
        return step
    near = due.astimezone(clock.zone()).date() == now.astimezone(clock.zone()).date()
    at = show.hm(due) if near else show.when(due, now)
    if shown.face.state == "late":
        return _("%(step)s · was due %(at)s") % {"step": step, "at": at}
    return f"{step} · {at}"


def first_words(row: Mapping[str, Any]) -> dict[str, Any]:
    """The customer's own, for a need on which nothing was written since."""
    return {"voice": Note.Voice.SAID, "at": row["raised_at"], "start": row["start"]}


def latest(words: Mapping[str, Any], now: datetime) -> str:
    """Who said what last, for the wide list."""
    near = words["at"].astimezone(clock.zone()).date() == now.astimezone(clock.zone()).date()
    who = _("Customer") if words["voice"] == Note.Voice.SAID else words["who"]
    text = " ".join(words["start"].split())
    return pgettext("latest words", "%(who)s %(at)s: %(text)s") % {
        "who": who, "at": show.hm(words["at"]) if near else show.day(words["at"], now), "text": text,
    }  # fmt: skip


def rows(found: Iterable[Mapping[str, Any]], by: Actor, *, query: str = "", opened: str = "",
         columns: Collection[str] | None = None) -> list[dict[str, Any]]:  # fmt: skip
    """The list's rows as `ui.need_row` draws them. At most three queries, whatever their number: what no column shows is not asked."""
    found = list(found)
    ids = [row["matter_id"] for row in found]
    now = clock.now()
    on = USUAL if columns is None else columns
    clocks, glances = listing.clocks_of(ids, now), listing.glances(ids, by, words="latest" in on)
    left = tasks.left_on(ids) if "tasks" in on else {}
    kinds, categories, runs, states, steps = kind_names(), category_names(), working_now(now), state_names(), step_names()
    back = "?" + urlencode({"from": query}) if query else ""
    index = reverse("needs:index")
    made = []
    for row in found:
        pk, number, state = row["matter_id"], row["matter__number"], State(row["state"])
        shown = clocks.get(pk)
        step = steps[shown.clock.step] if shown else ""
        made.append({
            "number": number, "href": f"{index}{number}/{back}", "subject": _subject(row, shown), "category": row["category"],
            "category_name": categories.get(row["category"], ""), "customer": row["customer__name"] or row["caller"],
            "kind": kinds.get(row["kind"], row["kind"]), "channel_icon": channel_icon(row["channel"]),
            "latest": latest(glances[pk].words or first_words(row), now), "state_name": states[state], "at": joint(state),
            "department": row["matter__department__name"], "person": _person(row, state), "person_id": row["matter__owner_id"],
            "clock": clock_look(shown, runs=runs, step=step) if shown else None,
            "clock_note": clock_note(shown, row["held_at"] is not None, now, step) if shown else _ended(row, now),
            "left": _left(left.get(pk)), "unread": glances[pk].unread and state not in ENDED, "open": number == opened,
            "tags": row["tags"], "rating": rating(row["rating"]), "registered": show.when(row["matter__opened_at"], now),
            "preview_href": f"{index}{number}/preview/{back}",
        })  # fmt: skip
    return made


def rating(stars: int | None) -> str:
    return _("%(n)s of 5") % {"n": stars} if stars else ""


def _left(left: tasks.Left | None) -> tuple[str, str] | None:
    """Open tasks beside a row, and whether one is late: (words, tone)."""
    if left is None:
        return None
    said = ngettext("%(num)s task open", "%(num)s tasks open", left.open) % {"num": left.open}
    if left.late:
        return said + _(", %(num)s late") % {"num": left.late}, "bad"
    return said, ""


def _subject(row: Mapping[str, Any], shown: Shown | None) -> Any:
    tags = [_("You wished to be reminded")] if row.get("woken") else []
    tags += [_("Round %(n)s") % {"n": row["round"]}] if row["round"] > 1 else []
    tags += [_("Escalated %(n)s") % {"n": shown.clock.escalated}] if shown and shown.clock.escalated else []
    if not tags:
        return row["matter__title"]
    return Markup(format_html("{}{}", format_html_join("", '<span class="tag bad">{}</span> ', ((tag,) for tag in tags)), row["matter__title"]))


def _person(row: Mapping[str, Any], state: State) -> Any:
    if state == State.ACCEPTANCE:
        name = row["matter__owner__name"]
        waits = _("%(name)s, not accepted yet") % {"name": name} if name else _("Not accepted yet")
        return Markup(format_html('<span class="warn-ink">{}</span>', waits))
    return row["matter__owner__name"] or ""


def _ended(row: Mapping[str, Any], now: datetime) -> str:
    return show.when(row["matter__closed_at"], now) if row["matter__closed_at"] else ""


def head(need: Any) -> dict[str, Any]:
    """What stands beside a need's title everywhere."""
    state = State(need.state)
    return {
        "category_name": category_names().get(need.category, ""), "kind_name": record_templates.kind_name(need.kind),
        "channel_name": Channel(need.channel).label, "channel_icon": channel_icon(need.channel), "state_name": state.label,
        "at": joint(state),
    }  # fmt: skip


def mentions(text: str) -> Markup:
    """Paragraphs in which colleagues who were called stand out."""
    return Markup(MENTION.sub(r'<b class="good-ink">\g<0></b>', str(show.paragraphs(text))))
