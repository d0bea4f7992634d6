"""Verbs: ask for a backup, ask for a proof, say when and where. What they ask for runs in the worker (`running`)."""

import logging
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from yingxu.base import clock
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import opens
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.base.returning import RETURNING
from yingxu.matters.actions import record
from yingxu.people.models import Session

from . import places, queries, resealing, rules, taking, vault
from .events import KeyAdded, KeyRetired, PlanChanged, Restored
from .models import Archive, Backup, Plan, Proof, Resealing

log = logging.getLogger("yingxu.backups")


@opens(rules.MANAGE)
def ask_backup(*, by: Actor) -> Backup:
    """Take a backup as soon as the worker can."""
    _free()
    row = Backup.objects.create(asked_by_id=by.user_id, begun_at=clock.now())
    wake()
    return row


@opens(rules.MANAGE)
def ask_proof(*, by: Actor) -> Proof:
    """Really restore the newest backup into a scratch database and compare, as soon as the worker can."""
    _free()
    backup = queries.to_prove()
    if backup is None:
        raise WrongMoment(_("There is no backup yet; take one first."))
    row = Proof.objects.create(backup=backup, asked_by_id=by.user_id, begun_at=clock.now())
    wake()
    return row


@opens(rules.MANAGE)
def set_plan(*, by: Actor, hour: int, place: str = "", second: str = "") -> Plan:
    """Say at which hour backups are taken and where they lie. Both places must be directories we can write in."""
    kept = {"place": _place("place", place), "second": _place("second", second)}
    if kept["second"] and kept["second"] == (kept["place"] or str(settings.DATA_DIR / "backups")):
        raise Invalid.field("second", _("The second place must be another one, best on another machine."))
    if not 0 <= hour < 24:
        raise Invalid.field("hour", _("An hour is 0 to 23."))
    row, _made = Plan.objects.update_or_create(pk=1, defaults={"hour": hour, **kept})
    record(PlanChanged(hour=row.hour, place=row.place, second=row.second), on=None, by=by)
    return row


def _place(name: str, given: str) -> str:
    text = given.strip()
    if not text:
        return ""
    path = Path(text)
    inside = path == settings.DATA_DIR or (settings.DATA_DIR in path.parents and path.parts[len(settings.DATA_DIR.parts)] != "backups")
    if not path.is_absolute() or inside:
        raise Invalid.field(name, _("Write the whole path of a directory outside of the data directory."))
    try:
        places.begin(path)
    except vault.Trouble as trouble:
        raise Invalid.field(name, _(trouble.sentence) % trouble.values) from None
    except OSError as error:
        raise Invalid.field(name, _("This directory cannot be used: %(why)s") % {"why": error.strerror}) from None
    return str(path)


def _free() -> None:
    if queries.under_way() is not None:
        raise WrongMoment(_("A backup is under way already; wait until it is done."))


def wake() -> None:
    """Let the worker do what was asked for."""
    try:
        with transaction.atomic():
            app.configure_task("operations.work_off", queue="slow", lock="operations", queueing_lock="operations.work_off").defer()
    except AlreadyEnqueued:
        pass  # it will find this one as well


@opens(rules.MANAGE)
def rotate_key(*, by: Actor) -> Resealing:
    """Make a new key current for what is sealed, and have everything sealed anew in the background."""
    name = resealing.add()
    row = Resealing.objects.create(key=name, asked_by_id=by.user_id, begun_at=clock.now())
    record(KeyAdded(key=name), on=None, by=by)
    wake()
    return row


@opens(rules.MANAGE)
def retire_key(*, by: Actor, key: str) -> None:
    """Take a key out of use. Raises WrongMoment while anything needs it."""
    try:
        resealing.retire(key)
    except vault.Trouble as trouble:
        raise WrongMoment(_(trouble.sentence) % trouble.values) from None
    record(KeyRetired(key=key), on=None, by=by)


def settle_return(backup: str) -> int:
    """Right after a restore, before anything starts: hold what may have left already, forget who was signed in. Returns how many
    messages were held."""
    with transaction.atomic():
        held = sum(fn() for fn in RETURNING)
        Session.objects.all().delete()
        Backup.objects.filter(state__in=[Backup.State.ASKED, Backup.State.RUNNING]).delete()
        Proof.objects.filter(state__in=[Proof.State.ASKED, Proof.State.RUNNING]).delete()
        Archive.objects.all().delete()  # what another machine had brought
        record(Restored(backup=backup, held=held), on=None, by=SYSTEM)
    return held


def carry_ledger() -> None:
    """Put the newest ledger of erasures into both places of the backups. A place that cannot be reached gets it with its next backup."""
    plan = queries.plan()
    for place in {queries.place_of(plan), Path(plan.second) if plan.second else None} - {None}:
        try:
            if (place / places.MARK).exists():
                taking.carry_ledger(place, vault.kept(settings.BACKUP_KEY)[0])
        except (vault.Trouble, OSError) as error:
            log.warning("the ledger of erasures was not carried to %s: %s", place, error)
