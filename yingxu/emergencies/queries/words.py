"""Rows whose matter holds these words."""

from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from yingxu.base import searching


def worded(text: str) -> Q:
    """A filter on rows joined with their matter; nothing when there is no word in the text."""
    query = searching.query(text)
    if not query:
        return Q(pk__in=[])
    return Q(RawSQL("matters_matter.search @@ %s::tsquery", (query,), output_field=BooleanField()))
