from django.apps import AppConfig


class Tasks(AppConfig):
    name = "yingxu.tasks"

    def ready(self) -> None:
        from . import events  # noqa: F401  the journal's facts have their words in every process
