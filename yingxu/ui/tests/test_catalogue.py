"""The catalogue shows every component, as valid, labelled, script-free pages within their budgets (U3, U6, S15)."""

import gzip
import re
from pathlib import Path

import pytest
from django.template import engines

from yingxu.ui import hot, kit, specimens, views
from yingxu.ui.storage import compact

from .page import Page

ROOM = Path(__file__).resolve().parent.parent
TEMPLATES = ROOM / "templates" / "ui"
STATIC = ROOM / "static" / "ui"
PARTS_OF_OTHERS = {"field", "below", "bare", "legend", "set_attrs", "one", "ring", "loop"}


@pytest.fixture(params=list(views.PARTS))
def part(request, staff) -> str:
    answer = staff.get(f"/ui/{request.param}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_only_staff_come_in(client, staff):
    assert client.get("/ui/").status_code == 302
    assert staff.get("/ui/").status_code == 200
    assert staff.get("/ui/nothing-like-this/").status_code == 404
    assert staff.post("/ui/").status_code == 405


def components() -> list[str]:
    env = engines.all()[0].env
    macros = [n for f in kit.FILES for n in env.get_template(f"ui/kit/{f}.html").module.__dict__ if not n.startswith("_")]
    return [*macros, *hot.COMPONENTS]


def test_every_component_is_shown():
    text = "".join(p.read_text() for p in (TEMPLATES / "catalogue").glob("*.html"))
    assert set(components()) - set(re.findall(r"\bui\.(\w+)\(", text)) - PARTS_OF_OTHERS == set()


def test_no_two_components_share_a_name():
    names = components()
    assert len(names) == len(set(names))


def test_markup_closes_in_order(part):
    assert Page(part).wrong == []


def test_ids_are_unique_and_references_lead_somewhere(part):
    page = Page(part)
    ids = [a["id"] for a in page.all() if "id" in a]
    assert len(ids) == len(set(ids)), sorted(i for i in ids if ids.count(i) > 1)
    for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls", "form"):
        for attrs in page.all():
            if name == "form" and attrs.get("form") == "bulk":
                continue  # the list's own bar, which the page may not have
            for one in (attrs.get(name) or "").split():
                assert one in ids, f"{name}={one}"


def test_every_control_has_a_name(part):
    page = Page(part)
    labelled = {a.get("for") for a in page.all("label")}
    nameless = [
        attrs
        for tag, attrs, above in page.elements
        if tag in ("input", "select", "textarea")
        and attrs.get("type") not in ("hidden",)
        and not (
            attrs.get("aria-label") or attrs.get("aria-labelledby") or attrs.get("id") in labelled or "label" in above
        )
    ]
    assert nameless == []


def test_icon_buttons_say_what_they_do(part):
    assert [
        a
        for a in Page(part).all("button", "a")
        if "square" in (a.get("class") or "").split() and not a.get("aria-label")
    ] == []


def test_one_heading_and_named_landmarks(part):
    page = Page(part)
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1
    assert [a for a in page.all("nav") if not a.get("aria-label")] == []
    assert page.all("a")[0]["href"] == "#main"


def test_no_inline_style_or_script(part):
    page = Page(part)
    assert [a for a in page.all() if "style" in a or any(n.startswith("on") for n in a)] == []
    assert [a for a in page.all("script") if not a.get("src")] == []
    assert "<style" not in part


def test_pages_stay_within_their_budget(part):
    assert len(part.encode()) <= 64 * 1024


def test_files_stay_within_their_budget():
    sent = [compact((STATIC / name).read_text()).encode() for name in ("tokens.css", "tokens-dark.css", "app.css")]
    assert sum(map(len, sent)) <= 64 * 1024
    assert len(gzip.compress(b"".join(sent))) <= 13 * 1024
    assert (STATIC / "app.js").stat().st_size <= 15 * 1024


def test_pages_are_in_chinese(part):
    visible = re.sub(r"<(script|style|template|svg)\b.*?</\1>|<[^>]+>", " ", part, flags=re.S)
    allowed = set(specimens.ICONS) | {t for group in specimens.TOKENS.values() for t in group}
    words = {w for w in re.findall(r"[A-Za-z][a-z]{3,}", visible) if w not in allowed}
    known = {"text", "base", "zhengwu", "replies", "number", "money", "short", "percent", "when", "full", "duration", "masked", "size", "highlight", "given", "Ctrl", "Shift", "wash", "tint", "edge", "heat", "series", "line", "control", "canvas", "surface"}  # fmt: skip
    assert words - known - {w for t in allowed for w in t.split("-")} == set()


def test_every_icon_asked_for_is_drawn():
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    assert drawn == set(specimens.ICONS)
    asked = {n for p in TEMPLATES.rglob("*.html") for n in re.findall(r'\bicon(?:_=|\()"([\w-]+)"', p.read_text())}
    assert asked <= drawn
