"""Who may see a matter, in one place: each room says which rule opens the matters of its kind, and which hang from others.

A room calls `register(kind, rule, model)` when it is loaded. Notices, files, search and the palette ask
`matters.queries.visible_matters(by)` and `may_see(by, matter)`; a kind nobody registered is seen by nobody.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models

from yingxu.base.access import Actor, Rule

if TYPE_CHECKING:
    from .models import Entry, Matter

VIEWS: dict[str, "View"] = {}
HANGS: list[Callable[[int], models.Q]] = []  # for the key of a matter: which matters hang from it
GRAVES: list[Callable[["Matter"], str]] = []  # the address where it is said that a matter was destroyed
PARTS: list[Callable[[Actor, "Entry"], bool]] = []  # may somebody who sees the matter hear of this entry?


@dataclass(frozen=True)
class View:
    """`rule` says who sees a row of `model` (whose primary key is its matter); `page` is the URL name of its page, which takes
    the register number; `asks` that of the page which asks what a look at it is for, where looks need a purpose."""

    rule: Rule
    model: type[models.Model]
    page: str = ""
    asks: str = ""


def register(kind: str, rule: Rule, model: type[models.Model], *, page: str = "", asks: str = "") -> None:
    """Matters of this kind are seen by whom `rule` lets see the row of `model`."""
    VIEWS[kind] = View(rule, model, page, asks)


def hangs(below: Callable[[int], models.Q]) -> None:
    """These matters hang from the one with this key: never of a lower secrecy level, never open to more persons than it (S3)."""
    HANGS.append(below)


def within_parts(heard: Callable[[Actor, "Entry"], bool]) -> None:
    """A matter of ours has parts with a level of their own: who may not know of one hears of no entry about it."""
    PARTS.append(heard)
