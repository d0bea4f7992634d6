"""Files a person may know of and open, and their bytes. The one place where a file's own level is asked."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast
from urllib.parse import quote

from django.db.models import Q, QuerySet
from django.http import FileResponse
from django.urls import reverse

from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.events import EVENTS
from yingxu.base.kept import kept
from yingxu.matters import access
from yingxu.matters.models import Entry, Matter
from yingxu.matters.queries import seen_by

from . import rules
from .events import AboutFile, AboutFiles
from .kinds import ENDINGS, KINDS
from .models import File

ACCEPT = ",".join(f".{ending}" for ending in ENDINGS)  # for <input accept>
Told = TypeVar("Told", bound=Any)
_SANDBOX = "default-src 'none'; style-src 'none'; img-src 'self'; sandbox"


def readable(by: Actor) -> QuerySet[File]:
    """Files on matters the actor was let see, without those above their clearance: for prefetching what hangs on something of a room."""
    return File.objects.filter(_within(by)).select_related("matter").order_by("id")


def _within(by: Actor) -> Q:
    return Q() if by.kind == "system" or by.clearance >= 3 else Q(secrecy__lte=by.clearance)


def visible_to(by: Actor) -> QuerySet[File]:
    """Files this actor may know of: on matters they may see, of a level within their clearance; customers see only what was made public."""
    rows = File.objects.filter(_within(by), seen_by(by, "matter_id"))
    return rows.filter(public=True) if by.kind == "customer" else rows


def find(by: Actor, pk: int) -> File:
    """One file. Raises Gone."""
    found = visible_to(by).select_related("matter").filter(pk=pk).first()
    if found is None:
        raise Gone()
    return found


def on_matter(matter: Matter, by: Actor, *, public: bool = False) -> list[File]:
    """The files of a matter the reader was already let see, oldest first, without those above their clearance; `public` leaves what the
    customer may see."""
    found = _on_matter(matter.pk, public=public, most=3 if by.kind == "system" else min(by.clearance, 3))
    for file in found:
        file.matter = matter
    return found


@kept
def _on_matter(matter: int, *, public: bool, most: int):
    return File.objects.filter(Q(public=True) if public else Q(), Q(secrecy__lte=most) if most < 3 else Q(), matter_id=matter).order_by("id")


def by_entry(matter: Matter, by: Actor, *, public: bool = False) -> dict[int | None, list[File]]:
    """The same, by the journal entry they came with."""
    found: dict[int | None, list[File]] = defaultdict(list)
    for file in on_matter(matter, by, public=public):
        found[file.entry_id].append(file)
    return found


def above(files: Iterable[File]) -> int:
    """The highest level among these that goes beyond their matter's, 0 when none does: whoever is shown them looked at that (`matters.look`)."""
    return max((file.stamp for file in files), default=0)


def beyond(clearance: int, stored: Sequence[str]) -> set[str]:
    """Which of these kept bytes belong to a file of a level above this clearance."""
    return set(File.objects.filter(stored__in=stored, secrecy__gt=clearance).values_list("stored", flat=True)) if stored else set()


def hidden_sums(matter: Matter, by: Actor) -> set[str]:
    """The SHA-256 of what hangs on this matter and is above the actor's clearance, so that no copy of it is shown either."""
    if by.kind == "system" or by.clearance >= 3:
        return set()
    return set(File.objects.filter(matter=matter, secrecy__gt=by.clearance).values_list("sha256", flat=True))


# ── what is told of files ──


def known(lines: list[Told], by: Actor, among: Iterable[File] | None = None) -> list[Told]:
    """Those lines of a timeline (with `entry` and `event`) that this actor may read: what happened to a file they may not know of, or was
    asked about something above their clearance, did not happen. `among`: all files of the matter that they may know of, when these were read already; else one query
    where a line speaks of files."""
    if by.kind != "system":
        lines = [line for line in lines if line.entry.facts.get("above", 0) <= by.clearance]
    about = [line for line in lines if isinstance(line.event, AboutFile | AboutFiles)]
    if not about:
        return lines
    if among is None:
        keys = [line.event.file for line in about if isinstance(line.event, AboutFile)]
        among = readable(by).filter(Q(pk__in=keys) | Q(entry__in=[line.entry.pk for line in about]))
    keys, names = set(), defaultdict(list)
    for file in among:
        keys.add(file.pk)
        names[file.entry_id].append(file.name)
    return [told for line in lines if (told := _told(line, keys, names))]


def _told(line: Any, keys: set[int], names: dict[int | None, list[str]]) -> Any:
    event = line.event
    if isinstance(event, AboutFile):
        return line if event.file in keys else None
    if isinstance(event, AboutFiles):
        mine = tuple(names.get(line.entry.pk, ()))
        return replace(line, event=replace(cast(Any, event), names=mine, attached=len(mine))) if mine else None
    return line


def may_hear(by: Actor, entry: Entry) -> bool:
    """May somebody who sees the matter hear of this entry about files?"""
    event = EVENTS.get(entry.event, object)
    if by.kind == "system" or not issubclass(event, AboutFile | AboutFiles):
        return True
    about = Q(pk=entry.facts.get("file")) if issubclass(event, AboutFile) else Q(entry=entry)
    return not File.objects.filter(about, secrecy__gt=by.clearance).exists()


access.within_parts(may_hear)


# ── as pages and bytes ──


def most_level(by: Actor, matter: Matter) -> int:
    """The highest level this actor may give papers on this matter; 0 for who may not give any."""
    return min(by.clearance, 3) if rules.LEVEL.allows(by, File(matter=matter)) else 0


def is_picture(file: File) -> bool:
    """May a browser show it in a page?"""
    kind = KINDS.get(file.mime)
    return bool(kind and kind.inline)


def address(file: File, *, inline: bool = False) -> str:
    """Where staff open it; `inline` for pictures in a page."""
    return reverse("files:file", args=[file.pk]) + ("?inline=1" if inline and is_picture(file) else "")


def answer(file: File, *, inline: bool = False) -> FileResponse:
    """The bytes, as a download, or for pictures `inline`; never rendered as anything but what we found them to be."""
    try:
        body = file.path.open("rb")
    except FileNotFoundError:
        raise Gone() from None
    shown = inline and is_picture(file)
    response = FileResponse(body, content_type=file.mime if shown or not file.mime.startswith("text/") else "application/octet-stream")
    response["Content-Length"] = str(file.size)
    response["Content-Disposition"] = f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(file.name, safe='')}"
    response["Content-Security-Policy"] = _SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response

