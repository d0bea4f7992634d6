"""What is stated about recipients, impact assessments and breaches."""

from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from yingxu.base.events import Event

from ..models import Assessment, Breach


def _label(choices: type[TextChoices], value: str) -> Any:
    """The word for a value; one this version no longer knows stays as it is."""
    return choices(value).label if value in choices.values else value


@dataclass(frozen=True, kw_only=True)
class RecipientSaid(Event):
    recipient: int
    name: str
    region: str
    new: bool = False
    fields: list[str]

    def sentence(self) -> Any:
        values = {"name": self.name, "region": self.region}
        return (_("took %(name)s (%(region)s) into the register of recipients") if self.new else _("changed the recipient %(name)s (%(region)s)")) % values


@dataclass(frozen=True, kw_only=True)
class RecipientSwitched(Event):
    recipient: int
    name: str
    active: bool

    def sentence(self) -> Any:
        return (_("allowed personal data to go to %(name)s") if self.active else _("stopped personal data going to %(name)s")) % {"name": self.name}


@dataclass(frozen=True, kw_only=True)
class HandedOver(Event):
    """A way out goes to a recipient from now on."""

    outlet: str
    recipient: int
    name: str
    purpose: str = ""

    def sentence(self) -> Any:
        return _("set that what goes out by “%(outlet)s” goes to %(name)s") % {"outlet": self.outlet, "name": self.name}


@dataclass(frozen=True, kw_only=True)
class HandoverEnded(Event):
    outlet: str
    recipient: int
    name: str

    def sentence(self) -> Any:
        return _("ended that “%(outlet)s” goes to %(name)s") % {"outlet": self.outlet, "name": self.name}


@dataclass(frozen=True, kw_only=True)
class AssessmentEvent(Event):
    ICON = "policy"
    kind: str

    @property
    def word(self) -> Any:
        return _label(Assessment.Kind, self.kind)


@dataclass(frozen=True, kw_only=True)
class AssessmentBegun(AssessmentEvent):
    def sentence(self) -> Any:
        return _("began an impact assessment: %(kind)s") % {"kind": self.word}


@dataclass(frozen=True, kw_only=True)
class AssessmentRewritten(AssessmentEvent):
    ICON = "edit"
    fields: list[str]

    def sentence(self) -> Any:
        return _("rewrote the impact assessment")


@dataclass(frozen=True, kw_only=True)
class AssessmentSubmitted(AssessmentEvent):
    risk: str
    decision: str

    def sentence(self) -> Any:
        return _("handed the impact assessment in for review: risk %(risk)s, %(decision)s") % {
            "risk": _label(Assessment.Risk, self.risk), "decision": _label(Assessment.Decision, self.decision),
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class AssessmentReviewed(AssessmentEvent):
    ICON, TONE = "check", "good"
    PERSONAL = ("words",)
    state: str
    review_on: str
    words: str = ""

    def sentence(self) -> Any:
        return _("reviewed the impact assessment: %(state)s; looked at again by %(day)s") % {
            "state": _label(Assessment.State, self.state), "day": self.review_on,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class AssessmentSentBack(AssessmentEvent):
    ICON, TONE = "undo", "bad"
    PERSONAL = ("words",)
    words: str = ""

    def sentence(self) -> Any:
        return _("sent the impact assessment back: %(words)s") % {"words": self.words}


@dataclass(frozen=True, kw_only=True)
class AssessmentRevoked(AssessmentEvent):
    ICON, TONE = "x", "bad"
    PERSONAL = ("reason",)
    reason: str = ""

    def sentence(self) -> Any:
        return _("took the impact assessment back: %(reason)s") % {"reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class BreachEvent(Event):
    ICON = "warning"
    drill: bool = False

    def _said(self, words: Any) -> Any:
        return _("[Drill] %(words)s") % {"words": words} if self.drill else words


@dataclass(frozen=True, kw_only=True)
class BreachReported(BreachEvent):
    TONE = "bad"
    what: str
    size: str

    def sentence(self) -> Any:
        values = {"what": _label(Breach.What, self.what), "size": _label(Breach.Size, self.size)}
        return self._said(_("reported a breach of personal data: %(what)s, %(size)s") % values)


@dataclass(frozen=True, kw_only=True)
class BreachDescribed(BreachEvent):
    ICON = "edit"
    fields: list[str]
    size: str

    def sentence(self) -> Any:
        return self._said(_("wrote down more about the breach; %(size)s") % {"size": _label(Breach.Size, self.size)})


@dataclass(frozen=True, kw_only=True)
class BreachNoted(BreachEvent):
    ICON = "edit"
    PERSONAL = ("words",)
    words: str = ""

    def sentence(self) -> Any:
        return self._said(self.words or _("wrote a step down"))


@dataclass(frozen=True, kw_only=True)
class BreachPersonsChosen(BreachEvent):
    """Whom, and how many, each reader sees on the page: as far as they may know of them."""

    ICON = "users"

    def sentence(self) -> Any:
        return self._said(_("chose the affected persons"))


@dataclass(frozen=True, kw_only=True)
class AuthorityTold(BreachEvent):
    ICON = "send"
    late: bool = False

    def sentence(self) -> Any:
        said = _("told the authority of the breach")
        return self._said(said + _(", late") if self.late else said)


@dataclass(frozen=True, kw_only=True)
class PersonsTold(BreachEvent):
    ICON = "send"

    def sentence(self) -> Any:
        return self._said(_("told the persons concerned"))


@dataclass(frozen=True, kw_only=True)
class PersonsSpared(BreachEvent):
    ICON = "policy"
    PERSONAL = ("why",)
    why: str = ""

    def sentence(self) -> Any:
        return self._said(_("wrote down why the persons need not be told: %(why)s") % {"why": self.why})


@dataclass(frozen=True, kw_only=True)
class BreachClosingAsked(BreachEvent):
    def sentence(self) -> Any:
        return self._said(_("asked for the breach to be closed"))


@dataclass(frozen=True, kw_only=True)
class BreachClosed(BreachEvent):
    ICON, TONE = "check", "good"

    def sentence(self) -> Any:
        return self._said(_("reviewed how the breach was handled, and closed it"))


@dataclass(frozen=True, kw_only=True)
class BreachReopened(BreachEvent):
    ICON, TONE = "undo", "bad"
    PERSONAL = ("words",)
    words: str = ""

    def sentence(self) -> Any:
        return self._said(_("did not close the breach yet: %(words)s") % {"words": self.words})
