"""What is stated about destruction. Nothing here tells what was in a file."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.base.events import Event

from .models import Kind


@dataclass(frozen=True, kw_only=True)
class DestructionProposed(Event):
    ICON = "x"
    PERSONAL = ("reason",)
    kind: str
    count: int
    reason: str = ""

    def sentence(self) -> Any:
        many = ngettext("%(num)s file", "%(num)s files", self.count) % {"num": self.count}
        return _("proposed to destroy %(many)s: %(reason)s") % {"many": many, "reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class DestructionAppraised(Event):
    """Another person looked at what it is worth and what must stay; the list is frozen from now on."""

    ICON = "check"
    PERSONAL = ("value",)
    digest: str
    value: str = ""

    def sentence(self) -> Any:
        return _("appraised the material: %(value)s") % {"value": self.value}


@dataclass(frozen=True, kw_only=True)
class DestructionDropped(Event):
    """Nothing is destroyed: refused, or withdrawn."""

    ICON, TONE = "undo", "bad"
    PERSONAL = ("reason",)
    withdrawn: bool
    reason: str = ""

    def sentence(self) -> Any:
        if self.withdrawn:
            return _("withdrew the proposal to destroy: %(reason)s") % {"reason": self.reason}
        return _("The material is kept: %(reason)s") % {"reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class DestructionApproved(Event):
    ICON = "stamp"
    request: int
    digest: str

    def sentence(self) -> Any:
        return _("The destruction is approved and is being carried out")


@dataclass(frozen=True, kw_only=True)
class FileErased(Event):
    """Stated on the matter that is no more than its number now."""

    ICON = "x"
    by_matter: str
    rows: int

    def sentence(self) -> Any:
        return _("was destroyed for good by %(number)s") % {"number": self.by_matter}


@dataclass(frozen=True, kw_only=True)
class PartDestroyed(Event):
    """Stated on the file of which a section or papers were destroyed; `section` keeps it from whoever may not know of the section."""

    ICON = "x"
    kind: str
    by_matter: str
    certificate: str
    who: list[str]  # who proposed, appraised and signed
    count: int
    section: int | None = None

    def sentence(self) -> Any:
        what = _("a section of this file") if self.kind == Kind.SECTION else ngettext("%(num)s paper of this file", "%(num)s papers of this file", self.count) % {"num": self.count}
        return _("destroyed %(what)s for good by %(number)s, certificate %(certificate)s; decided by %(who)s") % {
            "what": what, "number": self.by_matter, "certificate": self.certificate, "who": "、".join(self.who),
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Destroyed(Event):
    ICON, TONE = "check", "good"
    certificate: str
    gone: int
    left: int

    def sentence(self) -> Any:
        return _("destroyed %(gone)s, left out %(left)s; certificate %(number)s") % {"gone": self.gone, "left": self.left, "number": self.certificate}


@dataclass(frozen=True, kw_only=True)
class HoldSet(Event):
    ICON = "lock"
    PERSONAL = ("why",)
    until: str = ""
    why: str = ""

    def sentence(self) -> Any:
        if self.until:
            return _("put the file under a legal hold until %(day)s: %(why)s") % {"day": self.until, "why": self.why}
        return _("put the file under a legal hold: %(why)s") % {"why": self.why}


@dataclass(frozen=True, kw_only=True)
class HoldLifted(Event):
    ICON = "undo"
    PERSONAL = ("why",)
    why: str = ""

    def sentence(self) -> Any:
        return _("lifted the legal hold: %(why)s") % {"why": self.why}


@dataclass(frozen=True, kw_only=True)
class OverTimeFound(Event):
    """What is over its time and has not been proposed yet, told once a week."""

    NOTICE = "clock"
    ICON = "clock"
    label: str
    count: int

    def sentence(self) -> Any:
        return _("%(count)s of “%(label)s” are over the time they may be kept") % {"count": self.count, "label": self.label}


@dataclass(frozen=True, kw_only=True)
class DestructionExported(Event):
    ICON = "download"
    count: int

    def sentence(self) -> Any:
        return ngettext("exported %(num)s proposal to destroy", "exported %(num)s proposals to destroy", self.count) % {"num": self.count}
