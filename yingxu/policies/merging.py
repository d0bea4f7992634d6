"""Bring a newer pack to a company that has edited its configuration, without losing edits (V2). Plain data, no tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_NONE: Any = object()


@dataclass(frozen=True)
class Conflict:
    """Both the company and the pack changed this; the company's stays. `theirs` is what the pack would have made of it."""

    path: str
    mine: Any
    theirs: Any


def merge(base: Mapping, mine: Mapping, theirs: Mapping) -> tuple[dict, list[Conflict]]:
    """What the pack said before (`base`), what is configured now (`mine`), what the pack says now (`theirs`).

    What the company did not touch becomes the pack's; what only the company changed stays; what both changed stays and is reported.
    """
    conflicts: list[Conflict] = []
    return _dicts(base, mine, theirs, "", conflicts), conflicts


def _dicts(base: Mapping, mine: Mapping, theirs: Mapping, path: str, conflicts: list[Conflict]) -> dict:
    merged = {}
    for key in _order(base, mine, theirs):
        here = f"{path}.{key}" if path else str(key)
        value = _one(base.get(key, _NONE), mine.get(key, _NONE), theirs.get(key, _NONE), here, conflicts)
        if value is not _NONE:
            merged[key] = value
    return merged


def _one(base: Any, mine: Any, theirs: Any, path: str, conflicts: list[Conflict]) -> Any:
    if mine == theirs or theirs == base:
        return _ordered_like(base, mine, theirs)
    if mine == base:
        return theirs
    if all(isinstance(v, Mapping) for v in (mine, theirs)):
        return _dicts(base if isinstance(base, Mapping) else {}, mine, theirs, path, conflicts)
    if all(_coded(v) for v in (mine, theirs)):
        before = _keyed(base) if _coded(base) else {}
        rows = _dicts(before, _keyed(mine), _keyed(theirs), path, conflicts)
        return [{"code": code, **row} for code, row in rows.items()]
    conflicts.append(Conflict(path, None if mine is _NONE else mine, None if theirs is _NONE else theirs))
    return mine


def _ordered_like(base: Any, mine: Any, theirs: Any) -> Any:
    """Equal dictionaries may differ in order; then the order follows the same rule as everything else."""
    if isinstance(mine, Mapping) and isinstance(theirs, Mapping) and isinstance(base, Mapping) and list(mine) == list(base):
        return {key: mine[key] for key in theirs if key in mine} | dict(mine)
    return mine


def _order(base: Mapping, mine: Mapping, theirs: Mapping) -> list:
    """The company's order if it changed it, else the pack's; what the other one has besides comes after its neighbour."""
    common = [k for k in mine if k in base]
    moved = common != [k for k in base if k in mine]
    first, second = (mine, theirs) if moved else (theirs, mine)
    order = list(first)
    previous = None
    for key in second:
        if key not in first:
            order.insert(order.index(previous) + 1 if previous in order else 0, key)
        previous = key
    return order


def _coded(value: Any) -> bool:
    """Rows known by a code of their own. Rungs of a ladder and steps of an approval chain are not: there `code` names whom `who` means,
    so they are taken or kept as a whole."""
    return isinstance(value, list) and bool(value) and all(isinstance(v, Mapping) and "code" in v and "who" not in v for v in value)


def _keyed(rows: list) -> dict:
    return {row["code"]: {k: v for k, v in row.items() if k != "code"} for row in rows}
