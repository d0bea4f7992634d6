"""What happens at the door and to who may do what."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.base.events import Event


@dataclass(frozen=True, kw_only=True)
class SignInsFailed(Event):
    """Wrong passwords for an account, from one or more places; told to its owner by the worker, so that the door takes no longer for
    names that exist."""

    ICON = "lock"
    TONE = "bad"
    user: int
    times: int
    place: str = ""

    def sentence(self) -> str:
        said = {"num": self.times, "place": self.place}
        if not self.place:
            return ngettext("noticed %(num)s failed sign-in to your account", "noticed %(num)s failed sign-ins to your account", self.times) % said
        return ngettext("noticed %(num)s failed sign-in to your account from %(place)s", "noticed %(num)s failed sign-ins to your account from %(place)s", self.times) % said


@dataclass(frozen=True, kw_only=True)
class NewDeviceSignedIn(Event):
    """Somebody signed in with a browser they had not used before."""

    ICON = "lock"
    user: int
    device: str = ""
    place: str = ""

    def sentence(self) -> str:
        device = self.device or _("an unknown device")
        if self.place:
            return _("noticed a sign-in to your account with %(device)s from %(place)s; if it was not you, end the session and change your password") % {"device": device, "place": self.place}
        return _("noticed a sign-in to your account with %(device)s; if it was not you, end the session and change your password") % {"device": device}


@dataclass(frozen=True, kw_only=True)
class SessionsEnded(Event):
    """A person's sessions were ended by somebody who manages people."""

    ICON = "lock"
    user: int
    name: str

    def sentence(self) -> str:
        return _("ended all sessions of %(name)s") % {"name": self.name}


@dataclass(frozen=True, kw_only=True)
class SignInRulesChanged(Event):
    """How strict the door is."""

    ICON = "lock"

    def sentence(self) -> str:
        return _("changed the rules for signing in")


@dataclass(frozen=True, kw_only=True)
class SecondFactorAdded(Event):
    """Somebody took up a second factor."""

    ICON = "lock"
    user: int
    kind: str
    name: str

    def sentence(self) -> str:
        return _("added the second factor “%(name)s”") % {"name": self.name}


@dataclass(frozen=True, kw_only=True)
class SecondFactorRemoved(Event):
    """Somebody gave up a second factor of their own."""

    ICON = "lock"
    user: int
    kind: str
    name: str

    def sentence(self) -> str:
        return _("removed the second factor “%(name)s”") % {"name": self.name}


@dataclass(frozen=True, kw_only=True)
class RecoveryCodesMade(Event):
    """Fresh recovery codes; those before are worth nothing."""

    ICON = "lock"
    user: int

    def sentence(self) -> str:
        return _("made new recovery codes")


@dataclass(frozen=True, kw_only=True)
class RecoveryCodeUsed(Event):
    """Somebody came in with a recovery code; its owner is told."""

    ICON = "lock"
    user: int
    left: int

    def sentence(self) -> str:
        said = ngettext("noticed that a recovery code was used; %(num)s is left", "noticed that a recovery code was used; %(num)s are left", self.left)
        return said % {"num": self.left}


@dataclass(frozen=True, kw_only=True)
class ProviderSignedIn(Event):
    """Somebody came in with an account of a provider."""

    ICON = "lock"
    user: int
    provider: str

    def sentence(self) -> str:
        return _("signed in with %(provider)s") % {"provider": self.provider}


@dataclass(frozen=True, kw_only=True)
class AccountLinked(Event):
    """An account of a provider is somebody's; they are told. `how`: "self", "office" or "email"."""

    ICON = "lock"
    user: int
    name: str
    provider: str
    how: str

    def sentence(self) -> str:
        said = {"name": self.name, "provider": self.provider}
        if self.how != "office":
            return _("noticed that an account of %(provider)s was linked to %(name)s; if it was not you, remove it and change your password") % said
        return _("linked an account of %(provider)s to %(name)s") % said


@dataclass(frozen=True, kw_only=True)
class AccountUnlinked(Event):
    """An account of a provider is nobody's any more."""

    ICON = "lock"
    user: int
    name: str
    provider: str
    how: str = "office"

    def sentence(self) -> str:
        if self.how == "self":
            return _("noticed that the link of %(name)s to %(provider)s was removed") % {"name": self.name, "provider": self.provider}
        return _("removed the link of %(name)s to %(provider)s") % {"name": self.name, "provider": self.provider}


@dataclass(frozen=True, kw_only=True)
class ProviderSwitchedOff(Event):
    """Nobody comes in by a provider any more."""

    ICON = "lock"
    TONE = "bad"
    provider: str

    def sentence(self) -> str:
        return _("switched off signing in with %(provider)s") % {"provider": self.provider}


@dataclass(frozen=True, kw_only=True)
class PasskeySignedIn(Event):
    """Somebody came in with a passkey alone."""

    ICON = "lock"
    user: int
    key: str

    def sentence(self) -> str:
        return _("signed in with the passkey “%(key)s”") % {"key": self.key}


@dataclass(frozen=True, kw_only=True)
class RoleChangeProposed(Event):
    """Somebody who manages people proposes a change of rights; another must agree. `chain` is the approval chain that may sign it, by
    calling `people.actions.settle_role_change(change, agreed=…, by=…)`."""

    ICON = "lock"
    change: int
    kind: str
    name: str = ""
    role: str = ""
    clearance: int | None = None
    why: str = ""
    chain: str = "people.grant"

    def sentence(self) -> str:
        return _("proposed: %(what)s") % {"what": _what(self.kind, self.name, self.role)}


@dataclass(frozen=True, kw_only=True)
class RoleChangeSettled(Event):
    """A change of rights took effect, was refused or withdrawn."""

    ICON = "lock"
    change: int
    kind: str
    outcome: str
    name: str = ""
    role: str = ""
    clearance: int | None = None
    said: str = ""

    def sentence(self) -> str:
        what = {"what": _what(self.kind, self.name, self.role), "why": self.said}
        if self.outcome == "done":
            return _("agreed, and it is in effect: %(what)s") % what
        return (_("refused: %(what)s (%(why)s)") if self.outcome == "refused" else _("withdrew: %(what)s")) % what


def _what(kind: str, name: str, role: str) -> str:
    said = {
        "grant": _("give %(name)s the role “%(role)s”"), "end": _("end the role “%(role)s” of %(name)s"), "rules": _("change the role “%(role)s”"),
        "role": _("make the role “%(role)s”"), "clearance": _("change the clearance of %(name)s"), "back": _("bring %(name)s back with their roles"),
        "provider": _("trust the sign-in provider “%(role)s”"), "link": _("link an account of “%(role)s” to %(name)s"),
    }  # fmt: skip
    return said.get(kind, _("reset the second factor of %(name)s")) % {"name": name, "role": role}
