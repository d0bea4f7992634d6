"""Verbs of the command line about backups and keys: `yingxu backup`, `yingxu restore`, `yingxu keys`."""

import argparse
import getpass
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from config import standing
from yingxu.operations.vault import Trouble, keep, kept, key_of, new_code

CODE = """
Recovery code of the backups (shown only now):

    {code}

Without it no backup can be read. Write it down twice, on paper, and let two people keep it in two places."""
ASKED = "Recovery code: "


def verbs(verb: Callable[[Callable], argparse.ArgumentParser]) -> None:
    """Add these verbs to the command."""
    made = verb(backup)
    made.add_argument("what", nargs="?", choices=["take", "verify", "list", "log", "code"], default="take", help="take a backup (default); "
                      "verify: restore the newest for a try and compare; list them; log: bring the database's log up to now to the places; "
                      "code: make a new recovery code for those to come")
    made.add_argument("--to", type=Path, metavar="DIR", help="where to (default: as set, else backups in the data directory)")
    made.add_argument("--second", type=Path, metavar="DIR", help="a second place, best on another machine (default: as set)")
    made = verb(restore)
    made.add_argument("source", type=Path, metavar="FROM", help="a place of backups, or one backup in it")
    which = made.add_mutually_exclusive_group()
    which.add_argument("--name", default="", help="this backup of the place, as it was taken (default: all there is, up to the newest moment)")
    which.add_argument("--at", default="", metavar="MOMENT", help="as of this moment, in the company's time: \"2026-11-24 17:00\"")
    made.add_argument("--code-file", type=Path, help="file with the recovery code (else YINGXU_RECOVERY_CODE, else standard input)")
    made = verb(keys)
    made.add_argument("what", nargs="?", choices=["show", "rotate", "reseal", "retire"], default="show", help="show them (default); rotate: a new "
                      "current key, everything is sealed anew by the worker; reseal: do that here; retire: take one out that nothing uses")
    made.add_argument("key", nargs="?", default="", help="the key to retire")


def keys(args: argparse.Namespace) -> None:
    """The keys of what is sealed: show them, make a new one, seal everything anew, take an old one out."""
    standing.require_keys(args.data)
    with standing.database(args.data):
        standing.django()
        from yingxu.base import clock, crypto
        from yingxu.base.access import SYSTEM
        from yingxu.base.errors import Refusal
        from yingxu.operations import actions, resealing, running
        from yingxu.operations.models import Resealing

        try:
            if args.what == "rotate":
                row = actions.rotate_key(by=SYSTEM)
                print(f"{row.key} is the current key. The worker seals everything anew; see: yingxu keys")
            elif args.what == "retire":
                actions.retire_key(by=SYSTEM, key=args.key)
                print(f"{args.key} is out of use. Older backups keep it. Take a backup now: yingxu backup")
            elif args.what == "reseal":
                row = running.seal_anew(Resealing(key="", begun_at=clock.now()))
                if row.state != Resealing.State.DONE:
                    sys.exit(row.why)
                print(f"{row.done:,} values are sealed with {row.key} now.")
        except Refusal as refusal:
            sys.exit(str(refusal))
        current, known, since = resealing.keys()
        for name in known:
            count = sum(resealing.using(column, name) for column in crypto.SEALED)
            print(f"{name:<6} {'current' if name == current else '':<8} {count:>12,} values" + (f"  since {since[name]:%Y-%m-%d}" if name in since else ""))


def backup(args: argparse.Namespace) -> None:
    """Take a backup while the product runs, verify the newest, list them, or make a new recovery code."""
    standing.require_keys(args.data)
    if args.what == "code":
        code = new_code()
        keep(args.data / "keys" / "backup.json", key_of(code))
        print(CODE.format(code=code) + " Backups taken before keep their own code.")
        return
    kept(args.data / "keys" / "backup.json")
    with standing.database(args.data):
        standing.django()
        {"take": _take, "verify": _verify, "list": _list, "log": _log}[args.what](args)


