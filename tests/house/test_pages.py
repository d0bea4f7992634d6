"""Pages: every address has a door, views ask queries, templates carry no code."""

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from yingxu.base.access import Rule

from .tree import HOUSE, code, name, pages, parsed

HX = {
    "get", "post", "put", "patch", "delete", "target", "swap", "swap-oob", "trigger", "select", "select-oob", "push-url", "replace-url",
    "indicator", "include", "vals", "headers", "boost", "disabled-elt", "sync", "params", "encoding", "disable", "disinherit",
    "preserve", "validate", "history", "history-elt", "confirm", "ext",
}  # fmt: skip  # no hx-on and no hx-vars: they carry script
WRONG = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "a style element": re.compile(r"<style\b", re.I),
    "a script inside the page": re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*type=.application/(?:ld\+)?json)[^>]*>", re.I),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "a javascript address": re.compile(r"javascript:", re.I),
    "values that are script": re.compile(r"hx-vals\s*=\s*['\"]\s*js:", re.I),
}


def _addresses(patterns: list[Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern.url_patterns, address)
        elif isinstance(pattern, URLPattern):
            yield address, pattern.callback


def test_every_address_has_a_door():
    """S2: deny by default; a new address without a declared rule fails here."""
    without = [f"/{address} ({view.__module__})" for address, view in _addresses(get_resolver().url_patterns) if not _door(view)]
    assert not without, "\n".join(without)


def _door(view: Any) -> bool:
    door = getattr(view, "door", None)
    return isinstance(door, Rule) or door in {"signed_in", "public", "token"}


def test_views_ask_queries_and_actions():
    """S1: no view touches a table by itself."""
    wrong = [
        f"{name(path)}:{node.lineno}"
        for path in code()
        if path.relative_to(HOUSE).with_suffix("").parts[1:2] in {("views",), ("api",)}
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_base_manager", "_default_manager"}
    ]
    assert not wrong, wrong


@pytest.mark.parametrize("what", WRONG)
def test_templates_carry_no_code(what: str):
    """S15: a strict content security policy needs pages without inline style and script."""
    found = [f"{name(path)}: {hit.group()[:120]}" for path in pages() for hit in WRONG[what].finditer(_markup(path.read_text()))]
    assert not found, "\n".join(found)


def test_htmx_attributes_are_known():
    used = {(name(path), word) for path in pages() for word in re.findall(r"\shx-([a-z:-]+)", path.read_text())}
    assert not (unknown := sorted((path, word) for path, word in used if word not in HX)), unknown


def _markup(text: str) -> str:
    """Without Jinja's own words, whose arguments may be called anything."""
    return re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.S)
