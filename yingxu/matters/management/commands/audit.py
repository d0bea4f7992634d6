"""`yingxu audit`: seals of the journal and the access log."""

import sys
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from yingxu.matters import heads, seals, verifying
from yingxu.matters.models import Verification


class Command(BaseCommand):
    help = "Verify the seals of the journal and the access log; print their heads; seal what waits; say that a backup was restored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verify = verbs.add_parser("verify", help="exit code 0: every row is as it was sealed; 1: not, or nothing could be said")
        verify.add_argument("--ledger", choices=list(seals.LEDGERS), help="only this one")
        verify.add_argument("--resume", action="store_true", help="go on behind the last seal that an earlier verification passed")
        verify.add_argument("--heads", type=Path, help="hold the seals against this copy of a heads file; with --ledger")
        verbs.add_parser("heads", help="the newest seal of each ledger, to be kept elsewhere")
        verbs.add_parser("seal", help="seal what has settled, now")
        restored = verbs.add_parser("restored", help="after a backup was restored over a newer database: the seals that are gone are known to be")
        restored.add_argument("--why", required=True)

    def handle(self, *_args: Any, **given: Any) -> None:
        getattr(self, "_" + given["verb"])(given)

    def _verify(self, given: dict[str, Any]) -> None:
        if given["heads"] and not given["ledger"]:
            raise CommandError("--heads needs --ledger: a file holds the heads of one.")
        well = True
        for name in [given["ledger"]] if given["ledger"] else seals.LEDGERS:
            now = timezone.now()
            record = Verification.objects.create(ledger=name, by_name="yingxu audit verify", begun_at=now, seen_at=now)
            last = seals.state(name)
            most = last.last.number if last.last else 0
            found = verifying.run(record, resume=given["resume"], outside=given["heads"], tell=partial(self._progress, most))
            well = self._say(found, record, last) and well
        if not well:
            sys.exit(1)

    def _progress(self, most: int, found: verifying.Found) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{found.ledger}: seal {found.through} of {most}, {found.rows} rows", ending="")

    def _say(self, found: verifying.Found, record: Verification, state: seals.State) -> bool:
        if found.trouble:
            self.stdout.write(f"BAD  {found.ledger}: {found.trouble.kind}: {found.trouble.sentence}")
            return False
        outside = "no heads outside the database to compare with" if found.heads is None else f"{found.heads} heads outside the database agree"
        self.stdout.write(
            f"ok   {found.ledger}: {record.rows} rows in {found.through} seals as they were sealed ({record.blanked} blanked by law); "
            f"{outside}; {state.waiting} rows wait for a seal"
        )
        if state.late:
            self.stdout.write(f"BAD  {found.ledger}: rows have waited for a seal since {state.oldest:%Y-%m-%d %H:%M:%S %Z}; does the worker run?")
        return not state.late

    def _heads(self, _given: dict[str, Any]) -> None:
        for state in seals.states():
            if state.last:
                self.stdout.write(heads.line(state.last))

    def _seal(self, _given: dict[str, Any]) -> None:
        for name in seals.LEDGERS:
            rows = 0
            while made := seals.seal_once(name, wait=seals.timedelta()):
                rows += made
            self.stdout.write(f"{name}: {rows} rows sealed")

    def _restored(self, given: dict[str, Any]) -> None:
        for name in seals.LEDGERS:
            number = heads.restored(name, given["why"])
            self.stdout.write(f"{name}: goes on from seal {number}")
