"""The `yingxu` command: begin a company, serve it, do its work in the background, look after it."""

import argparse
import os
import secrets
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from config import backing, family, looking, postgres, standing

HOME = Path(__file__).resolve().parent.parent


def main(words: list[str] | None = None) -> None:
    """Entry point. Every failure is one sentence on standard error and exit code 1."""
    args = _parser().parse_args(words)
    args.data = args.data.resolve()
    os.environ["YINGXU_DATA"] = str(args.data)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        args.do(args)
    except (postgres.Trouble, backing.Trouble, OSError) as trouble:
        sys.exit(str(trouble))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="yingxu", description="A company's customer-needs policy, running.")
    default = Path(os.environ.get("YINGXU_DATA", HOME / "var"))
    data: dict[str, Any] = {"type": Path, "help": f"data directory (default: {default})"}
    parser.add_argument("--data", default=default, **data)
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    def verb(do: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
        made = verbs.add_parser(do.__name__, help=(do.__doc__ or "").split("\n")[0])
        made.set_defaults(do=do)
        made.add_argument("--data", default=argparse.SUPPRESS, **data)
        return made

    made = verb(init)
    made.add_argument("--pack", required=True, help="general, pawnshop, or a directory with a pack of your own")
    made.add_argument("--company", required=True, help="the company's name, as customers know it")
    made.add_argument("--admin", default="admin", help="sign-in name of the first security administrator (default: admin); the system administrator is NAME-system")
    for made in (verb(serve), verb(demo)):
        made.add_argument("--host", default="127.0.0.1")
        made.add_argument("--port", type=int, default=8000)
        made.add_argument("--workers", type=int, default=2, help="processes that answer requests")
        made.add_argument("--threads", type=int, default=4, help="threads in each of them")
    verbs.choices["demo"].add_argument("--no-start", action="store_true", help="only make the company")
    verbs.choices["serve"].add_argument("--with-worker", action="store_true", help="do the background work here as well")
    verb(worker)
    made = verb(mail)
    made.add_argument("--host", default="127.0.0.1", help="address to listen at (default: this machine only)")
    made.add_argument("--lmtp-port", type=int, default=8024, help="LMTP, from your mail server (default: 8024; 0: not)")
    made.add_argument("--smtp-port", type=int, default=0, help="SMTP (default: not)")
    verb(dev).add_argument("--port", type=int, default=8000)
    verb(migrate)
    verb(status)
    verb(audit).add_argument("words", nargs=argparse.REMAINDER, help="verify, heads, seal or restored")
    verb(manage).add_argument("words", nargs=argparse.REMAINDER)
    backing.verbs(verb)
    return parser


def init(args: argparse.Namespace) -> None:
    """Begin a company in an empty data directory: keys, database, policy pack, the first security and system administrators."""
    code = standing.make_keys(args.data)
    passwords = {"security": secrets.token_urlsafe(12), "system": secrets.token_urlsafe(12)}
    with standing.database(args.data):
        standing.django()
        standing.migrate()
        _begin(args.pack, args.company, args.admin, passwords)
    print(f"{args.company} is ready. Sign in as {args.admin} with the password {passwords['security']} (shown only now): people, roles, sign-in.")
    print(f"Settings, channels, packs: sign in as {args.admin}-system with the password {passwords['system']} (shown only now).")
    print("The three administrators are three people: next, add a second security administrator and an audit administrator.")
    if code:
        print(backing.CODE.format(code=code))


def serve(args: argparse.Namespace) -> None:
    """Answer requests."""
    standing.require_keys(args.data)
    _require_port(args.host, args.port)
    with standing.database(args.data) as keep:
        _run(args, keep, _require_migrated, with_worker=args.with_worker)


def worker(args: argparse.Namespace) -> None:
    """Hand out the journal, run jobs and timed work."""
    from config import children

    standing.require_keys(args.data)
    with standing.database(args.data) as keep:
        standing.django()
        if not family.apart(_require_migrated):
            sys.exit(1)
        family.run({"worker": children.work}, tick=keep)


def mail(args: argparse.Namespace) -> None:
    """Take mail that your mail server delivers by LMTP or SMTP. Each is kept before it is acknowledged."""
    from config import children

    standing.require_keys(args.data)
    for port in filter(None, (args.lmtp_port, args.smtp_port)):
        _require_port(args.host, port)
    with standing.database(args.data) as keep:
        standing.django()
        if not family.apart(_require_migrated):
            sys.exit(1)
        family.run({"mail": lambda: children.post(args.host, args.lmtp_port, args.smtp_port)}, tick=keep)


def demo(args: argparse.Namespace) -> None:
    """A demonstration company with invented people and needs; passwords are new at every start."""
    _require_port(args.host, args.port)
    _require_demonstration(args.data)
    password = secrets.token_urlsafe(9)
    with standing.database(args.data) as keep:
        if not args.no_start:
            _run(args, keep, lambda: _demonstration(args.data, password), with_worker=True)
        else:
            standing.django()
            _demonstration(args.data, password)


def dev(args: argparse.Namespace) -> None:
    """For developers: reload on every change, errors shown on the page."""
    import signal
    import subprocess

    _require_demonstration(args.data)
    os.environ["YINGXU_DEBUG"] = "1"
    with standing.database(args.data):
        standing.django()
        if not family.apart(lambda: _demonstration(args.data, secrets.token_urlsafe(9))):
            sys.exit(1)
        web = [sys.executable, str(HOME / "manage.py"), "runserver", str(args.port)]
        parts = [web, [sys.executable, "-m", "yingxu.cli", "worker"]]
        running = [subprocess.Popen(words, cwd=HOME) for words in parts]
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: _each(*(process.terminate for process in running)))
        for process in running:
            process.wait()


