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
