"""Verbs of lists: receive, map, apply, take the passwords, undo. Departments and people are changed by the room's own verbs only."""

import json
import secrets
from collections.abc import Collection, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.base import clock, crypto, tables
from yingxu.base.access import Actor
from yingxu.base.action import action, opens
from yingxu.base.errors import Invalid, Refusal, WrongMoment

from .. import actions, rules
from ..models import Department, DirectoryImport, DirectoryRow, Grant, User
from . import columns
from .planning import Step, plan

SEALED = "people.directory"
MOST_ROWS, MOST_NEW = 5_000, 500  # hashing a password takes its time on purpose
KEPT = timedelta(days=30)  # a list holds personal data
TAKEN_WITHIN = timedelta(days=1)
S, Out, Shape = DirectoryImport.State, DirectoryRow.Outcome, DirectoryImport.Shape


def place(run: DirectoryImport) -> Path:
    """Where the list lies until it is applied or too old."""
    return Path(settings.FILES_DIR).parent / "imports" / run.stored


def read(run: DirectoryImport) -> tables.Table:
    """The rows of the list. Raises Invalid when it is no longer kept."""
    try:
        return tables.read(place(run), run.name)
    except FileNotFoundError:
        raise Invalid(_("This list is no longer kept; upload it again.")) from None


@opens(rules.MANAGE)
def receive(upload: UploadedFile, *, by: Actor, shape: str = "") -> DirectoryImport:
    """Keep the list, read it through once, and guess what its columns mean."""
    if by.user_id is None or (shape and shape not in Shape.values):
        raise Invalid.field("shape", _("Choose what the list holds."))
    if upload.size is None or upload.size > settings.FILE_MAX_BYTES:
        raise Invalid.field("file", _("At most %(mb)s MB; split the file.") % {"mb": settings.FILE_MAX_BYTES >> 20})
    run = DirectoryImport(name=Path(upload.name or "list").name[-120:], stored=secrets.token_hex(16), by_id=by.user_id, at=clock.now())
    path = place(run)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(upload.chunks()))
    try:
        table = tables.read(path, run.name)
        if len(table.rows) > MOST_ROWS:
            raise Invalid(_("At most %(n)s rows in one file; split it.") % {"n": f"{MOST_ROWS:,}"})
    except Invalid as refusal:
        path.unlink(missing_ok=True)
        raise Invalid.field("file", refusal.message) from None
    run.shape = shape or _shape(table.header)
    run.header, run.total = table.header, len(table.rows)
    run.mapping = tables.guess(table.header, columns.targets(run.shape))
    run.save()
    return run


def _shape(header: list[str]) -> str:
    found = {shape: len(tables.guess(header, columns.targets(shape))) for shape in Shape.values}
    people = "username" in tables.guess(header, columns.STAFF).values()
    return Shape.STAFF if people and found[Shape.STAFF] >= found[Shape.DEPARTMENTS] else Shape.DEPARTMENTS


@action(rules.MANAGE)
def map_columns(run: DirectoryImport, *, by: Actor, mapping: Mapping[str, str], shape: str = "") -> DirectoryImport:
    """Say what each column means. Raises Invalid when something needed is missing."""
    _fresh(run)
    shape = shape or run.shape
    if shape not in Shape.values:
        raise Invalid.field("shape", _("Choose what the list holds."))
    if shape != run.shape:
        run.shape, mapping = shape, tables.guess(run.header, columns.targets(shape))
    allowed = {target.code: target.label for target in columns.targets(shape)}
    chosen = {name: code for name, code in mapping.items() if name in run.header and code in allowed}
    if len(set(chosen.values())) < len(chosen):
        raise Invalid(_("Two columns mean the same; choose one of them."))
    missing = [str(allowed[code]) for code in columns.NEEDED[Shape(shape)] if code not in chosen.values()]
    run.mapping = chosen
    run.save(update_fields=["mapping", "shape"])
    if missing:
        raise Invalid(_("Choose the columns for: %(names)s.") % {"names": "、".join(missing)})
    return run


