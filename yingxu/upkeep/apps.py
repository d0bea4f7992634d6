from django.apps import AppConfig


class Upkeep(AppConfig):
    name = "yingxu.upkeep"

    def ready(self) -> None:
        from django.utils.translation import pgettext_lazy

        from yingxu.customers import panels
        from yingxu.matters import access

        from . import events, queries, reactions, rules  # noqa: F401  the journal must know our events
        from .models import Report, Sheet

        access.register("upkeep", rules.VIEW, Sheet, page="upkeep:sheet")
        access.register("report", rules.VIEW_REPORT, Report, page="upkeep:report")
        panels.register("news", pgettext_lazy("customer tab", "News"), "upkeep/of_customer.html", queries.news.of_customer, rule=rules.SEE_NEWS, order=85)
