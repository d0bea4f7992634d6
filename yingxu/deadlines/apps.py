from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DeadlinesConfig(AppConfig):
    name = "yingxu.deadlines"

    def ready(self) -> None:
        from . import current

        post_migrate.connect(current.forget)  # the tables may have been emptied under what is kept in memory
