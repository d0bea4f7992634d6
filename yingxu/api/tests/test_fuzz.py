"""Whatever is sent, an answer of ours comes back: never a fault (U3, the fuzz gate of the security bar)."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from yingxu.api import rest

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
            if content:
                found.append((method.upper(), path.removeprefix("/api/v1"), shapes[content["schema"]["$ref"].rsplit("/", 1)[1]]))
    return found


ENDPOINTS = {f"{method} {path}": (method, path, shape) for method, path, shape in _endpoints()}


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


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
def test_any_body(name: str, desk: Program, world: Any) -> None:
    method, path, shape = ENDPOINTS[name]
    number = desk.post("/needs", need()).json()["number"]
    kept = world.customer("季棠").matter.number
    address = path.replace("{number}", kept if path.startswith("/customers") else number)

    @seed(1)
    @QUIET
    @given(body=_body(shape))
    def check(body: Any) -> None:
        answer = desk(method, address, body)
        assert answer.status_code < 500, (body, answer.content.decode())
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json"

    check()


@pytest.mark.parametrize("path", ["/needs", "/customers", "/needs/{}", "/needs/{}/timeline", "/kinds/{}", "/customers/{}"])
def test_any_address(path: str, desk: Program) -> None:
    from urllib.parse import quote

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
