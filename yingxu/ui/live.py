"""What a page of the desk is told while it stands open: one heartbeat (`static/ui/live.js` → `desk:pulse`) asks every part of the page
what changed since it was drawn.

A part is an element with `data-live="<name>" data-mark="<mark>"`; its room says with `@part("<name>")` how the mark is compared and
what is drawn instead (with `hx-swap-oob`, carrying its new mark). Nothing new: None, and when no part has anything the answer is an
empty 204. A part is asked several times a minute by every open page, so it decides by something cheap: a count, the newest entry, what
this process remembers; and it shows only what its actor may see now.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.template import engines
from markupsafe import Markup

from yingxu.base.access import Actor

from .frame import digest, frame

__all__ = ["PARTS", "Beat", "changed", "digest", "draw", "part"]

MANY = 12  # parts one page may have
LONGEST = 900  # characters of a mark


@dataclass
class Beat:
    """One heartbeat of one page. `typing`: something is being written on the record that is open. `known` passes what one part
    looked up on to the next."""

    request: HttpRequest
    typing: bool = False
    known: dict[str, Any] = field(default_factory=dict)

    @property
    def by(self) -> Actor:
        return self.request.actor  # type: ignore[attr-defined]


Part = Callable[[Beat, str], Markup | None]
PARTS: dict[str, Part] = {}


def part(name: str) -> Callable[[Part], Part]:
    """What of a page may change while it is open: fn(beat, mark) → drawn again, or None while it is as the mark says."""

    def register(fn: Part) -> Part:
        PARTS[name] = fn
        return fn

    return register


def changed(request: HttpRequest) -> Markup:
    """Every part of the asking page that is no longer as it was drawn."""
    beat = Beat(request, typing=request.POST.get("typing") == "1")
    return Markup("").join(_changed(beat))


def _changed(beat: Beat) -> Iterator[Markup]:
    asked = beat.request.POST
    for name in [name for name in PARTS if name in asked][:MANY]:
        mark = asked[name]
        drawn = PARTS[name](beat, mark) if len(mark) <= LONGEST else None
        if drawn is not None:
            yield drawn


def draw(request: HttpRequest, template: str, **values: Any) -> Markup:
    """A part's own template, drawn to be swapped in (`anew` is true in it)."""
    return Markup(engines.all()[0].get_template(template).render({"anew": True, **values}, request))  # noqa: S704  our own template


@part("banners")
def banners(beat: Beat, mark: str) -> Markup | None:
    """What burns."""
    return None if frame(beat.request).banners_mark == mark else draw(beat.request, "ui/banners.html")


@part("bell")
def bell(beat: Beat, mark: str) -> Markup | None:
    """How many notices wait."""
    return None if frame(beat.request).bell_mark == mark else draw(beat.request, "ui/bell.html")
