"""python -m bench [--sizes 10k,100k] [--million] [--seconds 5]: fill, serve, measure, print. Everything it makes is removed again."""

import argparse
import json
import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from config import postgres

from .desks import desks
from .load import Measured, ask, request, run
from .product import PASSWORD, Product
from .tables import Table

SIZES = {"1k": 1_000, "10k": 10_000, "100k": 100_000, "1M": 1_000_000}
CLIENTS = (1, 8)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--sizes", default="10k,100k", help=f"of {', '.join(SIZES)}")
    parser.add_argument("--million", action="store_true", help="1M as well (some minutes to fill, about 5 GB on disk)")
    parser.add_argument("--seconds", type=float, default=5, help="for each figure")
    parser.add_argument("--only", default="", help="parts of the names of what is measured, e.g. create,search")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    parser.add_argument("--part", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    sizes = [name for name in args.sizes.split(",") if name] + (["1M"] if args.million else [])
    if not args.part:
        print(f"{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}; client, product and database share them.\n")
    table = Table()
    for name in dict.fromkeys(sizes):
        if len(sizes) > 1:
            table.rows += _apart(name, args)
            continue
        with ExitStack() as leaving:
            product = Product()
            leaving.callback(product.end)
            Bench(product, name, SIZES[name], args.seconds, args.only, table, leaving).run()
    if not args.part:
        table.verdict()
    if args.json:
        args.json.write_text(json.dumps(table.rows, ensure_ascii=False, indent=1))


def _apart(name: str, args: argparse.Namespace) -> list[dict[str, Any]]:
    """One size in a process of its own, since settings belong to one data directory; its rows."""
    with tempfile.TemporaryDirectory() as place:
        rows = Path(place) / "rows.json"
        words = ["--sizes", name, "--seconds", str(args.seconds), "--only", args.only, "--json", str(rows), "--part"]
        part = subprocess.Popen([sys.executable, "-m", "bench", *words])
        try:
            if part.wait():
                raise SystemExit(part.returncode)
        finally:
            part.terminate()  # when we are stopped: it takes its product and its data with it
            part.wait()
        return json.loads(rows.read_text())


class Bench:
    """One size."""

    def __init__(self, product: Product, name: str, size: int, seconds: float, only: str, table: Table, leaving: ExitStack) -> None:
        self.product, self.name, self.size, self.seconds, self.table, self.leaving = product, name, size, seconds, table, leaving
        self.only = [part for part in only.split(",") if part]
        self.random = random.Random(5)
        self.serial = count(self.random.randint(1, 10**9))

    def run(self) -> None:
        self.product.begin()
        self.product.environment()
        self.leaving.enter_context(postgres.serving(self.product.data / "postgres"))
        self._prepare()
        self.table.head(self.name, f"{self.size:,} needs, filled in {self.filled:.0f} s")
        self._guarded()
        postgres.stop(self.product.data / "postgres")
        self.table.figure(self.name, "cold start", self.product.start(), "s until the first page")
        try:
            self._sign_in()
            self._rest("at rest after the first pages")
            for measure in (self._create, self._batch, self._pages, self._searches, self._replies, partial(desks, self)):
                measure()
            time.sleep(3)
            self._rest("at rest after the load")
        finally:
            self.product.stop()
            _let_go()

    def _prepare(self) -> None:
        import django

        django.setup()
        from django.conf import settings
        from django.db import connections

        settings.DATABASES["default"].update(_database(os.environ["DATABASE_URL"]))
        connections["default"].settings_dict.update(_database(os.environ["DATABASE_URL"]))
        from . import company
        from .fill import fill

        self.company = company.hire(PASSWORD)
        self.filled = fill(self.size)
        self.facts = company.facts(self.size)
        _let_go()

    def _guarded(self) -> None:
        from .guarded import guarded

        guarded(self)
        _let_go()

    def _sign_in(self) -> None:
        self.cookies = {name: _session(self.product.port, name) for name in ("desk", "clerk")}
        for cookie in self.cookies.values():
            for _i in range(4):
                self._get("/needs/", cookie)

    def _get(self, path: str, cookie: str) -> bytes:
        status, _head, body = ask(self.product.port, request("GET", path, headers={"Cookie": cookie, "Connection": "close"}))
        if status != 200:
            raise SystemExit(f"{path} answered {status}: {body[:300]!r}")
        return body

    def _wanted(self, what: str) -> bool:
        return not self.only or any(part in what for part in self.only)

    def _rest(self, what: str) -> None:
        found = self.product.memory()
        self.table.figure(self.name, f"memory {what}", sum(found.values()), f"MB (web {found['web']:.0f}, worker {found['worker']:.0f}, PostgreSQL {found['postgres']:.0f})")

    def _measure(self, what: str, clients: int, make: Callable[[], bytes], *, expect: int = 200, least: int = 20, each: int = 1) -> Measured:
        before = self.product.cpu()
        found = run(self.product.port, clients, self.seconds, make, least=least)
        spent = {key: value - before[key] for key, value in self.product.cpu().items()}
        wrong = {status: n for status, n in found.statuses.items() if status != expect}
        if wrong:
            raise SystemExit(f"{what}: answered {wrong}")
        per = 1_000 / max(1, len(found.times)) / each
        self.table.add(
            size=self.name, what=what, clients=clients, p50=found.percentile(0.5), p95=found.percentile(0.95), rate=found.rate * each,
            cpu_web=spent["web"] * per, cpu_postgres=spent["postgres"] * per, cpu_client=found.own_cpu * per,
        )  # fmt: skip
        return found

    # ── what is measured ──

    def _api(self, path: str, content: Any, **headers: str) -> bytes:
        given = {"Authorization": f"Bearer {self.facts['secret']}", "Content-Type": "application/json", **headers}
        return request("POST", f"/api/v1{path}", headers=given, body=json.dumps(content, ensure_ascii=False).encode())

    def _need(self, phone: str) -> dict[str, Any]:
        return {
            "kind": "consultation", "channel": "api", "body": self.random.choice(self.facts["bodies"]), "fields": {"scope": ["其他"]},
            "customer": {"name": "季棠", "phone": phone},
        }  # fmt: skip

    def _phone(self) -> str:
        return f"+49{next(self.serial):012}"

    def _create(self) -> None:
        from .limits import pgbench

        for what, new in (("create, known customer", False), ("create, new customer", True)):
            if not self._wanted(what):
                continue
            known = [self._phone() for _i in range(64)]
            for phone in known:
                ask(self.product.port, self._api("/needs", self._need(phone), Connection="close"))
            for clients in CLIENTS:

                def make(new: bool = new, known: list[str] = known) -> bytes:
                    phone = self._phone() if new else self.random.choice(known)
                    return self._api("/needs", self._need(phone), **{"Idempotency-Key": f"k{next(self.serial)}"})

                self._measure(what, clients, make, expect=201)
                rate, mean = pgbench(self.product.data, clients, self.seconds, self.facts, new_customer=new)
                self.table.limit(what, clients, rate, mean, "pgbench")

    def _batch(self) -> None:
        from .limits import copy

        what = "batch of 1,000"
        if not self._wanted(what):
            return
        made: list[bytes] = []
        for _i in range(24):
            made.append(self._api("/needs/batch", {"needs": [self._need(self._phone()) for _n in range(1_000)]}, **{"Idempotency-Key": f"b{next(self.serial)}"}))
        ready: Iterator[bytes] = iter(made[:4])
        first = self._last_matter() + 1
        ask(self.product.port, next(ready))
        last = self._last_matter()
        seconds, needs = copy(first, last, 5)
        for clients in CLIENTS:
            ready = iter(made[1:8] if clients == 1 else made[8:])

            def make(ready: Iterator[bytes] = ready) -> bytes:
                return next(ready, None) or self._api("/needs/batch", {"needs": [self._need(self._phone())]})

            self._batches(what, clients, list(ready))
            self.table.limit(what, clients, needs / seconds, seconds * 1_000, "COPY, 1 client")

    def _batches(self, what: str, clients: int, ready: list[bytes]) -> None:
        """As many batches as there are, over so many connections at once."""
        import threading

        port, times, before = self.product.port, [], self.product.cpu()
        waiting = iter(ready)
        lock = threading.Lock()

        def work() -> None:
            while True:
                with lock:
                    raw = next(waiting, None)
                if raw is None:
                    return
                began = time.perf_counter()
                status, _head, body = ask(port, raw)
                if status != 200 or json.loads(body)["registered"] != 1_000:
                    raise SystemExit(f"{what}: {status} {body[:300]!r}")
                times.append((time.perf_counter() - began) * 1_000)

        threads = [threading.Thread(target=work) for _i in range(clients)]
        began, own = time.perf_counter(), time.process_time()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - began
        spent = {key: value - before[key] for key, value in self.product.cpu().items()}
        times.sort()
        count_ = len(times) * 1_000
        self.table.add(
            size=self.name, what=what, clients=clients, p50=times[len(times) // 2], p95=times[int(len(times) * 0.95)], rate=count_ / seconds,
            cpu_web=spent["web"] * 1_000 / count_, cpu_postgres=spent["postgres"] * 1_000 / count_,
            cpu_client=(time.process_time() - own) * 1_000 / count_,
        )  # fmt: skip

    def _last_matter(self) -> int:
        from django.db import connection

        with connection.cursor() as sql:
            sql.execute("SELECT max(id) FROM matters_matter")
            found = sql.fetchone()[0]
        connection.close()
        return found

    def _pages(self) -> None:
        from .limits import bare

        deep = self.facts["deep"]
        pages = {
            "queue, first page": ("/needs/?queue=all", "desk"),
            "queue, deep page": (f"/needs/?queue=all&sort=-opened&cursor={deep}", "desk"),
            "queue, due today": ("/needs/?queue=today", "desk"),
            "queue of a department": ("/needs/?queue=department", "clerk"),
            "all a clerk may see": ("/needs/?queue=all", "clerk"),
            "home": ("/", "desk"),
        }
        for what, (path, who) in pages.items():
            if not self._wanted(what):
                continue
            raw = request("GET", path, headers={"Cookie": self.cookies[who]})
            for clients in CLIENTS:
                self._measure(what, clients, lambda raw=raw: raw)
                if clients == 1:
                    ms, statements = bare(self.company[who], path)
                    self.table.limit(what, clients, 1_000 / ms, ms, f"bare SQL, {statements}")
        if self._wanted("need page"):
            raws = [request("GET", f"/needs/{number}/", headers={"Cookie": self.cookies["desk"]}) for number in self.facts["numbers"]]
            for clients in CLIENTS:
                self._measure("need page", clients, lambda: self.random.choice(raws))
                if clients == 1:
                    ms, statements = bare(self.company["desk"], f"/needs/{self.facts['numbers'][0]}/")
                    self.table.limit("need page", clients, 1_000 / ms, ms, f"bare SQL, {statements}")
        if self._wanted("list by API"):
            raw = request("GET", "/api/v1/needs", headers={"Authorization": f"Bearer {self.facts['secret']}"})
            for clients in CLIENTS:
                self._measure("list by API", clients, lambda: raw)

    def _searches(self) -> None:
        from urllib.parse import quote

        from .limits import bare

        for length in (2, 3, 4):
            what = f"search, {length} characters"
            if not self._wanted(what):
                continue
            paths = [f"/needs/?queue=all&q={quote(word)}" for word in self.facts["words"][length]]
            raws = [request("GET", path, headers={"Cookie": self.cookies["desk"]}) for path in paths]
            for clients in CLIENTS:
                self._measure(what, clients, lambda raws=raws: self.random.choice(raws), least=100)
                if clients == 1:
                    found = sorted(bare(self.company["desk"], path, rounds=3)[0] for path in paths[:20])
                    ms = found[len(found) // 2]
                    self.table.limit(what, clients, 1_000 / ms, ms, "bare SQL")

    def _replies(self) -> None:
        if not self._wanted("reply by API"):
            return
        for clients in CLIENTS:
            self._measure("reply by API", clients, lambda: self._api(f"/needs/{self.random.choice(self.facts['open'])}/replies", {"text": "收到，今天下班前答复您。"}))


def _let_go() -> None:
    """Keep no connection to a database that is about to go."""
    from django.db import connections

    connections.close_all()
    connections["default"].close_pool()


def _database(url: str) -> dict[str, Any]:
    from config.settings import _database as parsed

    return {key: value for key, value in parsed(url).items() if key in ("HOST", "NAME", "USER", "PORT")}


def _session(port: int, username: str) -> str:
    """The cookie of somebody who signed in through the page."""
    _status, head, body = ask(port, request("GET", "/sign-in/", headers={"Connection": "close"}))
    cookie = _cookie(head)
    mark = body.split(b'name="csrfmiddlewaretoken" value="', 1)[1].split(b'"', 1)[0].decode()
    form = f"csrfmiddlewaretoken={mark}&username={username}&password={PASSWORD}".encode()
    given = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded", "Connection": "close"}
    status, head, body = ask(port, request("POST", "/sign-in/", headers=given, body=form))
    if status != 302:
        raise SystemExit(f"signing in answered {status}: {body[:300]!r}")
    return _cookie(head)


def _cookie(head: bytes) -> str:
    lines = [line.split(b":", 1)[1].split(b";", 1)[0].strip().decode() for line in head.split(b"\r\n") if line.lower().startswith(b"set-cookie:")]
    return "; ".join(lines)


if __name__ == "__main__":
    main()
