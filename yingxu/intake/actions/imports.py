"""Verbs of imports: receive a file, map its columns, start, run (by the worker, in resumable steps), undo."""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override
from procrastinate.contrib.django import app

from yingxu.base import clock, tables
from yingxu.base.access import Actor
from yingxu.base.action import action, opens
from yingxu.base.errors import Invalid, Refusal, WrongMoment
from yingxu.matters import actions as matters
from yingxu.needs import actions as needs
from yingxu.needs.models import Need
from yingxu.needs.states import State as NeedState
from yingxu.people import actions as people_actions
from yingxu.people import queries as people
from yingxu.templates import queries as record_templates

from .. import columns, replay, rules
from ..backfill import Reader, Row, follow
from ..events import ImportFinished, ImportUndone
from ..models import ImportRow, ImportRun, RememberedMapping

STEP = 200  # rows a transaction
CASES = 20  # needs of an event log a transaction
S = ImportRun.State


def place(stored: str) -> Path:
    """Where an uploaded list lies until its run is deleted."""
    return Path(settings.FILES_DIR).parent / "imports" / stored


@opens(rules.IMPORT)
def receive(upload: UploadedFile, *, by: Actor, shape: str = "", kind: str = "") -> ImportRun:
    """Keep the file, read it through once, and propose a mapping: the one remembered for this header, else guessed by names."""
    if upload.size > settings.FILE_MAX_BYTES:
        raise Invalid.field("file", _("At most %(mb)s MB; split the file.") % {"mb": settings.FILE_MAX_BYTES >> 20})
    stored = secrets.token_hex(16)
    path = place(stored)
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with path.open("xb") as file:
        for chunk in upload.chunks():
            digest.update(chunk)
            file.write(chunk)
    try:
        table = tables.read(path, upload.name)
    except Invalid as refusal:
        path.unlink(missing_ok=True)
        raise Invalid.field("file", refusal.message) from None
    known = RememberedMapping.objects.filter(header=tables.signature(table.header)).first()
    shape = shape or (known.shape if known else _shape(table.header))
    options: dict[str, Any] = (
        dict(known.options) if known and known.shape == shape else {"list": Path(upload.name).stem[:40]}
    )
    kinds = record_templates.kinds()
    options["kind"] = kind or options.get("kind") or (kinds[0].code if kinds else "")
    return ImportRun.objects.create(
        name=Path(upload.name).name[:120], stored=stored, sha256=digest.hexdigest(), shape=shape, header=table.header, total=len(table.rows),
        mapping=known.mapping if known and known.shape == shape else columns.guess(table.header, shape, options["kind"]),
        options=options, by_id=by.user_id, at=clock.now(),
    )  # fmt: skip


def _shape(header: list[str]) -> str:
    found = set(columns.guess(header, ImportRun.Shape.EVENTS).values())
    return (
        ImportRun.Shape.EVENTS
        if {"case", "at", "state"} <= found and {"reassigned", "reopened"} & found
        else ImportRun.Shape.NEEDS
    )


@action(rules.IMPORT)
def map_columns(
    run: ImportRun, *, by: Actor, mapping: Mapping[str, str], options: Mapping[str, Any], shape: str = ""
) -> ImportRun:
    """Say what each column means; remembered for the next file with this header. Raises Invalid when something needed is missing."""
    if run.state != S.RECEIVED:
        raise WrongMoment(_("This import has already been started."))
    shape = shape or run.shape
    if shape not in ImportRun.Shape.values:
        raise Invalid.field("shape", _("Choose what a row is."))
    allowed = {t.code for t in columns.targets(shape, options.get("kind", ""))}
    chosen = {name: code for name, code in mapping.items() if name in run.header and code in allowed}
    doubled = {code for code in chosen.values() if list(chosen.values()).count(code) > 1}
    if doubled:
        raise Invalid(_("Two columns mean the same; choose one of them."))
    needed = {"case", "at", "state"} if shape == ImportRun.Shape.EVENTS else {"body"}
    if shape == ImportRun.Shape.NEEDS and "title" in chosen.values():
        needed = set()
    if not needed <= set(chosen.values()):
        raise Invalid(_("Choose the columns for: %(names)s.") % {
            "names": "、".join(str(t.label) for t in columns.targets(shape) if t.code in needed - set(chosen.values()))
        })  # fmt: skip
    if record_templates.version_for(options.get("kind", "")) is None:
        raise Invalid.field("kind", _("Choose a business type."))
    run.shape, run.mapping, run.options = shape, chosen, dict(options)
    run.save()
    RememberedMapping.objects.update_or_create(
        header=tables.signature(run.header),
        defaults={"shape": shape, "mapping": chosen, "options": dict(options), "at": clock.now()},
    )
    return run


@action(rules.IMPORT)
def start(run: ImportRun, *, by: Actor) -> ImportRun:
    """Hand it to the worker; a run that stopped goes on where it was."""
    if run.state not in (S.RECEIVED, S.FAILED):
        raise WrongMoment(_("This import has already been started."))
    run.state, run.trouble, run.started_at = S.WAITING, "", run.started_at or clock.now()
    run.save()
    app.configure_task("intake.run_import", queue="slow", lock="intake.import").defer(run_id=run.pk)
    return run


def run_all(run_id: int) -> None:
    """All steps of a run, each its own transaction, so that a killed worker loses nothing and repeats nothing. Called by the job."""
    run = ImportRun.objects.select_related("by").get(pk=run_id)
    if run.state not in (S.WAITING, S.RUNNING):
        return
    ImportRun.objects.filter(pk=run_id).update(state=S.RUNNING)
    by = people.actor(run.by)
    with override(run.by.language or "zh-hans"):
        try:
            table = tables.read(place(run.stored), run.name)
            units = _cases(table.rows, run) if run.shape == ImportRun.Shape.EVENTS else [[row] for row in table.rows]
            size = CASES if run.shape == ImportRun.Shape.EVENTS else STEP
            while _step(run_id, units, by, size):
                pass
        except (Refusal, FileNotFoundError) as error:
            ImportRun.objects.filter(pk=run_id).update(state=S.FAILED, trouble=str(error)[:300])


