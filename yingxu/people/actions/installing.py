"""What a policy pack brings: departments and roles."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import step

from .. import queries
from ..models import Department, Role
from .changes import ask_for_rules
from .roles import set_rules


@step
def install(departments: Sequence[Mapping], roles: Sequence[Mapping], *, by: Actor = SYSTEM) -> None:
    """Make or update departments ({code, name, parent, service, order}) and roles ({code, name, description, rules: {rule: reach}}).
    When a person upgrades a pack, other rules of a role that is there already wait for the security administrators."""
    Department.objects.bulk_create(
        [
            Department(
                code=row["code"], name=row["name"], service=row.get("service", False),
                response_group=row.get("response_group", False), order=order,
            )
            for order, row in enumerate(departments)
        ],
        update_conflicts=True, unique_fields=["code"], update_fields=["name", "service", "response_group", "order"],
    )  # fmt: skip
    known = {d.code: d for d in Department.objects.all()}
    for row in departments:
        known[row["code"]].parent = known[row["parent"]] if row.get("parent") else None
    Department.objects.bulk_update([known[row["code"]] for row in departments], ["parent"])
    were = {role.code: queries.reaches_of(role) for role in Role.objects.all()}
    Role.objects.bulk_create(
        [Role(code=row["code"], name=row["name"], description=row.get("description", "")) for row in roles],
        update_conflicts=True, unique_fields=["code"], update_fields=["name", "description"],
    )  # fmt: skip
    made = {r.code: r for r in Role.objects.all()}
    freely = by.kind == "system" or queries.founding()
    for row in roles:
        role, wanted = made[row["code"]], {name: reach.lower() for name, reach in row["rules"].items()}
        if freely or were.get(role.code) in (None, wanted):
            set_rules(role, wanted)
        else:
            ask_for_rules(role, wanted, by=by, why=_("Upgrade of the pack"))
