from django.apps import AppConfig


class Emergencies(AppConfig):
    name = "yingxu.emergencies"

    def ready(self) -> None:
        from yingxu.matters import access

        from . import events, rules  # noqa: F401  the journal must know our events
        from .models import Emergency, Resource

        access.register("emergency", rules.VIEW, Emergency, page="emergencies:detail")
        access.register("reserve", rules.VIEW_RESERVES, Resource, page="emergencies:reserve")
