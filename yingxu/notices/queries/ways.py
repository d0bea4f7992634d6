"""How people want to be told."""

from collections.abc import Iterable

from yingxu.base.access import Actor
from yingxu.people import queries as people
from yingxu.people.models import User

from ..choosing import Wishes
from ..models import Ways


def actor_of(user: User) -> Actor:
    """Who this colleague is at this moment, with what they may see now."""
    return people.actor(user)


def ways_of(users: Iterable[int]) -> dict[int, Wishes]:
    """The wishes of these people; who said nothing has everybody's."""
    wanted = set(users)
    said = {row.user_id: Wishes.of(row) for row in Ways.objects.filter(user_id__in=wanted)}
    return {pk: said.get(pk, Wishes()) for pk in wanted}
