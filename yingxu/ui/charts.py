"""Charts drawn on the server: SVG whose colours are classes (c1–c7, h0–h6). Each returns Markup with a sentence for
screen readers; values are plain numbers, None leaves a gap."""

import math
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup, escape

Number = float | int


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _svg(width: float, height: float, label: Any, body: list[str | Markup], cls: str = "chart") -> Markup:
    said = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="{}" viewBox="0 0 {} {}" {}>{}</svg>').format(
        cls, _n(width), _n(height), said, Markup("".join(str(part) for part in body))
    )


def _text(x: float, y: float, words: Any, anchor: str = "", cls: str = "") -> str:
    extra = (f' class="{cls}"' if cls else "") + (f' text-anchor="{anchor}"' if anchor else "")
    return f'<text x="{_n(x)}" y="{_n(y)}"{extra}>{escape(words)}</text>'


def scale(low: Number, high: Number, steps: int = 4) -> list[float]:
    """Round tick values from at or under `low` to at or over `high`."""
    if high <= low:
        high = low + 1
    raw = (high - low) / steps
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw)
    first = step * (low // step)
    ticks = [first]
    while ticks[-1] < high - step * 1e-9:
        ticks.append(first + step * len(ticks))
    return [round(t, 10) for t in ticks]


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    out, pen = [], "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        out.append(f"{pen}{_n(point[0])} {_n(point[1])}")
        pen = "L"
    return "".join(out)


def line(
    series: Sequence[dict[str, Any]],
    labels: Sequence[Any],
    *,
    label: Any,
    target: Number | None = None,
    target_name: Any = "",
    low: Number | None = None,
    height: int = 190,
    width: int = 560,
) -> Markup:
    """At most three lines, each {"values": […], "colour": "c1", "last": "36"}; `labels` under the axis; target dashed."""  # fmt: skip
    known = [v for s in series for v in s["values"] if v is not None] + ([target] if target is not None else [])
    ticks = scale(low if low is not None else min(known, default=0), max(known, default=1))
    left, right, top, bottom = 34.0, width - 56.0, 10.0, height - 24.0
    span = ticks[-1] - ticks[0] or 1
    count = max(len(labels) - 1, 1)

    def at(i: int, value: Number | None) -> tuple[float, float] | None:
        if value is None:
            return None
        return left + (right - left) * i / count, bottom - (bottom - top) * (value - ticks[0]) / span

    body: list[str | Markup] = []
    for tick in ticks:
        y = at(0, tick)[1]  # type: ignore[index]
        body.append(f'<line class="gridline" x1="{_n(left)}" x2="{_n(right)}" y1="{_n(y)}" y2="{_n(y)}"/>')
        body.append(_text(left - 8, y + 4, f"{tick:g}", "end"))
    if target is not None:
        y = at(0, target)[1]  # type: ignore[index]
        body.append(f'<line class="target" x1="{_n(left)}" x2="{_n(right)}" y1="{_n(y)}" y2="{_n(y)}"/>')
        body.append(_text(right + 8, y + 4, target_name))
    every = max(1, -(-len(labels) // 7))
    body += [
        _text(left + (right - left) * i / count, height - 6, words, "middle")
        for i, words in enumerate(labels)
        if i % every == 0
    ]
    for order, s in enumerate(series[:3]):
        points = [at(i, v) for i, v in enumerate(s["values"])]
        real = [p for p in points if p]
        if not real:
            continue
        colour, (x, y) = s.get("colour", f"c{order + 1}"), real[-1]
        body.append(f'<g class="{colour}">')
        if order == 0 and None not in points:
            body.append(f'<path class="area" d="{_path(points)}L{_n(x)} {_n(bottom)}L{_n(left)} {_n(bottom)}Z"/>')
        body.append(
            f'<path class="line" d="{_path(points)}"/><circle class="point" cx="{_n(x)}" cy="{_n(y)}" r="3.5"/></g>'
        )
        if s.get("last"):
            body.append(_text(x + 8, y + 4, s["last"], cls="strong"))
    return _svg(width, height, label, body)


def bars(
    rows: Sequence[dict[str, Any]],
    *,
    label: Any,
    most: Number | None = None,
    target: Number | None = None,
    target_name: Any = "",
    width: int = 560,
    gutter: int = 86,
) -> Markup:
    """Horizontal bars from zero, each {"name", "value", "text", "colour"}; the target as a dashed line."""  # fmt: skip
    top = most or max([r["value"] or 0 for r in rows] + [target or 0, 1e-9])
    room = width - gutter - 44
    height = 34 * len(rows) + (22 if target is not None else 0)
    body: list[str | Markup] = []
    for i, row in enumerate(rows):
        y = 6 + 34 * i
        length = room * min(max(row["value"] or 0, 0), top) / top
        body.append(_text(0, y + 12, row["name"]))
        body.append(f'<rect class="zero" x="{gutter}" y="{y}" width="{room}" height="16" rx="3"/>')
        body.append(
            f'<rect class="bar {row.get("colour", "c1")}" x="{gutter}" y="{y}" width="{_n(length)}" height="16" rx="3"/>'
        )
        body.append(_text(width, y + 12, row.get("text", row["value"]), "end", "strong"))
    if target is not None:
        x = gutter + room * target / top
        body.append(f'<line class="target" x1="{_n(x)}" x2="{_n(x)}" y1="0" y2="{height - 18}"/>')
        body.append(_text(x, height - 4, target_name, "middle"))
    return _svg(width, height, label, body)


def stacks(
    columns: Sequence[dict[str, Any]], colours: Sequence[str], *, label: Any, width: int = 560, height: int = 170
) -> Markup:
    """Columns {"name", "values": [bottom first]} in the colours given, from zero."""
    ticks = scale(0, max([sum(c["values"]) for c in columns] + [1]), 2)
    left, bottom, top = 28.0, height - 24.0, 8.0
    body: list[str | Markup] = []
    for tick in ticks:
        y = bottom - (bottom - top) * tick / ticks[-1]
        body.append(
            f'<line class="gridline" x1="{_n(left)}" x2="{width}" y1="{_n(y)}" y2="{_n(y)}"/>'
            + _text(left - 8, y + 4, f"{tick:g}", "end")
        )
    slot = (width - left) / max(len(columns), 1)
    for i, column in enumerate(columns):
        x, y = left + slot * (i + 0.2), bottom
        for value, colour in zip(column["values"], colours, strict=True):
            tall = (bottom - top) * value / ticks[-1]
            y -= tall
            body.append(
                f'<rect class="bar {colour}" x="{_n(x)}" y="{_n(y)}" width="{_n(slot * 0.6)}" height="{_n(max(tall - 1, 0))}" rx="1"/>'
            )
        body.append(_text(x + slot * 0.3, height - 6, column["name"], "middle"))
    return _svg(width, height, label, body)


def spark(values: Sequence[Number | None], colour: str = "c1") -> Markup:
    """A small line without axes; decoration beside a number, hidden from screen readers."""
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return Markup("")
    low, high = min(known), max(known)
    span = (high - low) or 1
    points = [
        None if v is None else (2 + 78 * i / (len(values) - 1), 22 - 18 * (v - low) / span)
        for i, v in enumerate(values)
    ]
    real = [p for p in points if p]
    (x, y), first = real[-1], real[0]
    body: list[str | Markup] = [
        f'<path class="area" d="{_path(real)}L{_n(x)} 26L{_n(first[0])} 26Z"/>' if None not in points else "",
        f'<path class="line" d="{_path(points)}"/><circle class="end" cx="{_n(x)}" cy="{_n(y)}" r="2.5"/>',
    ]
    return _svg(84, 26, "", body, f"spark {colour}")


def heat(
    rows: Sequence[tuple[Any, Sequence[Number]]],
    columns: Sequence[Any],
    *,
    label: Any,
    say: Any = "{row} {column}: {value}",
    width: int = 560,
) -> Markup:
    """One hue in six steps. `rows` are (name, values); `say` is the tooltip of a cell."""
    most = max([v for _name, values in rows for v in values] + [1])
    left = 37.0
    slot = (width - left) / max(len(columns), 1)
    body: list[str | Markup] = []
    for r, (name, values) in enumerate(rows):
        y = 1 + 26 * r
        body.append(_text(0, y + 16.7, name))
        for c, value in enumerate(values):
            step = 0 if not value else 1 + min(5, int(5.999 * value / most))
            words = escape(str(say).format(row=name, column=columns[c], value=value))
            body.append(
                f'<rect class="h{step}" x="{_n(left + slot * c)}" y="{y}" width="{_n(slot - 2)}" height="24" rx="3"><title>{words}</title></rect>'
            )
    every = max(1, -(-len(columns) // 8))
    body += [
        _text(left + slot * (c + 0.5) - 1, 26 * len(rows) + 18, name, "middle")
        for c, name in enumerate(columns)
        if c % every == 0
    ]
    return _svg(width, 26 * len(rows) + 22, label, body)


def tiles(states: Sequence[str], *, label: Any) -> Markup:
    """A wall of one tile a clause: "ok", "bad" (taller), "none"."""
    width = 18.5 * len(states) - 3.5 if states else 15
    body: list[str | Markup] = [
        f'<rect class="w-{s}" x="{_n(18.5 * i)}" y="{0 if s == "bad" else 4}" width="15" height="{34 if s == "bad" else 26}" rx="3"/>'
        for i, s in enumerate(states)
    ]
    return _svg(width, 34, label, body, "wall")
