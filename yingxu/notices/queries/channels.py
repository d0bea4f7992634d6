"""How the ways out are set up."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from yingxu.base import outlets
from yingxu.base.outlets import Outlet

from .. import smtp
from ..models import CHATS, Channel, Delivery, MailOut, Outgoing, Robot, SmsOut, SmsTemplate
from ..sms.templates import TEMPLATES, Template


def common() -> Outgoing:
    """What all ways have in common."""
    return Outgoing.objects.order_by("id").first() or Outgoing()


def address(path: str) -> str:
    """The whole address of one of our pages, for links in mails and messages; only the path while nobody said where people reach us."""
    return common().address.rstrip("/") + path


def mail_out() -> MailOut:
    return MailOut.objects.order_by("id").first() or MailOut()


def sms_out() -> SmsOut:
    return SmsOut.objects.order_by("id").first() or SmsOut()


def sms_code(key: str, names: Sequence[str]) -> tuple[str, Sequence[str]]:
    """What the provider calls a template, and the order in which it wants the values."""
    found = SmsTemplate.objects.filter(key=key).first()
    return (found.code, found.names or names) if found else ("", names)


def sms_templates() -> list[tuple[Template, str, Sequence[str]]]:
    """Every template with its code and order."""
    known = {row.key: row for row in SmsTemplate.objects.all()}
    return [
        (found, known[key].code if key in known else "", (known[key].names if key in known else []) or found.names)
        for key, found in TEMPLATES.items()
    ]


def robots(channel: str = "", *, on: bool | None = None) -> list[Robot]:
    rows = Robot.objects.prefetch_related("departments")
    rows = rows.filter(channel=channel) if channel else rows
    return list(rows if on is None else rows.filter(on=on))


def robot(pk: int) -> Robot | None:
    return Robot.objects.prefetch_related("departments").filter(pk=pk).first()


def is_on(channel: str) -> bool:
    """Does this way lead out? SMS always do: without a provider they are recorded."""
    if channel == Channel.MAIL:
        return mail_out().on
    if channel in CHATS:
        return Robot.objects.filter(channel=channel, on=True).exists()
    return channel == Channel.SMS


def ways_out() -> set[str]:
    """The ways that lead out at the moment."""
    return {channel for channel in Channel.values if is_on(channel)}


# ── whom a way goes to (P8) ──


def outlet(row: Delivery) -> str:
    """The way out a delivery takes, as the register of recipients knows it; "" for one that gives nothing to somebody else: a mail server
    on this machine, SMS that are only recorded."""
    if row.channel == Channel.MAIL:
        host = mail_out().host
        return "mail" if host and not smtp.is_here(host) else ""
    if row.channel == Channel.SMS:
        return "" if sms_out().provider == SmsOut.Provider.RECORDING else "sms"
    return f"robot:{row.robot_id}"


def _mail() -> list[Outlet]:
    row = mail_out()
    return [] if not row.host or smtp.is_here(row.host) else [Outlet("mail", row.host, row.on)]


def _sms() -> list[Outlet]:
    row = sms_out()
    return [] if row.provider == SmsOut.Provider.RECORDING else [Outlet("sms", str(row.get_provider_display()), True)]


def _robots() -> list[Outlet]:
    return [Outlet(f"robot:{row.pk}", row.name, row.on) for row in Robot.objects.order_by("pk")]


outlets.register("mail", _("Mail server"), ("name", "contact", "words"), _mail)
outlets.register("sms", _("SMS provider"), ("contact", "words"), _sms)
outlets.register("robot", _("Group robot"), ("number",), _robots)
