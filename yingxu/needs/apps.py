from django.apps import AppConfig


class Needs(AppConfig):
    name = "yingxu.needs"

    def ready(self) -> None:
        from yingxu.matters import access

        from . import events, rules  # noqa: F401
        from .models import Need

        access.register("need", rules.VIEW, Need, page="needs:detail")
