"""Write a pack's folder: only the TOML we need, in the order people read it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from yingxu.relations.shapes import PARTS

from .packs import REACHES
from .shapes import DAYS

_BARE = re.compile(r"[A-Za-z0-9_-]+")
WIDTH = 110


def write(folder: Path, about: Mapping[str, str], content: Mapping[str, Mapping[str, Mapping]]) -> list[Path]:
    """The pack's files; returns them. The folder is made if need be; files of the same name are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in files(about, content).items():
        path = folder / name
        path.write_text(text, "utf-8")
        written.append(path)
    return written


def files(about: Mapping[str, str], content: Mapping[str, Mapping[str, Mapping]]) -> dict[str, str]:
    """File name → text."""
    parts = {"pack": _table(about), **{part: _PARTS[part](rows) for part, rows in content.items()}}
    return {f"{part}.toml": text.strip() + "\n" for part, text in parts.items()}


def _array(name: str, key: str = "code"):
    def text(rows: Mapping[str, Mapping]) -> str:
        return "\n".join(f"[[{name}]]\n{_table({key: code, **row})}" for code, row in rows.items()) or f"{name} = []\n"

    return text


def _roles(rows: Mapping[str, Mapping]) -> str:
    shaped = {}
    for code, row in rows.items():
        reaches = {reach: [n for n, r in row["rules"].items() if r == reach] for reach in REACHES}
        shaped[code] = {"name": row["name"], "description": row["description"], **reaches}
    return _array("roles")(shaped)


def _templates(rows: Mapping[str, Mapping]) -> str:
    parts = []
    for code, row in rows.items():
        head = {"code": code, **{k: v for k, v in row.items() if k != "fields"}}
        if head.get("active") is True:
            head.pop("active")
        parts.append(f"[[templates]]\n{_table(head)}")
        parts += [f"[[templates.fields]]\n{_table(field)}" for field in row["fields"]]
    return "\n".join(parts) or "templates = []\n"


def _sections(rows: Mapping[str, Mapping]) -> str:
    parts = [f"[reminders]\n{_table(rows.get('reminders', {}))}"]
    for code, row in rows.items():
        if code == "reminders":
            continue
        head = {"code": code, **{k: v for k, v in row.items() if k != "fields" and (k, v) not in (("secrecy", 0), ("active", True))}}
        if row.get("active") is False:
            parts.append(f"[[sections]]\n{_table(head)}active = false\n")
        else:
            parts.append(f"[[sections]]\n{_table(head)}")
        parts += [f"[[sections.fields]]\n{_table(field)}" for field in row["fields"]]
    return "\n".join(parts)


def _targets(rows: Mapping[str, Mapping]) -> str:
    columns: dict[str, dict] = {}
    for key, row in rows.items():
        column, step = key.split("/")
        columns.setdefault(column, {})[step] = {k: v for k, v in row.items() if (k, v) not in (("round_the_clock", False), ("warn", 80))}
    return "\n".join(f"[{column}]\n{_table(steps)}" for column, steps in columns.items())


def _tables(rows: Mapping[str, Mapping]) -> str:
    return "\n".join(f"[{_key(name)}]\n{_table(row)}" for name, row in rows.items())


def _approvals(rows: Mapping[str, Mapping]) -> str:
    parts = []
    for code, row in rows.items():
        parts.append(f"[[chains]]\n{_table({'code': code, **{k: v for k, v in row.items() if k != 'steps' and v}})}")
        for step in row["steps"]:
            parts.append(f"[[chains.steps]]\n{_table({k: v for k, v in step.items() if v and (k, v) != ('needed', 'any')})}")
    return "\n".join(parts) or "chains = []\n"


def _calendar(rows: Mapping[str, Mapping]) -> str:
    week = {day: rows[day]["windows"] for day in DAYS if day in rows}
    days = {on: row for on, row in rows.items() if on not in DAYS and on != "zone"}
    text = f"zone = {_value(rows['zone']['name'])}\n\n[week]\n{_table(week)}"
    return text + ("\n" + _array("days", "on")(days) if days else "")


def _whole(part: str):
    """A file of tables and lists of tables whose whole content is one entry. Nothing is left out: 0, "" and false are said."""

    def text(rows: Mapping[str, Mapping]) -> str:
        return "\n".join(_written(rows.get(part, {}), ""))

    return text


def _written(row: Mapping[str, Any], head: str) -> list[str]:
    """The lines of a table, then its tables in the order they are in."""
    plain = "".join(f"{_key(k)} = {_value(v)}\n" for k, v in row.items() if not isinstance(v, Mapping) and not _listed(v))
    found = [plain] if plain else []
    for key, value in row.items():
        name = f"{head}{_key(key)}"
        if isinstance(value, Mapping):
            first, *rest = _written(value, f"{name}.") or [""]
            found += [f"[{name}]\n{first}", *rest]
        elif _listed(value):
            for one in value:
                first, *rest = _written(one, f"{name}.") or [""]
                found += [f"[[{name}]]\n{first}", *rest]
    return found


def _listed(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


_PARTS = {
    "departments": _array("departments"),
    "roles": _roles,
    "templates": _templates,
    "categories": _array("categories", "category"),
    "words": _array("words"),
    "targets": _targets,
    "ladders": _tables,
    "approvals": _approvals,
    "calendar": _calendar,
    "routing": _array("rules"),
    "customer_fields": _sections,
    **{part: _whole(part) for part in PARTS},
    "upkeep": lambda rows: _table(rows.get("upkeep", {})),
    "survey": lambda rows: _table(rows.get("survey", {})),
    "purposes": _array("purposes"),
    "privacy": _tables,
    "clauses": _array("clauses", "number"),
}


def _table(row: Mapping[str, Any]) -> str:
    return "".join(f"{_key(k)} = {_value(v)}\n" for k, v in row.items() if v not in ("", [], None) and v is not False)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _string(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items() if v not in ("", [])) + " }"
    if isinstance(value, list):
        items = [_value(v) for v in value]
        line = "[" + ", ".join(items) + "]"
        return line if len(line) <= WIDTH else "[\n" + "".join(f"  {item},\n" for item in items) + "]"
    return _string(str(value))


def _string(text: str) -> str:
    if "\n" in text and '"""' not in text and "\\" not in text:
        return f'"""\n{text}"""'
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
