"""The day ends (K5)."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.base.events import Event


@dataclass(frozen=True, kw_only=True)
class DayEnding(Event):
    """Somebody still has records that were not sent, shortly before closing time."""

    ICON, TONE = "pen", "bad"
    day: date | str
    closes: str
    drafts: int

    def sentence(self):
        return ngettext(
            "Work ends at %(closes)s: %(n)s record of today is not sent yet", "Work ends at %(closes)s: %(n)s records of today are not sent yet",
            self.drafts,
        ) % {"closes": self.closes, "n": self.drafts}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _OfList(Event):
    list: int
    department: str
    day: date | str

    def _words(self) -> dict:
        return {"department": self.department, "day": str(self.day)}


@dataclass(frozen=True, kw_only=True)
class DayListMade(_OfList):
    """A department's list of the day is ready for its head."""

    ICON = "list"
    new: int
    unsent: int
    late: int

    def sentence(self):
        return _("List of the day of %(department)s, %(day)s: %(new)s new needs, %(late)s late, %(unsent)s records not sent") % {
            **self._words(), "new": self.new, "late": self.late, "unsent": self.unsent,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class DayListUnread(_OfList):
    """Next morning the list was still unread: told further, once."""

    ICON, TONE = "warning", "bad"
    head: str

    def sentence(self):
        return _("The list of the day of %(department)s, %(day)s, is still unread: %(head)s") % {**self._words(), "head": self.head or "–"}


@dataclass(frozen=True, kw_only=True)
class DayListRead(_OfList):
    ICON, TONE = "check", "good"

    def sentence(self):
        return _("read the list of the day of %(department)s, %(day)s") % self._words()
