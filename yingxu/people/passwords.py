"""How passwords are kept, and what one must be like here."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher, check_password
from django.contrib.auth.password_validation import CommonPasswordValidator, UserAttributeSimilarityValidator
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class Argon2(Argon2PasswordHasher):
    """19 MiB, two passes, one lane (OWASP's minimum for Argon2id); Django's default of 100 MiB is a denial of service."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1


class _Lists:
    """Django's list of 20 000 common passwords, read when it is first needed."""

    @cached_property
    def common(self) -> CommonPasswordValidator:
        return CommonPasswordValidator()


_lists = _Lists()
_like = UserAttributeSimilarityValidator(user_attributes=("username", "name", "email"))


def demands() -> list[str]:
    """What the company asks of a password, a sentence each, for the form."""
    from . import strictness

    asked, length = strictness.asked(), strictness.length()
    said = [ngettext("At least %(num)s character.", "At least %(num)s characters.", length) % {"num": length}]
    if asked.classes:
        said.append(_("At least %(num)s of these: small letters, capitals, digits, signs.") % {"num": asked.classes})
    else:
        said.append(_("A few words in a row are easy to remember and hard to guess."))
    if asked.history:
        said.append(_("None of your last %(num)s passwords.") % {"num": asked.history})
    if asked.max_age_days:
        said.append(_("A new one every %(num)s days.") % {"num": asked.max_age_days})
    return said


def missing(password: str, user: Any, former: Sequence[str]) -> list[str]:
    """What is wrong with a new password, all of it; `former` are the hashes of those before, the newest first."""
    from . import strictness

    asked, length, wrong = strictness.asked(), strictness.length(), []
    if len(password) < length:
        wrong.append(ngettext("It needs %(num)s more character.", "It needs %(num)s more characters.", length - len(password)) % {"num": length - len(password)})
    if classes(password) < asked.classes:
        wrong.append(_("It needs more kinds of characters: small letters, capitals, digits, signs."))
    for validator in (_lists.common, _like):
        try:
            validator.validate(password, user)
        except ValidationError as error:
            wrong += error.messages
    if any(check_password(password, before) for before in former[: asked.history]):
        wrong.append(_("You used it before; choose another one."))
    return wrong


def classes(password: str) -> int:
    """How many kinds of characters are in it: small letters, capitals, digits, anything else."""
    kinds = {unicodedata.category(c) for c in password}
    return sum([("Ll" in kinds), ("Lu" in kinds), ("Nd" in kinds), bool(kinds - {"Ll", "Lu", "Nd"})])
