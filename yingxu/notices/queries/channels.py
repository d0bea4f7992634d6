"""How the ways out are set up."""

from collections.abc import Sequence

from ..models import CHATS, Channel, MailOut, Outgoing, Robot, SmsOut, SmsTemplate
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
