"""The facts the portal can state."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from yingxu.base.events import Event


@dataclass(frozen=True, kw_only=True)
class CodeIssued(Event):
    ICON = "lock"

    def sentence(self):
        return _("gave the customer a new tracking code")


@dataclass(frozen=True, kw_only=True)
class MailAcknowledged(Event):
    ICON = "mail"

    def sentence(self):
        return _("acknowledged the mail, with number and tracking code")
