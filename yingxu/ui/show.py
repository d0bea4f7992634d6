"""How values look: dates, spans, sums, shares, identifiers, icons. Pure functions; every word by gettext.

`FILTERS` and `GLOBALS` are what `config/jinja.py` gives to every template.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from django.templatetags.static import static
from django.utils import dateformat
from django.utils.translation import get_language
from markupsafe import Markup, escape

from yingxu.base import clock
from yingxu.base.numbers import spoken_amount

from .words import gettext as _
from .words import npgettext, pgettext

Moment = datetime | date

_JOINT = '<path d="M16 5.2a10.8 10.8 0 0 1 6.2 1.96" transform="rotate({} 16 16)"{}/>'
_LOGO = Markup(
    '<svg class="logo" viewBox="0 0 32 32" fill="none" stroke="currentColor" stroke-width="5.2" aria-hidden="true">'
    + "".join(_JOINT.format(40 * i, ' opacity=".32"' if i == 8 else "") for i in range(9))
    + "</svg>"
)


# ── pictures ──


def icon(name: str, label: Any = None, cls: str = "") -> Markup:
    """A line icon of icons.svg; hidden from screen readers unless it has a label."""
    return _icon(name, str(label) if label else "", cls)


@lru_cache(maxsize=512)
def _icon(name: str, label: str, cls: str) -> Markup:
    said = Markup(' role="img" aria-label="{}"').format(label) if label else Markup(' aria-hidden="true"')
    return Markup('<svg class="icon{}"{}><use href="{}#{}"/></svg>').format(
        f" {cls}" if cls else "", said, static("ui/icons.svg"), name
    )


def logo() -> Markup:
    """The ring of nine joints."""
    return _LOGO


def variant(key: Any) -> str:
    """Which of the five avatar colours somebody has, always the same for the same key."""
    number = key if isinstance(key, int) else sum(map(ord, str(key or "")))
    return ("", "v2", "v3", "v4", "v5")[number % 5]


def initial(name: Any) -> str:
    """The one character on an avatar."""
    text = str(name or "").strip()
    return text[0].upper() if text else "?"


# ── time ──


def local(moment: Moment) -> Moment:
    """An aware moment in the company's zone; dates as they are."""
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        return moment
    zone = clock.zone()
    return moment if moment.tzinfo is zone else moment.astimezone(zone)


def hm(moment: datetime | time | None) -> str:
    """16:30; 9:05."""
    if not moment:
        return ""
    at = local(moment) if isinstance(moment, datetime) else moment
    return f"{at.hour}:{at.minute:02d}"


def day(moment: Moment | None, now: datetime | None = None) -> str:
    """today, tomorrow, yesterday, 18 Mar (this year), 2025-12-30."""
    if not moment:
        return ""
    return _day(_date(moment), _date(now or clock.now()))


def _day(on: date, today: date) -> str:
    apart = on.toordinal() - today.toordinal()
    if apart == 0:
        return _("today")
    if apart in (-1, 1):
        return _("tomorrow") if apart == 1 else _("yesterday")
    return _month_day(on) if on.year == today.year else on.isoformat()


def when(moment: Moment | None, now: datetime | None = None) -> str:
    """Near moments with their time (today 16:30), far ones as a day (18 Mar; 2025-12-30)."""
    if not isinstance(moment, datetime):
        return day(moment, now)
    on, today = _date(moment), _date(now or clock.now())
    said = _day(on, today)
    return f"{said} {hm(moment)}" if abs(on.toordinal() - today.toordinal()) <= 1 else said


def moment(value: datetime | None, now: datetime | None = None) -> str:
    """Always with the time: today 16:30; 18 Mar 14:10; 2025-12-30 9:00."""
    return f"{day(value, now)} {hm(value)}" if value else ""


def told(value: Moment | str | None) -> str:
    """A moment or a day in a sentence of the story, as it was stated (or as ISO 8601): tomorrow 9:21; 18 Mar 14:10; 18 Mar; "" without one."""
    if isinstance(value, str) and value:
        value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    if not value or isinstance(value, str):
        return ""
    return moment(value) if isinstance(value, datetime) else day(value)


def full(value: Moment | None) -> str:
    """2026-03-18 16:30, for tooltips and records."""
    if not value:
        return ""
    return local(value).strftime("%Y-%m-%d %H:%M" if isinstance(value, datetime) else "%Y-%m-%d")


