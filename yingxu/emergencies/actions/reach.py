"""How an affected customer is reached, and the message on its way."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from yingxu.base.access import Actor
from yingxu.base.action import step
from yingxu.customers import queries as customers
from yingxu.needs import actions as needs
from yingxu.needs.models import Need
from yingxu.needs.queries import reach as ways
from yingxu.needs.states import Channel
from yingxu.notices import actions as outbox
from yingxu.notices import queries as notices
from yingxu.notices.models import SmsOut

from ..models import Affected, Told
from ..states import Way

_WRITTEN = {Way.MAIL: "mail", Way.SMS: "sms"}
_ONLINE = (Channel.PORTAL, Channel.WEB)


def way_to(affected: Affected) -> Way:
    """By the channel the need came in, where that leads out at the moment; a customer without a need by mail, else by SMS; else a
    person calls."""
    need = _kept(affected.need)
    if need is None:
        return next((way for way, channel in _WRITTEN.items() if _leads_out(channel) and _address(affected, channel)), Way.CALL)
    if need.channel == Channel.MAIL and _leads_out(Channel.MAIL) and ways.way(need, Channel.MAIL):
        return Way.MAIL
    if need.channel in _ONLINE:
        return Way.PORTAL
    if _leads_out(Channel.SMS) and ways.way(need, Channel.SMS):
        return Way.SMS
    return Way.CALL


def _leads_out(channel: str) -> bool:
    if channel == Channel.MAIL:
        return notices.is_on("mail")
    return notices.sms_out().provider != SmsOut.Provider.RECORDING  # only recorded is not told


def _address(affected: Affected, channel: str) -> str:
    """A customer's own, "" when there is none; of two records that were merged, the one that stayed."""
    found = ways.to_customer(customers.kept(affected.customer).pk, channel) if affected.customer else None
    return found.address if found else ""


def _kept(need: Need | None) -> Need | None:
    """The need itself, or the one it was merged into in the end."""
    while need is not None and need.merged_into_id:
        need = Need.objects.select_related("matter", "contact", "customer").get(pk=need.merged_into_id)
    return need


@step
def send(told: Told, by: Actor) -> None:
    """The message on the need's timeline, where the customer reads it, too; from there it goes out by its channel. Without a need it
    goes straight to the customer's address, and says nothing of the emergency but what was written for them."""
    need = _kept(told.affected.need)
    if need is not None:
        needs.tell(need, by=by, text=told.telling.text, channel=_channel(told))
    elif told.way in _WRITTEN:
        text, matter = told.telling.text, told.telling.emergency.matter
        with override(settings.LANGUAGE_CODE):
            outbox.send(
                channel=_WRITTEN[Way(told.way)], to=_address(told.affected, _channel(told)), subject=_("An important message for you"), body=text,
                matter=matter, entry=told.telling.entry, key=f"emergencies.told:{told.pk}", by=by, urgent=True,
            )  # fmt: skip


def _channel(told: Told) -> str:
    return {Way.PORTAL: Channel.PORTAL, Way.MAIL: Channel.MAIL, Way.SMS: Channel.SMS, Way.CALL: Channel.PHONE}[Way(told.way)]
