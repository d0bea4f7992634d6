"""How we refuse: each refusal is a sentence for the person who was refused, and a status every surface agrees on."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """A request we do not carry out. `message` is a translated sentence, `code` a stable word for the API."""

    status = 400
    code = "refused"

    def __init__(self, message: Any, *, code: str | None = None, fields: Mapping[str, list[Any]] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.fields = dict(fields or {})

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(Refusal):
    """The person may know the thing exists, but the named rule does not let them do this."""

    status = 403
    code = "not_allowed"


class WrongMoment(Refusal):
    """The thing is not in a state where this can be done."""

    status = 409
    code = "wrong_moment"


class Stale(Refusal):
    """Somebody else changed the same thing first. `theirs` maps a field to (their value, your value)."""

    status = 409
    code = "stale"

    def __init__(self, message: Any, *, theirs: Mapping[str, tuple[Any, Any]]) -> None:
        super().__init__(message)
        self.theirs = dict(theirs)


class Invalid(Refusal):
    """What was given cannot be kept; `fields` says which parts and why."""

    status = 422
    code = "invalid"

    @classmethod
    def field(cls, name: str, message: Any) -> "Invalid":
        return cls(message, fields={name: [message]})


class Gone(Refusal):
    """The thing cannot be found by this person: absent and unseen look the same."""

    status = 404
    code = "not_found"

    def __init__(self, message: Any = _("There is nothing here that you can open.")) -> None:
        super().__init__(message)


class Unsaid(Refusal):
    """Not before the person has said what the look is for: `ask` is the page that asks and then leads on to where they were going."""

    status = 409
    code = "unsaid"

    def __init__(self, message: Any, *, ask: str) -> None:
        super().__init__(message)
        self.ask = ask


class Deferred(Refusal):
    """Not before something else: `begin` starts that, once nothing of the verb is kept any more, and answers with the address where it
    goes on."""

    status = 409
    code = "deferred"

    def __init__(self, message: Any, *, begin: Callable[[], str]) -> None:
        super().__init__(message)
        self.begin = begin
