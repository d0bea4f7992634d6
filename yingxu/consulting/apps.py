from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Consulting(AppConfig):
    name = "yingxu.consulting"

    def ready(self) -> None:
        from yingxu.archives.rules import VIEW
        from yingxu.customers import panels

        from . import events, rules, shown  # noqa: F401  the journal must know our events

        panels.register("consulting", _("Consulting"), "consulting/of_customer.html", shown.of_customer, rule=VIEW, order=96)
