"""Saved views: a name for a set of filters."""

from django.utils.translation import gettext as _

from yingxu.base.access import Actor
from yingxu.base.action import check, opens
from yingxu.base.errors import Invalid
from yingxu.base.given import staff, words

from .. import rules
from ..models import SavedView


@opens(rules.VIEW)
def save_view(*, by: Actor, name: str, query: str, team: bool = False) -> SavedView:
    """Keep the list's filters under a name; the same name is replaced. Sharing with the department needs a rule of its own."""
    if team:
        check(rules.MANAGE_VIEWS, by)
    if len(query) > 500:
        raise Invalid(_("These filters are too long to keep."))
    name = words(name, "name", longest=30)
    return SavedView.objects.update_or_create(owner_id=staff(by), name=name, defaults={"query": query, "team": team})[0]


@opens(rules.VIEW)
def delete_view(*, by: Actor, view: SavedView) -> None:
    """Only one's own."""
    SavedView.objects.filter(pk=view.pk, owner_id=staff(by)).delete()
