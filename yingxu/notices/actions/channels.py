"""Setting up the ways out. Secrets are sealed and never shown again; an empty secret keeps the one there is."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import time
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from yingxu.base import addresses as outward
from yingxu.base import crypto, outlets
from yingxu.base.access import Actor
from yingxu.base.action import action, opens
from yingxu.base.errors import Invalid
from yingxu.matters.actions import record
from yingxu.people.models import Department

from .. import addresses, queries, rules, smtp
from ..chat.robots import ROBOTS
from ..events import ChannelChanged, RobotChanged
from ..models import Channel, Delivery, MailOut, Outgoing, Robot, SmsOut, SmsTemplate
from ..sms.templates import TEMPLATES


@opens(rules.MANAGE)
def set_common(*, by: Actor, address: str, daily_at: time) -> Outgoing:
    """Where people reach us, for links, and when the day's messages leave."""
    parts = urlsplit(address)
    if address and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
        raise Invalid.field("address", _("Write a whole address: https://host/path."))
    row = queries.common()
    row.address, row.daily_at = address.rstrip("/"), daily_at
    row.save()
    record(ChannelChanged(channel="common", on=True), on=None, by=by)
    return row


@opens(rules.MANAGE)
def set_mail(
    *, by: Actor, on: bool, host: str, port: int, security: str, username: str, password: str, from_address: str, from_name: str,
    reply_address: str, party: str = "",
) -> MailOut:  # fmt: skip
    """The company's mail server. Switched off, what waits is held. One on another machine needs its `party` in the register of recipients,
    be it our own."""
    row = queries.mail_out()
    host = host.strip()
    if on and not (host and from_address):
        raise Invalid.field("on", _("Give the server and the address mails come from first."))
    if security == MailOut.Security.NONE and not smtp.is_here(host):
        raise Invalid.field("security", _("Without encryption only a mail server on this machine is used."))
    row.from_address = _mail_address("from_address", from_address)
    row.reply_address = _mail_address("reply_address", reply_address)
    if "+" in (row.reply_address or row.from_address).partition("@")[0]:
        raise Invalid.field("reply_address", _("The address replies come to gets a + of its own; give it without one."))
    row.on, row.host, row.port, row.security = on, host, port, security
    row.username, row.from_name = username.strip(), " ".join(from_name.split())
    if password:
        row.sealed_password = crypto.seal(password, MailOut.SEALED)
    row.save()
    _for_somebody("mail", party, by, needed=on and not smtp.is_here(host))
    if not on:
        _hold(Channel.MAIL)
    record(ChannelChanged(channel=Channel.MAIL, on=on), on=None, by=by)
    return row


def _mail_address(field: str, given: str) -> str:
    try:
        return addresses.clean(Channel.MAIL, given) if given.strip() else ""
    except Invalid as wrong:
        raise Invalid.field(field, wrong.message) from None


def _hold(channel: str, *, robot: Robot | None = None) -> None:
    rows = Delivery.objects.filter(channel=channel, state=Delivery.State.WAITING)
    rows = rows.filter(robot=robot) if robot else rows
    rows.update(state=Delivery.State.HELD, error=_("This way was switched off."))


@opens(rules.MANAGE)
def set_sms(*, by: Actor, provider: str, key_id: str, secret: str, sign_name: str, app_id: str, region: str, party: str = "") -> SmsOut:
    """The SMS provider, or none: then SMS are only recorded. A provider gets numbers and words of people, so its `party` in the register
    of recipients is named first."""
    row = queries.sms_out()
    row.provider, row.key_id, row.sign_name = provider, key_id.strip(), sign_name.strip()
    row.app_id, row.region = app_id.strip(), region.strip()
    if secret:
        row.sealed_secret = crypto.seal(secret.strip(), SmsOut.SEALED)
    if provider != SmsOut.Provider.RECORDING:
        for name in ("key_id", "sign_name", *(("app_id", "region") if provider == SmsOut.Provider.TENCENT else ())):
            if not getattr(row, name):
                raise Invalid.field(name, _("The provider asks for this."))
        if not row.sealed_secret:
            raise Invalid.field("secret", _("The provider asks for this."))
    row.save()
    _for_somebody("sms", party, by, needed=provider != SmsOut.Provider.RECORDING)
    record(ChannelChanged(channel=Channel.SMS, on=provider != SmsOut.Provider.RECORDING), on=None, by=by)
    return row


