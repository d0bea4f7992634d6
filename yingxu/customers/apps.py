from django.apps import AppConfig


class Customers(AppConfig):
    name = "yingxu.customers"

    def ready(self) -> None:
        from . import events, rules  # noqa: F401  the journal must know our events, the spine who sees our matters
