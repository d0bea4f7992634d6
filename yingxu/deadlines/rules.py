from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Actor, Membership, Rule

from .models import Told


def _told(by: Actor) -> Q:
    return Q(Exists(Told.objects.filter(climb=OuterRef("pk"), users__contains=[by.user_id])))


def _was_told(by: Actor, thing) -> bool:
    return by.user_id is not None and Told.objects.filter(climb_id=thing.pk, users__contains=[by.user_id]).exists()


TOLD = Membership(where=_told, holds=_was_told)  # whoever was told by a rung may take it

MANAGE = Rule("deadlines.manage", _("Set working hours, days off and time limits"), own=(), department=(), secrecy=None, beside="always")
REQUEST_EXTENSION = Rule("deadlines.request_extension", _("Ask for a longer time limit"))
DECIDE_EXTENSION = Rule("deadlines.decide_extension", _("Decide on a longer time limit"))
ACKNOWLEDGE = Rule("deadlines.acknowledge", _("Take what was escalated"), members=(TOLD,), beside="own")
