"""Packs in and out. Each room installs its own part; here they are only brought together, in one transaction."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from django.utils.translation import gettext as _

from yingxu.approvals import actions as approvals
from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import opens
from yingxu.base.errors import Invalid
from yingxu.customers import actions as customers
from yingxu.deadlines import actions as deadlines
from yingxu.matters.actions import record
from yingxu.people import actions as people
from yingxu.privacy import actions as privacy
from yingxu.relations import actions as relations
from yingxu.relations.shapes import PARTS
from yingxu.routing import actions as routing
from yingxu.templates import actions as templates
from yingxu.upkeep import actions as upkeep

from . import packs, queries, rules, toml
from .events import PackInstalled
from .merging import Conflict, merge
from .models import Clause, Company, InstalledPack, Survey
from .packs import Pack
from .shapes import DAYS


@opens(rules.MANAGE)
def install(pack: Pack | str, *, by: Actor, company: str = "") -> InstalledPack:
    """Install a pack (or the shipped one, or folder, of this name), or upgrade to it: what the company edited since stays, and is
    reported where the pack changed it too. Installing the same pack twice changes nothing. `company` is what customers call us.
    """
    if isinstance(pack, str):
        pack = packs.load(packs.folder(pack))
    if company.strip():
        name_company(by=by, name=company)
    before = queries.installed()
    mine = queries.present()
    if before and before.name == pack.name and before.digest == pack.digest:
        return before
    base = before.content if before and before.name == pack.name else {}
    content, conflicts = _merged(base, mine, pack.content, first=before is None)
    _apply(content, by)
    made = InstalledPack.objects.create(
        name=pack.name, title=pack.title, version=pack.version, digest=pack.digest, at=clock.now(), by_id=by.user_id,
        by_name=by.name[:80], content=pack.content, conflicts=[asdict(c) for c in conflicts],
    )  # fmt: skip
    event = PackInstalled(
        name=pack.name, title=pack.title, version=pack.version, conflicts=len(conflicts),
        before=before.version if before and before.name == pack.name else "",
    )  # fmt: skip
    record(event, on=None, by=by)
    return made


@opens(rules.MANAGE)
def name_company(*, by: Actor, name: str) -> Company:
    """What customers call us."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 60:
        raise Invalid.field("name", _("A name has 1 to 60 characters."))
    return Company.objects.update_or_create(id=1, defaults={"name": name})[0]


@opens(rules.MANAGE)
def export(folder: Path, *, by: Actor, name: str = "", title: str = "") -> list[Path]:
    """Write the present configuration as a pack that loads again to the same; returns the files."""
    written = toml.write(folder, {**queries.about(), **({"name": name} if name else {}), **({"title": title} if title else {})}, queries.present())
    packs.load(folder)
    return written


def _merged(base: Mapping, mine: Mapping, theirs: Mapping, *, first: bool) -> tuple[dict, list[Conflict]]:
    if first:
        return dict(theirs), []
    return merge(base, mine, theirs)


def _apply(content: Mapping[str, Mapping[str, Mapping]], by: Actor) -> None:
    people.install(
        [{"code": code, **row} for code, row in content["departments"].items()],
        [{"code": code, **row} for code, row in content["roles"].items()],
        by=by,
    )
    templates.install(content["templates"], content["categories"], content["words"], by=by)
    deadlines.install(by=by, calendar=_calendar(content["calendar"]), targets=_targets(content["targets"]))
    deadlines.install_ladders(content.get("ladders", {}), by=by)
    approvals.install(content.get("approvals", {}), by=by)
    routing.install(content["routing"], by=by)
    customers.install(content.get("customer_fields", {}), by=by)
    privacy.install(content.get("purposes", {}), content.get("privacy", {}), by=by)
    for part in PARTS:
        relations.install(part, content.get(part, {}).get(part, {}), by=by)
    upkeep.install(content.get("upkeep", {}), by=by)
    Survey.objects.update_or_create(id=1, defaults={"content": dict(content["survey"].get("survey", {}))})
    Clause.objects.exclude(number__in=list(content["clauses"])).delete()
    Clause.objects.bulk_create(
        [Clause(number=number, order=order, **row) for order, (number, row) in enumerate(content["clauses"].items())],
        update_conflicts=True, unique_fields=["number"], update_fields=["chapter", "title", "text", "controls", "order"],
    )  # fmt: skip


def _calendar(rows: Mapping[str, Mapping]) -> dict:
    days = [{"date": on, **row} for on, row in rows.items() if on not in DAYS and on != "zone"]
    windows = {day[:3]: rows[day]["windows"] for day in DAYS if day in rows}
    return {"zone": rows["zone"]["name"], "windows": windows, "days": days}


def _targets(rows: Mapping[str, Mapping]) -> list[dict]:
    return [
        {
            "category": key.split("/")[0],
            "step": key.split("/")[1],
            "within": row["within"],
            "round_the_clock": row["round_the_clock"],
            "warn_percent": row["warn"],
        }
        for key, row in rows.items()
    ]
