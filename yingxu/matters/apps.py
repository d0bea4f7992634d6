from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class Matters(AppConfig):
    name = "yingxu.matters"

    def ready(self) -> None:
        """Every process knows every room's events, rules and reactions, who keeps the journal, who comes and goes, what an open
        record asks, and whom a circle of persons lets in."""
        from yingxu.people.queries import KNOWN

        from . import actions, arrivals, live  # noqa: F401

        now = "FROM matters_admission WHERE user_id = %(user)s AND begins_at <= %(now)s AND (ends_at IS NULL OR ends_at > %(now)s)"
        KNOWN["admitted"] = f"SELECT matter_id {now}"
        KNOWN["looking"] = f"SELECT matter_id {now} GROUP BY matter_id HAVING NOT bool_or(member)"

        autodiscover_modules("events", "rules", "reactions")