def _take(args: argparse.Namespace) -> None:
    from yingxu.base import clock
    from yingxu.operations import places, running
    from yingxu.operations.models import Backup

    for place in filter(None, (args.to, args.second)):
        places.begin(place.resolve())
    row = running.back_up(Backup(begun_at=clock.now()), args.to and args.to.resolve(), args.second and args.second.resolve())
    if row.state != Backup.State.DONE:
        sys.exit(Trouble(row.sentence, **row.values).args[0])
    print(f"{row.place}/{row.name}: {row.tables} tables, {row.papers} papers, {row.size:,} bytes, {row.written:,} of them new, in {row.seconds} s.")
    if row.second_sentence:
        sys.exit("The second place has no copy: " + Trouble(row.second_sentence, **row.second_values).args[0])
    print("It counts when it was restored for a try: yingxu backup verify")


def _verify(args: argparse.Namespace) -> None:
    from yingxu.base import clock
    from yingxu.operations import queries, running
    from yingxu.operations.models import Proof

    newest = queries.to_prove()
    if newest is None:
        sys.exit("There is no backup yet. Take one: yingxu backup")
    row = running.prove(Proof(backup=newest, begun_at=clock.now()))
    for difference in row.differences:
        print(f"  {difference}")
    if row.state != Proof.State.DONE:
        sys.exit(f"The backup {newest.name} is not good: " + Trouble(row.sentence, **row.values).args[0])
    print(f"{newest.name} was restored and is the same: {row.tables} tables, {row.rows:,} rows, {row.papers} papers, in {row.seconds} s.")
    if row.reached_at:
        print(f"The log was replayed up to {row.reached_at.astimezone(standing.zone()):%Y-%m-%d %H:%M:%S}.")


def _log(args: argparse.Namespace) -> None:
    from django.conf import settings

    from yingxu.operations import shipping

    if not settings.EMBEDDED:
        sys.exit("DATABASE_URL names a server of your own: its own tools archive its log. See docs/operations.md.")
    rows = shipping.carry(switch=True, wait=True)
    for row in rows:
        words = Trouble(row.sentence, **row.values).args[0] if row.sentence else f"everything before {row.reached_at.astimezone(standing.zone()):%Y-%m-%d %H:%M:%S} is there" if row.reached_at else "nothing yet"
        print(f"{'second' if row.place == 2 else 'first'} place: {words}")
    if any(row.sentence for row in rows):
        sys.exit(1)


def _list(args: argparse.Namespace) -> None:
    from yingxu.operations import queries

    for row in queries.backups():
        proof = row.proof.ended_at if row.proof and row.proof.state == "done" else None
        words = f"{row.size:,} bytes" if row.state == "done" else Trouble(row.sentence, **row.values).args[0] if row.sentence else row.state
        print(f"{row.name or '-':<17} {row.state:<8} {words}" + (f", verified {proof:%Y-%m-%d}" if proof else "") + (", deleted" if row.gone_at else ""))


def restore(args: argparse.Namespace) -> None:
    """Bring everything back into an empty data directory: up to the newest moment, as of one (--at), or a backup as it was taken (--name)."""
    from yingxu.operations import places, replaying, restoring, segments

    source, until = args.source.resolve(), _moment(args.at)
    own = os.environ.get("DATABASE_URL")
    if own and until:
        raise Trouble("DATABASE_URL names a server of your own: its own tools bring it back to a moment. See docs/operations.md.")
    with restoring.beside(args.data) as half:
        key = key_of(_code(args.code_file))
        log = until or not (args.name or own or (source / "seal").exists()) and any(segments.bases(source, segments.every_key(source, key).values()))
        plan = replaying.plan(source, key, until) if log else None
        newest = places.find(source, args.name) if not until else None
        if plan and newest and plan.reached < places.moment(newest.name):
            print(f"The log leads up to {plan.reached.astimezone(standing.zone()):%Y-%m-%d %H:%M} only; the backup {newest.name} is newer.", flush=True)
            plan = None
        said = _replay(plan, half, args.data) if plan else _pour(places.open_(newest, [key]), half, own, args.data)
    print(said)
    print(f"Everybody signs in again. Start it: yingxu serve --data {args.data} --with-worker")


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Trouble("%(text)s is no moment; write one like \"2026-11-24 17:00\".", text=text) from None
    return at if at.tzinfo else at.replace(tzinfo=standing.zone())


