"""Verbs of the auditors' room."""

from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import opens
from yingxu.base.errors import Invalid, WrongMoment
from yingxu.matters import actions as matters
from yingxu.matters import seals
from yingxu.matters.models import Verification

from . import queries, rules
from .models import Record


@opens(rules.EXPORT)
def export(*, by: Actor, wish: queries.Wish) -> list[Record]:
    """The list as it is filtered, for a file; that it left is written into the access log."""
    found = list(queries.to_export(by, wish)[: queries.MOST + 1])
    if len(found) > queries.MOST:
        raise Invalid(_("These are more than %(most)s rows. Narrow the list down and export it in parts.") % {"most": f"{queries.MOST:,}"})
    matters.exported("audit", by=by, rows=len(found), words=wish.words())
    return found


@opens(rules.VERIFY)
def verify(*, by: Actor) -> list[Verification]:
    """Hold both ledgers against their seals, in the worker, from the beginning. Refused while that is running."""
    if any(one.running for one in Verification.objects.filter(ended_at=None)):
        raise WrongMoment(_("A verification is running already."))
    now = clock.now()
    made = [Verification.objects.create(ledger=name, by_name=by.name[:80], user_id=by.user_id, begun_at=now, seen_at=now) for name in seals.LEDGERS]
    for one in made:
        app.configure_task("audit.verify", queue="slow", lock="audit.verify").defer(pk=one.pk)
    return made