@action(rules.MANAGE)
def apply(run: DirectoryImport, *, by: Actor, leaving: Collection[int] = (), keep_passwords: bool = True) -> DirectoryImport:
    """Do what the list says, row by row; what is refused is reported and the others go on. `leaving` are the keys of missing people
    who are to be deactivated; nobody is who is not named. First passwords are kept, sealed, until they are taken once."""
    _fresh(run)
    found = plan(run, read(run))
    if found.count("add") > MOST_NEW and run.shape == Shape.STAFF:
        raise Invalid(_("At most %(most)s new people at a time; split the list.") % {"most": MOST_NEW})
    fresh: list[list[str]] = []
    made = [_done(run, step, by, fresh) for step in _parents_first(found.steps) if step.act != "same"]
    made += [_left(run, user, by) for user in found.missing if user.pk in leaving]
    DirectoryRow.objects.bulk_create(made)
    run.state, run.applied_at = S.APPLIED, clock.now()
    run.secrets = crypto.seal(json.dumps(fresh), SEALED) if fresh and keep_passwords else ""
    run.save(update_fields=["state", "applied_at", "secrets"])
    transaction.on_commit(lambda: place(run).unlink(missing_ok=True))
    return run


def _parents_first(steps: list[Step]) -> list[Step]:
    """In order, but a new department after the one it hangs on."""
    coming = {step.values.get("code"): step for step in steps if step.act == "add" and "code" in step.values}
    ordered: list[Step] = []

    def put(step: Step) -> None:
        if step not in ordered:
            above = coming.get(step.values.get("parent")) if "code" in step.values else None
            if above is not None:
                put(above)
            ordered.append(step)

    for step in steps:
        put(step)
    return ordered


def _done(run: DirectoryImport, step: Step, by: Actor, fresh: list[list[str]]) -> DirectoryRow:
    row = DirectoryRow(run=run, line=step.line, title=step.title[:120], message=" ".join(step.remarks)[:500])
    if step.act == "refuse":
        row.outcome = Out.REFUSED
        return row
    try:
        with transaction.atomic():
            (_department if run.shape == Shape.DEPARTMENTS else _person)(row, step, by, fresh)
    except Refusal as refusal:
        row.outcome, row.message = Out.REFUSED, str(refusal)[:500]
        row.department = row.user = None
        row.before = row.after = {}
    return row


def _department(row: DirectoryRow, step: Step, by: Actor, _fresh: list[list[str]]) -> None:
    values = step.values
    if "parent" in values:
        values["parent"] = Department.objects.get(code=values["parent"]) if values["parent"] else None
    active = values.pop("active", None)
    if step.act == "add":
        given = {key: values[key] for key in ("code", "name", "parent", "head", "service") if key in values}
        row.department, row.outcome = actions.add_department(by=by, **given), Out.ADDED
    else:
        found = Department.objects.get(pk=step.found.pk)
        row.before, row.outcome = _of_department(found), Out.CHANGED
        kept = {key: getattr(found, key) for key in ("name", "parent", "head", "service")}
        row.department = actions.edit_department(found, by=by, **{**kept, **{key: values[key] for key in kept if key in values}})
    if active is not None and active != row.department.active:
        (actions.reactivate_department if active else actions.deactivate_department)(row.department, by=by)
    row.after = _of_department(Department.objects.get(pk=row.department.pk))


def _person(row: DirectoryRow, step: Step, by: Actor, fresh: list[list[str]]) -> None:
    values = step.values
    active, roles = values.pop("active", None), values.pop("roles", [])
    if step.act == "add":
        row.outcome = Out.ADDED
        given = {"department": None, **{key: values[key] for key in ("username", "name", "department", "email", "mobile") if key in values}}
        row.user, secret = actions.add_person(by=by, **given)
        fresh.append([row.user.username, row.user.name, secret])
    else:
        found = User.objects.select_related("department").get(pk=step.found.pk)
        row.before, row.outcome = _of_person(found), Out.CHANGED
        kept = {key: getattr(found, key) for key in ("username", "name", "department", "email", "clearance", "mobile", "chat_id")}
        row.user = actions.edit_user(found, by=by, **{**kept, **{key: values[key] for key in kept if key in values}})
        if active is not None and active != row.user.is_active:
            (actions.bring_back if active else actions.deactivate_user)(row.user, by=by)
    changes = [actions.propose_grant(row.user, role, by=by, why=row.run.name) for role in roles]
    given_now = list(Grant.objects.filter(user=row.user, role__in=[change.role_id for change in changes if change.state == "done"], ends_at=None).values_list("pk", flat=True))
    if waiting := [change for change in changes if change.state == "waiting"]:
        said = ngettext("%(num)s role waits for another security administrator.", "%(num)s roles wait for another security administrator.", len(waiting))
        row.message = " ".join(filter(None, [row.message, said % {"num": len(waiting)}]))[:500]
    row.after = {**_of_person(User.objects.get(pk=row.user.pk)), "grants": given_now}


