"""Watching counts as own: who was asked to follow a matter may see it (never above the clearance)."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from yingxu.base.access import Actor, Membership
from yingxu.base.kept import kept

from .models import Watcher


def _watched(by: Actor) -> Q:
    return Q(Exists(Watcher.objects.filter(matter_id=OuterRef("matter_id"), user_id=by.user_id)))


def _watches(by: Actor, thing) -> bool:
    return by.user_id is not None and bool(_watching(thing.matter_id, by.user_id))


@kept
def _watching(matter: int, user: int) -> QuerySet:
    return Watcher.objects.filter(matter_id=matter, user_id=user).values("pk")


WATCHING = Membership(where=_watched, holds=_watches)
