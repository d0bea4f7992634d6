from django.apps import AppConfig


class Upkeep(AppConfig):
    name = "yingxu.upkeep"

    def ready(self) -> None:
        from yingxu.matters import access

        from . import events, reactions, rules  # noqa: F401  the journal must know our events
        from .models import Report, Sheet

        access.register("upkeep", rules.VIEW, Sheet, page="upkeep:sheet")
        access.register("report", rules.VIEW_REPORT, Report, page="upkeep:report")
