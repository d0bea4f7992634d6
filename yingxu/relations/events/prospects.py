"""Prospects: taken up, moved on, won, lost."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from yingxu.base.events import Event

from ..models import Step


@dataclass(frozen=True, kw_only=True)
class ProspectTakenUp(Event):
    ICON = "flag"
    source: str = ""

    def sentence(self):
        return _("took it up as a prospect (%(source)s)") % {"source": self.source} if self.source else _("took it up as a prospect")


@dataclass(frozen=True, kw_only=True)
class ProspectMoved(Event):
    ICON = "arrow-up"
    PERSONAL = ("note",)
    step: str
    note: str = ""

    def sentence(self):
        said = _("moved the prospect on: %(step)s") % {"step": dict(Step.choices).get(self.step, self.step)}
        return f"{said} · {self.note}" if self.note else said


@dataclass(frozen=True, kw_only=True)
class ProspectAmended(Event):
    ICON = "edit"

    def sentence(self):
        return _("changed what is expected of the prospect")


@dataclass(frozen=True, kw_only=True)
class ProspectStepPlanned(Event):
    ICON = "list"
    PERSONAL = ("title",)
    title: str
    due_at: datetime | None = None

    def sentence(self):
        return _("next step with the prospect: %(title)s") % {"title": self.title}


@dataclass(frozen=True, kw_only=True)
class ProspectLost(Event):
    ICON = "x"
    TONE = "bad"
    PERSONAL = ("note",)
    reason: str
    note: str = ""

    def sentence(self):
        said = _("gave the prospect up: %(reason)s") % {"reason": self.reason}
        return f"{said} · {self.note}" if self.note else said
