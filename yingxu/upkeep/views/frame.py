"""The section nav of upkeep's pages."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.base.access import Actor
from yingxu.customers import rules as customers

from .. import queries, rules


def entries(by: Actor, current: str, counts: dict[str, int] | None = None) -> list[dict[str, Any]]:
    """Everything about keeping archives true that this actor may open; `current` is the name of the page."""
    found: list[dict[str, Any]] = [{"heading": _("Upkeep of archives")}]
    if by.may(rules.VIEW):
        for kind, text in (("", _("All rounds")), ("quarter", _("Quarterly re-verification")), ("week", _("Weekly supplement"))):
            href = reverse("upkeep:index") + (f"?kind={kind}" if kind else "")
            found.append({"text": text, "icon": "refresh", "href": href, "current": current == f"rounds{kind}"})
    if n := queries.ownerless.count(by):
        href = reverse("upkeep:ownerless")
        found.append({"text": _("Without an owner"), "icon": "customer", "href": href, "count": n, "tone": "warn", "current": current == "ownerless"})
    if by.may(rules.VIEW_REPORT):
        counts = counts if counts is not None else queries.reports.counts(by)
        found.append({"heading": _("Monthly reports")})
        for part, text in (("", _("All reports")), *queries.reports.PARTS.items()):
            href = reverse("upkeep:reports") + (f"?part={part}" if part else "")
            tone = "bad" if part == "late" and counts["late"] else ""
            found.append({"text": text, "icon": "chart", "href": href, "count": counts[part or "all"], "tone": tone, "current": current == f"reports{part}"})
    if by.may(rules.SEE_NEWS):
        found.append({"heading": _("What was learned")})
        for part, text in queries.news.PARTS.items():
            found.append({"text": text, "icon": "info", "href": f"{reverse('upkeep:news')}?part={part}", "current": current == f"news{part}"})
    if by.may(customers.VIEW):
        found += [{"heading": _("Cards")}, {"text": _("Customer cards"), "icon": "copy", "href": reverse("upkeep:cards"), "current": current == "cards"}]
    return found
