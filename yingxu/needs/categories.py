"""What the four categories are called here: in the company's own words; where it kept ours, in the reader's language."""

from functools import cache
from typing import Any

from django.conf import settings
from django.utils import translation

from yingxu.templates import queries as record_templates

from .states import Category


def label(category: str, own: str = "") -> Any:
    """The word for a category whose text says `own`."""
    return Category(category).label if category in Category and own in ("", _ours(category)) else own


def names() -> dict[str, Any]:
    """Category → its word."""
    return {c.value: c.label for c in Category} | {c.category: label(c.category, c.label) for c in record_templates.categories()}


@cache
def _ours(category: str) -> str:
    """Our word in the language of the installation, in which packs are written."""
    with translation.override(settings.LANGUAGE_CODE):
        return str(Category(category).label)
