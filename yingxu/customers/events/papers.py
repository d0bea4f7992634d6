"""The facts about papers, contracts and dealings. Titles, sums and words are personal and may be blanked."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from yingxu.base.events import Event
from yingxu.ui import show

from ..models import Dealing, Paper
from .files import _because


def _kind(kind: str) -> Any:
    return Paper.Kind(kind).label if kind in Paper.Kind.values else kind


def _day(day: date | str) -> Any:
    return show.day(date.fromisoformat(day) if isinstance(day, str) else day)


def _moment(at: datetime | str) -> datetime:
    return datetime.fromisoformat(at) if isinstance(at, str) else at


@dataclass(frozen=True, kw_only=True)
class PaperKept(Event):
    """A paper came into the file, or what is known of it changed (`new` is false)."""

    ICON = "box"
    PERSONAL = ("name", "why")
    paper: int
    kind: str
    name: str = ""
    new: bool = True
    why: str = ""

    def sentence(self) -> Any:
        values = {"kind": _kind(self.kind), "name": self.name}
        if self.new:
            return _because(_("took in the paper %(kind)s %(name)s") % values, self.why)
        return _because(_("changed the paper %(kind)s %(name)s") % values, self.why)


@dataclass(frozen=True, kw_only=True)
class PaperRetired(Event):
    ICON = "x"
    PERSONAL = ("name", "why")
    paper: int
    kind: str
    name: str = ""
    active: bool = False
    why: str = ""

    def sentence(self) -> Any:
        values = {"kind": _kind(self.kind), "name": self.name}
        if self.active:
            return _("took the paper %(kind)s %(name)s into use again") % values
        return _because(_("took the paper %(kind)s %(name)s out of use") % values, self.why)


@dataclass(frozen=True, kw_only=True)
class PaperNumberRevealed(Event):
    ICON = "eye"
    PERSONAL = ("reason",)
    paper: int
    kind: str
    reason: str = ""

    def sentence(self) -> Any:
        values = {"kind": _kind(self.kind), "reason": self.reason}
        return _("uncovered the number of %(kind)s: %(reason)s") % values if self.reason else _("uncovered the number of %(kind)s") % values


@dataclass(frozen=True, kw_only=True)
class PaperEnds(Event):
    """The clock says it: a paper ends soon, or has ended."""

    ICON = "clock"
    TONE = "bad"
    NOTICE = "clock"
    PERSONAL = ("name",)
    paper: int
    kind: str
    until: date
    name: str = ""
    over: bool = False

    def sentence(self) -> Any:
        values = {"kind": _kind(self.kind), "name": self.name, "day": _day(self.until)}
        if self.over:
            return _("%(kind)s %(name)s ran out on %(day)s") % values
        return _("%(kind)s %(name)s runs out on %(day)s") % values


@dataclass(frozen=True, kw_only=True)
class ContractKept(Event):
    """A contract was drawn up, or what is known of it changed (`new` is false)."""

    ICON = "contract"
    PERSONAL = ("title", "why")
    contract: int
    number: str
    title: str = ""
    new: bool = True
    fields: list[str]
    why: str = ""

    def sentence(self) -> Any:
        values = {"number": self.number, "title": self.title, "fields": "、".join(self.fields)}
        if self.new:
            return _because(_("drew up contract %(number)s %(title)s") % values, self.why)
        return _because(_("changed contract %(number)s: %(fields)s") % values, self.why)


@dataclass(frozen=True, kw_only=True)
class ContractMoved(Event):
    """In force, ended, cancelled, renewed."""

    ICON = "contract"
    PERSONAL = ("title", "reason")
    contract: int
    number: str
    state: str
    title: str = ""
    reason: str = ""

    def sentence(self) -> Any:
        values = {"number": self.number, "title": self.title}
        said = {
            "running": _("put contract %(number)s %(title)s in force"), "ended": _("ended contract %(number)s %(title)s"),
            "cancelled": _("cancelled contract %(number)s %(title)s"), "renewed": _("renewed contract %(number)s %(title)s"),
        }.get(self.state, _("moved contract %(number)s %(title)s on"))  # fmt: skip
        return _because(said % values, self.reason)


@dataclass(frozen=True, kw_only=True)
class CollectionPlanned(Event):
    ICON = "yuan"
    PERSONAL = ("total", "why")
    contract: int
    number: str
    count: int
    total: str = ""
    why: str = ""

    def sentence(self) -> Any:
        values = {"number": self.number, "count": self.count, "total": self.total}
        return _because(_("planned the collection of contract %(number)s: %(count)s instalments, %(total)s") % values, self.why)


@dataclass(frozen=True, kw_only=True)
class InstalmentPaid(Event):
    ICON = "yuan"
    TONE = "good"
    PERSONAL = ("amount",)
    contract: int
    number: str
    instalment: int
    amount: str = ""
    left: bool = False

    def sentence(self) -> Any:
        values = {"number": self.number, "amount": self.amount}
        if self.left:
            return _("noted a part payment of %(amount)s on contract %(number)s") % values
        return _("noted a payment of %(amount)s on contract %(number)s") % values


@dataclass(frozen=True, kw_only=True)
class ContractEnds(Event):
    """The clock says it: a contract comes to its end."""

    ICON = "clock"
    TONE = "bad"
    NOTICE = "clock"
    PERSONAL = ("title",)
    contract: int
    number: str
    on: date
    title: str = ""

    def sentence(self) -> Any:
        return _("contract %(number)s %(title)s ends on %(day)s") % {"number": self.number, "title": self.title, "day": _day(self.on)}


@dataclass(frozen=True, kw_only=True)
class InstalmentDue(Event):
    """The clock says it: an instalment is due soon, or is late."""

    ICON = "clock"
    TONE = "bad"
    NOTICE = "clock"
    PERSONAL = ("amount",)
    contract: int
    number: str
    instalment: int
    on: date
    amount: str = ""
    late: bool = False

    def sentence(self) -> Any:
        values = {"number": self.number, "amount": self.amount, "day": _day(self.on)}
        if self.late:
            return _("%(amount)s on contract %(number)s, due on %(day)s, are in arrears") % values
        return _("%(amount)s on contract %(number)s are due on %(day)s") % values


@dataclass(frozen=True, kw_only=True)
class DealingWritten(Event):
    ICON = "chat"
    PERSONAL = ("text", "next_step")
    dealing: int
    kind: str
    text: str = ""
    next_step: str = ""
    happened: datetime

    def sentence(self) -> Any:
        kind = Dealing.Kind(self.kind).label if self.kind in Dealing.Kind.values else self.kind
        return _("wrote down %(kind)s: %(text)s") % {"kind": kind, "text": self.text}


@dataclass(frozen=True, kw_only=True)
class DealingStruck(Event):
    ICON = "x"
    PERSONAL = ("reason",)
    dealing: int
    reason: str = ""

    def sentence(self) -> Any:
        return _("struck out a dealing: %(reason)s") % {"reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class ArchiveGivenOut(Event):
    """The file was printed or exported, as of a moment; what was given out was made from the archive (A8)."""

    ICON = "download"
    as_of: datetime
    how: str  # print, xlsx

    def sentence(self) -> Any:
        values = {"when": show.when(_moment(self.as_of))}
        return _("printed the file as of %(when)s") % values if self.how == "print" else _("exported the file as of %(when)s") % values


@dataclass(frozen=True, kw_only=True)
class PapersExported(Event):
    """A list of contracts or dealings went out as a file."""

    ICON = "download"
    what: str
    count: int

    def sentence(self) -> Any:
        values = {"count": self.count}
        return _("exported %(count)s contracts") % values if self.what == "contracts" else _("exported %(count)s dealings") % values
