"""What personal data is used for, in which words people are told, and how long it is kept."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from yingxu.base import clock, given
from yingxu.base.access import Actor
from yingxu.base.action import opens, step
from yingxu.base.errors import Invalid
from yingxu.matters.actions import record

from .. import kinds, rules
from ..events import NoticePublished, PurposeSaid, PurposeSwitched, RetentionSet
from ..models import Assessment, Notice, Purpose, Retention, Wording

WORDED = ("scope", "means", "months", "why")
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@opens(rules.MANAGE)
def publish_notice(*, by: Actor, version: str, body: str) -> Notice:
    """A new version of the privacy notice; earlier ones stay readable beside what was agreed under them."""
    version, body = given.words(version, "version", longest=20), given.words(body, "body", longest=60_000)
    if Notice.objects.filter(version=version).exists():
        raise Invalid.field("version", _("There is a version of this name already; a published notice is not changed."))
    made = Notice.objects.create(version=version, body=body, published_at=clock.now(), published_by_id=by.user_id)
    record(NoticePublished(version=version), on=None, by=by)
    return made


@opens(rules.MANAGE)
def edit_purpose(
    *, by: Actor, code: str, name: str, basis: str, scope: str, means: str, months: int | None = None, why: str = "", sensitive: bool = False,
    recipient: str = "", identifiers: Iterable[str] = (), anew: bool = True, automated: bool = False, assessment: Assessment | None = None,
) -> Purpose:  # fmt: skip
    """Say what data is used for: a new purpose, or another wording of an old one. What is the same makes no new version; a change of
    what people are told asks those who agreed again, unless `anew` says that it means the same. Sensitive data and decisions by a machine
    need an impact assessment in force first (art. 55)."""
    if assessment is not None and not assessment.holds:
        raise Invalid.field("assessment", _("The impact assessment %(number)s is not in force.") % {"number": assessment.matter.number})
    return _word(
        by, assessed=assessment is not None or not (sensitive or automated), code=code, name=name, basis=basis, scope=scope, means=means, months=months, why=why, sensitive=sensitive, recipient=recipient,
        identifiers=identifiers, anew=anew, automated=automated, assessment=assessment,
    )  # fmt: skip


def _word(
    by: Actor, *, code: str, name: str, basis: str, scope: str, means: str, months: int | None = None, why: str = "", sensitive: bool = False,
    recipient: str = "", identifiers: Iterable[str] = (), anew: bool = True, automated: bool = False, assessed: bool = True, **more: Any,
) -> Purpose:  # fmt: skip
    values = {
        "name": given.words(name, "name", longest=60), "basis": basis, "sensitive": sensitive,
        "recipient": given.words(recipient, "recipient", required=False, longest=120), "identifiers": sorted(set(identifiers)),
        "automated": automated, **more,
    }  # fmt: skip
    words = {
        "scope": given.words(scope, "scope", longest=300), "means": given.words(means, "means", longest=300), "months": months,
        "why": given.words(why, "why", required=sensitive, longest=2_000),
    }  # fmt: skip
    if not _CODE.fullmatch(code):
        raise Invalid.field("code", _("A code is small letters, digits, _ and -, beginning with a letter."))
    if basis not in Purpose.Basis.values:
        raise Invalid.field("basis", _("Choose one of the grounds."))
    if sensitive and basis != Purpose.Basis.CONSENT:
        raise Invalid.field("basis", _("Sensitive data needs a consent of its own (PIPL art. 29)."))
    if not assessed:
        raise Invalid.field("assessment", _("Sensitive data and automated decisions need an impact assessment first (PIPL art. 55); name its number."))
    purpose = Purpose.objects.select_for_update().filter(code=code).first() or Purpose(code=code, order=Purpose.objects.count())
    widened = bool(purpose.pk) and any(getattr(purpose, key) != values[key] for key in ("sensitive", "automated", "recipient", "basis"))
    for key, value in values.items():
        setattr(purpose, key, value)
    purpose.save()
    last = purpose.wordings.first()
    if last is None or widened or any(getattr(last, key) != words[key] for key in WORDED):
        number = last.version + 1 if last else 1
        Wording.objects.create(purpose=purpose, version=number, anew=anew, made_at=clock.now(), made_by_id=by.user_id, **words)
        record(PurposeSaid(purpose=code, name=purpose.name, version=number, anew=anew), on=None, by=by)
    return purpose


@opens(rules.MANAGE)
def switch_purpose(purpose: Purpose, *, by: Actor, active: bool) -> Purpose:
    """End a purpose: nothing is used for it any more, whoever agreed; or take it up again."""
    if purpose.active != active:
        purpose.active = active
        purpose.save(update_fields=["active"])
        record(PurposeSwitched(purpose=purpose.code, name=purpose.name, active=active), on=None, by=by)
    return purpose


@opens(rules.MANAGE)
def set_retention(*, by: Actor, kind: str, months: int | None, ground: str = "") -> Retention | None:
    """How many months one kind of data is kept after its end, and on which ground; None takes the rule back."""
    if kind not in kinds.KINDS:
        raise Invalid.field("kind", _("There is no such kind of data."))
    old = Retention.objects.select_for_update().filter(kind=kind).first()
    if months is None:
        if old:
            old.delete()
            record(RetentionSet(kind=kind, label=str(kinds.KINDS[kind].label), before=old.months, months=None), on=None, by=by)
        return None
    least = kinds.KINDS[kind].least
    if not least <= months <= 1_200:
        raise Invalid.field("months", _("From %(least)s to 1,200 months.") % {"least": least})
    ground = given.words(ground, "ground", longest=300)
    made, _new = Retention.objects.update_or_create(kind=kind, defaults={"months": months, "ground": ground})
    if old is None or old.months != months:
        record(RetentionSet(kind=kind, label=str(kinds.KINDS[kind].label), before=old.months if old else None, months=months), on=None, by=by)
    return made


@step
def install(purposes: Mapping[str, Mapping[str, Any]], words: Mapping[str, Mapping[str, Any]], *, by: Actor) -> None:
    """What a pack says: purposes, the notice, times. A purpose the pack no longer has is ended, not deleted: people agreed to it. A pack
    knows no impact assessment of this company: one that needs it and has none is counted as broken by
    `privacy.weighed_up` until it is there."""
    notice = words.get("notice")
    if notice and not Notice.objects.filter(version=notice["version"]).exists():
        publish_notice(by=by, **notice)
    for order, (code, row) in enumerate(purposes.items()):
        made = _word(by, code=code, **{key: value for key, value in row.items() if key != "ended"})
        Purpose.objects.filter(pk=made.pk).update(order=order, active=not row.get("ended"))
    if purposes:
        Purpose.objects.exclude(code__in=list(purposes)).update(active=False)
    for kind, row in words.get("retention", {}).items():
        if kind in kinds.KINDS:
            set_retention(by=by, kind=kind, months=row["months"], ground=row["ground"])
