"""Text and marks can be read in both lights (ui.md §4 and §9: AA)."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parent.parent / "static" / "ui"
HUES = ("brand", "danger", "warn", "info", "maybe")
TEXT = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("canvas", "surface", "raised", "sunken", "hover")),
    *((f"{hue}-ink", f"{hue}-{ground}") for hue in HUES for ground in ("tint", "wash")),
    *((hue, "surface") for hue in HUES),
    *((hue, "canvas") for hue in ("brand", "danger", "warn")),
    ("on-press", "press"), ("on-press", "press-hover"), ("on-alarm", "alarm"), ("surface", "ink"), ("surface", "brand-ink"),
    ("ink-2", "well"), ("ink-2", "heat-0"), ("ink", "heat-0"), ("brand-ink", "surface"),
]  # fmt: skip
MARKS = [
    *(("line-control", ground) for ground in ("surface", "canvas", "raised")),
    *((f"series-{n}", "surface") for n in range(1, 6)), ("focus", "surface"), ("focus", "canvas"), ("star", "surface"), ("brand", "surface"),
]  # fmt: skip


def colours(theme: str) -> dict[str, str]:
    read = lambda name: dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", (STATIC / name).read_text()))  # noqa: E731
    return {**read("tokens.css"), **(read("tokens-dark.css") if theme == "dark" else {})}


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_four_and_a_half_to_one(theme):
    of = colours(theme)
    assert [(a, b, round(contrast(of[a], of[b]), 2)) for a, b in TEXT if contrast(of[a], of[b]) < 4.5] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_marks_have_three_to_one(theme):
    of = colours(theme)
    assert [(a, b, round(contrast(of[a], of[b]), 2)) for a, b in MARKS if contrast(of[a], of[b]) < 3] == []


def test_dark_names_only_colours_light_knows():
    names = lambda name: set(re.findall(r"--([\w-]+):\s*(?:#|rgb)", (STATIC / name).read_text()))  # noqa: E731
    assert names("tokens-dark.css") == names("tokens.css") - {"lift-1", "lift-2", "lift-3"}


def test_colours_live_in_the_tokens_alone():
    """ui.md §4: no new hex values outside the two token files; white on the alarm's red and mask black are the exceptions."""
    assert set(re.findall(r"#[0-9a-f]{3,6}\b", (STATIC / "app.css").read_text())) <= {
        "#fff",
        "#000",
        "#8f1816",
        "#ffe9e6",
    }


def test_nothing_newer_than_chromium_110():
    text = re.sub(r"/\*.*?\*/", "", (STATIC / "app.css").read_text(), flags=re.S)
    assert not re.search(r"color-mix\(|oklch\(|light-dark\(|subgrid|\bpopover\b|(?<![\w-])&\s*[.:>\[{]", text)
