"""Mailboxes: which addresses mail is taken in for, and how."""

import re
from typing import Any

from django.utils.translation import gettext as _

from yingxu.base import crypto
from yingxu.base.access import Actor
from yingxu.base.action import action, opens
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.customers import identifiers
from yingxu.matters import actions as matters
from yingxu.templates import queries as record_templates

from .. import rules
from ..events import MailboxChanged
from ..models import Mailbox

HERE = ("localhost", "127.0.0.1", "::1")
_HOST = re.compile(r"[A-Za-z0-9.:_-]{1,200}")
FIELDS = (
    "name", "address", "aliases", "way", "host", "port", "security", "username", "folder", "after", "move_to", "every_minutes", "kind",
)  # fmt: skip


@opens(rules.MAILBOXES)
def add_mailbox(*, by: Actor, password: str = "", **given: Any) -> Mailbox:
    """Take mail in for an address. Raises Invalid per field."""
    box = Mailbox()
    _fill(box, password, given)
    box.save(force_insert=True)
    matters.record(MailboxChanged(name=box.name, how="added"), on=None, by=by)
    return box


@action(rules.MAILBOXES)
def edit_mailbox(box: Mailbox, *, by: Actor, password: str = "", **given: Any) -> Mailbox:
    """Change it. Without a password the one we have stays, unless it would go to another server."""
    before = (box.host, box.username, box.folder)
    if box.sealed_password and not password and given.get("host", box.host) != box.host:
        raise Invalid.field("password", _("The server has changed: type its password once more."))
    _fill(box, password, given)
    if before != (box.host, box.username, box.folder):
        box.uid_validity, box.last_uid, box.waiting = None, 0, 0
    box.trouble, box.tried_at = "", None
    box.save()
    matters.record(MailboxChanged(name=box.name, how="edited"), on=None, by=by)
    return box


@action(rules.MAILBOXES)
def switch_mailbox(box: Mailbox, *, by: Actor, active: bool) -> Mailbox:
    """Stop taking mail in for it, or begin again."""
    box.active = active
    box.save(update_fields=["active"])
    matters.record(MailboxChanged(name=box.name, how="on" if active else "off"), on=None, by=by)
    return box


@action(rules.MAILBOXES)
def fetch_now(box: Mailbox, *, by: Actor) -> bool:
    """Ask for a turn at once; False when one is on its way already."""
    if not box.active or box.way != Mailbox.Way.IMAP:
        raise WrongMoment(_("This mailbox is not fetched: it is switched off, or its mail is delivered to us."))
    return bool(Mailbox.objects.filter(pk=box.pk).exclude(tried_at=None).update(tried_at=None))


def _fill(box: Mailbox, password: str, given: dict[str, Any]) -> None:
    for name in FIELDS:
        if name in given:
            setattr(box, name, given[name])
    wrong: dict[str, list[Any]] = {}
    box.name = " ".join(box.name.split())[:60]
    if not box.name:
        wrong["name"] = [_("This cannot be empty.")]
    box.address, box.aliases = _address("address", box.address, wrong), [_address("aliases", one, wrong) for one in box.aliases if one.strip()]
    taken = Mailbox.objects.exclude(pk=box.pk)
    if any({one, *box.aliases} & set(other.addresses) for other in taken for one in [box.address]):
        wrong.setdefault("address", []).append(_("Another mailbox takes mail in for this address."))
    if box.way == Mailbox.Way.IMAP:
        _server(box, password, wrong)
    if box.kind and record_templates.version_for(box.kind) is None:
        wrong["kind"] = [_("Choose a business type.")]
    if wrong:
        raise Invalid("；".join(str(m) for found in wrong.values() for m in found), fields=wrong)
    if password:
        box.sealed_password = crypto.seal(password, Mailbox.SEALED)


def _server(box: Mailbox, password: str, wrong: dict[str, list[Any]]) -> None:
    box.host, box.folder = box.host.strip(), box.folder.strip() or "INBOX"
    if not _HOST.fullmatch(box.host):
        wrong["host"] = [_("Write the name of the IMAP server, for example imap.example.com.")]
    if not 0 < box.port < 65_536:
        wrong["port"] = [_("A port is a number from 1 to 65535.")]
    if box.security == Mailbox.Security.NONE and box.host not in HERE:
        wrong["security"] = [_("Without encryption only a server on this machine may be asked.")]
    if not box.username.strip():
        wrong["username"] = [_("This cannot be empty.")]
    if not password and not box.sealed_password:
        wrong["password"] = [_("This cannot be empty.")]
    if box.after == Mailbox.After.MOVE and not box.move_to.strip():
        wrong["move_to"] = [_("Write the folder the mail is moved to.")]
    if any(ch in box.folder + box.move_to + box.username for ch in "\r\n\0"):
        wrong["folder"] = [_("This cannot contain line breaks.")]
    if not 1 <= box.every_minutes <= 1_440:
        wrong["every_minutes"] = [_("Between 1 and 1,440 minutes.")]


def _address(field: str, text: str, wrong: dict[str, list[Any]]) -> str:
    try:
        return identifiers.read("email", text).value
    except Invalid as refusal:
        wrong.setdefault(field, []).extend(m for found in refusal.fields.values() for m in found)
        return text.strip()[:254]
