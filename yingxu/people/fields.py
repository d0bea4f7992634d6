"""Form fields that name people and departments; any room's form may use them."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import queries
from .models import Department, User

_BETWEEN = re.compile(r"[，,、；;\n]+")


class Person(forms.CharField):
    """A colleague, written as name or sign-in name. A name that several have needs "name (sign-in name)", as the list fills in."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=kwargs.pop("max_length", 130), **kwargs)

    def clean(self, value: Any) -> User | None:
        text = super().clean(value)
        return colleague(text) if text else None

    def prepare_value(self, value: Any) -> Any:
        return said(value) if isinstance(value, User) else value


class People(forms.CharField):
    """Several colleagues, separated by 、 or commas; `clean` answers a list without doubles."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=kwargs.pop("max_length", 2_000), **kwargs)

    def clean(self, value: Any) -> list[User]:
        names = [name.strip() for name in _BETWEEN.split(super().clean(value) or "") if name.strip()]
        return list(dict.fromkeys(colleague(name) for name in names))

    def prepare_value(self, value: Any) -> Any:
        return "、".join(said(user) for user in value) if isinstance(value, list | tuple) else value


class DepartmentField(forms.ModelChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Department"))
        super().__init__(queryset=Department.objects.filter(active=True), empty_label=kwargs.pop("empty", ""), **kwargs)


def colleague(text: str) -> User:
    """The active colleague of this name. Raises ValidationError when there is none, or several."""
    name, _open, rest = text.partition("(")
    name, username = name.strip(), rest.rstrip(") ").strip()
    found = [u for u in queries.colleagues(username or name) if _is(u, name, username)]
    if len(found) == 1:
        return found[0]
    if found:
        raise ValidationError(_("Several people are called “%(name)s”; choose one from the list."), params={"name": name})
    raise ValidationError(_("Nobody here is called “%(name)s”."), params={"name": text})


def _is(user: User, name: str, username: str) -> bool:
    return user.username == username if username else name in (user.name, user.username)


def said(user: User) -> str:
    """How a colleague is written in a field: the name, with the sign-in name so that it is clear who."""
    return f"{user.name} ({user.username})"
