"""Translations looked up once: the same functions as Django's, but remembered by language, since a page asks for hundreds.

Also here: sentences of Django's own forms that we say in our words; the catalogue of this room translates them for everybody.
"""

from functools import lru_cache

from django.utils import translation
from django.utils.translation import get_language, gettext_noop, ngettext_lazy


def gettext(message: str) -> str:
    return _gettext(get_language(), message)


def pgettext(context: str, message: str) -> str:
    return _pgettext(get_language(), context, message)


def ngettext(singular: str, plural: str, number: int) -> str:
    return _ngettext(get_language(), singular, plural, number)


def npgettext(context: str, singular: str, plural: str, number: int) -> str:
    return _npgettext(get_language(), context, singular, plural, number)


@lru_cache(maxsize=16_384)
def _gettext(language: str | None, message: str) -> str:
    return translation.gettext(message)


@lru_cache(maxsize=4_096)
def _pgettext(language: str | None, context: str, message: str) -> str:
    return translation.pgettext(context, message)


@lru_cache(maxsize=4_096)
def _ngettext(language: str | None, singular: str, plural: str, number: int) -> str:
    return translation.ngettext(singular, plural, number)


@lru_cache(maxsize=4_096)
def _npgettext(language: str | None, context: str, singular: str, plural: str, number: int) -> str:
    return translation.npgettext(context, singular, plural, number)


FORMS = (
    gettext_noop("This field is required."),
    gettext_noop("Enter a number."),
    gettext_noop("Enter a whole number."),
    gettext_noop("Enter a valid date."),
    gettext_noop("Enter a valid time."),
    gettext_noop("Enter a valid date/time."),
    gettext_noop("Enter a valid email address."),
    gettext_noop("Enter a valid value."),
    gettext_noop("Enter a valid URL."),
    gettext_noop("Ensure this value is less than or equal to %(limit_value)s."),
    gettext_noop("Ensure this value is greater than or equal to %(limit_value)s."),
    gettext_noop("Select a valid choice. That choice is not one of the available choices."),
    gettext_noop("Select a valid choice. %(value)s is not one of the available choices."),
    gettext_noop("No file was submitted. Check the encoding type on the form."),
    gettext_noop("No file was submitted."),
    gettext_noop("The submitted file is empty."),
    ngettext_lazy(
        "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
        "limit_value",
    ),
    ngettext_lazy(
        "Ensure this value has at least %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at least %(limit_value)d characters (it has %(show_value)d).",
        "limit_value",
    ),
)
