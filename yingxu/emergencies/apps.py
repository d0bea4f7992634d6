from django.apps import AppConfig


class Emergencies(AppConfig):
    name = "yingxu.emergencies"

    def ready(self) -> None:
        from django.db.models import Q

        from yingxu.consulting import queries as consulting
        from yingxu.matters import access

        from . import events, queries, rules  # noqa: F401  the journal must know our events
        from .models import Affected, Emergency, Resource

        access.register("emergency", rules.VIEW, Emergency, page="emergencies:detail")
        access.register("reserve", rules.VIEW_RESERVES, Resource, page="emergencies:reserve")
        access.hangs(  # who is affected is named to everybody called
            lambda pk: Q(pk__in=Affected.objects.filter(Q(need_id=pk) | Q(customer_id=pk)).values("emergency_id"))
        )
        consulting.urgent(queries.open_on)