def _left(run: DirectoryImport, user: User, by: Actor) -> DirectoryRow:
    row = DirectoryRow(run=run, title=user.name[:120], outcome=Out.LEFT, user=user)
    try:
        actions.deactivate_user(user, by=by)
    except Refusal as refusal:
        row.outcome, row.message = Out.REFUSED, str(refusal)[:500]
    return row


def _of_department(found: Department) -> dict[str, Any]:
    return {"name": found.name, "parent": found.parent_id, "head": found.head_id, "service": found.service, "active": found.active}


def _of_person(found: User) -> dict[str, Any]:
    """As it is kept: the mobile number stays sealed."""
    return {"name": found.name, "department": found.department_id, "email": found.email, "mobile": found.sealed_mobile, "active": found.is_active}


@action(rules.MANAGE)
def take_passwords(run: DirectoryImport, *, by: Actor) -> list[list[str]]:
    """(sign-in name, name, password) of the new people; they are forgotten with this."""
    if not run.secrets:
        raise WrongMoment(_("The passwords of this list were taken already; reset those you still need."))
    found: list[list[str]] = json.loads(crypto.unseal(run.secrets, SEALED))
    run.secrets = ""
    run.save(update_fields=["secrets"])
    return found


@action(rules.MANAGE)
def undo(run: DirectoryImport, *, by: Actor) -> tuple[int, int]:
    """Put back what this list changed, as far as nobody has changed it since: (put back, kept). People and departments it added are
    deactivated, for what they did meanwhile keeps their name."""
    if run.state != S.APPLIED:
        raise WrongMoment(_("Only a list that was applied can be undone."))
    back = kept = 0
    for row in run.rows.exclude(outcome=Out.REFUSED).select_related("user", "department").order_by("-id"):
        try:
            with transaction.atomic():
                done = _back_department(row, by) if row.department else _back_person(row, by)
        except Refusal:
            done = False
        back, kept = back + done, kept + (not done)
    run.state, run.secrets = S.UNDONE, ""
    run.save(update_fields=["state", "secrets"])
    return back, kept


def _back_department(row: DirectoryRow, by: Actor) -> bool:
    found: Department = row.department  # type: ignore[assignment]
    if _of_department(found) != row.after:
        return False
    if row.outcome == Out.ADDED:
        actions.deactivate_department(found, by=by)
        return True
    was = row.before
    actions.edit_department(
        found, by=by, name=was["name"], parent=Department.objects.filter(pk=was["parent"]).first(), head=User.objects.filter(pk=was["head"]).first(),
        service=was["service"],
    )  # fmt: skip
    if was["active"] != found.active:
        (actions.reactivate_department if was["active"] else actions.deactivate_department)(found, by=by)
    return True


def _back_person(row: DirectoryRow, by: Actor) -> bool:
    user: User = row.user  # type: ignore[assignment]
    if row.outcome == Out.LEFT:
        if user.is_active:
            return False
        actions.bring_back(user, by=by)
        return True
    if _opened({**_of_person(user), "grants": row.after["grants"]}) != _opened(row.after):
        return False
    for grant in Grant.objects.filter(pk__in=row.after["grants"], ends_at=None):
        actions.propose_end(grant, by=by)
    if row.outcome == Out.ADDED:
        actions.deactivate_user(user, by=by)
        return True
    was = row.before
    department = Department.objects.filter(pk=was["department"]).first()
    mobile = crypto.unseal(was["mobile"], User.SEALED) if was["mobile"] else ""
    actions.edit_user(
        user, by=by, username=user.username, name=was["name"], department=department, email=was["email"], clearance=user.clearance, mobile=mobile,
        chat_id=user.chat_id,
    )  # fmt: skip
    if was["active"] != user.is_active:
        (actions.bring_back if was["active"] else actions.deactivate_user)(user, by=by)
    return True


def _opened(kept: dict[str, Any]) -> dict[str, Any]:
    """With the mobile number in the clear: sealed twice, one number looks like two."""
    return {**kept, "mobile": crypto.unseal(kept["mobile"], User.SEALED) if kept["mobile"] else ""}


def _fresh(run: DirectoryImport) -> None:
    if run.state != S.RECEIVED:
        raise WrongMoment(_("This list was applied already; upload it again to see what it would change now."))


def forget_lists() -> int:
    """Passwords nobody took within a day are forgotten, lists nobody applied within thirty days thrown away."""
    now = clock.now()
    DirectoryImport.objects.exclude(secrets="").filter(applied_at__lt=now - TAKEN_WITHIN).update(secrets="")
    old = DirectoryImport.objects.filter(state=S.RECEIVED, at__lt=now - KEPT)
    for run in old:
        place(run).unlink(missing_ok=True)
    return old.delete()[0]
