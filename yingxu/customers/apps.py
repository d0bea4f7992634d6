from django.apps import AppConfig


class Customers(AppConfig):
    name = "yingxu.customers"

    def ready(self) -> None:
        from yingxu.privacy import copies, kinds, reaching

        from . import events, queries, rules, shown  # noqa: F401  the journal must know our events, the spine who sees our matters
        from .models import Identifier

        copies.register(shown.copy_of)
        reaching.WAYS.append(queries.written_to)
        kinds.IDENTIFIERS[:] = Identifier.Type.choices

