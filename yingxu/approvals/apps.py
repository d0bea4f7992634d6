from django.apps import AppConfig


class Approvals(AppConfig):
    name = "yingxu.approvals"

    def ready(self) -> None:
        from . import answers, events  # noqa: F401  the journal's facts have their words in every process

        answers.register()
