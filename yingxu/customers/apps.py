from django.apps import AppConfig


class Customers(AppConfig):
    name = "yingxu.customers"

    def ready(self) -> None:
        from yingxu.privacy import copies, kinds

        from . import events, rules, shown  # noqa: F401  the journal must know our events, the spine who sees our matters
        from .models import Identifier

        copies.register(shown.copy_of)
        kinds.IDENTIFIERS[:] = Identifier.Type.choices

