from django.apps import AppConfig
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Needs(AppConfig):
    name = "yingxu.needs"

    def ready(self) -> None:
        from yingxu.customers import queries as customers
        from yingxu.matters import access
        from yingxu.privacy import copies, kinds

        from . import events, queries, rules  # noqa: F401
        from .models import Need

        customers.SUMMARIES.append(queries.summaries)

        access.register("need", rules.VIEW, Need, page="needs:detail")
        access.hangs(lambda matter_id: Q(pk__in=Need.objects.filter(customer_id=matter_id).values("pk")))
        copies.register(queries.copy_of)
        kinds.register("needs.closed", _("Needs that are closed"), queries.ended_before)
