"""Writes docs/map.md: every room with its verbs, facts, screens and tables, read off the running code."""

import importlib
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import URLPattern, URLResolver, get_resolver

from yingxu.base.access import Rule
from yingxu.base.action import ACTIONS
from yingxu.base.events import EVENTS

PAGE = settings.BASE_DIR / "docs" / "map.md"
HEAD = """# Map of the house

Made by `bin/map` from the code; a test fails when it is not up to date. Rooms from the top floor to the ground; a room may import only
floors below it (`pyproject.toml`, `[tool.importlinter]`).
"""


class Command(BaseCommand):
    help = "Write docs/map.md, or say with --check whether it is up to date."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        text = "\n".join([HEAD, *(line for room in _floors() for line in _room(room))])
        if options["check"]:
            if not PAGE.exists() or PAGE.read_text() != text:
                raise CommandError("docs/map.md is not up to date: run bin/map")
        else:
            PAGE.write_text(text)


def _floors() -> list[str]:
    here = [app.split(".")[1] for app in settings.INSTALLED_APPS if app.startswith("yingxu.")]
    return [*reversed(here), "base"]


def _room(room: str) -> Iterator[str]:
    folder = settings.BASE_DIR / "yingxu" / room
    for part in ("actions", "events"):
        if find_spec(f"yingxu.{room}.{part}"):
            importlib.import_module(f"yingxu.{room}.{part}")
    verbs = sorted({name.rsplit(".", 1)[1] for name in ACTIONS if name.startswith(f"yingxu.{room}.") and ".tests." not in name})
    facts = sorted(cls.__name__ for cls in EVENTS.values() if cls.__module__.startswith(f"yingxu.{room}.events") and not cls.__subclasses__())
    screens = sorted(_screens(room, get_resolver().url_patterns))
    models = apps.get_app_config(room).get_models() if room != "base" else []
    tables = sorted(model.__name__ for model in models)
    yield f"## {room}\n{_purpose(folder)}\n"
    for title, words in {"Verbs": verbs, "Facts": facts, "Tables": tables}.items():
        if words:
            yield f"- {title}: " + ", ".join(f"`{word}`" for word in words if not word.startswith("_"))
    if screens:
        yield "- Addresses:"
        yield from (f"  - `{address}` {name}, {door}" for address, name, door in screens)
    yield ""


def _purpose(folder: Path) -> str:
    """The first sentence of the room's README."""
    readme = folder / "README.md"
    text = readme.read_text() if readme.exists() else ""
    return re.split(r"(?<=\.) ", " ".join(re.sub(r"^# .*\n+", "", text).split()))[0]


def _screens(room: str, patterns: list[Any], before: str = "/") -> Iterator[tuple[str, str, str]]:
    for pattern in patterns:
        address = before + re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _screens(room, pattern.url_patterns, address)
        elif isinstance(pattern, URLPattern) and pattern.callback.__module__.startswith(f"yingxu.{room}."):
            door = getattr(pattern.callback, "door", "no door")
            yield address, pattern.name or pattern.callback.__name__, door.name if isinstance(door, Rule) else str(door).replace("_", " ")
