"""Processes are killed in the middle of intake, again and again; what was acknowledged is there, once (N2, N3, R1, R2, F1, F3, F6).

A client writes down every need before it sends it and every number it was told, repeats what was not answered, and at the end an
auditor reads the database and compares.
"""

import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

import psutil
import psycopg
import pytest

from config import postgres

ROOT = Path(__file__).resolve().parents[2]
SECONDS = float(os.environ.get("YINGXU_KILLING_SECONDS", "30"))
PREPARE = """
from yingxu.api import actions as api
from yingxu.base.access import SYSTEM
from yingxu.people.models import Department, Grant, Role, User
from yingxu.portal import actions as portal
from yingxu.base import clock
user = User.objects.create(username="till", name="till", department=Department.objects.get(code="service"), session_mark="x")
Grant.objects.create(user=user, role=Role.objects.get(code="front-desk"), begins_at=clock.now())
_token, secret = api.make_token(by=SYSTEM, name="till", user=user, allowed=["needs:write"], per_minute=0)
point = portal.add_point(by=SYSTEM, name="web", channel="web", kind="consultation")
print("made", secret, point.slug)
"""


class Ledger:
    """What was meant to be sent and what was acknowledged, on disk before the next step is taken."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.turn = folder, threading.Lock()
        self.statuses: Counter[int | str] = Counter()

    def write(self, book: str, *values: str) -> None:
        with self.turn, (self.folder / book).open("a") as file:
            file.write(json.dumps(values) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def read(self, book: str) -> list[list[str]]:
        return [json.loads(line) for line in (self.folder / book).read_text().splitlines()]


class Product:
    """The product, served from a new data directory."""

    def __init__(self, place: Path) -> None:
        self.data = place / "data"
        self.env = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "YINGXU_DATA", "DJANGO_ALLOW_ASYNC_UNSAFE"}}
        self.env["YINGXU_PROXIES"] = "127.0.0.1"  # every request may come from an address of its own
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"http://127.0.0.1:{free.getsockname()[1]}"

    def run(self, *words: str) -> str:
        call = [sys.executable, "-m", "yingxu.cli", "--data", str(self.data), *words]
        done = subprocess.run(call, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def serve(self) -> psutil.Process:
        port = self.address.rpartition(":")[2]
        call = [sys.executable, "-m", "yingxu.cli", "--data", str(self.data), "serve", "--with-worker", "--port", port]
        log = (self.data / "serve.log").open("w")
        return psutil.Process(subprocess.Popen(call, cwd=ROOT, env=self.env, stdout=log, stderr=log).pid)

    def ask(self, path: str, data: bytes | None = None, **headers: str) -> tuple[int | str, str]:
        """(status, body); (the error's name, "") when there was no answer."""
        own = {"X-Forwarded-For": f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}"}  # noqa: S311
        sent = urllib.request.Request(self.address + path, data, {k.replace("_", "-"): v for k, v in {**own, **headers}.items()})  # noqa: S310
        try:
            with urllib.request.urlopen(sent, timeout=10) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")
        except (OSError, HTTPException) as error:
            return type(error).__name__, ""

    def victim(self, what: str, family: psutil.Process) -> psutil.Process | None:
        """A process to kill, found anew each time by its place in the family."""
        try:
            if what == "database":
                pid = postgres.pid(self.data / "postgres")
                return psutil.Process(pid) if pid else None
            web, worker = sorted(family.children(), key=lambda child: not child.children())
            return random.choice(web.children()) if what == "web" else worker  # noqa: S311
        except (psutil.NoSuchProcess, ValueError, IndexError):
            return None


@pytest.fixture
def product() -> Iterator[tuple[Product, psutil.Process, str, str]]:
    place = Path(tempfile.mkdtemp(prefix="yx-"))
    place.chmod(0o711)
    made = Product(place)
    family = None
    try:
        made.run("init", "--pack", "general", "--company", "试用公司")
        _made, secret, slug = made.run("manage", "shell", "-c", PREPARE).split()[-3:]
        family = made.serve()
        until = time.monotonic() + 60
        while made.ask("/sign-in/")[0] != 200:
            assert time.monotonic() < until, (made.data / "serve.log").read_text()
            time.sleep(0.3)
        yield made, family, secret, slug
    finally:
        if family:
            family.send_signal(signal.SIGTERM)
            family.wait(timeout=60)
        postgres.stop(made.data / "postgres")
        shutil.rmtree(place, ignore_errors=True)


def by_api(product: Product, ledger: Ledger, secret: str, key: str, stop: float) -> None:
    """One need, sent again under its key until it is acknowledged."""
    body = f"{key} 想问一下进度。"
    need = {"kind": "consultation", "body": body, "fields": {"scope": ["其他"]}, "customer": {"name": "季棠", "phone": "13900004244"}}
    ledger.write("intent", key, body)
    while True:
        status, said = product.ask(
            "/api/v1/needs", json.dumps(need).encode(), Authorization=f"Bearer {secret}", Content_Type="application/json", Idempotency_Key=key
        )
        ledger.statuses[status] += 1
        if status == 201:
            ledger.write("ack", key, json.loads(said)["number"])
            return
        assert time.monotonic() < stop, f"{key}: never acknowledged, last {status} {said[:300]}"
        time.sleep(0.1)


def by_portal(product: Product, ledger: Ledger, slug: str, key: str, stop: float) -> None:
    """One need by the form, sent again with the form's own nonce until its number is shown."""
    path, body, nonce = f"/p/f/{slug}/?embed=1", f"{key} 想问一下进度。", None
    while True:
        if nonce is None:
            status, said = product.ask(path)
            found = re.search(r'name="nonce" value="([^"]+)"', said)
            if found:
                nonce = found[1]
                ledger.write("intent", key, body)
        else:
            given = {"kind": "consultation", "body": body, "f-scope": "其他", "name": "方屿", "phone": "13900005511", "agreed": "on", "nonce": nonce}
            status, said = product.ask(path, urllib.parse.urlencode(given).encode())
            if status == 200:
                ledger.write("ack", key, re.search(r'<b class="txl">(\d{4}-\d{6})</b>', said)[1])
                ledger.statuses[status] += 1
                return
        ledger.statuses[status] += 1
        assert time.monotonic() < stop, f"{key}: never acknowledged, last {status} {said[:300]}"
        time.sleep(0.1)


def test_nothing_acknowledged_is_lost(product: tuple[Product, psutil.Process, str, str], tmp_path: Path):
    made, family, secret, slug = product
    seed = int(os.environ.get("YINGXU_SEED") or random.randrange(10_000))  # noqa: S311
    print(f"seed {seed}")
    chance, ledger = random.Random(seed), Ledger(tmp_path)  # noqa: S311
    end = time.monotonic() + SECONDS
    stop, troubles = end + 60, []

    def write(name: str, one: object, proof: str) -> None:
        try:
            count = 0
            while time.monotonic() < end:
                count += 1
                one(made, ledger, proof, f"{name}-{count}", stop)  # type: ignore[operator]
        except BaseException as error:
            troubles.append(f"{name}: {error!r}")

    writers = [threading.Thread(target=write, args=(f"api{n}", by_api, secret)) for n in range(4)]
    writers += [threading.Thread(target=write, args=(f"portal{n}", by_portal, slug)) for n in range(2)]
    for writer in writers:
        writer.start()
    killed = []
    for what in chance.sample(["web", "database", "worker"] * 2, 6):
        time.sleep(chance.uniform(0.5, 1.5) * SECONDS / 8)
        while (victim := made.victim(what, family)) is None and time.monotonic() < stop:
            time.sleep(0.2)  # it is on its way back from the last time
        assert victim, f"no {what} to kill"
        victim.kill()
        killed.append(what)
    for writer in writers:
        writer.join(timeout=SECONDS + 90)
    print(killed, dict(ledger.statuses))
    assert not troubles, "\n".join(troubles)
    assert set(ledger.statuses) - {200, 201, 503} == {s for s in ledger.statuses if isinstance(s, str)}, "no answer but yes and not now"
    audit(made, ledger)


def audit(made: Product, ledger: Ledger) -> None:
    """Everything that was acknowledged is present once, and nothing else is."""
    intents, acks = dict(ledger.read("intent")), ledger.read("ack")
    numbers = dict(acks)
    with psycopg.connect(postgres.url(made.data / "postgres")) as connection:
        needs = connection.execute(
            "SELECT m.number, n.body FROM needs_need n JOIN matters_matter m ON m.id = n.matter_id ORDER BY m.number"
        ).fetchall()
        entries = connection.execute(
            "SELECT m.number, count(e.id) FROM matters_matter m LEFT JOIN matters_entry e ON e.matter_id = m.id "
            "AND e.event = 'needs.need_registered' WHERE m.kind = 'need' GROUP BY m.number"
        ).fetchall()
        clocks = connection.execute("SELECT count(DISTINCT matter_id) FROM deadlines_clock").fetchone()
    present = dict(needs)
    assert len(numbers) == len(acks) == len(intents) > 20, "every need was acknowledged, each with one number"
    assert not {key for key in intents if present.get(numbers[key]) != intents[key]}, "lost or mixed up"
    assert len(needs) == len(present) == len(intents), "doubles or phantoms"
    year = needs[0][0][:4]
    assert [number for number, _body in needs] == [f"{year}-{n:06}" for n in range(1, len(needs) + 1)], "numbers without gaps"
    assert {count for _number, count in entries} == {1} and len(entries) == len(needs), "each has its journal entry"
    assert clocks[0] == len(needs), "each has its clocks"
    print(f"{len(needs)} needs acknowledged, 0 lost, 0 doubled")
