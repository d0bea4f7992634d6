"""Lists leave the house as files, and the journal says so."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from yingxu.base.access import Actor
from yingxu.base.action import action, check, opens
from yingxu.base.errors import Invalid
from yingxu.matters import actions as matters

from .. import queries, rules
from ..events import EmergenciesExported
from ..models import Emergency, Resource

MOST = 10_000


@opens(rules.EXPORT)
def export(*, by: Actor, wish: queries.Wish) -> list[Emergency]:
    """The emergencies a list shows, for a file."""
    found = list(queries.listed(by, wish)[: MOST + 1])
    _stated(found, by, wish.text, reserves=False)
    return found


@opens(rules.EXPORT)
def export_reserves(*, by: Actor, wish: queries.ReserveWish) -> list[Resource]:
    """The reserves a list shows, for a file."""
    found = list(queries.reserves_listed(by, wish)[: MOST + 1])
    _stated(found, by, wish.text, reserves=True)
    return found


@action(rules.EXPORT)
def export_report(emergency: Emergency, *, by: Actor) -> list[queries.LogLine]:
    """The whole log of one emergency, oldest first, for a file."""
    check(rules.VIEW, by, emergency)
    matters.record(EmergenciesExported(drill=emergency.drill, count=1), on=emergency.matter, by=by)
    matters.exported("emergency", by=by, rows=1, of=[emergency.pk])
    return list(reversed(queries.log(emergency, by, most=MOST)))


def _stated(found: Sequence[Emergency | Resource], by: Actor, words: str, *, reserves: bool) -> None:
    if len(found) > MOST:
        raise Invalid(_("These are more than %(most)s rows. Narrow the list down and export it in parts.") % {"most": f"{MOST:,}"})
    matters.record(EmergenciesExported(count=len(found), reserves=reserves), on=None, by=by)
    matters.exported("reserves" if reserves else "emergencies", by=by, rows=len(found), words=words, of=(row.pk for row in found))
