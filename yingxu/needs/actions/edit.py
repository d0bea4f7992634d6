"""Corrections, tags, internal notes, following, files."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import action
from yingxu.base.errors import Invalid, Stale, WrongMoment
from yingxu.base.given import staff, words
from yingxu.customers.models import Customer
from yingxu.deadlines import actions as clocks
from yingxu.files import actions as files
from yingxu.matters import actions as matters
from yingxu.matters import circles
from yingxu.matters.models import Note
from yingxu.people.models import User
from yingxu.templates import actions as templates
from yingxu.templates import queries as record_templates
from yingxu.templates.models import TemplateVersion

from .. import rules
from ..events import FilesAttached, NeedAmended, NeedTagged, NeedVoided, NoteWritten
from ..models import Need
from ..states import MOVES, State
from ._parts import drop_tasks, responsible, say, state
from .management import nothing_open

MENTION = re.compile(r"@([\w.\-]{1,60})")


@action(rules.AMEND)
def amend(need: Need, *, by: Actor, version: int, changes: Mapping[str, Any]) -> Need:
    """Correct title, caller, customer, secrecy or template fields. `version` is the one the form was made from: if somebody else saved
    meanwhile, raises Stale with both values and changes nothing."""
    if need.state in (State.MERGED, State.VOID):
        raise WrongMoment(_("This need has ended and stays as it is."))
    wanted = _wanted(need, changes)
    if version != need.version:
        both = {name: (old, new) for name, _label, old, new in wanted}
        raise Stale(_("Nothing was saved: somebody has just changed this need. Look at the difference."), theirs=both)
    for name, label, old, new in wanted:
        event = NeedAmended(round=need.round, field=name, label=str(label), old=str(old or ""), new=str(new or ""))
        state(event, need, by, tell=[need.matter.owner_id])
    if wanted:
        need.version += 1
        need.matter.save(update_fields=["title", "secrecy"])
        if need.customer_id:
            circles.follow(need.matter, need.customer.matter)
        circles.spread(need.matter)
        need.save()
        matters.index(need.matter, *search_words(need))
    return need


def _wanted(need: Need, changes: Mapping[str, Any]) -> list[tuple]:
    """Puts the changes on the row and lists (field, label, old, new) for what really differs."""
    found: list[tuple] = []
    if "title" in changes:
        title = words(changes["title"], "title", longest=200)
        if title != need.matter.title:
            found.append(("title", _("title"), need.matter.title, title))
            need.matter.title = title
    if "caller" in changes and changes["caller"] != need.caller:
        found.append(("caller", _("contact"), need.caller, changes["caller"]))
        need.caller = words(changes["caller"], "caller", required=False, longest=80)
    if "customer" in changes:
        customer: Customer | None = changes["customer"]
        if (customer.pk if customer else None) != need.customer_id:
            found.append(("customer", _("customer"), need.customer.name if need.customer_id else "", customer.name if customer else ""))
            need.customer, need.contact = customer, None
    if "secrecy" in changes and int(changes["secrecy"]) != need.matter.secrecy:
        level = int(changes["secrecy"])
        if level < need.matter.secrecy:
            raise Invalid.field("secrecy", _("A secrecy level can only be raised here; lowering it needs a second person."))
        if level > 3:
            raise Invalid.field("secrecy", _("There is no such secrecy level."))
        found.append(("secrecy", _("secrecy level"), need.matter.secrecy, level))
        need.matter.secrecy = level
    if "fields" in changes:
        version = need.template or record_templates.version_for(need.kind)
        values = _validated(version, need.fields, changes["fields"])
        labels = {f["code"]: f["label"] for f in version.fields}
        for code in sorted(set(values) | set(need.fields)):
            if need.fields.get(code) != values.get(code):
                found.append((f"fields.{code}", labels.get(code, code), need.fields.get(code), values.get(code)))
        need.fields = values
    return found


def _validated(version: TemplateVersion, before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """As at registration, but what was missing before may stay missing: an old record can be mended bit by bit."""
    together = {**before, **given}
    try:
        return templates.validate(version, together, at="registration")
    except Invalid as refusal:
        lacking = {spec.code for spec in version.specs if before.get(spec.code) is None and together.get(spec.code) in (None, "", [])}
        if not set(refusal.fields) <= lacking:
            raise
        return templates.validate(version, together, at="import")


def search_words(need: Need) -> list[str]:
    said = need.matter.notes.values_list("body", flat=True)
    customer = need.customer.name if need.customer_id else ""
    return [need.matter.title, need.body, need.caller, customer, *map(str, need.fields.values()), *said]


@action(rules.TAG)
def tag(need: Need, *, by: Actor, add: Sequence[str] = (), remove: Sequence[str] = ()) -> Need:
    """Free labels; at most 20 a need."""
    before = set(need.tags)
    after = (before | {words(t, "tags", longest=30) for t in add}) - set(remove)
    if len(after) > 20:
        raise Invalid.field("tags", _("At most 20 tags."))
    if after != before:
        need.tags = sorted(after)
        need.save()
        state(NeedTagged(round=need.round, added=sorted(after - before), removed=sorted(before - after)), need, by)
    return need


@action(rules.NOTE)
def note(need: Need, *, by: Actor, text: str, uploads=()) -> Need:
    """Words nobody outside reads. @name asks a colleague to look and lets them follow the need (within their clearance)."""
    text = words(text, "text")
    names = set(MENTION.findall(text))
    called = list(User.objects.filter(Q(name__in=names) | Q(username__in=names), circles.may_know(need.matter)).order_by("id")) if names else []
    matters.watch(need.matter, [u.pk for u in called])
    entry = state(NoteWritten(round=need.round), need, by, tell=[u.pk for u in called])
    say(need, entry, Note.Voice.INTERNAL, text)
    files.attach(need.matter, uploads, by=by, entry=entry, public=False)
    return need


@action(rules.VIEW)
def follow(need: Need, *, by: Actor) -> Need:
    """Be told of what happens to this need."""
    matters.watch(need.matter, [staff(by)])
    return need


@action(rules.VIEW)
def unfollow(need: Need, *, by: Actor) -> Need:
    """No longer be told."""
    matters.unwatch(need.matter, staff(by))
    return need


@action(rules.NOTE)
def attach(need: Need, *, by: Actor, uploads, public: bool = False, level: int = 0) -> Need:
    """Files without words, for the customer too or with a level of their own."""
    if uploads:
        entry = state(FilesAttached(round=need.round, attached=len(uploads)), need, by)
        files.attach(need.matter, uploads, by=by, entry=entry, public=public, level=level)
    return need


@action(rules.VOID)
def void(need: Need, *, by: Actor, reason: str) -> Need:
    """Registered by mistake. The number stays, with its reason, so the register has no gap. What came by an import can be declared
    void in any state, to undo the import."""
    imported = need.receipts.filter(source__startswith="import").exists()
    if not imported and State.VOID not in MOVES[State(need.state)]:
        raise WrongMoment(_("It is too late to declare this void: it is “%(now)s”.") % {"now": State(need.state).label})
    if need.state in (State.VOID, State.MERGED):
        raise WrongMoment(_("This need has ended and stays as it is."))
    nothing_open(need)
    need.held_at = None
    need.state = State.VOID
    need.matter.closed_at = need.matter.closed_at or clock.now()
    need.matter.save(update_fields=["closed_at"])
    need.save()
    clocks.cancel(need.matter, at=clock.now())
    reason = words(reason, "reason", longest=500)
    drop_tasks(need, by, reason)
    state(NeedVoided(round=need.round, reason=reason), need, by, tell=[*responsible(need), need.registered_by_id])
    return need
