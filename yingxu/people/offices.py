"""The three administrators (S8): system, security, audit. Nobody is two of them, and none reads business data."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base.access import RULES, Actor

OFFICES: dict[str, Any] = {
    "system": gettext_lazy("System administrator"),
    "security": gettext_lazy("Security administrator"),
    "audit": gettext_lazy("Audit administrator"),
}


def of(rules: Iterable[str]) -> set[str]:
    """Which administrators these rules belong to."""
    return {RULES[name].office for name in rules if name in RULES} - {""}


def administers(by: Actor) -> bool:
    """Is this one of the three?"""
    return bool(of(by.reaches))


def trouble(granted: Iterable[tuple[str, str]]) -> str:
    """Why one role or one person cannot hold all of these (rule, reach), as a sentence; "" when they can."""
    given = [(RULES[name], reach) for name, reach in granted if name in RULES]
    held = sorted({rule.office for rule, _reach in given} - {""})
    if len(held) > 1:
        names = _(", ").join(str(OFFICES[office]) for office in held)
        return _("Three administrators are three people: nobody is %(names)s at once.") % {"names": names}
    if not held:
        return ""
    business = {rule.name: rule for rule, reach in given if not _fits(rule, reach, held[0])}
    if not business:
        return ""
    named = _(", ").join(f"“{rule.title}”" for rule in [*business.values()][:3])
    return _("A %(office)s reads no business data: %(rules)s cannot be held beside it.") % {"office": OFFICES[held[0]], "rules": named}


def _fits(rule: Any, reach: str, office: str) -> bool:
    return rule.office == office or rule.beside == "always" or (rule.beside == "own" and reach == "own")


def role_trouble(granted: Mapping[str, str]) -> str:
    """The same for a role's {rule: reach}."""
    return trouble((name, reach.lower()) for name, reach in granted.items())
