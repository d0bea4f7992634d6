from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Archives(AppConfig):
    name = "yingxu.archives"

    def ready(self) -> None:
        from yingxu.customers import panels
        from yingxu.files import queries as files
        from yingxu.notices import queries as notices
        from yingxu.ui import levels

        from . import events, queries, rules, shown  # noqa: F401  the journal must know our events

        levels.named_by(queries.names)
        notices.withholds(files.beyond)
        panels.register("secrecy", _("Secrecy"), "archives/of_customer.html", shown.of_customer, rule=rules.VIEW, order=95)
