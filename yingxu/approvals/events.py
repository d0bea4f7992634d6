"""What is stated about requests, on the timeline of their matter if they have one. Sentences name the chain and never the subject, since
they are read in mails too; the subject and the title are among the personal facts."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.base.events import Event


@dataclass(frozen=True, kw_only=True)
class ApprovalEvent(Event):
    """`request` is the row, `chain` its code, `name` what the chain was called, `round` which."""

    ICON = "stamp"
    PERSONAL: ClassVar[tuple[str, ...]] = ("title",)
    request: int
    chain: str
    name: str
    round: int = 1
    title: str = ""
    above: int = 0  # the level of what it is about, where its matter's is lower


@dataclass(frozen=True, kw_only=True)
class Settled(ApprovalEvent):
    """How a request, or one of its rounds, ended; `subject` is the snapshot that was signed, `digest` its SHA-256."""

    PERSONAL = ("title", "subject", "reason")
    subject: dict[str, Any] = field(default_factory=dict)
    digest: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ApprovalAsked(ApprovalEvent):
    step: int = 1
    to: tuple[str, ...] = ()

    def sentence(self) -> str:
        if self.round > 1:
            return _("asks again for a signature (%(chain)s, round %(round)s) from %(names)s") % {
                "chain": self.name, "round": self.round, "names": _names(self.to),
            }  # fmt: skip
        return _("asks for a signature (%(chain)s) from %(names)s") % {"chain": self.name, "names": _names(self.to)}


@dataclass(frozen=True, kw_only=True)
class ApprovalPassedOn(ApprovalEvent):
    step: int
    to: tuple[str, ...] = ()

    def sentence(self) -> str:
        return _("%(chain)s waits for the next signature, from %(names)s") % {"chain": self.name, "names": _names(self.to)}


@dataclass(frozen=True, kw_only=True)
class ApprovalSigned(ApprovalEvent):
    PERSONAL = ("title", "words")
    step: int
    instead: str = ""  # for whom, where a deputy signed
    words: str = ""

    def sentence(self) -> str:
        said = _("signed (%(chain)s) for %(name)s") % {"chain": self.name, "name": self.instead} if self.instead else _("signed (%(chain)s)") % {"chain": self.name}
        return _with(said, self.words)


@dataclass(frozen=True, kw_only=True)
class ApprovalGranted(Settled):
    TONE = "good"

    def sentence(self) -> str:
        return _("%(chain)s is approved: every signature is there") % {"chain": self.name}


@dataclass(frozen=True, kw_only=True)
class ApprovalRefused(Settled):
    TONE = "bad"
    instead: str = ""

    def sentence(self) -> str:
        return _with(_("did not approve (%(chain)s)") % {"chain": self.name}, self.reason)


@dataclass(frozen=True, kw_only=True)
class ApprovalSentBack(Settled):
    ICON, TONE = "undo", "bad"
    instead: str = ""

    def sentence(self) -> str:
        return _with(_("sent it back to be changed (%(chain)s)") % {"chain": self.name}, self.reason)


@dataclass(frozen=True, kw_only=True)
class ApprovalWithdrawn(Settled):
    ICON = "x"

    def sentence(self) -> str:
        return _with(_("withdrew the request (%(chain)s)") % {"chain": self.name}, self.reason)


@dataclass(frozen=True, kw_only=True)
class ApprovalLapsed(Settled):
    ICON = "clock"

    def sentence(self) -> str:
        return _with(_("The request (%(chain)s) lapsed") % {"chain": self.name}, self.reason)


@dataclass(frozen=True, kw_only=True)
class ApproverAdded(ApprovalEvent):
    """`where`: before, beside or after the step that is open."""

    PERSONAL = ("title", "reason")
    ICON = "users"
    to: str
    where: str
    reason: str

    def sentence(self) -> str:
        words = {"before": _("before"), "beside": _("beside"), "after": _("after")}
        return _("added %(name)s as signer %(where)s the present step (%(chain)s): %(reason)s") % {
            "name": self.to, "where": words.get(self.where, self.where), "chain": self.name, "reason": self.reason,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ApprovalDelegated(ApprovalEvent):
    PERSONAL = ("title", "reason")
    ICON = "users"
    to: str
    reason: str

    def sentence(self) -> str:
        return _("handed the signature (%(chain)s) on to %(name)s: %(reason)s") % {"name": self.to, "chain": self.name, "reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class SignerLeft(ApprovalEvent):
    """Somebody asked can no longer sign: gone, without the role, or no longer allowed to see."""

    ICON = "users"
    who: tuple[str, ...] = ()

    def sentence(self) -> str:
        return _("%(names)s can no longer sign (%(chain)s)") % {"names": _names(self.who), "chain": self.name}


@dataclass(frozen=True, kw_only=True)
class ApprovalVacant(ApprovalEvent):
    """Nobody can sign the step: it stands until somebody can."""

    ICON, TONE, NOTICE = "warning", "bad", "clock"
    step: int
    step_name: str = ""

    def sentence(self) -> str:
        return _("%(chain)s stands still: nobody can sign “%(step)s”. Give the role to somebody, or change the chain.") % {
            "chain": self.name, "step": self.step_name,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ApprovalDue(ApprovalEvent):
    ICON, NOTICE = "clock", "clock"
    step: int
    due_at: datetime | str

    def sentence(self) -> str:
        return _("A signature (%(chain)s) is due %(due)s") % {"chain": self.name, "due": _moment(self.due_at)}


@dataclass(frozen=True, kw_only=True)
class ApprovalLate(ApprovalEvent):
    """`rung` of the ladder that was told; 0 when those asked were told."""

    ICON, TONE, NOTICE = "warning", "bad", "clock"
    step: int
    due_at: datetime | str
    rung: int = 0
    waiting: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    def sentence(self) -> str:
        said = _("A signature (%(chain)s) is late: it was due %(due)s (%(names)s)") % {
            "chain": self.name, "due": _moment(self.due_at), "names": _names(self.waiting),
        }  # fmt: skip
        return said + _(", told to %(names)s") % {"names": _names(self.told)} if self.told else said


@dataclass(frozen=True, kw_only=True)
class DeputyNamed(Event):
    PERSONAL = ("reason",)
    ICON = "users"
    deputy: int
    user: str
    to: str
    begins_at: datetime | str
    ends_at: datetime | str
    reason: str = ""

    def sentence(self) -> str:
        return _("named %(name)s deputy of %(user)s for signatures, %(start)s to %(end)s") % {
            "name": self.to, "user": self.user, "start": _moment(self.begins_at), "end": _moment(self.ends_at),
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class DeputyEnded(Event):
    ICON = "users"
    deputy: int
    user: str
    to: str

    def sentence(self) -> str:
        return _("ended that %(name)s signs for %(user)s") % {"name": self.to, "user": self.user}


@dataclass(frozen=True, kw_only=True)
class ChainChanged(Event):
    ICON = "settings"
    chain: str
    name: str
    was: str = ""
    now: str = ""

    def sentence(self) -> str:
        return _("changed the approval chain “%(chain)s”") % {"chain": self.name}


@dataclass(frozen=True, kw_only=True)
class ApprovalsExported(Event):
    """A list left the house as a file."""

    ICON = "download"
    count: int

    def sentence(self) -> str:
        return ngettext("exported %(count)s approval", "exported %(count)s approvals", self.count) % {"count": self.count}


def _names(names: Any) -> str:
    return "、".join(names) or _("nobody yet")


def _with(said: str, words: str) -> str:
    return f"{said}：{words}" if words else said


def _moment(value: datetime | str) -> str:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")
