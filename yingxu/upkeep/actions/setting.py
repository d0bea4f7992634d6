"""What is set, and lists that leave the house."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from yingxu.base.access import Actor
from yingxu.base.action import opens
from yingxu.base.errors import Invalid
from yingxu.customers.models import Customer
from yingxu.matters.actions import exported, record

from .. import queries, rules
from ..events import ListExported, UpkeepSet
from ..fields import known
from ..models import Check, News, Report, Round, Settings

MOST = 20_000
SPANS = {"quarter_days": 60, "week_most": 500, "entry_days": 30, "update_days": 30}


@opens(rules.SET)
def set_upkeep(*, by: Actor, **values: Any) -> Settings:
    """Set fields, grades and days; what is not given stays. It holds from the next round on. Raises Invalid naming each."""
    row, names = queries.settings(), known()
    was = queries.spoken(row) if Settings.objects.filter(pk=1).exists() else ""
    wrong = {key: [_("There is no such field.")] for key in ("quarter_fields", "week_fields") if set(values.get(key, ())) - set(names)}
    wrong |= {key: [_("From 1 to %(most)s.") % {"most": most}] for key, most in SPANS.items() if key in values and not 1 <= values[key] <= most}
    if wrong:
        raise Invalid(_("Not saved: look at the marked fields."), fields=wrong)
    _keep(row, values)
    if (now := queries.spoken(row)) != was:
        record(UpkeepSet(was=was, now=now), on=None, by=by)
    return row


def install(rows: Mapping[str, Mapping[str, Any]], *, by: Actor) -> None:
    """Make it what a policy pack says ({"upkeep": …}); installing the same twice changes nothing. Fields that files do not have stay on no
    list."""
    if not (given := rows.get("upkeep")):
        return
    row = queries.settings()
    was = queries.spoken(row) if Settings.objects.filter(pk=1).exists() else ""
    _keep(row, given)
    if (now := queries.spoken(row)) != was:
        record(UpkeepSet(was=was, now=now), on=None, by=by)


def _keep(row: Settings, values: Mapping[str, Any]) -> None:
    for key in queries.setting.KEYS:
        if key in values:
            setattr(row, key, list(values[key]) if isinstance(values[key], list | tuple) else values[key])
    row.save()


@opens(rules.EXPORT)
def export_round(one: Round, *, by: Actor) -> list[Check]:
    """Every row of a round the actor may see, for a file; stated in the journal."""
    return _counted(queries.rounds.to_export(one, by), "rounds", by, lambda row: row.customer_id)


@opens(rules.EXPORT)
def export_reports(*, by: Actor, wish: queries.reports.Wish) -> list[Report]:
    """The reports a list shows, for a file; stated in the journal."""
    return _counted(queries.reports.matching(by, wish), "reports", by, lambda row: row.pk)


@opens(rules.EXPORT)
def export_news(*, by: Actor, part: str) -> list[News]:
    """What was learned, as a list shows it, for a file; stated in the journal."""
    if part not in queries.news.PARTS:
        raise Invalid(_("This list has no such filter."), code="filter")
    return _counted(queries.news.visible_to(by).filter(queries.news.part(part)), "news", by, lambda row: row.customer_id)


@opens(rules.EXPORT)
def export_cards(*, by: Actor, owner: int | None = None, text: str = "") -> list[Customer]:
    """The customers of a list of cards, for a file; stated in the journal."""
    return _counted(queries.cards.matching(by, owner=owner, text=text), "cards", by, lambda row: row.pk)


def _counted(rows: Any, what: str, by: Actor, key: Any) -> list:
    found = list(rows[: MOST + 1])
    if len(found) > MOST:
        raise Invalid(_("This is more than %(n)s rows; narrow it down with the filters.") % {"n": MOST})
    record(ListExported(what=what, count=len(found)), on=None, by=by)
    exported(f"upkeep.{what}", by=by, rows=len(found), of={key(row) for row in found})
    return found
