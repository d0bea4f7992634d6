"""Needs as the personal data of a customer: what a copy of it holds, and when it has been kept long enough (P3, P4)."""

from datetime import datetime

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from yingxu.matters.models import Matter, Note
from yingxu.privacy.copies import Sheet

from ..models import Need


def copy_of(customer: Matter) -> list[Sheet]:
    """The needs of the customer with this file and the words both sides said, for a copy of their data. What colleagues wrote to each
    other is not in it."""
    needs = Need.objects.filter(customer=customer.pk).select_related("matter").order_by("matter_id")
    rows = [(n.matter.number, n.matter.title, n.raised_at, n.get_channel_display(), n.body, n.get_state_display(), n.matter.closed_at) for n in needs]
    notes = Note.objects.filter(matter__in=[n.pk for n in needs]).exclude(voice=Note.Voice.INTERNAL).select_related("matter").order_by("at", "id")
    return [
        Sheet(_("Needs"), [_("Number"), _("Subject"), _("Raised"), _("Channel"), _("Words"), _("State"), _("Ended")], rows),
        Sheet(_("Conversation"), [_("Number"), _("When"), _("Direction"), _("Words")], [(n.matter.number, n.at, n.get_voice_display(), n.body) for n in notes]),
    ]


def ended_before(moment: datetime) -> QuerySet[Matter]:
    """Matters of needs that ended before a moment."""
    return Matter.objects.filter(kind="need", closed_at__lt=moment).annotate(ended=F("closed_at"))
