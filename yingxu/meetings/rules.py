"""Who may call meetings, run them and see them. Whoever is invited sees the meeting, and so does who has to do what it decided."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Actor, Membership, Rule
from yingxu.matters.queries import may_see, seen_by
from yingxu.tasks.rules import HOLDING

from .models import Attendee, Purpose

OPEN = (Purpose.COORDINATION, Purpose.EMERGENCY)


def _invited(by: Actor) -> Q:
    return Q(Exists(Attendee.objects.filter(meeting_id=OuterRef("matter_id"), user_id=by.user_id)))


def _is_invited(by: Actor, meeting) -> bool:
    return by.user_id is not None and Attendee.objects.filter(meeting_id=meeting.matter_id, user_id=by.user_id).exists()


def _of_seen_matter(by: Actor) -> Q:
    return Q(purpose__in=OPEN) & seen_by(by, "about_id", without="meeting")


def _is_of_seen_matter(by: Actor, meeting) -> bool:
    return meeting.about_id is not None and meeting.purpose in OPEN and may_see(by, meeting.about)


INVITED = Membership(where=_invited, holds=_is_invited)
# who may see a need or an emergency sees what was agreed about it; what management talks about is for those invited
OF_SEEN_MATTER = Membership(where=_of_seen_matter, holds=_is_of_seen_matter)
OWN = ("matter.owner_id", "called_by_id")

VIEW = Rule("meetings.view", _("See meetings"), own=OWN, members=(INVITED, *HOLDING, OF_SEEN_MATTER), reading=True, beside="own")
CALL = Rule("meetings.call", _("Call a meeting"), own=(), department=(), secrecy=None)
LEAD = Rule("meetings.lead", _("Run a meeting: time, minutes, decisions"), own=OWN)
ANSWER = Rule("meetings.answer", _("Answer an invitation"), own=(), members=(INVITED,), department=(), beside="own")
