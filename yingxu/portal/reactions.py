"""What the customers' face does when others act."""

from yingxu.base.events import react
from yingxu.intake.events import MailRegistered
from yingxu.matters.models import Entry

from . import actions


@react(MailRegistered)
def acknowledge(event: MailRegistered, entry: Entry) -> None:
    actions.acknowledge_mail(entry, event.mail)