def _cases(rows: list, run: ImportRun) -> list[list]:
    """Rows of an event log gathered by case, in order of their first row; within a case by time."""
    reader, cases = Reader(run), defaultdict(list)
    for line, cells in rows:
        cases[reader.text(cells, "case")].append((line, cells))
    for found in cases.values():
        found.sort(key=lambda row: (str(columns.moment(row[1].get(reader.columns["at"])) or ""), row[0]))
    return list(cases.values())


def _step(run_id: int, units: list[list], by: Actor, size: int) -> bool:
    """Deal with the next units; False when there is nothing left to do."""
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run_id)
        if run.state != S.RUNNING:
            return False
        handled = run.rows.count()
        todo = units[handled : handled + size]
        if todo:
            made = _replayed(run, todo, by) if run.shape == ImportRun.Shape.EVENTS else _taken_in(run, todo, by)
            ImportRow.objects.bulk_create(made)
            run.done = min(run.total, run.done + sum(len(unit) for unit in todo))
        else:
            run.state, run.finished_at, run.done = S.FINISHED, clock.now(), run.total
            tally = {o: run.rows.filter(outcome=o).count() for o in ImportRow.Outcome}
            event = ImportFinished(
                name=run.name, run=run.pk, done=tally[ImportRow.Outcome.DONE], repeated=tally[ImportRow.Outcome.REPEATED],
                refused=tally[ImportRow.Outcome.REFUSED],
            )  # fmt: skip
            matters.record(event, on=None, by=by)
        run.save()
        return bool(todo)


def _taken_in(run: ImportRun, units: list[list], by: Actor) -> list[ImportRow]:
    reader, made = Reader(run), []
    rows: list[tuple[int, Row]] = []
    for ((line, cells),) in units:
        try:
            rows.append((line, reader.read(line, cells)))
        except Refusal as refusal:
            made.append(ImportRow(run=run, line=line, outcome=ImportRow.Outcome.REFUSED, message=str(refusal)[:300]))
    answers = needs.register_many([r.intake for _line, r in rows], by=by, onces=[r.once for _line, r in rows])
    fresh = {a.id for a in answers if isinstance(a, needs.Registered) and not a.repeated}
    found = Need.objects.select_related("matter").in_bulk(fresh)
    for (line, row), answer in zip(rows, answers, strict=True):
        if isinstance(answer, Refusal):
            made.append(ImportRow(run=run, line=line, outcome=ImportRow.Outcome.REFUSED, message=_told(answer)))
        elif answer.repeated:
            made.append(ImportRow(run=run, line=line, outcome=ImportRow.Outcome.REPEATED, need_id=answer.id))
        else:
            trouble = _followed(row, found[answer.id], by)
            made.append(
                ImportRow(run=run, line=line, outcome=ImportRow.Outcome.DONE, need_id=answer.id, message=trouble)
            )
    return made


def _followed(row: Row, need: Need, by: Actor) -> str:
    try:
        with transaction.atomic():
            follow(row, need, by)
    except Refusal as refusal:
        return (_("Registered, but no further: ") + str(refusal))[:300]
    return ""


def _told(refusal: Refusal) -> str:
    fields = "；".join(f"{name}：{' '.join(map(str, found))}" for name, found in refusal.fields.items())
    return (fields or str(refusal))[:300]


def _replayed(run: ImportRun, units: list[list], by: Actor) -> list[ImportRow]:
    former = people_actions.former_system()
    history = Actor(kind="system", name=former.name, user_id=former.pk, clearance=3)
    player, made = replay.Replay(Reader(run), by, history), []
    for rows in units:
        line = rows[0][0]
        try:
            with transaction.atomic():
                done = player.run(player.reader.text(rows[0][1], "case"), rows)
        except Refusal as refusal:
            made.append(ImportRow(run=run, line=line, outcome=ImportRow.Outcome.REFUSED, message=_told(refusal)))
        else:
            outcome = ImportRow.Outcome.REPEATED if done.repeated else ImportRow.Outcome.DONE
            made.append(ImportRow(run=run, line=line, outcome=outcome, need_id=done.id))
    return made


@action(rules.UNDO)
def undo(run: ImportRun, *, by: Actor) -> ImportRun:
    """Declare void what this run brought in; needs that people have worked on since are kept and counted."""
    if run.state != S.FINISHED:
        raise WrongMoment(_("Only a finished import can be undone."))
    undone = kept = 0
    rows = run.rows.filter(outcome=ImportRow.Outcome.DONE, undone=False).select_related("need__matter")
    for row in rows:
        touched = row.need.matter.entries.filter(recorded_at__gt=run.finished_at).exclude(actor_kind="system").exists()
        if touched or row.need.state in (NeedState.VOID, NeedState.MERGED):
            kept += 1
            continue
        needs.void(row.need, by=by, reason=_("Import of %(name)s undone") % {"name": run.name})
        ImportRow.objects.filter(pk=row.pk).update(undone=True)
        # the receipt goes, so that a corrected file with the same numbers can be imported
        row.need.receipts.filter(source__startswith="import").delete()
        undone += 1
    run.state = S.UNDONE
    run.save()
    matters.record(ImportUndone(name=run.name, run=run.pk, undone=undone, kept=kept), on=None, by=by)
    return run


