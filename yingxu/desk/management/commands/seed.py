"""manage.py seed: the demonstration company with its last two quarters."""

import sys
import time
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from yingxu.needs.models import Need
from yingxu.needs.states import State
from yingxu.people.models import User


class Command(BaseCommand):
    help = "Fill an empty database with the demonstration company: its people, customers and some 300 needs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--count", type=int, default=260, help="how many needs, besides the two dozen that screens show by name (default: 260)")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            raise CommandError("There is a company in this database already.")
        sys.path.insert(0, str(settings.BASE_DIR))
        try:
            from tests.seeding import seed
        except ModuleNotFoundError as error:
            raise CommandError(f"The demonstration comes with the source checkout only ({error}).") from None
        began = time.monotonic()
        seed(count=options["count"], progress=self.stdout.write)
        states = Counter(Need.objects.values_list("state", flat=True))
        shown = "，".join(f"{State(state).label} {n}" for state, n in states.most_common())
        self.stdout.write(f"{sum(states.values())} 件需求，用时 {time.monotonic() - began:.0f} 秒：{shown}")