def dayline(value: Moment, now: datetime | None = None) -> str:
    """The head of a day in a timeline: today 18 Mar Wednesday."""
    on, today = _date(value), _date(now or clock.now())
    near = day(on, now) + " " if abs((on - today).days) <= 1 else ""
    return f"{near}{_month_day(on) if on.year == today.year else on.isoformat()} {dateformat.format(on, 'l')}"


def month(value: Moment) -> str:
    """The head of a month in a timeline: March 2026."""
    return dateformat.format(_date(value), pgettext("date format: Y year, n month number, F month name", "F Y"))


def time_tag(value: Moment | None, form: str = "when", now: datetime | None = None) -> Markup:
    """A <time> with the whole moment as tooltip. `form`: when, moment, day, hm, full."""
    if not value:
        return Markup("")
    at = local(value)
    words = _FORMS[form](at) if form in ("hm", "full") else _FORMS[form](at, now)
    return Markup(f'<time datetime="{at.isoformat()}" title="{full(at)}">{escape(words)}</time>')


def duration(minutes: float | None, day: int = 1440) -> str:
    """A span in at most two units: 2 h 15 min, 1 day 3 h. `day` is how many minutes a day has: 1440, or a working day's."""
    if minutes is None:
        return ""
    left = int(abs(minutes))
    if left < 1:
        return _("under 1 min")
    days, rest = divmod(left, day)
    hours, mins = divmod(rest, 60)
    parts = [(days, "day"), (hours, "hour"), (mins, "minute")]
    while parts and not parts[0][0]:
        parts.pop(0)
    return " ".join(_unit(n, unit) for n, unit in parts[:2] if n)


def _unit(n: int, unit: str) -> str:
    if unit == "day":
        return npgettext("span", "%(n)d day", "%(n)d days", n) % {"n": n}
    if unit == "hour":
        return pgettext("span", "%(n)d h") % {"n": n}
    return pgettext("span", "%(n)d min") % {"n": n}


def clock_words(state: str, minutes: float | None = None, day: int = 1440, left: bool = False) -> str:
    """What a clock says. `state`: ok, soon (minutes are left), late (over), paused (stopped for), met (early by), broken (late by).
    `left` puts the word for "left" before the time, as running text needs it."""
    return _clock_words(get_language(), state, None if minutes is None else int(abs(minutes)), day, left)


@lru_cache(maxsize=8192)
def _clock_words(language: str | None, state: str, minutes: int | None, day: int, left: bool) -> str:
    span = duration(minutes, day)
    if state in ("ok", "soon"):
        return pgettext("clock", "%(span)s left") % {"span": span} if left else span
    sentence = {
        "late": pgettext("clock", "over by %(span)s"),
        "paused": pgettext("clock", "stopped %(span)s"),
        "met": pgettext("clock", "early by %(span)s"),
        "broken": pgettext("clock", "late by %(span)s"),
    }[state]
    return sentence % {"span": span}


def _date(value: Moment) -> date:
    at = local(value)
    return at.date() if isinstance(at, datetime) else at


def _month_day(on: date) -> str:
    return dateformat.format(on, pgettext("date format: j day, n month number, M month name", "j M"))


# ── numbers ──


def number(value: Any, places: int | None = None) -> str:
    """1,280; 4.38."""
    if value is None or value == "":
        return ""
    return f"{value:,.{places}f}" if places is not None else f"{value:,}"


def capped(value: int, cap: int = 99) -> str:
    """How many wait: 46, 99+."""
    return f"{cap}+" if value > cap else str(value)


def money(value: Any, places: int = 2) -> str:
    """¥ 1,280,000.00."""
    if value is None or value == "":
        return ""
    amount = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{'−' if amount < 0 else ''}¥ {abs(amount):,.{places}f}"


def short(value: Any) -> str:
    """A large number for summaries: 1.28M; in Chinese by ten thousands."""
    if value is None or value == "":
        return ""
    amount = Decimal(str(value))
    scales = pgettext("size:unit of large numbers, small to large", "1000:K,1000000:M,1000000000:B")
    size, unit = Decimal(1), ""
    for part in scales.split(","):
        least, name = part.split(":")
        if abs(amount) >= Decimal(least):
            size, unit = Decimal(least), name
    shown = (amount / size).quantize(Decimal("0.1") if unit else Decimal("0.01"), ROUND_HALF_UP)
    return f"{shown:,f}".rstrip("0").rstrip(".") + unit if "." in f"{shown:f}" else f"{shown:,f}{unit}"