@opens(rules.MANAGE)
def set_sms_templates(*, by: Actor, codes: Mapping[str, str], orders: Mapping[str, Sequence[str]]) -> None:
    """What the provider calls our templates, and in which order it wants the values."""
    for key, template in TEMPLATES.items():
        order = list(orders.get(key) or template.names)
        if sorted(order) != sorted(template.names):
            raise Invalid.field(f"order.{key}", _("The order must name each of these once: %(names)s") % {"names": "、".join(template.names)})
        values: dict[str, Any] = {"code": codes.get(key, "").strip()[:40], "names": order}
        SmsTemplate.objects.update_or_create(key=key, defaults=values)
    record(ChannelChanged(channel=Channel.SMS, on=queries.sms_out().provider != SmsOut.Provider.RECORDING), on=None, by=by)


@opens(rules.MANAGE)
def add_robot(
    *, by: Actor, name: str, channel: str, url: str, secret: str = "", departments: Iterable[Department] = (), kinds: Sequence[str] = (),
    party: str = "",
) -> Robot:  # fmt: skip
    """A group robot; it begins switched on when its `party` in the register of recipients is named, else off until it is."""
    made = Robot(name=_named(name), channel=channel, kinds=list(kinds), on=bool(party))
    made.sealed_url = crypto.seal(_called(channel, url), Robot.SEALED)
    made.sealed_secret = crypto.seal(secret.strip(), Robot.SEALED) if secret.strip() else ""
    made.save()
    made.departments.set(departments)
    _for_somebody(f"robot:{made.pk}", party, by, needed=bool(party))
    record(RobotChanged(robot=made.pk, name=made.name, how="added"), on=None, by=by)
    return made


@action(rules.MANAGE)
def edit_robot(
    robot: Robot, *, by: Actor, name: str, url: str, secret: str, departments: Iterable[Department], kinds: Sequence[str],
    party: str = "",
) -> Robot:  # fmt: skip
    """Another name, group or reach. Empty address and secret keep what there is."""
    robot.name, robot.kinds = _named(name), list(kinds)
    if url.strip():
        robot.sealed_url = crypto.seal(_called(robot.channel, url), Robot.SEALED)
    if secret.strip():
        robot.sealed_secret = crypto.seal(secret.strip(), Robot.SEALED)
    robot.stumbles, robot.rest_until = 0, None
    robot.save()
    robot.departments.set(departments)
    _for_somebody(f"robot:{robot.pk}", party, by, needed=robot.on)
    record(RobotChanged(robot=robot.pk, name=robot.name, how="edited"), on=None, by=by)
    return robot


@action(rules.MANAGE)
def switch_robot(robot: Robot, *, by: Actor, on: bool) -> Robot:
    """On or off. What waits for one that is switched off is held; on only when somebody of the register of recipients gets what it says."""
    if on:
        outlets.require(f"robot:{robot.pk}")
    robot.on = on
    robot.save(update_fields=["on"])
    if not on:
        _hold(robot.channel, robot=robot)
    record(RobotChanged(robot=robot.pk, name=robot.name, how="on" if on else "off"), on=None, by=by)
    return robot


def _for_somebody(outlet: str, party: str, by: Actor, *, needed: bool) -> None:
    """This way goes to that party of the register; when it leads out now, to one that is in order (P8)."""
    if party:
        outlets.hand(outlet, party, by=by)
    elif needed and (why := outlets.why_not(outlet)):
        raise Invalid.field("party", why)


def _named(name: str) -> str:
    name = " ".join(name.split())[:40]
    if not name:
        raise Invalid.field("name", _("A robot needs a name."))
    return name


def _called(channel: str, url: str) -> str:
    """The robot's address. Raises Invalid for what leads into our own network, or to another make's host."""
    url = url.strip()
    found = outward.check(url)
    others = {make.host for kind, make in ROBOTS.items() if kind != channel}
    if found.host in others:
        raise Invalid.field("url", _("This is the address of another make of robot."))
    return url
