"""What open pages cost while people only look at them: heartbeats of 200 desks, beside the bare SQL of one."""

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from .limits import bare
from .load import request

if TYPE_CHECKING:
    from .__main__ import Bench

DESKS = 200
EVERY = {"heartbeat, list": 20, "heartbeat, need": 10}  # seconds between two of one page, as in live.js; half the desks each
PART = re.compile(r'data-live="([a-z]+)" data-mark="([^"]*)"')


def desks(bench: "Bench") -> None:
    """An open list and an open need to which nothing happens, then a list whose counts moved; and what 200 desks make of it."""
    if not bench._wanted("heartbeat"):
        return
    cookie = bench.cookies["desk"]
    share = rate = 0.0
    for what, path in (("heartbeat, list", "/needs/?queue=all"), ("heartbeat, need", f"/needs/{bench.facts['numbers'][0]}/")):
        said = _marks(bench, path, cookie)
        _beats(bench, what, said, cookie, expect=204)
        share += DESKS / 2 / EVERY[what] * (bench.table.rows[-1]["cpu_web"] + bench.table.rows[-1]["cpu_postgres"]) / 1_000
        rate += DESKS / 2 / EVERY[what]
    said = _marks(bench, "/needs/?queue=all", cookie)
    _beats(bench, "heartbeat, counts moved", {**said, "queues": "0 " + said["queues"].partition(" ")[2]}, cookie, expect=200)
    bench.table.figure(bench.name, f"heartbeats of {DESKS} open desks", rate, "a second")
    bench.table.figure(bench.name, f"{DESKS} open desks, nothing new: of one core", 100 * share, "% (web and PostgreSQL)")
    moved = bench.table.rows[-3]
    bench.table.figure(
        bench.name, f"{DESKS} open lists, all counts move each time", DESKS / EVERY["heartbeat, list"] * (moved["cpu_web"] + moved["cpu_postgres"]) / 10,
        "% of one core",
    )  # fmt: skip


def _marks(bench: "Bench", path: str, cookie: str) -> dict[str, str]:
    return {name: unescape(mark) for name, mark in PART.findall(bench._get(path, cookie).decode())}


def _beats(bench: "Bench", what: str, said: dict[str, str], cookie: str, *, expect: int) -> None:
    token = re.search(r"csrf=(\w+)", cookie)
    given = {"Cookie": cookie, "X-CSRFToken": token[1] if token else "", "HX-Request": "true", "Content-Type": "application/x-www-form-urlencoded"}
    raw = request("POST", "/pulse/", headers=given, body=urlencode(said).encode())
    bench._measure(what, 8, lambda: raw, expect=expect)
    bench._measure(what, 1, lambda: raw, expect=expect)
    row = bench.table.rows[-1]
    ms, statements = bare(bench.company["desk"], "/pulse/", said=said)
    bench.table.limit(what, 1, 1_000 / ms, ms, f"bare SQL, {statements}")
    assert bench.table.rows[-1] is row
