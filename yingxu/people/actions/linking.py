"""What holds of providers and links once it is decided; parts of the verbs that decide it."""

from typing import Any

from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import step
from yingxu.base.errors import Gone, Invalid
from yingxu.base.events import state

from .. import events
from ..models import LinkedAccount, Provider, User


@step
def believe(*, provider: int | None, **given: Any) -> None:
    """The agreed settings hold from now on; what the provider said of itself before is asked anew. Another issuer knows other subjects:
    what was linked to the old one is not."""
    row = Provider.objects.select_for_update().filter(pk=provider).first() or Provider()
    if row.pk and row.issuer != given["issuer"]:
        row.links.all().delete()
    for name, value in given.items():
        setattr(row, name, value)
    row.on, row.found, row.found_at, row.keys, row.keys_at = True, {}, None, {}, None
    row.save()


def check_free(provider: Provider, user: User, subject: str) -> None:
    taken = LinkedAccount.objects.filter(provider=provider, subject=subject).first()
    if taken is not None:
        raise Invalid.field("subject", _("This account is linked already."))
    if LinkedAccount.objects.filter(provider=provider, user=user).exists():
        raise Invalid.field("subject", _("%(name)s has an account of this provider already; remove that link first.") % {"name": user.name})


@step
def link(provider: Provider, user: User, subject: str, how: str, by: Actor) -> LinkedAccount:
    check_free(provider, user, subject)
    made = LinkedAccount.objects.create(provider=provider, user=user, subject=subject, how=how, linked_at=clock.now())
    noticed = SYSTEM if by.user_id == user.pk else by  # nobody is told of what they did; of this they are, in case it was not them
    state(events.AccountLinked(user=user.pk, name=user.name, provider=provider.name, how=how), by=noticed, tell=[user.pk])
    return made


@step
def link_agreed(user: User, *, provider: int, subject: str, by: Actor) -> None:
    """Two security administrators agreed whose account this is."""
    row = Provider.objects.filter(pk=provider).first()
    if row is None:
        raise Gone()
    link(row, user, subject, LinkedAccount.How.OFFICE, by)
