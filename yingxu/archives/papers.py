"""Levels of single papers (kept files), on whatever matter they hang. Raised at once, lowered by a second person."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from yingxu.approvals import actions as approvals
from yingxu.approvals.models import Request
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action
from yingxu.base.errors import Gone, Invalid
from yingxu.base.given import words
from yingxu.files import actions as files
from yingxu.files.models import File
from yingxu.files.rules import LEVEL
from yingxu.matters import actions as matters
from yingxu.matters.models import Matter
from yingxu.matters.queries import page_of
from yingxu.ui import levels

from .actions import WHY
from .events import PaperLowered, PaperLoweringAsked, PaperRaised


@action(LEVEL)
def raise_paper(file: File, *, by: Actor, level: int, why: str) -> File:
    """Raise the level of this one paper, at once; the customer no longer sees it. Raises Gone for a paper the actor may not know of,
    Invalid for a level that is not higher, or above the actor's own clearance."""
    old, why = _known(file, by), words(why, "why", longest=WHY)
    if not old < level <= 3:
        raise Invalid.field("level", _("A level can only be raised here; lowering it takes a second person."))
    if by.kind != "system" and level > by.clearance:
        raise Invalid.field("level", _("This is above your own clearance."))
    files.set_level(file, level)
    approvals.above_now("archives.lower", _key(file), level)
    matters.record(PaperRaised(**_said(file, old, level), why=why), on=file.matter, by=by)
    return file


@action(LEVEL)
def ask_to_lower_paper(file: File, *, by: Actor, level: int, why: str) -> Request:
    """Ask for a lower level of this paper: somebody else, who is cleared for it, signs. Never below what it hangs on. Raises Gone, Invalid."""
    old, why = _known(file, by), words(why, "why", longest=WHY)
    matter, least = file.matter, file.matter.secrecy
    if not least <= level < old:
        raise Invalid.field("level", _("Not lower than “%(least)s”, the level of what the paper hangs on, and lower than it is.") % {"least": levels.name(least)})
    change = f"{levels.name(old)} → {levels.name(level)}"
    facts = [[_("Name of the paper"), file.name], [_("Hangs on"), f"{matter.number} {matter.title}"], [_("Secrecy level"), change], [_("Why"), why]]
    made = approvals.ask(
        matter, by=by, chain="archives.lower", title=_("Lower the secrecy of a paper of %(number)s") % {"number": matter.number}, above=old,
        subject={"file": file.pk, "old": old, "level": level, "why": why, "facts": facts}, url=page_of(matter), key=_key(file),
    )  # fmt: skip
    matters.record(PaperLoweringAsked(**_said(file, old, level), why=why), on=matter, by=by)
    return made


def paper_lowered(request: Request, subject: Mapping[str, Any]) -> bool:
    """What a second person agreed to. Whether it still was to be done: a paper raised since or gone, or heard of twice, stays as it is."""
    with transaction.atomic():
        found = File.objects.filter(pk=subject["file"]).first()
        if found is None:
            return False
        matter = Matter.objects.select_for_update().get(pk=found.matter_id)
        file = File.objects.select_for_update(of=("self",)).select_related("matter").filter(pk=found.pk, matter=matter).first()
        if file is None or file.level != subject["old"]:
            return False
        old, new = file.level, max(subject["level"], matter.secrecy)
        if new >= old:
            return False
        files.set_level(file, new)
        event = PaperLowered(**_said(file, old, new), why=subject["why"], asked_by=request.asked_by_id, request=request.pk)
        matters.record(event, on=matter, by=SYSTEM)
    return True


def _known(file: File, by: Actor) -> int:
    """The paper's level, if the actor may know of it."""
    if by.kind != "system" and file.secrecy > by.clearance:
        raise Gone()
    return file.level


def _key(file: File) -> str:
    return f"lower:file:{file.pk}"


def _said(file: File, old: int, new: int) -> dict[str, Any]:
    return {"file": file.pk, "name": file.name, "old": old, "new": new, "was": levels.name(old), "now": levels.name(new)}
