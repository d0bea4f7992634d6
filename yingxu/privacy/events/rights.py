"""What is stated about consents and about requests of the persons concerned."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from yingxu.base.events import Event

from ..models import Request


@dataclass(frozen=True, kw_only=True)
class NoticePublished(Event):
    version: str

    def sentence(self) -> Any:
        return _("published version %(version)s of the privacy notice") % {"version": self.version}


@dataclass(frozen=True, kw_only=True)
class PurposeSaid(Event):
    """A purpose is new, or is worded anew."""

    purpose: str
    name: str
    version: int
    anew: bool = True

    def sentence(self) -> Any:
        values = {"name": self.name, "version": self.version}
        if self.version > 1 and self.anew:
            return _("worded the purpose “%(name)s” anew, version %(version)s; who agreed before is asked again") % values
        return _("said what “%(name)s” uses data for, version %(version)s") % values


@dataclass(frozen=True, kw_only=True)
class PurposeSwitched(Event):
    purpose: str
    name: str
    active: bool

    def sentence(self) -> Any:
        return (_("took up the purpose “%(name)s” again") if self.active else _("ended the purpose “%(name)s”")) % {"name": self.name}


@dataclass(frozen=True, kw_only=True)
class RetentionSet(Event):
    kind: str
    label: str
    before: int | None
    months: int | None

    def sentence(self) -> Any:
        values = {"label": self.label, "before": self.before, "months": self.months}
        if self.months is None:
            return _("took back how long “%(label)s” is kept") % values
        if self.before is None:
            return _("set that “%(label)s” is kept for %(months)s months") % values
        return _("changed how long “%(label)s” is kept from %(before)s to %(months)s months") % values


@dataclass(frozen=True, kw_only=True)
class ConsentEvent(Event):
    ICON = "check"
    PERSONAL = ("person", "evidence")
    purpose: str
    name: str
    version: int
    channel: str
    person: str = ""
    evidence: str = ""


@dataclass(frozen=True, kw_only=True)
class ConsentGiven(ConsentEvent):
    TONE = "good"
    until: str = ""

    def sentence(self) -> Any:
        return _("noted consent: “%(name)s”, wording %(version)s") % {"name": self.name, "version": self.version}


@dataclass(frozen=True, kw_only=True)
class ConsentRefused(ConsentEvent):
    ICON = "x"

    def sentence(self) -> Any:
        return _("noted that consent was refused: “%(name)s”") % {"name": self.name}


@dataclass(frozen=True, kw_only=True)
class ConsentWithdrawn(ConsentEvent):
    ICON, TONE = "undo", "bad"
    WATCHERS = True

    def sentence(self) -> Any:
        return _("noted that consent was withdrawn: “%(name)s”; this use ends now") % {"name": self.name}


@dataclass(frozen=True, kw_only=True)
class RequestEvent(Event):
    ICON = "id"
    kind: str

    @property
    def word(self) -> Any:
        return Request.Kind(self.kind).label if self.kind in Request.Kind.values else self.kind


@dataclass(frozen=True, kw_only=True)
class RequestReceived(RequestEvent):
    PERSONAL = ("applicant",)
    due: str
    applicant: str = ""

    def sentence(self) -> Any:
        return _("took in a privacy request: %(kind)s, to be answered by %(due)s") % {"kind": self.word, "due": self.due}


@dataclass(frozen=True, kw_only=True)
class RequestChecked(RequestEvent):
    PERSONAL = ("how",)
    ICON = "check"
    how: str = ""

    def sentence(self) -> Any:
        return _("checked who asks: %(how)s") % {"how": self.how}


@dataclass(frozen=True, kw_only=True)
class RequestAnswered(RequestEvent):
    ICON, TONE = "check", "good"
    late: bool = False

    def sentence(self) -> Any:
        said = _("answered the privacy request: %(kind)s") % {"kind": self.word}
        return said + _(", late") if self.late else said


@dataclass(frozen=True, kw_only=True)
class RequestRefused(RequestEvent):
    ICON, TONE = "x", "bad"
    PERSONAL = ("reason",)
    reason: str = ""

    def sentence(self) -> Any:
        return _("refused the privacy request: %(reason)s") % {"reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class RequestWithdrawn(RequestEvent):
    ICON = "undo"
    PERSONAL = ("reason",)
    reason: str = ""

    def sentence(self) -> Any:
        return _("noted that the privacy request was withdrawn: %(reason)s") % {"reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class CopyMade(RequestEvent):
    ICON = "download"
    sheets: int

    def sentence(self) -> Any:
        return _("made the copy of the data for the person concerned")


@dataclass(frozen=True, kw_only=True)
class ErasureAsked(RequestEvent):
    ICON = "x"
    about: int

    def sentence(self) -> Any:
        return _("asked for the approval of the deletion")


@dataclass(frozen=True, kw_only=True)
class ErasureApproved(RequestEvent):
    """The room of archives hears it and carries it out."""

    ICON = "x"
    about: int

    def sentence(self) -> Any:
        return _("The deletion is approved and is being carried out")


@dataclass(frozen=True, kw_only=True)
class ErasureNotApproved(RequestEvent):
    TONE = "bad"
    PERSONAL = ("reason",)
    reason: str = ""

    def sentence(self) -> Any:
        return _("The deletion is not approved: %(reason)s") % {"reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class RecordsExported(Event):
    ICON = "download"
    what: str
    count: int

    def sentence(self) -> Any:
        return _("exported records of processing: %(count)s rows") % {"count": self.count}
