"""When nobody is left who could agree: whoever runs the server makes somebody a security administrator. It stands in the journal."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from yingxu.base.access import SYSTEM
from yingxu.base.errors import Refusal
from yingxu.people import actions
from yingxu.people.models import Role, User
from yingxu.people.rules import MANAGE


class Command(BaseCommand):
    help = "Make somebody a security administrator, when fewer than two are left. Ends their sessions; is recorded."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        user = User.objects.filter(username__iexact=username, is_active=True).first()
        role = Role.objects.filter(rules__rule=MANAGE.name, rules__reach=4).order_by("pk").first()
        if user is None or role is None:
            raise CommandError(f"There is nobody called {username}, or no role that manages people.")
        try:
            with transaction.atomic():
                actions.propose_grant(user, role, by=SYSTEM, why="made on the server")
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{user.name} holds the role {role.name} from now on.")
