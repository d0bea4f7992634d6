from django.apps import AppConfig
from django.db.models import F, Q


class Privacy(AppConfig):
    name = "yingxu.privacy"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from yingxu.base import outlets
        from yingxu.matters import access
        from yingxu.matters.models import Matter
        from yingxu.notices import queries as outgoing

        from . import actions, events, kinds, queries, rules  # noqa: F401  the journal's facts have their words in every process

        outgoing.MAY_USE.append(queries.may_use)
        outlets.REGISTER[:] = [actions.Register()]

        access.hangs(lambda matter_id: Q(privacy_request__about=matter_id))
        kinds.register(
            "privacy.requests", _("Privacy requests that were answered"),
            lambda before: Matter.objects.filter(kind="privacy", closed_at__lt=before).annotate(ended=F("closed_at")),
        )  # fmt: skip
        kinds.register(
            "privacy.assessments", _("Impact assessments that no longer hold"),
            lambda before: Matter.objects.filter(kind="assessment", closed_at__lt=before).annotate(ended=F("closed_at")), least=36,
        )  # fmt: skip
        kinds.register(
            "privacy.breaches", _("Breaches that were closed"),
            lambda before: Matter.objects.filter(kind="breach", closed_at__lt=before).annotate(ended=F("closed_at")), least=36,
        )  # fmt: skip
