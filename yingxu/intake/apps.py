from django.apps import AppConfig
from django.urls import reverse


class Intake(AppConfig):
    name = "yingxu.intake"

    def ready(self) -> None:
        from yingxu.needs.queries import reach

        from . import events, rules  # noqa: F401
        from .mail import threads
        from .queries import mails

        reach.LAST_MAIL.append(threads.last_mail)
        reach.ORIGINALS.append(lambda entries: {entry: reverse("intake:mail", args=[pk]) for entry, pk in mails.of_entries(entries).items()})
