"""What is set, as the pages and a policy pack say it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ..fields import label
from ..models import Settings

KEYS = ("quarter_fields", "week_fields", "grades", "quarter_days", "week_most", "entry_days", "update_days")


def settings() -> Settings:
    return Settings.objects.filter(pk=1).first() or Settings()


def exported() -> dict[str, dict[str, Any]]:
    """As plain data for a policy pack; empty before one was installed."""
    row = Settings.objects.filter(pk=1).first()
    return {"upkeep": {key: getattr(row, key) for key in KEYS}} if row else {}


def spoken(row: Settings) -> str:
    """All of it in a sentence, for the journal."""
    return _("each quarter %(quarter)s within %(days)s working days; each week %(week)s, at most %(most)s customers; grades %(grades)s; entry in %(entry)s, update in %(update)s working days") % {
        "quarter": "、".join(map(label, row.quarter_fields)) or "–", "days": row.quarter_days, "week": "、".join(map(label, row.week_fields)) or "–",
        "most": row.week_most, "grades": "、".join(row.grades) or pgettext("upkeep", "all"), "entry": row.entry_days, "update": row.update_days,
    }  # fmt: skip
