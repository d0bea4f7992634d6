from django.apps import AppConfig


class Needs(AppConfig):
    name = "yingxu.needs"

    def ready(self) -> None:
        from yingxu.customers import queries as customers
        from yingxu.matters import access

        from . import events, queries, rules  # noqa: F401
        from .models import Need

        customers.SUMMARIES.append(queries.summaries)

        access.register("need", rules.VIEW, Need, page="needs:detail")
