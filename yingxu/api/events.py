"""What is stated about tokens; the secret never is."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from yingxu.base.events import Event


@dataclass(frozen=True, kw_only=True)
class TokenMade(Event):
    ICON = "lock"
    token: int
    name: str
    user: str
    scopes: list[str]

    def sentence(self):
        return _("made the API token “%(name)s” acting for %(user)s") % {"name": self.name, "user": self.user}


@dataclass(frozen=True, kw_only=True)
class TokenRevoked(Event):
    ICON = "x"
    token: int
    name: str

    def sentence(self):
        return _("revoked the API token “%(name)s”") % {"name": self.name}


@dataclass(frozen=True, kw_only=True)
class EndpointMade(Event):
    """`shown` is the address without what may be a secret in it."""

    ICON = "link"
    endpoint: int
    name: str
    shown: str
    recipient: str
    events: int

    def sentence(self):
        return _("made the webhook “%(name)s” to %(shown)s (%(recipient)s), %(events)s events") % {
            "name": self.name, "shown": self.shown, "recipient": self.recipient, "events": self.events,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class EndpointChanged(Event):
    """`fields` are the names of what changed."""

    ICON = "edit"
    endpoint: int
    name: str
    fields: list[str]

    def sentence(self):
        return _("changed the webhook “%(name)s”") % {"name": self.name}


@dataclass(frozen=True, kw_only=True)
class EndpointPaused(Event):
    """`why` is a person, days of failure, an answer that says it is gone, or that the person it acts for has left."""

    ICON, TONE = "pause", "bad"
    endpoint: int
    name: str
    why: str

    def sentence(self):
        return {
            "failing": _("paused the webhook “%(name)s”: it has failed for three days"),
            "gone": _("paused the webhook “%(name)s”: the receiver answered that it is gone"),
            "left": _("paused the webhook “%(name)s”: the person it acts for has left"),
        }.get(self.why, _("paused the webhook “%(name)s”")) % {"name": self.name}


@dataclass(frozen=True, kw_only=True)
class EndpointFailing(Event):
    """Said once when an endpoint has failed several times in a row."""

    ICON, TONE = "warning", "bad"
    endpoint: int
    name: str
    failures: int

    def sentence(self):
        return _("the webhook “%(name)s” has failed %(failures)s times in a row") % {"name": self.name, "failures": self.failures}


@dataclass(frozen=True, kw_only=True)
class EndpointResumed(Event):
    ICON = "refresh"
    endpoint: int
    name: str

    def sentence(self):
        return _("let the webhook “%(name)s” go on") % {"name": self.name}


@dataclass(frozen=True, kw_only=True)
class EndpointDeleted(Event):
    ICON = "x"
    endpoint: int
    name: str

    def sentence(self):
        return _("deleted the webhook “%(name)s”") % {"name": self.name}


@dataclass(frozen=True, kw_only=True)
class EndpointRestored(Event):
    ICON = "undo"
    endpoint: int
    name: str

    def sentence(self):
        return _("brought the webhook “%(name)s” back") % {"name": self.name}


@dataclass(frozen=True, kw_only=True)
class EndpointSecretRotated(Event):
    ICON = "lock"
    endpoint: int
    name: str
    hours: int

    def sentence(self):
        if not self.hours:
            return _("gave the webhook “%(name)s” a new secret; the old one ended at once") % {"name": self.name}
        return _("gave the webhook “%(name)s” a new secret; the old one signs for %(hours)s more hours") % {"name": self.name, "hours": self.hours}


@dataclass(frozen=True, kw_only=True)
class EndpointReplayed(Event):
    """`count` deliveries are sent once more."""

    ICON = "refresh"
    endpoint: int
    name: str
    count: int

    def sentence(self):
        return _("sent %(count)s deliveries of the webhook “%(name)s” once more") % {"count": self.count, "name": self.name}
