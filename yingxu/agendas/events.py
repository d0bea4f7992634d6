"""What is stated about meetings of management; on the meeting's timeline, a decision also on that of the need."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.base.events import Event


@dataclass(frozen=True, kw_only=True)
class AgendaPrepared(Event):
    ICON = "list"
    items: int

    def sentence(self):
        return ngettext("prepared the agenda: %(count)s item", "prepared the agenda: %(count)s items", self.items) % {"count": self.items}


@dataclass(frozen=True, kw_only=True)
class AgendaArranged(Event):
    ICON = "edit"
    chosen: int
    left_out: int

    def sentence(self):
        return _("arranged the agenda: %(chosen)s items, %(left)s left out") % {"chosen": self.chosen, "left": self.left_out}


@dataclass(frozen=True, kw_only=True)
class AgendaItemAdded(Event):
    """No title: that of something with a higher secrecy level than the meeting."""

    ICON = "plus"
    PERSONAL = ("title",)
    title: str

    def sentence(self):
        if not self.title:
            return _("put something with a higher secrecy level on the agenda")
        return _("put “%(title)s” on the agenda") % {"title": self.title}


@dataclass(frozen=True, kw_only=True)
class ItemsRecorded(Event):
    ICON = "edit"
    items: int

    def sentence(self):
        return ngettext("wrote the minutes on %(count)s item", "wrote the minutes on %(count)s items", self.items) % {"count": self.items}


@dataclass(frozen=True, kw_only=True)
class DecisionTaken(Event):
    """`number` is the meeting's. No title: it is on something with a higher secrecy level than the meeting."""

    WATCHERS = True
    ICON, TONE = "stamp", "good"
    PERSONAL = ("title",)
    number: str
    title: str
    to: str
    due_at: datetime | str

    def sentence(self):
        if not self.title:
            return _("management's meeting %(number)s decided on something with a higher secrecy level") % {"number": self.number}
        return _("management's meeting %(number)s decided: %(title)s (%(to)s)") % {"number": self.number, "title": self.title, "to": self.to}


@dataclass(frozen=True, kw_only=True)
class DecisionsExported(Event):
    ICON = "download"
    count: int

    def sentence(self):
        return ngettext("exported %(count)s decision", "exported %(count)s decisions", self.count) % {"count": self.count}
