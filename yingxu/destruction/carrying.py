"""What was approved is carried out: one file a transaction, so that it goes on where it stopped; then the certificate. Deletion at a
person's request, and the same again after a restore."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from yingxu.approvals.models import Seat
from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.flow import move
from yingxu.matters.actions import next_number, record
from yingxu.matters.models import Counter, Matter
from yingxu.people import queries as people
from yingxu.privacy import actions as privacy
from yingxu.privacy import kinds
from yingxu.privacy import queries as retention
from yingxu.privacy.models import Request

from . import ledger, queries, rules
from .erasing import engine
from .events import Destroyed, FileErased, OverTimeFound, PartDestroyed
from .models import MOVES, Certificate, Item, Proposal, State

SERIES = "XZ"


def carry_out(pk: int) -> Certificate | None:
    """Destroy what is on the list of an approved proposal and was not touched since; returns the certificate. Called again it goes on."""
    while True:
        with transaction.atomic():
            proposal = Proposal.objects.select_for_update(of=("self",)).select_related("matter").get(pk=pk)
            if proposal.state != State.APPROVED:
                return Certificate.objects.filter(proposal=pk).first()
            item = proposal.items.filter(state=Item.State.WAITING).order_by("pk").first()
            if item is None:
                return _finish(proposal)
            _one(proposal, item)


def _one(proposal: Proposal, item: Item) -> None:
    matter = Matter.objects.select_for_update().get(pk=item.matter_id)
    found = queries.reached(matter.pk)
    rows = queries.part_of(matter.customer, proposal.part) if proposal.part else found
    why = queries.against(found, but={proposal.pk}, part=bool(proposal.part))
    if proposal.part:
        same = item.frozen == {"#": queries.digest({m._meta.label: sorted(map(str, keys)) for m, keys in rows.items()})}
    else:
        same = item.frozen == queries.frozen(rows)
    if not same:
        why.append(_("changed since it was appraised"))
    item.at = clock.now()
    if why:
        item.state, item.why = Item.State.LEFT, "；".join(why)[:200]
    else:
        by = proposal.matter.number
        done = _part(matter, proposal.part, by) if proposal.part else erase({matter.pk}, by)
        item.state, item.counts = Item.State.GONE, done
    item.save()


def erase(matters: set[int], by: str) -> dict[str, int]:
    """Erase these matters with what hangs from them and put it into the ledger; `by` is the number it goes under. In a transaction."""
    found = queries.rows(matters)
    done = engine.erase(matters)
    named = dict(Matter.objects.filter(pk__in=found[Matter]).values_list("pk", "number"))
    _stated(matters, by, sum(done.values()))
    ledger.write({"at": clock.now().isoformat(), "by": by, "roots": sorted(matters), "matters": {str(pk): number for pk, number in sorted(named.items())}})
    return dict(done)


def _part(matter: Matter, part: dict[str, Any], by: str) -> dict[str, int]:
    found = queries.part_of(matter.customer, part)
    done = engine.erase_rows({**found, **queries.lines_of(matter.customer, part, found)})
    ledger.write({"at": clock.now().isoformat(), "by": by, "part": part, "matters": {str(matter.pk): matter.number}})
    return dict(done)


def _stated(matters: set[int], by: str, rows: int) -> None:
    for matter in Matter.objects.filter(pk__in=matters):
        record(FileErased(by_matter=by, rows=rows), on=matter, by=SYSTEM)


def _finish(proposal: Proposal) -> Certificate:
    gone, left = (list(proposal.items.filter(state=state).select_related("matter")) for state in (Item.State.GONE, Item.State.LEFT))
    signed = Seat.objects.filter(request=proposal.request_id, state=Seat.State.APPROVED).select_related("user", "signed_by", "step").order_by("step__place")
    facts = {
        "kind": proposal.kind, "proposal": proposal.matter.number, "list": proposal.digest, "proposed_by": proposal.matter.owner.name if proposal.matter.owner else "",
        "appraised_by": proposal.appraised_by.name if proposal.appraised_by else "",
        "signed": [[s.step.name, (s.signed_by or s.user).name, s.signed_at.isoformat()] for s in signed],
        "gone": [[i.number, i.kind] for i in gone], "left": [[i.number, i.why] for i in left], "counts": _added(i.counts for i in gone),
    }  # fmt: skip
    made = _certify(facts, len(gone), len(left), matter=proposal.matter, proposal=proposal)
    if proposal.part:
        who = list(dict.fromkeys(name for name in [facts["proposed_by"], facts["appraised_by"], *(name for _step, name, _at in facts["signed"])] if name))
        part = PartDestroyed(
            kind=proposal.kind, by_matter=proposal.matter.number, certificate=made.number, who=who, count=len(proposal.part.get("papers", [1])),
            section=proposal.part.get("section"),
        )  # fmt: skip
        for item in gone:
            record(part, on=item.matter, by=SYSTEM, tell=[item.matter.owner_id])
    move(proposal, State.DONE, MOVES)
    proposal.save(update_fields=["state"])
    proposal.matter.closed_at = clock.now()
    proposal.matter.save(update_fields=["closed_at"])
    record(Destroyed(certificate=made.number, gone=made.gone, left=made.left), on=proposal.matter, by=SYSTEM, tell=[proposal.matter.owner_id, proposal.appraised_by_id])
    return made


def _added(counts: Any) -> dict[str, int]:
    total: dict[str, int] = {}
    for counted in counts:
        for label, n in counted.items():
            total[label] = total.get(label, 0) + n
    return total


def _certify(facts: dict[str, Any], gone: int, left: int, *, matter: Matter, proposal: Proposal | None = None) -> Certificate:
    made = Certificate.objects.create(
        number=next_number(SERIES, prefix=SERIES), proposal=proposal, matter=matter, at=clock.now(), gone=gone, left=left, facts=facts,
        digest=queries.digest(facts),
    )  # fmt: skip
    ledger.write({"certificate": {"number": made.number, "at": made.at.isoformat(), "gone": gone, "left": left, "facts": facts, "digest": made.digest}})
    return made


def erase_subject(request_id: int) -> Certificate | None:
    """Carry out the deletion a person asked for (PIPL art. 47): what is under no duty and no hold goes, need by need; the file itself when
    nothing of it has to stay. What stays is said in the answer."""
    with transaction.atomic(), translation.override(settings.LANGUAGE_CODE):
        request = Request.objects.select_for_update(of=("self",)).select_related("matter", "about").get(pk=request_id)
        if request.state != Request.State.ERASING:
            return Certificate.objects.filter(matter=request.matter_id).first()
        about, own = request.about, {request.matter_id}
        why = queries.against(queries.reached(about.pk), but=own)
        counts: list[dict[str, int]] = []
        gone: list[list[str]] = []
        number = request.matter.number
        roots = [about] if not why else list(Matter.objects.filter(need__customer=about.pk, erased_at=None).order_by("pk"))
        for root in roots:
            if why and queries.against(queries.reached(root.pk), but=own):
                continue
            gone.append([root.number, root.kind])
            counts.append(erase({root.pk}, number))
        words = _("Everything we held about you was deleted; only numbers, dates and counts without any data of yours stay.")
        if why:
            words = _("%(count)s records were deleted. The rest stays while the law or a contract requires it: %(why)s.") % {"count": len(gone), "why": "；".join(why)}
        request.refresh_from_db()  # who asked and where the answer goes went with the rest, when all of it went
        privacy.erased(request, by=SYSTEM, words=words)
        facts = {"kind": "subject", "proposal": number, "list": "", "gone": gone, "left": [[about.number, w] for w in why], "counts": _added(counts)}
        return _certify(facts, len(gone), len(why), matter=request.matter)


def reapply() -> tuple[int, int]:
    """After a restore: erase again what the ledger says (F27). Returns (lines, how many had to be done again). Once more is no harm."""
    seen = again = 0
    for line in ledger.lines():
        seen += 1
        with transaction.atomic():
            again += _certificate_again(line["certificate"]) if "certificate" in line else _again(line)
    return seen, again


def _again(line: dict[str, Any]) -> int:
    named = {int(pk): number for pk, number in line["matters"].items()}
    here = {m.pk: m for m in Matter.objects.select_for_update().filter(pk__in=named) if m.number == named[m.pk]}
    if "part" in line:
        files = [(m.customer, queries.part_of(m.customer, line["part"])) for m in here.values() if m.erased_at is None]
        return sum(bool(sum(engine.erase_rows({**found, **queries.lines_of(file, line["part"], found)}).values())) for file, found in files if found)
    left = {pk for pk, m in here.items() if m.erased_at is None}
    if not left:
        return 0
    done = engine.erase(left)
    _stated({pk for pk in line["roots"] if pk in left}, line["by"], sum(done.values()))
    return 1


def _certificate_again(was: dict[str, Any]) -> int:
    year, last = was["number"].split("-")[1:]
    counter, _made = Counter.objects.get_or_create(series=SERIES, year=int(year))
    Counter.objects.filter(pk=counter.pk, last__lt=int(last)).update(last=int(last))
    if Certificate.objects.filter(number=was["number"]).exists():
        return 0
    proposal = Proposal.objects.select_related("matter").filter(matter__number=was["facts"]["proposal"]).first()
    matter = proposal.matter if proposal else Matter.objects.filter(number=was["facts"]["proposal"]).first()
    Certificate.objects.create(**{**was, "at": datetime.fromisoformat(was["at"])}, proposal=proposal, matter=matter)
    if proposal is not None and proposal.state != State.DONE:
        Proposal.objects.filter(pk=proposal.pk).update(state=State.DONE)
        proposal.items.filter(number__in=[number for number, _kind in was["facts"]["gone"]]).update(state=Item.State.GONE)
    return 1


def look_over_time() -> int:
    """Once a week: what is over its time and not proposed yet is told to who may propose it. Returns how many kinds."""
    told = 0
    rules_ = {kept.kind.code: kept for kept in retention.retention()}
    for code, kind in sorted(kinds.KINDS.items()):
        rule = rules_[code].rule
        if rule is None:
            continue
        proposed = Item.objects.filter(proposal__state__in=[State.PROPOSED, State.SIGNING, State.APPROVED]).values("matter")
        over = retention.kinds_over(kind, rule).filter(erased_at=None).exclude(pk__in=proposed)[:1_000].count()
        if over:
            with transaction.atomic():
                record(OverTimeFound(label=str(kind.label), count=over), on=None, by=SYSTEM, tell=[user.pk for user in people.holders(rules.PROPOSE)])
            told += 1
    return told


def waiting() -> list[int]:
    """What is approved and not carried out, for the worker that goes on after a fall."""
    return list(Proposal.objects.filter(state=State.APPROVED).values_list("pk", flat=True))