def migrate(args: argparse.Namespace) -> None:
    """Bring the database to this version of the program."""
    standing.require_keys(args.data)
    with standing.database(args.data):
        standing.django()
        standing.migrate()
    print("The database is up to date.")


def status(args: argparse.Namespace) -> None:
    """Is everything well? Database, background work, disk. Exit code 1 when not."""
    standing.require_keys(args.data)
    with standing.database(args.data):
        standing.django()
        lines = list(looking.lines())
    for well, line in lines:
        print(("ok   " if well else "BAD  ") + line)
    if not all(well for well, _line in lines):
        sys.exit(1)


def audit(args: argparse.Namespace) -> None:
    """Seals of the journal and the access log: verify, heads, seal, restored (yingxu audit verify --help)."""
    args.words = ["audit", *args.words]
    manage(args)


def manage(args: argparse.Namespace) -> None:
    """Any command of manage.py, with the embedded database running."""
    standing.require_keys(args.data)
    with standing.database(args.data):
        from django.core.management import execute_from_command_line

        execute_from_command_line(["yingxu manage", *args.words])


def _require_demonstration(data: Path) -> None:
    """An empty directory, or one this was called for before: it gives people new passwords. One left half-made is made anew."""
    mark = data / "demonstration"
    if mark.exists() and mark.read_text() != "made":
        postgres.remove(data / "postgres")
    elif (data / "keys").exists() and not mark.exists():
        sys.exit(f"{data} holds a company that is not a demonstration; choose another directory with --data.")
    if code := standing.make_keys(data):
        print(backing.CODE.format(code=code), flush=True)
    if not mark.exists():
        mark.write_text("begun")


def _require_port(host: str, port: int) -> None:
    where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(*where[:2]) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(where[4])
        except OSError as error:
            sys.exit(f"Port {port} on {host} cannot be used ({error.strerror}). Choose another one: --port {port + 1}")


