"""Erase again what the ledger of erasures says, after the restore of an older backup."""

from typing import Any

from django.core.management.base import BaseCommand

from yingxu.destruction import carrying


class Command(BaseCommand):
    help = "Erase again what was erased after the backup that was restored (the ledger of erasures). May be called at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        lines, again = carrying.reapply()
        self.stdout.write(f"erasures: {lines} in the ledger, {again} applied again")
