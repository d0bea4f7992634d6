"""What is stated about keeping archives true."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.base.events import Event


@dataclass(frozen=True, kw_only=True)
class UpkeepSet(Event):
    ICON = "settings"
    was: str
    now: str

    def sentence(self) -> str:
        return _("set the upkeep of archives: %(now)s (was: %(was)s)") % {"now": self.now, "was": self.was or "–"}


@dataclass(frozen=True, kw_only=True)
class ListExported(Event):
    ICON = "download"
    what: str
    count: int

    def sentence(self) -> str:
        return ngettext("exported %(num)s row of upkeep", "exported %(num)s rows of upkeep", self.count) % {"num": self.count}


# ── rounds ──


@dataclass(frozen=True, kw_only=True)
class SheetOpened(Event):
    ICON = "list"
    rows: int
    customers: int
    carried: int
    due_on: date | str

    def sentence(self) -> str:
        said = _("made the list: %(customers)s customers, %(rows)s fields, due on %(day)s") % {
            "customers": self.customers, "rows": self.rows, "day": str(self.due_on),
        }  # fmt: skip
        if self.carried:
            said += "；" + ngettext("%(num)s field left open before", "%(num)s fields left open before", self.carried) % {"num": self.carried}
        return said


@dataclass(frozen=True, kw_only=True)
class SheetFinished(Event):
    ICON = "check"
    TONE = "good"
    done: int
    late: bool

    def sentence(self) -> str:
        said = _("went through the whole list, late: %(n)s fields") if self.late else _("went through the whole list: %(n)s fields")
        return said % {"n": self.done}


@dataclass(frozen=True, kw_only=True)
class SheetHandedOver(Event):
    ICON = "users"
    to: str
    before: str
    rows: int

    def sentence(self) -> str:
        return _("gave the list with %(rows)s open fields to %(to)s, since %(before)s left") % {"rows": self.rows, "to": self.to, "before": self.before}


@dataclass(frozen=True, kw_only=True)
class SheetClosed(Event):
    """The round is over; what was left open went to the next one."""

    ICON = "flag"
    TONE = "bad"
    carried: int

    def sentence(self) -> str:
        return ngettext("the round ended with %(num)s field still open", "the round ended with %(num)s fields still open", self.carried) % {"num": self.carried}


@dataclass(frozen=True, kw_only=True)
class Reverified(Event):
    """On the customer's own timeline: what was looked at again, and what came of it. `fields` and `results` go in step."""

    ICON = "check"
    number: str
    fields: list[str]
    results: list[str]

    def sentence(self) -> str:
        from .fields import label
        from .models import Check

        said = [f"{label(field)}：{Check.Result(result).label}" for field, result in zip(self.fields, self.results, strict=False) if result in Check.Result.values]
        return _("looked at the file again (%(number)s): %(what)s") % {"number": self.number, "what": "；".join(said)}


# ── reports ──


@dataclass(frozen=True, kw_only=True)
class ReportOpened(Event):
    ICON = "doc"
    NOTICE = "clock"
    month: str
    due_on: date | str

    def sentence(self) -> str:
        return _("laid out the customer report of %(month)s, due on %(day)s") % {"month": self.month, "day": str(self.due_on)}


@dataclass(frozen=True, kw_only=True)
class ReportDueSoon(Event):
    ICON = "clock"
    NOTICE = "clock"
    month: str
    due_on: date | str

    def sentence(self) -> str:
        return _("reminds: the customer report of %(month)s is due on %(day)s") % {"month": self.month, "day": str(self.due_on)}


@dataclass(frozen=True, kw_only=True)
class ReportLate(Event):
    ICON = "warning"
    TONE = "bad"
    NOTICE = "clock"
    month: str
    who: str

    def sentence(self) -> str:
        return _("the customer report of %(month)s by %(who)s is late") % {"month": self.month, "who": self.who}


@dataclass(frozen=True, kw_only=True)
class ReportSubmitted(Event):
    ICON = "send"
    month: str
    late: bool
    as_of: datetime | str

    def sentence(self) -> str:
        said = _("submitted the customer report of %(month)s, late") if self.late else _("submitted the customer report of %(month)s")
        return said % {"month": self.month}


@dataclass(frozen=True, kw_only=True)
class ReportRead(Event):
    ICON = "eye"
    TONE = "good"
    month: str

    def sentence(self) -> str:
        return _("read the customer report of %(month)s") % {"month": self.month}


@dataclass(frozen=True, kw_only=True)
class ReportCommented(Event):
    ICON = "chat"
    PERSONAL = ("text",)
    month: str
    text: str = ""

    def sentence(self) -> str:
        return _("on the customer report of %(month)s: %(text)s") % {"month": self.month, "text": self.text}


@dataclass(frozen=True, kw_only=True)
class ReportHandedOver(Event):
    ICON = "users"
    month: str
    to: str
    before: str

    def sentence(self) -> str:
        return _("gave the customer report of %(month)s to %(to)s, since %(before)s left") % {"month": self.month, "to": self.to, "before": self.before}


# ── what was learned ──


@dataclass(frozen=True, kw_only=True)
class NewsNoted(Event):
    ICON = "info"
    PERSONAL = ("text",)
    news: int
    learned_on: date | str
    due_on: date | str
    text: str = ""

    def sentence(self) -> str:
        return _("learned on %(day)s, to be in the file by %(due)s: %(text)s") % {"day": str(self.learned_on), "due": str(self.due_on), "text": self.text}


@dataclass(frozen=True, kw_only=True)
class NewsEntered(Event):
    ICON = "check"
    TONE = "good"
    PERSONAL = ("text",)
    news: int
    late: bool
    text: str = ""

    def sentence(self) -> str:
        return (_("entered what was learned, late: %(text)s") if self.late else _("entered what was learned: %(text)s")) % {"text": self.text}


@dataclass(frozen=True, kw_only=True)
class NewsLate(Event):
    ICON = "warning"
    TONE = "bad"
    NOTICE = "clock"
    PERSONAL = ("text",)
    news: int
    due_on: date | str
    text: str = ""

    def sentence(self) -> str:
        return _("what was learned is not in the file yet, due on %(day)s: %(text)s") % {"day": str(self.due_on), "text": self.text}
