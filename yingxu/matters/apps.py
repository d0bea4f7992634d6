from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class Matters(AppConfig):
    name = "yingxu.matters"

    def ready(self) -> None:
        """Every process knows every room's events, rules and reactions, who keeps the journal, who comes and goes, and what an open
        record asks."""
        from . import actions, arrivals, live  # noqa: F401

        autodiscover_modules("events", "rules", "reactions")
