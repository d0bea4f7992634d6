"""What the rooms above show of a customer on its page: needs, complaints, visits … each registers its own tab.

    panels.register("needs", _("Needs"), "needs/of_customer.html", queries.of_customer, count=queries.count_of, rule=rules.VIEW, order=20)

`load(customer, by)` gives the template its values, there called `found`; it asks only for what `by` may see. `count(customer, by)` is a
kept question that limits itself; how many rows each has is asked for all tabs at once. What belongs into the one story of the overview,
too, `tell(customer, by)` gives as `Told`s, newest first; `told` is the template of one, there called `item`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yingxu.base.access import Actor, Rule
from yingxu.base.kept import Text

from .models import Customer

PANELS: dict[str, "Panel"] = {}
LISTS: list["List"] = []  # further lists of customers, beside the usual ones
ACTS: list["List"] = []  # pages about one customer in the menu of its file; their address takes the register number


@dataclass(frozen=True)
class List:
    """A list of customers that a room above keeps."""

    label: Any
    icon: str
    url_name: str
    rule: Rule


@dataclass(frozen=True)
class Told:
    """One entry of a customer's story: when it happened and what it is. What is still `open` also stands beside the story, with a
    `title`, where it leads and a few words in `note`."""

    at: datetime
    item: Any
    open: bool = False
    title: str = ""
    href: str = ""
    note: Any = ""


@dataclass(frozen=True)
class Panel:
    """A tab of the customer page."""

    name: str
    label: Any
    template: str
    load: Callable[[Customer, Actor], Mapping[str, Any]]
    count: Callable[[Customer, Actor], Text] | None = None
    rule: Rule | None = None
    told: str = ""
    tell: Callable[[Customer, Actor], Sequence[Told]] | None = None
    order: int = 50


def register(
    name: str, label: Any, template: str, load: Callable[[Customer, Actor], Mapping[str, Any]], *,
    count: Callable[[Customer, Actor], Text] | None = None, rule: Rule | None = None, order: int = 50,
    told: str = "", tell: Callable[[Customer, Actor], Sequence[Told]] | None = None,
) -> None:  # fmt: skip
    """Show a tab on every customer's page, to those who hold `rule`."""
    PANELS[name] = Panel(name, label, template, load, count, rule, told, tell, order)


def open_to(by: Actor) -> list[Panel]:
    """The tabs this actor may open, in order."""
    return sorted((p for p in PANELS.values() if p.rule is None or by.may(p.rule)), key=lambda p: p.order)
