from django.apps import AppConfig


class Relations(AppConfig):
    name = "yingxu.relations"

    def ready(self) -> None:
        from . import events, reactions, rules  # noqa: F401
