from django.apps import AppConfig


class Meetings(AppConfig):
    name = "yingxu.meetings"

    def ready(self) -> None:
        from django.db.models import Q

        from yingxu.matters import access

        from . import events, rules  # noqa: F401
        from .models import Meeting

        access.register("meeting", rules.VIEW, Meeting, page="meetings:meeting")
        access.hangs(lambda matter_id: Q(pk__in=Meeting.objects.filter(about_id=matter_id).values("pk")))
