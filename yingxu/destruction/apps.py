from django.apps import AppConfig


class Destruction(AppConfig):
    name = "yingxu.destruction"

    def ready(self) -> None:
        from . import events, rules  # noqa: F401  the journal must know our events
