"""manage.py pack: check, install, export a policy pack."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from yingxu.base.access import SYSTEM
from yingxu.policies import actions, packs


class Command(BaseCommand):
    help = "Check, install (or upgrade to), or export a policy pack."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        for verb, meaning in (("check", "read a pack and say what is wrong"), ("install", "install or upgrade, keeping edits")):
            verbs.add_parser(verb, help=meaning).add_argument("pack", help="name of a shipped pack, or a folder")
        verbs.add_parser("export", help="write what is configured now as a pack").add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except packs.PackError as error:
            raise CommandError("\n".join(error.faults)) from None

    def _check(self, options: dict) -> None:
        pack = packs.load(packs.folder(options["pack"]))
        parts = "，".join(f"{part} {len(rows)}" for part, rows in pack.content.items())
        self.stdout.write(f"{pack.title} {pack.version}：{parts}")

    def _install(self, options: dict) -> None:
        done = actions.install(packs.load(packs.folder(options["pack"])), by=SYSTEM)
        self.stdout.write(f"{done.title} {done.version}")
        for conflict in done.conflicts:
            self.stdout.write(f"  {conflict['path']}: {conflict['mine']} ≠ {conflict['theirs']}")

    def _export(self, options: dict) -> None:
        for path in actions.export(options["folder"], by=SYSTEM):
            self.stdout.write(str(path))
