"""Whatever is sent, an answer of ours comes back: never a fault (U3, the fuzz gate of the security bar)."""

import re
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from yingxu.api import actions, rest
from yingxu.base.access import SYSTEM

from .conftest import Program, need

ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=30),
    st.sampled_from(["", " ", "0001-01-01", "9999-12-31T23:59:59+14:00", "2026-03-18", "²", "%s", "'; DROP TABLE", "\u202e", "🎋" * 9, "典" * 600]),
)  # fmt: skip
JSON = st.recursive(ODD, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4), max_leaves=8)
QUIET = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)


def _endpoints() -> list[tuple[str, str, dict[str, Any]]]:
    document = rest.document()
    shapes = document["components"]["schemas"]
    found = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            shape = shapes[content["schema"]["$ref"].rsplit("/", 1)[1]] if content else {}
            found.append((method.upper(), path.removeprefix("/api/v1"), {**shape, "parameters": operation.get("parameters", [])}))
    return found


EVERY = {f"{method} {path}": (method, path, shape) for method, path, shape in _endpoints()}
ENDPOINTS = {name: found for name, found in EVERY.items() if "properties" in found[2]}


def _value(spec: dict[str, Any]) -> st.SearchStrategy:
    """Often a value of the right kind, often not."""
    if spec.get("enum"):
        fit: st.SearchStrategy = st.sampled_from(spec["enum"])
    elif spec.get("format") == "date-time":
        fit = st.sampled_from(["2026-03-18T09:30:00+08:00", "2199-01-01T00:00:00Z", "1971-01-01T00:00:00-12:00", "2026-03-18T09:30:00"])
    elif spec.get("format") == "date":
        fit = st.sampled_from(["2026-03-18", "2198-12-31", "1971-01-01"])
    elif spec.get("type") == "integer":
        fit = st.integers(0, 6)
    elif spec.get("type") == "boolean":
        fit = st.booleans()
    elif spec.get("type") == "object":
        fit = st.dictionaries(st.sampled_from(["scope", "item", "amount", "odd"]), JSON, max_size=3)
    elif spec.get("type") == "array":
        fit = st.lists(st.just("x") | JSON, max_size=3)
    else:
        fit = st.sampled_from(["pawn", "shenlan", "consultation", "2026-000001", "13900004244", "x"]) | st.text(max_size=20)
    return fit | JSON


def _body(shape: dict[str, Any]) -> st.SearchStrategy:
    known = {name: _value(spec) for name, spec in shape.get("properties", {}).items()}
    must = {name: known[name] for name in shape.get("required", [])}
    return st.fixed_dictionaries(must, optional={name: value for name, value in known.items() if name not in must}) | JSON


@pytest.fixture
def caller(program: Callable[..., Program], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Program]:
    """Who may call this path; no name is looked up in the internet."""
    real = socket.getaddrinfo
    nowhere = lambda host, *more, **named: real(host, *more, **named) if host in ("127.0.0.1", "localhost") else []  # noqa: E731
    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    return lambda path: program("陆砚秋", "webhooks:manage") if path.startswith("/webhooks") else program("沈岚")


@pytest.fixture
def address(desk: Program, world: Any, endpoint: Any) -> Callable[[str], str]:
    """The path with the names of things that are there."""

    def fill(path: str) -> str:
        if path.startswith("/webhooks"):
            made = endpoint("http://127.0.0.1:8009/in")
            return path.replace("{pk}", str(made.pk)).replace("{delivery}", str(actions.send_test(made, by=SYSTEM).pk))
        kept = world.customer("季棠").matter.number if path.startswith("/customers") else desk.post("/needs", need()).json()["number"]
        return path.replace("{number}", kept)

    return fill


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
def test_any_body(name: str, caller: Any, address: Any) -> None:
    method, path, shape = ENDPOINTS[name]
    program, path = caller(path), address(path)

    @seed(1)
    @QUIET
    @given(body=_body(shape))
    def check(body: Any) -> None:
        answer = program(method, path, body)
        assert answer.status_code < 500, (body, answer.content.decode())
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json"

    check()


HEADERS = ("accept-language", "authorization", "content-type", "content-length", "idempotency-key", "if-match", "if-none-match", "host", "x-forwarded-for", "hx-request", "range")
PLAIN = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40)


@pytest.mark.parametrize("name", sorted(EVERY))
def test_any_address_query_and_header(name: str, caller: Any, address: Any) -> None:
    """Every operation of the document: odd names in the path, the parameters it knows and others, odd headers, another method."""
    method, path, shape = EVERY[name]
    program, real = caller(path), address(path)
    known = [found["name"] for found in shape["parameters"] if found["in"] == "query"]
    names = st.sampled_from([*known, "cursor", "size", "odd"]) | st.text(max_size=6)
    parts = st.text(min_size=1, max_size=30) | st.sampled_from(["0", "-1", "9" * 30, "%00", "..", "2026-000001", "é"])
    values = st.sampled_from(["", "0", "-1", "9" * 25, "asc", "²", "1e9", "waiting", "\x00"]) | st.text(max_size=20)

    @seed(4)
    @settings(QUIET, max_examples=15)
    @given(
        part=st.none() | parts, query=st.dictionaries(names, values, max_size=3), method=st.sampled_from([method, method, "PUT", "HEAD", "OPTIONS"]),
        headers=st.dictionaries(st.sampled_from(HEADERS), PLAIN, max_size=2), raw=st.sampled_from([b"", b"{}", b"[]", b"null", b"{"]) | st.binary(max_size=20),
    )  # fmt: skip
    def check(part: str | None, query: dict[str, str], method: str, headers: dict[str, str], raw: bytes) -> None:
        where = real if part is None else re.sub(r"\{\w+\}", lambda _m: quote(part, safe="", errors="replace"), path)
        asked = "&".join(f"{quote(k, safe='', errors='replace')}={quote(v, safe='', errors='replace')}" for k, v in query.items())
        answer = program(method, f"{where}?{asked}", raw, **{k.replace("-", "_"): v for k, v in headers.items()})
        assert answer.status_code < 500, (method, where, asked, headers, answer.content.decode())

    check()


@pytest.mark.parametrize("path", ["/needs", "/customers", "/needs/{}", "/needs/{}/timeline", "/kinds/{}", "/customers/{}"])
def test_any_address(path: str, desk: Program) -> None:
    names = st.sampled_from(["q", "state", "size", "sort", "cursor", "department", "from", "to", "tag", "owner", "customer", "round", "after", "phone"])

    @seed(2)
    @QUIET
    @given(part=st.text(min_size=1, max_size=40), query=st.dictionaries(names | st.text(max_size=8), st.text(max_size=30), max_size=3))
    def check(part: str, query: dict[str, str]) -> None:
        asked = "&".join(f"{quote(k, safe='', errors='replace')}={quote(v, safe='', errors='replace')}" for k, v in query.items())
        answer = desk.get(f"{path.format(quote(part, safe='', errors='replace'))}?{asked}")
        assert answer.status_code < 500, answer.content.decode()

    check()


@seed(3)
@QUIET
@given(raw=st.binary(max_size=60))
@pytest.mark.django_db
def test_any_bytes(raw: bytes, desk: Program) -> None:
    assert desk.post("/needs", raw).status_code < 500