def _run(args: argparse.Namespace, keep: Callable[[], None], prepare: Callable[[], None], *, with_worker: bool) -> None:
    """The family. What asks the database beforehand does so in a child: the parent never holds a connection."""
    from config import children

    os.environ["YINGXU_STATIC"] = "hashed"
    standing.django()
    from django.conf import settings

    if not family.apart(lambda: _each(prepare, _collect_static), meanwhile=_load_all):
        sys.exit(1)
    static = Path(settings.STATIC_ROOT)
    bodies = {"web": lambda: children.web(args.host, args.port, args.workers, args.threads, static)}
    if with_worker:
        bodies["worker"] = children.work
    greeted = False

    def tick() -> None:
        nonlocal greeted
        keep()
        if not greeted and _answers(args.host, args.port):
            greeted = True
            print(f"Yingxu 应需: http://{args.host}:{args.port}/   (Ctrl-C ends it)", flush=True)

    family.run(bodies, tick=tick)


def _each(*bodies: Callable[[], None]) -> None:
    for body in bodies:
        body()


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=0.5).close()
    except OSError:
        return False
    return True


def _load_all() -> None:
    """Everything a child will need, loaded before they are born: they share it, and the first page is as quick as the next."""
    from django.conf import settings
    from django.template import engines
    from django.urls import get_resolver
    from django.utils import translation
    from jinja2 import FileSystemBytecodeCache

    import config.wsgi  # noqa: F401

    _ = get_resolver().url_patterns
    with translation.override("zh-hans"):
        translation.gettext("")
    pages: Any = engines.all()[0]
    (settings.DATA_DIR / "cache").mkdir(mode=0o700, exist_ok=True)
    pages.env.bytecode_cache = FileSystemBytecodeCache(str(settings.DATA_DIR / "cache"))
    for name in pages.env.list_templates(filter_func=lambda name: name.split("/")[0] in settings.ROOMS):
        pages.env.get_template(name)


def _require_migrated() -> None:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        sys.exit("The database is of an older version. Bring it up to date first: yingxu migrate")


def _collect_static() -> None:
    from django.core.management import call_command

    call_command("collectstatic", verbosity=0, interactive=False)


def _begin(pack: str, company: str, admin: str, passwords: dict[str, str]) -> None:
    """Install the pack and make the first two administrators, two accounts since nobody is both (docs/decisions/0023): security, which
    founds the company until there is a second one, and system. Each chooses a password and a second factor at the first sign-in."""
    from django.db import transaction

    from yingxu.base.access import RULES, SYSTEM
    from yingxu.base.errors import Refusal
    from yingxu.people import actions as people
    from yingxu.people.models import Role, User
    from yingxu.policies import actions as policies

    if User.objects.exists():
        sys.exit("There is a company in this data directory already; choose another one with --data.")
    try:
        with transaction.atomic():
            policies.install(pack, by=SYSTEM, company=company)
            for office, password in passwords.items():
                name = admin if office == "security" else f"{admin}-{office}"
                user = people.add_user(by=SYSTEM, username=name, name=name, department=None, password=password)
                mine = [rule for rule in RULES.values() if rule.office == office]
                for role in Role.objects.filter(rules__rule__in=[rule.name for rule in mine]).distinct():
                    people.grant(user, role, by=SYSTEM)
    except Refusal as refusal:
        sys.exit(str(refusal))


def _demonstration(data: Path, password: str) -> None:
    """Make the demonstration company when it is not there, give its people a new password and say who they are."""
    from django.core.management import call_command

    from yingxu.base.access import SYSTEM
    from yingxu.people import actions as people
    from yingxu.people import queries
    from yingxu.people.models import User

    standing.migrate()
    if not User.objects.exists():
        print("Making the demonstration company; this takes a few minutes, once …", flush=True)
        call_command("seed")
        (data / "demonstration").write_text("made")
    print(f"Sign in as one of these; the password, for this run, is {password}")
    seen: set[str] = set()
    for held in queries.open_grants().select_related("user__department", "role").order_by("role_id", "user_id"):
        if held.user.is_active and held.role.name not in seen and held.user.username not in seen:
            seen |= {held.role.name, held.user.username}
            people.set_password(held.user, password, by=SYSTEM)
            print(f"  {held.user.username:<14}{held.role.name}，{held.user.name}", flush=True)


if __name__ == "__main__":
    main()
