"""Components drawn so often that a template is too slow for them: `ui.chip`, `ui.clock`, `ui.need_row` …, used like the macros.

Same rules as there: everything a person wrote is escaped, every word by gettext.
"""

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language
from markupsafe import Markup, escape

from . import show
from .words import gettext as _


def chip(category: str, text: Any) -> Markup:
    """category: urgent | important | general | potential"""
    return Markup(f'<span class="chip {escape(category)}">{escape(text)}</span>')


def tag(text: Any, tone: str = "", icon_: str | None = None, title: Any = None) -> Markup:
    """tone: good | warn | bad | info | maybe"""
    drawn = show.icon(icon_) if icon_ else ""
    return Markup(f'<span class="tag{_more(tone)}"{_said("title", title)}>{drawn}{escape(text)}</span>')


def count(n: int, tone: str = "", cap: int = 99) -> Markup:
    """tone: new | warn | bad; only when someone must act"""
    return Markup(f'<span class="count{_more(tone) if n else ""}">{show.capped(n, cap)}</span>')


def number(text: Any, href: str | None = None) -> Markup:
    name, more = ("a", _said("href", href)) if href else ("span", "")
    return Markup(f'<{name} class="number"{more}>{escape(text)}</{name}>')


def avatar(name: Any, id: Any = None, size: str = "", title: Any = None) -> Markup:
    """size: big | huge. Without a name: nobody yet."""
    if not name:
        return Markup(f'<span class="avatar none{_more(size)}"{_said("title", title or _("Not assigned"))}>?</span>')
    colour = show.variant(name if id is None else id)
    return Markup(f'<span class="avatar{_more(size)}{_more(colour)}"{_said("title", title)} aria-hidden="true">{escape(show.initial(name))}</span>')


def loop(at: int, of: int = 9) -> Markup:
    """at: 1 to 9; 10 when all nine are done"""
    return _loop(at, of, get_language())


@lru_cache(maxsize=128)
def _loop(at: int, of: int, language: str | None) -> Markup:
    said = _("step %(at)s of %(of)s") % {"at": at, "of": of} if at <= of else _("all steps done")
    return Markup(f'<i class="loop" data-at="{int(at)}" role="img" aria-label="{escape(said)}"></i>')


def stage(text: Any, at: int | None, stacked: bool = False) -> Markup:
    """The state in words and the loop beside it; at None: what left the loop."""
    drawn = "" if at is None else loop(at)
    parts = f"{escape(text)}{drawn}" if stacked else f"{drawn}{escape(text)}"
    return Markup(f'<span class="stage{" stacked" if stacked else ""}">{parts}</span>')


def ring(share: float) -> Markup:
    """How much is left, of 100."""
    return _ring(round(min(max(share, 0), 100)))


@lru_cache(maxsize=101)
def _ring(share: int) -> Markup:
    circle = '<circle cx="8" cy="8" r="6"'
    return Markup(f'<svg class="ring" viewBox="0 0 16 16" aria-hidden="true">{circle}/>{circle} pathLength="100" stroke-dasharray="{share} 100"/></svg>')


_SIGNS = {"late": "warning", "paused": "pause", "met": "check", "broken": "x"}


def clock(state: str, minutes: float | None = None, total: float | None = None, day: int = 1440, text: Any = None,
          title: Any = None, left: bool = False, runs: bool = False) -> Markup:
    """state: ok | soon | late | paused | met | broken. minutes: what is left, over, stopped, early or late, in the same kind of
    minutes as total (the whole target). day: how many of them make a day. runs: ticks in the browser (working time now).
    text replaces the words."""  # fmt: skip
    sign = _SIGNS.get(state)
    drawn = show.icon(sign) if sign else ring(100 * (minutes or 0) / total if total else 100)
    ticks = ""
    if runs and minutes is not None and state in ("ok", "soon", "late"):
        ticks = f' data-state="{state}" data-minutes="{int(minutes)}" data-total="{int(total or 0)}" data-day="{int(day)}"'
    words = escape(text or show.clock_words(state, minutes, day, left))
    return Markup(f'<span class="clock {state}"{_said("title", title)}{ticks}>{drawn}<span>{words}</span></span>')


def event(text: Any = None, mark: str = "flag", at: Any = None, tone: str = "", caller: Callable[[], Any] | None = None) -> Markup:
    """One line of the timeline: assignment, clock, change. tone: good | bad"""
    words = caller() if caller else escape(text)
    if tone:
        words = f'<span class="{escape(tone)}">{words}</span>'
    if at:
        words = f"{words} · {escape(at) if isinstance(at, str) else show.time_tag(at, 'hm')}"
    return Markup(f'<li class="event"><span class="mark">{show.icon(mark)}</span><p class="what">{words}</p></li>')


