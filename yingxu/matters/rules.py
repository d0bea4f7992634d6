"""Watching counts as own: who was asked to follow a matter may see it (never above the clearance)."""

from django.db.models import Exists, OuterRef, Q

from yingxu.base.access import Actor, Membership

from .models import Watcher


def _watched(by: Actor) -> Q:
    return Q(Exists(Watcher.objects.filter(matter_id=OuterRef("matter_id"), user_id=by.user_id)))


def _watches(by: Actor, thing) -> bool:
    return by.user_id is not None and Watcher.objects.filter(matter_id=thing.matter_id, user_id=by.user_id).exists()


WATCHING = Membership(where=_watched, holds=_watches)
