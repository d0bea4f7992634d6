"""The messages we send by SMS. A provider approves each template before it may be used and calls it by a code of its own; the words
here are what we ask it to approve, and what the recording provider shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Template:
    """Words with named places, and the names in the order of the words."""

    key: str
    title: Any
    words: Any
    names: tuple[str, ...]

    def say(self, params: Mapping[str, str]) -> str:
        return str(self.words) % {name: params.get(name, "") for name in self.names}

    @property
    def shown(self) -> str:
        """The words with their places, as providers write them."""
        return self.say({name: f"${{{name}}}" for name in self.names})


TEMPLATES: dict[str, Template] = {
    found.key: found
    for found in (
        Template("staff_notice", _("A notice to a colleague"), _("Notice: %(what)s, %(number)s. Sign in to read it."), ("what", "number")),
        Template(
            "staff_emergency", _("An emergency, to a colleague"), _("EMERGENCY %(number)s: sign in and acknowledge at once."), ("number",)
        ),
        Template("customer_update", _("News for a customer"), _("About your need %(number)s: %(words)s"), ("number", "words")),
        Template("customer_question", _("A question to a customer"), _("We have a question about your need %(number)s. Please answer it on our page."), ("number",)),
        Template("tracking_code", _("Number and code for the portal"), _("Your need has the number %(number)s, your code is %(code)s."), ("number", "code")),
    )
}  # fmt: skip
