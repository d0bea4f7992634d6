"""Translations: gather msgids from each room, fill in what is known, make Traditional Chinese, compile.

The Simplified Chinese catalogues are written by people; the Traditional ones are converted from them and never edited.
"""

import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
JINJA = {  # as config/jinja.py
    "extensions": "jinja2.ext.i18n,jinja2.ext.do,jinja2.ext.loopcontrols",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "trimmed": "true",
    "newstyle_gettext": "true",
    "silent": "false",
}
HEADER = """msgid ""
msgstr ""
"Language: {locale}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
WRITTEN, CONVERTED = "zh_Hans", "zh_Hant"
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sdrif]|\{\w*\}")


class Command(BaseCommand):
    help = "Gather, convert and compile the translations of all rooms, or of those named."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("rooms", nargs="*")
        parser.add_argument("--check", action="store_true", help="change nothing; fail when a translation is missing or odd")
        parser.add_argument("--compile", action="store_true", help="only make the .mo files")

    def handle(self, *args: Any, **options: Any) -> None:
        rooms = {room: path for room, path in _rooms().items() if not options["rooms"] or room in options["rooms"]}
        if unknown := set(options["rooms"]) - set(rooms):
            raise CommandError(f"There is no room called {', '.join(sorted(unknown))}.")
        if options["check"]:
            if found := list(_faults(rooms)):
                raise CommandError(f"{len(found)} faults in the translations:\n" + "\n".join(found))
        elif not options["compile"]:
            for room, path in rooms.items():
                missing = _update(room, path)
                self.stdout.write(f"{room}: {missing} without a translation" if missing else f"{room}: complete")
        if not options["check"]:
            for po in sorted(p for path in rooms.values() for p in path.glob("locale/*/LC_MESSAGES/django.po")):
                with po.with_suffix(".mo").open("wb") as mo:
                    write_mo(mo, _read(po))


def _rooms() -> dict[str, Path]:
    return {app.split(".")[1]: settings.BASE_DIR / Path(*app.split(".")) for app in settings.INSTALLED_APPS if app.startswith("yingxu.")}


def _po(path: Path, locale: str) -> Path:
    return path / "locale" / locale / "LC_MESSAGES" / "django.po"


def _read(po: Path) -> Catalog:
    locale = po.parts[-3]
    if not po.exists():
        return Catalog(locale=locale)
    with po.open("rb") as file:
        return read_po(file, locale=locale)


def _write(po: Path, catalog: Catalog) -> None:
    body = io.BytesIO()
    write_po(body, catalog, width=0, omit_header=True, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    text = HEADER.format(locale=po.parts[-3]).encode() + body.getvalue().strip() + b"\n"
    if not po.exists() or po.read_bytes() != text:
        po.parent.mkdir(parents=True, exist_ok=True)
        po.write_bytes(text)


def _sources(room: str, path: Path) -> Iterator[tuple[Path, str]]:
    """A room's own files. `ui` speaks also for `base` and `config`, which have no catalogue."""
    folders = [path, settings.BASE_DIR / "yingxu" / "base", settings.BASE_DIR / "config"] if room == "ui" else [path]
    for folder in folders:
        for file in sorted(folder.rglob("*.py")):
            if not {"tests", "migrations"} & set(file.relative_to(folder).parts[:-1]):
                yield file, "python"
        for file in sorted((folder / "templates").rglob("*.*")):
            if file.suffix in {".html", ".txt", ".xml"} and file.is_file():
                yield file, "jinja2.ext:babel_extract"


def _gather(room: str, path: Path) -> Catalog:
    catalog = Catalog()
    for file, method in _sources(room, path):
        name = file.relative_to(settings.BASE_DIR).as_posix()
        try:
            found = extract_from_file(method, file, keywords=KEYWORDS, options=JINJA if method.startswith("jinja") else None)
        except Exception as error:
            raise CommandError(f"{name} cannot be read: {error}") from error
        for line, msgid, _comments, context in found:
            if msgid not in ("", None):
                catalog.add(msgid, None, [(name, line)], context=context)
    return catalog


def _update(room: str, path: Path) -> int:
    """Bring a room's catalogues up to date; says how many msgids have no Simplified Chinese."""
    gathered, catalog = _gather(room, path), _read(_po(path, WRITTEN))
    catalog.update(gathered, no_fuzzy_matching=True)
    elsewhere = {_key(m): m.string for _room, other in _translated(_rooms()) for m in other if _done(m)}
    for message in _messages(catalog):
        if not _done(message):
            message.string = elsewhere.get(_key(message), message.string)
    if len(catalog) or _po(path, WRITTEN).exists():
        _write(_po(path, WRITTEN), catalog)
        _write(_po(path, CONVERTED), _converted(catalog))
    return sum(not _done(message) for message in _messages(catalog))


def _converted(catalog: Catalog) -> Catalog:
    from opencc import OpenCC  # a tool of developers only

    convert = OpenCC("s2twp").convert
    made = Catalog(locale=CONVERTED)
    for message in _messages(catalog):
        text = tuple(map(convert, message.string)) if isinstance(message.string, tuple) else convert(message.string or "")
        made.add(message.id, text, message.locations, message.flags, context=message.context)
    return made


def _faults(rooms: dict[str, Path]) -> Iterator[str]:
    for room, path in rooms.items():
        gathered, catalog = _gather(room, path), _read(_po(path, WRITTEN))
        have = {_key(message) for message in _messages(catalog)}
        wanted = {_key(message) for message in _messages(gathered)}
        yield from (f"{room}: not gathered yet: {key[1]!r}" for key in sorted(wanted - have, key=str))
        yield from (f"{room}: no longer used: {key[1]!r}" for key in sorted(have - wanted, key=str))
        for message in _messages(catalog):
            yield from (f"{room}: {fault}: {message.id!r}" for fault in _odd(message))
        converted = {_key(message): message.string for message in _messages(_read(_po(path, CONVERTED)))}
        for message in _messages(_converted(catalog)):
            if converted.get(_key(message), "") != message.string:
                yield f"{room}: not converted to {CONVERTED}: {message.id!r}"
    said = defaultdict(lambda: defaultdict(list))
    for room, messages in _translated(rooms):
        for message in filter(_done, messages):
            said[_key(message)][message.string].append(room)
    for key, ways in said.items():
        if len(ways) > 1:
            yield f"{key[1]!r} is said in different words: " + "; ".join(f"{text} in {', '.join(where)}" for text, where in ways.items())


def _odd(message: Message) -> Iterator[str]:
    if not _done(message):
        yield "no translation"
        return
    if message.fuzzy:
        yield "fuzzy"
    said = [set(PLACEHOLDER.findall(text)) for text in _forms(message.id)]
    if any(set(PLACEHOLDER.findall(text)) not in said for text in _forms(message.string)):
        yield "other placeholders in the translation"


def _translated(rooms: dict[str, Path]) -> Iterator[tuple[str, Iterable[Message]]]:
    for room, path in rooms.items():
        yield room, list(_messages(_read(_po(path, WRITTEN))))


def _messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def _key(message: Message) -> tuple[str | None, str]:
    return message.context, _forms(message.id)[0]


def _forms(text: Any) -> tuple[str, ...]:
    """Singular and plural, or the one there is."""
    return tuple(text) if isinstance(text, list | tuple) else (text,)


def _done(message: Message) -> bool:
    return all(_forms(message.string))
