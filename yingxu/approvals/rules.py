"""Who may see and sign requests.

A request is seen by who asks, by who is or was asked, by deputies of those who are asked now, and by whom the rule's reach lets; all of
them only while they may see the matter it is about (queries.visible_to adds that; it is no matter of reach).
"""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from yingxu.base import clock
from yingxu.base.access import Actor, Membership, Rule

from .models import Deputy, Request, Seat


def standing_for(by: Actor) -> Q:
    """Deputies' rows that hold now and let this person sign for somebody."""
    now = clock.now()
    return Q(deputy_id=by.user_id, begins_at__lte=now, ends_at__gt=now, ended_at=None)


def _seats(by: Actor):
    """The seats that are this person's: their own, those they signed, and those waiting of whom they stand for."""
    absent = Deputy.objects.filter(standing_for(by)).values("user_id")
    mine = Q(user_id=by.user_id) | Q(signed_by_id=by.user_id) | Q(state=Seat.State.WAITING, user_id__in=absent)
    return Seat.objects.filter(mine)


def _seated(by: Actor) -> Q:
    return Q(pk__in=[]) if by.user_id is None else Q(Exists(_seats(by).filter(request=OuterRef("pk"))))


def _sits(by: Actor, request: Request) -> bool:
    return by.user_id is not None and _seats(by).filter(request=request).exists()


SEATED = Membership(where=_seated, holds=_sits)
VIEW = Rule("approvals.view", _("See approvals"), own=("asked_by_id",), members=(SEATED,), department=("matter.department_id",), secrecy=None, beside="own")
SIGN = Rule("approvals.sign", _("Sign what one is asked to sign"), own=(), members=(SEATED,), department=(), secrecy=None, beside="own")
ASK = Rule("approvals.ask", _("Withdraw one's own requests and ask again"), own=("asked_by_id",), department=(), secrecy=None, beside="own")
DEPUTISE = Rule("approvals.deputise", _("Name a deputy for an absence"), own=("user_id",), department=(), secrecy=None, beside="own")
EXPORT = Rule("approvals.export", _("Export lists of approvals"), own=(), department=(), secrecy=None)
MANAGE = Rule("approvals.manage", _("Set up approval chains"), own=(), department=(), secrecy=None, beside="always")