def _replay(plan: Any, half: Path, data: Path) -> str:
    """A physical copy and the log behind it; returns what was done, in a sentence."""
    from yingxu.operations import replaying

    print(f"From the copy {plan.base.backup.name} the log is replayed" + (f" up to {plan.until}." if plan.until else " to its end."), flush=True)
    replaying.lay_out_keys(plan, half)
    count = replaying.replay(plan, half / "postgres", archive=True)
    os.environ["YINGXU_DATA"] = str(half)
    with standing.database(half):
        found = replaying.lay_out_papers(plan, half, os.environ["DATABASE_URL"])
        reached = (plan.until or plan.reached).astimezone(standing.zone())
        held = _settle(f"{plan.base.backup.name}, {reached:%Y-%m-%d %H:%M:%S}")
    return (
        f"The company as of {reached:%Y-%m-%d %H:%M:%S} is restored in {data}: {found.tables} tables, {found.rows:,} rows, {found.papers} papers, "
        f"from {plan.base.backup.name} and {count} pieces of log. {held} messages that may have left already are held."
    )


def _pour(backup: Any, half: Path, own: str | None, data: Path) -> str:
    """A backup as it was taken; returns what was done, in a sentence."""
    from yingxu.operations import restoring

    head = backup.head()
    if own:
        restoring.require_empty(own)
    restoring.lay_out(backup, half)
    os.environ["YINGXU_DATA"] = str(half)
    with standing.database(half):
        url = os.environ["DATABASE_URL"]
        try:
            restoring.pour(backup, url)
            found = restoring.compare(backup, url)
            restoring.check_attachments(backup, url, found)
            if found.differences:
                raise Trouble("What came back is not what was saved: %(why)s", why=" ".join(found.differences[:5]))
            restoring.catch_up(url, head["transaction"])
            held = _settle(backup.name)
        except BaseException:
            if own:
                restoring.empty(own)
            raise
    return (
        f"{backup.name} is restored in {data}: {found.tables} tables, {found.rows:,} rows, {found.papers} papers, the same as saved. "
        f"{held} messages that may have left already are held."
    )


def _settle(name: str) -> int:
    """What has to happen before anything starts: this version's tables, held messages, erasures, proof of the journal."""
    standing.django()
    from django.core.management import call_command, get_commands
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    from yingxu.operations import actions

    loader = MigrationLoader(connection)
    if newer := sorted(set(loader.applied_migrations or ()) - set(loader.disk_migrations or ())):
        raise Trouble("A newer version of the product made this backup (%(what)s); install that one.", what=".".join(newer[-1]))
    standing.migrate()
    if "reapply_erasures" in get_commands():
        call_command("reapply_erasures")
    held = actions.settle_return(name)
    call_command("audit", "restored", "--why", f"restored from {name}")
    call_command("audit", "seal")
    try:
        call_command("audit", "verify")
    except SystemExit:
        print("The journal or the access log in this backup is not as it was sealed: see the line BAD above, and ask who could change it.")
    return held


def _code(file: Path | None) -> str:
    """The recovery code, never from the command line, where others on the machine could read it."""
    if file is not None:
        return file.read_text().strip()
    if given := os.environ.pop("YINGXU_RECOVERY_CODE", ""):
        return given
    return getpass.getpass(ASKED) if sys.stdin.isatty() else sys.stdin.readline().strip()
