"""How an affected customer is reached, and the message on its way."""

from yingxu.base.access import Actor
from yingxu.base.action import step
from yingxu.needs import actions as needs
from yingxu.needs.models import Need
from yingxu.needs.queries import reach as ways
from yingxu.needs.states import Channel
from yingxu.notices import queries as notices
from yingxu.notices.models import SmsOut

from ..models import Affected, Told
from ..states import Way

_ONLINE = (Channel.PORTAL, Channel.WEB)


def way_to(affected: Affected) -> Way:
    """By the channel the need came in, where that leads out at the moment; else a person calls."""
    need = _kept(affected.need)
    if need is None:
        return Way.CALL
    if need.channel == Channel.MAIL and notices.is_on("mail") and ways.way(need, Channel.MAIL):
        return Way.MAIL
    if need.channel in _ONLINE:
        return Way.PORTAL
    if notices.sms_out().provider != SmsOut.Provider.RECORDING and ways.way(need, Channel.SMS):  # only recorded is not told
        return Way.SMS
    return Way.CALL


def _kept(need: Need | None) -> Need | None:
    """The need itself, or the one it was merged into in the end."""
    while need is not None and need.merged_into_id:
        need = Need.objects.select_related("matter", "contact", "customer").get(pk=need.merged_into_id)
    return need


@step
def send(told: Told, by: Actor) -> None:
    """The message on the need's timeline, where the customer reads it, too; from there it goes out by its channel."""
    need = _kept(told.affected.need)
    if need is not None:
        needs.tell(need, by=by, text=told.telling.text, channel=_channel(told))


def _channel(told: Told) -> str:
    return {Way.PORTAL: Channel.PORTAL, Way.MAIL: Channel.MAIL, Way.SMS: Channel.SMS, Way.CALL: Channel.PHONE}[Way(told.way)]