def tick_box(name: str, value: Any, say: Any, checked: Any = False, **more: Any) -> Markup:
    given = f'name="{escape(name)}" value="{escape(value)}" aria-label="{escape(say)}"'
    return Markup(f'<input type="checkbox" {given}{show.attrs(more)}{" checked" if checked else ""}>')


_USUAL = frozenset({"category", "customer", "kind", "channel", "tasks", "latest", "state", "where", "due"})
_TAGS = 2  # in a cell; the others are counted


def need_row(r: Any, pick: bool = True, latest: bool = True, preview: str | None = None, columns: Collection[str] | None = None) -> Markup:
    """A row of `ui.needs`. r: number, href, subject, category, category_name, customer, kind, channel_icon, latest, state_name, at
    (1–9), department, person, clock (mapping for ui.clock), clock_note, left (words and tone of open tasks), tags, rating, registered, unread, selected, open, preview_href; a mapping or an object,
    all but number, href, subject may be absent. preview: CSS target that shows r.preview_href on Space. columns: what is shown, as in `ui.needs`; None: the usual."""
    on = _USUAL if columns is None else columns
    of = r.get if isinstance(r, Mapping) else lambda name: getattr(r, name, None)
    serial = escape(of("number"))
    marks = " ".join(name for name in ("unread", "open") if of(name))
    chosen = of("selected")
    cells = [f'<tr{_said("class", marks or None)}{_said("aria-selected", "true" if chosen else None)} data-row="{serial}">']
    if pick:
        say = escape(_("Select %(number)s") % {"number": of("number")})
        cells.append(f'<td class="pick"><input type="checkbox" name="row" value="{serial}" aria-label="{say}" form="bulk"{" checked" if chosen else ""}></td>')
    if "category" in on:
        cells.append(f"<td>{chip(of('category'), of('category_name')) if of('category') else ''}</td>")
    look = f' data-preview="{escape(of("preview_href"))}" data-preview-into="{escape(preview)}"' if preview and of("preview_href") else ""
    meta = f'<span class="number">{serial}</span>'
    if "customer" in on and of("customer"):
        meta += f"<span>{escape(of('customer'))}</span>"
    if "kind" in on and of("kind"):
        meta += f'<span class="keep">{escape(of("kind"))}</span>'
    if "channel" in on and of("channel_icon"):
        meta = f"{meta}{show.icon(of('channel_icon'))}"
    if "tasks" in on and of("left"):
        meta = f"{meta}{tag(*of('left'))}"
    cells.append(f'<td class="subject"><a href="{escape(of("href"))}"{look}>{escape(of("subject"))}</a><p class="meta">{meta}</p></td>')
    if latest and "latest" in on:
        cells.append(f'<td class="{"wide" if columns is None else "lately"} quiet sm">{escape(of("latest") or "")}</td>')
    if "state" in on:
        cells.append(f'<td class="at">{stage(of("state_name"), of("at"), stacked=True)}</td>')
    if "where" in on:
        where = escape(of("department")) if of("department") else f'<span class="quiet">{escape(_("Not assigned"))}</span>'
        cells.append(f'<td class="where">{where}<p class="meta">{escape(of("person") or "")}</p></td>')
    if "tags" in on:
        cells.append(f'<td class="more">{_tags(of("tags") or ())}</td>')
    cells += [f'<td class="more">{escape(of(name) or "")}</td>' for name in ("rating", "registered") if name in on]
    if "due" in on:
        due = clock(**of("clock")) if of("clock") else ""
        note = f'<p class="meta">{escape(of("clock_note"))}</p>' if of("clock_note") else ""
        cells.append(f'<td class="end">{due}{note}</td>')
    return Markup("".join([*cells, "</tr>"]))


def _tags(words: Any) -> Markup:
    drawn = Markup(" ").join(tag(word) for word in words[:_TAGS])
    return drawn + Markup(f' <span class="quiet xs" title="{escape(" · ".join(words))}">+{len(words) - _TAGS}</span>') if len(words) > _TAGS else drawn


def _more(word: str) -> str:
    return f" {escape(word)}" if word else ""


def _said(name: str, value: Any) -> str:
    return "" if value is None else f' {name}="{escape(value)}"'


COMPONENTS: dict[str, Callable[..., Markup]] = {
    made.__name__: made for made in (chip, tag, count, number, avatar, loop, stage, ring, clock, event, tick_box, need_row)
}
