"""Questions about providers of single sign-on and the accounts linked to them."""

from django.db.models import Count

from .models import LinkedAccount, Provider, User


def providers():
    """Who vouches for people at the door, in the order of their buttons."""
    return Provider.objects.filter(on=True)


def all_providers():
    return Provider.objects.annotate(linked=Count("links"))


def provider(pk: int) -> Provider | None:
    return providers().filter(pk=pk).first()


def any_provider(pk: int) -> Provider | None:
    return Provider.objects.filter(pk=pk).first()


def links_of(user: User) -> list[LinkedAccount]:
    return list(LinkedAccount.objects.filter(user=user).select_related("provider"))


def link(pk: int, user: User) -> LinkedAccount | None:
    return LinkedAccount.objects.filter(pk=pk, user=user).first()


def linkable(user: User):
    """Providers this person has no account of yet."""
    return providers().exclude(links__user=user)
