"""`/metrics` and the lines of the log: by route, for this machine or a token only, and never a word of anybody (S4, M19)."""

import json
import logging

import pytest
from django.urls import reverse

from config.logs import Lines
from yingxu.base import trace
from yingxu.desk import metrics

pytestmark = pytest.mark.django_db
CANARY = "玄鹤13912345678"


def _value(text: str, begin: str) -> float:
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(begin))


def test_requests_are_counted_by_route_for_all_processes(signed_in, client):
    staff = signed_in("沈岚")
    before = _value(client.get("/metrics").content.decode(), 'yingxu_requests_total{route="needs/"')
    staff.get("/needs/", {"q": CANARY})
    metrics.flush()
    staff.get("/needs/")
    text = client.get("/metrics").content.decode()
    assert _value(text, 'yingxu_requests_total{route="needs/"') == before + 2
    assert _value(text, 'yingxu_request_seconds_bucket{route="needs/",le="+Inf"}') == _value(text, 'yingxu_request_seconds_count{route="needs/"}')
    for name in ("yingxu_database_up 1", "yingxu_journal_unheard", "yingxu_outbox_waiting", "yingxu_unsealed_rows", "yingxu_process_resident_bytes"):
        assert name in text
    assert CANARY not in text


def test_only_this_machine_or_a_token(client, settings):
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "10.0.0.9"}).status_code == 404
    settings.METRICS_TOKEN = "a-long-token"
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9", headers={"Authorization": "Bearer a-long-token"}).status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9", headers={"Authorization": "Bearer another"}).status_code == 404


class _Kept(logging.Handler):
    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(Lines().format(record))


@pytest.fixture
def said():
    handler, root = _Kept(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler.lines
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_request_is_one_line_with_its_id_and_what_it_stated(signed_in, said, world):
    answer = signed_in("沈岚").post(reverse("customers:new"), {"name": CANARY, "type": "person", "contact_name": CANARY, "phone": "13912345678", "remark": CANARY})
    line = next(found for found in map(json.loads, said) if found["from"] == "yingxu.web" and found["method"] == "POST")
    assert line["request"] == answer["X-Request-ID"] and line["route"] == "customers/new/" and line["user"] == world.user("沈岚").pk
    assert line["status"] == answer.status_code and line["ms"] >= 0
    assert answer.status_code != 302 or line["entries"], "the entries lead to what reactions do later"


@pytest.mark.parametrize("path", ["/needs/", "/customers/", "/palette/", "/p/needs/X/", "/nothing/here/"])
def test_no_line_says_what_anybody_typed(signed_in, said, path):
    client = signed_in("苏慕青")
    client.get(path, {"q": CANARY})
    client.get(path + CANARY)
    client.post("/sign-in/", {"username": CANARY, "password": CANARY})
    assert said and not any(CANARY in line or "139123" in line for line in said)


def test_an_id_is_taken_from_a_trusted_proxy_only(client, settings):
    given = {"X-Request-ID": "proxy-id-1234"}
    assert client.get("/healthz", headers=given)["X-Request-ID"] != "proxy-id-1234"
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    assert client.get("/healthz", headers=given)["X-Request-ID"] == "proxy-id-1234"
    assert client.get("/healthz", headers={"X-Request-ID": "no good\t"})["X-Request-ID"] != "no good\t"


def test_work_inside_work():
    assert trace.current() == ""
    with trace.within("a") as work:
        trace.stated(7)
        with trace.within("b"):
            assert trace.current() == "b"
        assert trace.current() == "a" and work.stated == [7]
    assert trace.current() == ""
