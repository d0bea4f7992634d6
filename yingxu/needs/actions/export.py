"""A list of needs leaves the house as a file."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from yingxu.approvals import actions as approvals
from yingxu.base.access import Actor
from yingxu.base.action import opens
from yingxu.base.errors import Invalid
from yingxu.matters import actions as matters

from .. import rules
from ..events import NeedsExported
from ..queries import Filters, rows

MOST = 10_000


@opens(rules.EXPORT)
def export(*, by: Actor, filters: Filters, numbers: Iterable[str] = (), query: str = "") -> list[dict]:
    """The rows of a list (or those of it with these numbers), in its order, and a line in the journal that says they left."""
    numbers = list(numbers)
    found = list(rows.to_export(by, filters, numbers)[: MOST + 1])
    if len(found) > MOST:
        raise Invalid(_("These are more than %(most)s needs. Narrow the list down and export it in parts.") % {"most": f"{MOST:,}"})
    approvals.second_person(by=by, listed="needs", name=_("Needs"), rows=len(found), asked=" ".join([query, *sorted(numbers)]))
    matters.record(NeedsExported(count=len(found), query=query[:500]), on=None, by=by)
    matters.exported("needs", by=by, rows=len(found), words=query, of=(row["matter_id"] for row in found))
    return found
