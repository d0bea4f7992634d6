"""What the lists of this room have in common: a wish from a query string, and the address of a list."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, fields
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.base.errors import Invalid

Wish = TypeVar("Wish")


def wished(kind: type[Wish], asked: Any, known: dict[str, Iterable[str]]) -> Wish:
    """The wish a query string makes; `known` names the values each of its fields may have beside its usual one. Raises Invalid."""
    usual = {field.name: field.default for field in fields(kind)}  # type: ignore[arg-type]
    given = {name: asked.get(name, "") or usual[name] for name in usual}
    given["q"] = str(given["q"]).strip()[:100]
    if any(given[name] != usual[name] and given[name] not in set(values) for name, values in known.items()):
        raise Invalid(_("This list has no such filter."))
    return kind(**given)


def address(name: str, kind: type) -> Callable[..., str]:
    """address(wish, sort="due") → the list's address with what is not usual."""
    usual = {field.name: field.default for field in fields(kind)}

    def made(wish: Any, **over: Any) -> str:
        kept = {key: value for key, value in (asdict(wish) | over).items() if value is not None and value != usual.get(key, "")}
        return reverse(name) + (f"?{urlencode(kept)}" if kept else "")

    return made
