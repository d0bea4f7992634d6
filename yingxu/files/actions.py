"""Keeping files: examined, written to disk for good, then stated in the database in the verb's own transaction."""

import hashlib
import os
import re
import secrets
import shlex
import subprocess
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import check, step
from yingxu.base.errors import Invalid, Refusal
from yingxu.matters.models import Entry, Matter

from . import kinds, rules
from .models import File, place

AT_ONCE = 20
ORPHAN_SECONDS = 86_400
_SCAN_SECONDS = 60


class NoRoom(Refusal):
    """We keep nothing that we cannot keep for good."""

    status = 503
    code = "unavailable"


@dataclass(frozen=True)
class Staged:
    """Bytes that are safely on disk and belong to no matter yet; collected after a day unless attached."""

    name: str
    size: int
    mime: str
    sha256: str
    stored: str


def stage(upload: UploadedFile) -> Staged:
    """Examine a file and write it to disk. Raises Invalid with a sentence for what we do not keep."""
    name = clean_name(upload.name or "")
    size = upload.size or 0
    if not size:
        raise Invalid.field("files", _("“%(name)s” is empty.") % {"name": name})
    if size > settings.FILE_MAX_BYTES:
        limit = settings.FILE_MAX_BYTES >> 20
        raise Invalid.field("files", _("“%(name)s” is larger than %(mb)s MB.") % {"name": name, "mb": limit})
    kind = kinds.recognise(upload.file, name)
    stored = secrets.token_hex(16)
    try:
        digest, path = _write(upload, stored)
    except OSError as error:
        raise NoRoom(_("Nothing was saved: there is no room for files at the moment.")) from error
    _scan(path, name)
    return Staged(name, size, kind.mime, digest, stored)


@step
def attach(
    matter: Matter,
    uploads: Iterable[UploadedFile | Staged],
    *,
    by: Actor,
    entry: Entry | None = None,
    public: bool = False,
    level: int = 0,
) -> list[File]:
    """Put files on a matter (and on the journal entry they came with). All or none; at most 20 at once. `level`: of their own, above the
    matter's; what the customer may see has none. Raises Invalid, NotAllowed."""
    given, public = list(uploads), public or by.kind == "customer"
    if level and given:
        _level_allowed(matter, by, level, public)
    if len(given) > AT_ONCE:
        raise Invalid.field("files", _("At most %(n)s files at once.") % {"n": AT_ONCE})
    now = clock.now()
    staged = [one if isinstance(one, Staged) else stage(one) for one in given]
    if lost := next((one.name for one in staged if not place(one.stored).is_file()), None):  # it waited so long that its bytes were swept away
        raise Invalid.field("files", _("“%(name)s” is not kept any more; attach it once more.") % {"name": lost})
    return File.objects.bulk_create(
        File(
            matter=matter, entry=entry, name=one.name, size=one.size, mime=one.mime, sha256=one.sha256, stored=one.stored,
            by_kind=by.kind, by_id=by.id, by_name=by.name[:80], public=public, at=now, secrecy=level,
        )
        for one in staged
    )  # fmt: skip


def _level_allowed(matter: Matter, by: Actor, level: int, public: bool) -> None:
    if public:
        raise Invalid.field("level", _("What the customer may see has no level of its own."))
    if level not in (1, 2, 3):
        raise Invalid.field("level", _("There is no such secrecy level."))
    if by.kind != "system" and level > by.clearance:
        raise Invalid.field("level", _("This is above your own clearance."))
    check(rules.LEVEL, by, File(matter=matter))


@step
def set_level(file: File, level: int) -> None:
    """The file's own level from now on. Above ordinary the customer sees it no longer. Who may say so, and who else must agree, is for the
    room above to know (`archives`)."""
    file.secrecy, file.public = level, file.public and not level
    file.save(update_fields=["secrecy", "public"])


def clean_name(name: str) -> str:
    """A name to show: the last part of a path, without control or direction characters, at most 120 characters with its ending."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(ch for ch in name if unicodedata.category(ch) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    name = re.sub(r'[<>:"|?*]', "_", name).strip(" .") or "file"
    if len(name) > 120:
        stem, dot, ending = name.rpartition(".")
        name = stem[: 119 - len(ending)] + "." + ending if dot and len(ending) <= 10 else name[:120]
    return name


def sweep() -> int:
    """Throw away bytes that no row has named for a day (their verb was rolled back); returns how many."""
    before = timezone.now().timestamp() - ORPHAN_SECONDS
    old = [p for p in Path(settings.FILES_DIR).glob("*/*") if p.is_file() and p.stat().st_mtime < before]
    known = set(File.objects.filter(stored__in=[p.name for p in old]).values_list("stored", flat=True))
    orphans = [p for p in old if p.parent.name == "tmp" or p.name not in known]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def _write(upload: UploadedFile, stored: str) -> tuple[str, Path]:
    """Write, fsync, rename, fsync the directory; returns the SHA-256 and the place."""
    path = place(stored)
    temporary = Path(settings.FILES_DIR) / "tmp" / stored
    for folder in (temporary.parent, path.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            upload.seek(0)
            for chunk in upload.chunks():
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        temporary.rename(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    folder_handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder_handle)
    finally:
        os.close(folder_handle)
    return digest.hexdigest(), path


def _scan(path: Path, name: str) -> None:
    """Ask the scanner, when one is set: the command gets the file on its standard input; 0 clean, 1 bad, anything else no answer.
    Without an answer we do not keep the file."""
    command = settings.FILE_SCANNER
    if not command:
        return
    try:
        with path.open("rb") as body:
            code = subprocess.run(  # noqa: S603  the operator's own command
                shlex.split(command), stdin=body, capture_output=True, timeout=_SCAN_SECONDS, check=False
            ).returncode
    except (OSError, subprocess.SubprocessError):
        code = -1
    if code == 0:
        return
    path.unlink(missing_ok=True)
    if code == 1:
        raise Invalid.field("files", _("“%(name)s” was refused by the virus scanner.") % {"name": name})
    raise NoRoom(_("Nothing was saved: the virus scanner does not answer. Try again shortly."))