def percent(ratio: Any, places: int = 1) -> str:
    """0.924 → 92.4%."""
    return "" if ratio is None else f"{Decimal(str(ratio)) * 100:.{places}f}%"


def points(ratio: Any, places: int = 1) -> str:
    """The difference of two shares: 0.018 → 1.8 points."""
    return _("%(n)s points") % {"n": f"{abs(Decimal(str(ratio)) * 100):.{places}f}"}


def size(count: int | None) -> str:
    """1.2 MB."""
    if count is None:
        return ""
    amount, unit = float(count), "B"
    for name in ("KB", "MB", "GB"):
        if amount < 1024:
            break
        amount, unit = amount / 1024, name
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}".replace(".0 ", " ")


def spoken(value: Any) -> str:
    """The sum in formal Chinese numerals, or nothing when it is no number."""
    try:
        return spoken_amount(Decimal(str(value).replace(",", ""))) if value not in (None, "") else ""
    except ArithmeticError:
        return ""


# ── text ──


def masked(value: Any, kind: str = "") -> str:
    """An identifier with its middle covered: 139 **** 2046. `kind`: phone, card, email, or anything else."""
    text = re.sub(r"[\s-]", "", str(value or ""))
    if kind == "email" and "@" in text:
        name, _at, host = text.partition("@")
        return f"{name[:1]}***@{host}"
    if len(text) < 5:
        return "****" if text else ""
    if len(text) < 8:
        return f"{text[0]} **** {text[-1]}"
    if kind == "phone" or len(text) <= 12:
        return f"{text[:3]} **** {text[-4:]}"
    if kind == "card":
        return f"{text[:4]} **** **** {text[-3:]}"
    return f"{text[:2]} **** **** {text[-2:]}"


def highlight(text: Any, query: Any) -> Markup:
    """The text with every word of the query marked."""
    source, words = str(text or ""), [w for w in str(query or "").split() if w]
    if not words:
        return escape(source)
    found = re.compile("|".join(re.escape(w) for w in sorted(words, key=len, reverse=True)), re.IGNORECASE)
    parts, end = [], 0
    for hit in found.finditer(source):
        parts += [escape(source[end : hit.start()]), Markup("<mark>{}</mark>").format(hit.group())]
        end = hit.end()
    return Markup("").join([*parts, escape(source[end:])])


def given(value: Any, missing: Any = None) -> Any:
    """The value, or a quiet "not filled in"."""
    if value is None or value == "" or value == []:
        return Markup('<span class="quiet">{}</span>').format(missing or _("not filled in"))
    return value


def paragraphs(text: Any) -> Markup:
    """Plain text as paragraphs, single line breaks kept; nothing in it becomes markup."""
    blocks = re.split(r"\n\s*\n", str(text or "").strip().replace("\r\n", "\n"))
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(block.split("\n"))) for block in blocks if block
    )


def attrs(pairs: Mapping[str, Any] | None = None, **more: Any) -> Markup:
    """HTML attributes: hx_get → hx-get, True → bare, None and False → absent."""
    out = []
    for key, value in {**(pairs or {}), **more}.items():
        if value is None or value is False:
            continue
        name = key.rstrip("_").replace("_", "-")
        out.append(f" {escape(name)}" if value is True else f' {escape(name)}="{escape(value)}"')
    return Markup("".join(out))


_FORMS: dict[str, Callable[..., str]] = {"when": when, "moment": moment, "day": day, "hm": hm, "full": full}

FILTERS = {
    "hm": hm, "day": day, "when": when, "moment": moment, "full": full, "dayline": dayline, "duration": duration,
    "number": number, "capped": capped, "money": money, "short": short, "percent": percent, "points": points, "size": size,
    "spoken": spoken, "masked": masked, "highlight": highlight, "given": given, "paragraphs": paragraphs, "initial": initial,
    "variant": variant,
}  # fmt: skip


def _globals() -> dict[str, Any]:
    from . import charts, controls, frame, kit, levels

    return {
        "ui": kit.Kit(), "icon": icon, "logo": logo, "time": time_tag, "clock_words": clock_words, "level_name": levels.name, "attrs": attrs,
        "now": clock.now, "charts": charts, "control": controls.control, "problems": controls.problems,
        "loose": controls.loose, "csrf_field": frame.csrf_field, "nonce_field": frame.nonce_field, "frame": frame.frame, "link": frame.link,
    }  # fmt: skip


GLOBALS = _globals()
