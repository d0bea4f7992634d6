"""What a token may be allowed: groups of rules, or single rules by name. A scope never gives more than the user has."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from yingxu.base.access import RULES, Rule

GROUPS: dict[str, Any] = {
    "needs:read": _("Read needs and their timelines"),
    "needs:register": _("Register needs, and nothing else"),
    "needs:write": _("Register, read and handle needs: every verb of the loop"),
    "tasks:read": _("Read tasks: one's own, the department's, those given"),
    "tasks:write": _("Read and give tasks, finish them, hand them on, put them off"),
    "approvals:read": _("Read approvals: what waits for one's signature, one's own requests"),
    "approvals:write": _("Read approvals, sign them where no password is asked for, ask for a signature"),
    "customers:read": _("Find and read customers (identifiers covered)"),
    "customers:write": _("Read, add and change customers"),
    "customers:merge": _("Merge customers that are the same, and take them apart again"),
    "relations:write": _("Set classes, pursue prospects, take care of customers"),
    "upkeep:read": _("Read lists of re-verification, monthly reports and what was learned"),
    "upkeep:write": _("Read and go through lists of re-verification, write reports, note what was learned"),
    "archives:read": _("Read how customers' files are guarded: level, term, circle, who was let in"),
    "archives:write": _("Read and set how files are guarded; lowering is asked for"),
    "emergencies:read": _("List and read emergencies"),
    "emergencies:write": _("Read and declare emergencies, write in their logs"),
    "mail:read": _("Read the outbox and the list of incoming mail (addresses covered, no words)"),
    "webhooks:manage": _("Look after webhooks: what they send is whatever the person may see"),
}
_RULES: dict[str, tuple[str, ...]] = {
    "needs:read": ("needs.view",),
    "needs:register": ("needs.register",),
    "tasks:read": ("tasks.view",),
    "approvals:read": ("approvals.view",),
    "approvals:write": ("approvals.view", "approvals.sign", "approvals.ask"),
    "customers:read": ("customers.view",),
    "customers:write": ("customers.view", "customers.edit", "customers.log", "customers.contract", "files.level"),
    "customers:merge": ("customers.view", "customers.merge"),
    "relations:write": ("customers.view", "relations.grade", "relations.pursue", "relations.care"),
    "upkeep:read": ("customers.view", "upkeep.view", "upkeep.view_report", "upkeep.see_news"),
    "upkeep:write": (
        "customers.view", "customers.edit", "upkeep.view", "upkeep.view_report", "upkeep.see_news", "upkeep.do", "upkeep.write", "upkeep.read", "upkeep.note", "upkeep.enter",
    ),
    "archives:read": ("archives.view",),
    "archives:write": ("archives.view", "archives.keep"),
    "emergencies:read": ("emergencies.view",),
    "emergencies:write": ("emergencies.view", "emergencies.declare", "emergencies.log"),
    "mail:read": ("notices.outbox", "intake.mails"),
    "webhooks:manage": ("api.manage",),
}
_NOT_WRITING = ("needs.export", "needs.manage_views")


def rules_of(scopes: Iterable[str]) -> frozenset[str]:
    """The names of all rules these scopes let through."""
    found: set[str] = set()
    for scope in scopes:
        if scope == "needs:write":
            found |= {name for name in RULES if name.startswith("needs.") and name not in _NOT_WRITING}
            found |= {"deadlines.request_extension", "deadlines.acknowledge", "files.level"}
        elif scope == "tasks:write":
            found |= {name for name in RULES if name.startswith("tasks.") and name != "tasks.export"}
        else:
            found |= set(_RULES.get(scope, (scope,)))
    return frozenset(found)


def known(scope: str) -> bool:
    return scope in GROUPS or scope in RULES


def needed(rule: Rule) -> str:
    """The narrowest group that lets this rule through, else the rule's own name."""
    return next((group for group in GROUPS if rule.name in rules_of([group])), rule.name)


def title(scope: str) -> Any:
    """The scope in words."""
    return GROUPS.get(scope) or (RULES[scope].title if scope in RULES else scope)
