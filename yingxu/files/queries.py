"""Files a person may open, and their bytes."""

from collections import defaultdict
from urllib.parse import quote

from django.db.models import Q
from django.http import FileResponse
from django.urls import reverse

from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.kept import kept
from yingxu.matters.models import Matter
from yingxu.matters.queries import seen_by

from .kinds import ENDINGS, KINDS
from .models import File

ACCEPT = ",".join(f".{ending}" for ending in ENDINGS)  # for <input accept>
_SANDBOX = "default-src 'none'; style-src 'none'; img-src 'self'; sandbox"


def visible_to(by: Actor):
    """Files on matters this actor may see; customers see only what was made public."""
    rows = File.objects.filter(seen_by(by, "matter_id"))
    return rows.filter(public=True) if by.kind == "customer" else rows


def find(by: Actor, pk: int) -> File:
    """One file. Raises Gone."""
    found = visible_to(by).filter(pk=pk).first()
    if found is None:
        raise Gone()
    return found


def on_matter(matter: Matter, *, public: bool = False) -> list[File]:
    """All files of a matter the reader was already let see, oldest first; `public` leaves what the customer may see."""
    return _on_matter(matter.pk, public=public)


@kept
def _on_matter(matter: int, *, public: bool):
    return File.objects.filter(Q(public=True) if public else Q(), matter_id=matter).order_by("id")


def by_entry(matter: Matter, *, public: bool = False) -> dict[int | None, list[File]]:
    """The same, by the journal entry they came with."""
    found: dict[int | None, list[File]] = defaultdict(list)
    for file in on_matter(matter, public=public):
        found[file.entry_id].append(file)
    return found


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

