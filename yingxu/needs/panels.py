"""What the rooms above show of a need on its page: emergencies, complaints … each registers its own section beside the story.

    panels.register("emergencies", "emergencies/of_need.html", shown.of_need, rule=rules.VIEW, order=10)

`load(need, by)` gives the template its values, there called `found`; it asks only for what `by` may see.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from yingxu.base.access import Actor, Rule

from .models import Need

PANELS: dict[str, "Panel"] = {}


@dataclass(frozen=True)
class Panel:
    """A section of the need's page."""

    name: str
    template: str
    load: Callable[[Need, Actor], Mapping[str, Any]]
    rule: Rule | None = None
    order: int = 50


def register(name: str, template: str, load: Callable[[Need, Actor], Mapping[str, Any]], *, rule: Rule | None = None, order: int = 50) -> None:
    """Show a section on every need's page, to those who hold `rule`."""
    PANELS[name] = Panel(name, template, load, rule, order)


def of(need: Need, by: Actor) -> list[tuple[Panel, Mapping[str, Any]]]:
    """The sections this actor sees of a need, in order, with their values."""
    found = sorted((p for p in PANELS.values() if p.rule is None or by.may(p.rule)), key=lambda p: p.order)
    return [(panel, panel.load(need, by)) for panel in found]
