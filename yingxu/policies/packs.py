"""A policy pack: one folder of TOML files, read and checked, or written.

In memory a pack is plain data, {part: {key: {…}}}, the same shape in which each room says what is configured now; so reading, comparing,
merging and writing need to know nothing of tables.
"""

import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.utils.translation import gettext as _

from yingxu.base.access import RULES
from yingxu.base.controls import controls
from yingxu.base.errors import Invalid
from yingxu.privacy.kinds import KINDS
from yingxu.relations.shapes import PARTS
from yingxu.templates.fields import problems

from .places import line_of, lines
from .shapes import DAYS, FILES, LATER, Column, Step

REACHES = ("own", "department", "subtree", "all")
WITHIN = re.compile(r"([1-9]\d{0,4}(?:\.\d{1,2})?)([mhd])")
AFTER = re.compile(r"(\d{1,5}(?:\.\d{1,2})?)([mhd])")
WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(([01]\d|2[0-3]):([0-5]\d)|24:00)")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_CHAIN = re.compile(r"[a-z][a-z0-9_]{0,19}\.[a-z][a-z0-9_]{0,19}")
_AT = re.compile(r"^(.*?)(?: - at (?:`key` in )?`\$(.*)`)?$", re.S)

UPKEPT = ("name", "industry", "address", "reminder", "remark", "contact", "phone", "customer_since", "grade")  # beside the fields of sections


@dataclass(frozen=True)
class Pack:
    """`content` is {part: {key: {…}}}; `digest` identifies it."""

    name: str
    title: str
    version: str
    description: str
    content: dict[str, dict[str, dict]]

    @property
    def digest(self) -> str:
        return digest(self.content)


class PackError(Invalid):
    """What is wrong with a pack, one line each: file:line: place: what."""

    code = "pack"

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def digest(content: Mapping) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def shipped() -> list[str]:
    """Names of the packs that come with the product."""
    root = Path(settings.BASE_DIR) / "packs"
    return sorted(p.parent.name for p in root.glob("*/pack.toml"))


def folder(name: str) -> Path:
    """The folder of a shipped pack, or the folder itself when a path is given. Raises PackError when there is none."""
    for path in (Path(settings.BASE_DIR) / "packs" / name, Path(name)):
        if (path / "pack.toml").is_file():
            return path
    raise PackError([_("%(name)s: no such pack. There are: %(list)s.") % {"name": name, "list": "、".join(shipped())}])


def load(path: Path) -> Pack:
    """Read and check a pack folder. Raises PackError naming file, line and key of everything that is wrong."""
    faults = _Faults(path)
    raw = {part: faults.read(part, shape) for part, shape in FILES.items()}
    for extra in sorted(p.name for p in path.glob("*.toml") if p.stem not in FILES):
        faults.add(extra, "", _("a pack has no such file"))
    faults.stop()
    _check(raw, faults)
    faults.stop()
    about = raw["pack"]
    return Pack(about.name, about.title, about.version, about.description, _content(raw))


class _Faults:
    """Collects what is wrong, with the line where it stands."""

    def __init__(self, path: Path) -> None:
        self.path, self.found = path, list[str]()
        self._text: dict[str, str] = {}

    def read(self, part: str, shape: Any) -> Any:
        file = self.path / f"{part}.toml"
        try:
            self._text[part] = file.read_text("utf-8")
            return msgspec.convert(tomllib.loads(self._text[part]), shape)
        except FileNotFoundError:
            if part in LATER:
                return shape()
            self.found.append(f"{self.path.name}/{part}.toml: " + _("this file is missing"))
        except UnicodeDecodeError:
            self.found.append(f"{self.path.name}/{part}.toml: " + _("this file is not UTF-8 text"))
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"line (\d+)", str(error))
            at = f":{line[1]}" if line else ""
            self.found.append(f"{self.path.name}/{part}.toml{at}: " + _("no valid TOML: %(error)s") % {"error": error})
        except msgspec.ValidationError as error:
            what, where = _AT.match(str(error)).groups()  # type: ignore[union-attr]
            self.add(part, (where or "").lstrip("."), what)
        return None

    def add(self, part: str, where: str, what: str, value: str = "") -> None:
        """`value` is looked for after the place's line, since elements of a list have no key of their own."""
        text = self._text.get(part, "")
        line = line_of(lines(text), where) if text and where else None
        if value and (found := self._line_with(text, value, line or 1)):
            line = found
        file = part if part.endswith(".toml") else f"{part}.toml"
        at = f":{line}" if line else ""
        self.found.append(f"{self.path.name}/{file}{at}: {where + ': ' if where else ''}{what}")

    def stop(self) -> None:
        if self.found:
            raise PackError(self.found)

    @staticmethod
    def _line_with(text: str, value: str, start: int) -> int | None:
        for number, line in enumerate(text.splitlines(), 1):
            if number >= start and f'"{value}"' in line:
                return number
        return None


def _check(raw: Mapping[str, Any], faults: _Faults) -> None:
    """Everything a shape cannot say: doubled codes, references to nothing, unknown rules and controls, impossible times."""
    departments = _codes("departments", "departments", [d.code for d in raw["departments"].departments], faults)
    kinds = _codes("templates", "templates", [t.code for t in raw["templates"].templates], faults)
    _codes("roles", "roles", [r.code for r in raw["roles"].roles], faults)
    _codes("routing", "rules", [r.code for r in raw["routing"].rules], faults)
    _codes("words", "words", [w.code for w in raw["words"].words], faults)
    _codes("clauses", "clauses", [c.number for c in raw["clauses"].clauses], faults, slug=False)
    for i, department in enumerate(raw["departments"].departments):
        if department.parent and department.parent not in departments:
            _missing(faults, "departments", f"departments[{i}].parent", department.parent, departments)
    if sum(d.service for d in raw["departments"].departments) != 1:
        faults.add("departments", "", _("exactly one department must be the customer service (service = true)"))
    for i, role in enumerate(raw["roles"].roles):
        for reach in REACHES:
            for name in getattr(role, reach):
                if name not in RULES:
                    _missing(faults, "roles", f"roles[{i}].{reach}", name, RULES, _("unknown rule"))
    for i, template in enumerate(raw["templates"].templates):
        for where, what in problems(template.fields, f"templates[{i}].fields"):
            faults.add("templates", where, what)
    if [c.category for c in raw["categories"].categories] != ["urgent", "important", "general", "potential"]:
        faults.add("categories", "", _("all four categories are needed, in order: urgent, important, general, potential"))
    _check_times(raw, faults)
    _check_ladders(raw, departments, faults)
    _check_approvals(raw, faults)
    for i, rule in enumerate(raw["routing"].rules):
        if rule.department not in departments:
            _missing(faults, "routing", f"rules[{i}].department", rule.department, departments)
        for kind in set(rule.kinds) - set(kinds):
            _missing(faults, "routing", f"rules[{i}].kinds", kind, kinds)
        if rule.amount_over and not re.fullmatch(r"\d{1,13}(\.\d{1,2})?", rule.amount_over):
            faults.add("routing", f"rules[{i}].amount_over", _("this is no sum of money"))
    for i, word in enumerate(raw["words"].words):
        for kind in set(word.kinds) - set(kinds):
            _missing(faults, "words", f"words[{i}].kinds", kind, kinds)
    _check_sections(raw, faults)
    _check_privacy(raw, faults)
    for part in PARTS:
        for where, what in raw[part].problems():
            faults.add(part, where, what)
    _check_upkeep(raw, faults)
    if len(raw["survey"].scale) != 5:
        faults.add("survey", "scale", _("the scale has five names, from worst to best"))
    known = controls()
    for i, clause in enumerate(raw["clauses"].clauses):
        if not clause.controls:
            faults.add("clauses", f"clauses[{i}].controls", _("no clause without a control"))
        for name in clause.controls:
            if name not in known:
                _missing(faults, "clauses", f"clauses[{i}].controls", name, known, _("unknown control"))


def _check_sections(raw: Mapping[str, Any], faults: _Faults) -> None:
    declared = raw["customer_fields"]
    _codes("customer_fields", "sections", [section.code for section in declared.sections], faults)
    for i, section in enumerate(declared.sections):
        if section.code == "reminders":
            faults.add("customer_fields", f"sections[{i}].code", _("this word is taken"))
        for where, what in problems(list(section.fields), f"sections[{i}].fields"):
            faults.add("customer_fields", where, what)
    for key in ("papers", "contracts", "instalments"):
        if not 0 <= getattr(declared.reminders, key) <= 365:
            faults.add("customer_fields", f"reminders.{key}", _("between 0 and 365 days"))


def _check_upkeep(raw: Mapping[str, Any], faults: _Faults) -> None:
    sections = {s.code: {field.code for field in s.fields} for s in raw["customer_fields"].sections}
    for part in ("quarter_fields", "week_fields"):
        for field in getattr(raw["upkeep"], part):
            section, dot, code = field.partition(".")
            if (code not in sections.get(section, ())) if dot else (field not in UPKEPT):
                _missing(faults, "upkeep", part, field, [*UPKEPT, *(f"{s}.{c}" for s, codes in sections.items() for c in codes)])
    for key, most in (("quarter_days", 60), ("week_most", 500), ("entry_days", 30), ("update_days", 30)):
        if not 1 <= getattr(raw["upkeep"], key) <= most:
            faults.add("upkeep", key, _("between 1 and %(most)s") % {"most": most})
    for grade in set(raw["upkeep"].grades) - {"A", "B", "C"}:
        _missing(faults, "upkeep", "grades", grade, ["A", "B", "C"])


def _check_times(raw: Mapping[str, Any], faults: _Faults) -> None:
    for column, steps in raw["targets"].items():
        for step, target in steps.items():
            where = f"{column}.{step}"
            if not WITHIN.fullmatch(target.within):
                faults.add("targets", where, _("“%(text)s” is no span of time: write 30m, 2h or 3d") % {"text": target.within})
            if not 1 <= target.warn <= 100:
                faults.add("targets", where, _("warn is a percentage from 1 to 100"))
    calendar = raw["calendar"]
    try:
        ZoneInfo(calendar.zone)
    except (KeyError, ValueError, OSError):
        faults.add("calendar", "zone", _("there is no time zone “%(zone)s”") % {"zone": calendar.zone})
    for day in DAYS:
        _check_windows(faults, f"week.{day}", getattr(calendar.week, day))
    for i, day in enumerate(calendar.days):
        try:
            date.fromisoformat(day.on)
        except ValueError:
            faults.add("calendar", f"days[{i}].on", _("this must be a date such as 2026-03-18"))
        _check_windows(faults, f"days[{i}].windows", day.windows)


def _check_ladders(raw: Mapping[str, Any], departments: list[str], faults: _Faults) -> None:
    roles = [role.code for role in raw["roles"].roles]
    known = ["default", "emergency", "approval", *get_args(Column), *(f"{column}/{step}" for column in get_args(Column) for step in get_args(Step))]
    for needed in ("default", "emergency"):
        if needed not in raw["ladders"]:
            faults.add("ladders", "", _("the ladder “%(name)s” is needed") % {"name": needed})
    for name, ladder in raw["ladders"].items():
        if name not in known:
            _missing(faults, "ladders", name, name, known)
        if not 1 <= len(ladder.rungs) <= 8:
            faults.add("ladders", name, _("a ladder has one to eight rungs"))
        last = 0.0
        for rung in ladder.rungs:
            if not (found := AFTER.fullmatch(rung.after)):
                faults.add("ladders", name, _("“%(text)s” is no span of time: write 0m, 2h or 1d") % {"text": rung.after}, value=rung.after)
                continue
            minutes = float(found[1]) * {"m": 1, "h": 60, "d": 1_440 if ladder.round_the_clock else 480}[found[2]]
            if minutes < last:
                faults.add("ladders", name, _("each rung comes after the one below it"), value=rung.after)
            last = max(last, minutes)
            if bool(rung.code) != (rung.who in ("role", "department")):
                faults.add("ladders", name, _("code names the role or the department, the others have none"))
            elif rung.who == "role" and rung.code not in roles:
                _missing(faults, "ladders", name, rung.code, roles)
            elif rung.who == "department" and rung.code not in departments:
                _missing(faults, "ladders", name, rung.code, departments)


def _check_approvals(raw: Mapping[str, Any], faults: _Faults) -> None:
    roles = [role.code for role in raw["roles"].roles]
    chains = raw["approvals"].chains
    for i, chain in enumerate(chains):
        if not _CHAIN.fullmatch(chain.code):
            faults.add("approvals", f"chains[{i}].code", _("a chain's code is the room and the subject, as archives.lower"))
        if chain.code in [other.code for other in chains[:i]]:
            faults.add("approvals", f"chains[{i}].code", _("“%(code)s” is there twice") % {"code": chain.code})
        if not 1 <= len(chain.steps) <= 8:
            faults.add("approvals", f"chains[{i}]", _("a chain has one to eight steps"))
        if not 0 <= chain.lapse_days <= 365:
            faults.add("approvals", f"chains[{i}].lapse_days", _("a request lapses after 1 to 365 days, or never (0)"))
        for j, step in enumerate(chain.steps):
            where = f"chains[{i}].steps[{j}]"
            if step.within and not WITHIN.fullmatch(step.within):
                faults.add("approvals", f"{where}.within", _("“%(text)s” is no span of time: write 30m, 2h or 3d") % {"text": step.within})
            if bool(step.code) != (step.who in ("role", "person")):
                faults.add("approvals", where, _("code names the role or the person, the others have none"))
            elif step.who == "role" and step.code not in roles:
                _missing(faults, "approvals", f"{where}.code", step.code, roles)


def _check_privacy(raw: Mapping[str, Any], faults: _Faults) -> None:
    _codes("purposes", "purposes", [p.code for p in raw["purposes"].purposes], faults)
    for i, purpose in enumerate(raw["purposes"].purposes):
        if purpose.sensitive and (purpose.basis != "consent" or not purpose.why):
            faults.add("purposes", f"purposes[{i}].sensitive", _("sensitive data needs basis = \"consent\" and a why"))
        if purpose.months is not None and not 1 <= purpose.months <= 1_200:
            faults.add("purposes", f"purposes[{i}].months", _("from 1 to 1,200 months"))
    for kind, keep in raw["privacy"].retention.items():
        if kind not in KINDS:
            _missing(faults, "privacy", f"retention.{kind}", kind, KINDS, _("unknown kind of data"))
        if not 1 <= keep.months <= 1_200:
            faults.add("privacy", f"retention.{kind}.months", _("from 1 to 1,200 months"))


def _check_windows(faults: _Faults, where: str, windows: list[str]) -> None:
    last = time.min
    for window in windows:
        if not WINDOW.fullmatch(window):
            faults.add("calendar", where, _("“%(text)s” is no window: write 09:00-12:00") % {"text": window})
            return
        start, end = window.split("-")
        if time.fromisoformat(start) < last or (end != "24:00" and end <= start):
            faults.add("calendar", where, _("windows must follow each other without overlapping"))
            return
        last = time.max if end == "24:00" else time.fromisoformat(end)


def _codes(part: str, where: str, codes: list[str], faults: _Faults, *, slug: bool = True) -> list[str]:
    for i, code in enumerate(codes):
        key = f"{where}[{i}].{'code' if slug else 'number'}"
        if slug and not _CODE.fullmatch(code):
            faults.add(part, key, _("a code is small letters, digits, _ and -, beginning with a letter"))
        if code in codes[:i]:
            faults.add(part, key, _("“%(code)s” is there twice") % {"code": code})
    return codes


def _missing(faults: _Faults, part: str, where: str, name: str, known: Any, what: str = "") -> None:
    sentence = f"{what or _('there is no such thing')}: “{name}”"
    if near := difflib.get_close_matches(name, list(known), n=1):
        sentence += _("; did you mean “%(name)s”?") % {"name": near[0]}
    faults.add(part, where, sentence, value=name)


def _content(raw: Mapping[str, Any]) -> dict[str, dict[str, dict]]:
    """The pack as plain data. Lists become keyed, so that a merge can tell which entry changed."""
    plain = {part: msgspec.to_builtins(value) for part, value in raw.items()}
    calendar = plain["calendar"]
    return {
        "departments": _keyed(plain["departments"]["departments"]),
        "roles": {r["code"]: _role(r) for r in plain["roles"]["roles"]},
        "templates": _keyed(plain["templates"]["templates"]),
        "categories": _keyed(plain["categories"]["categories"], "category"),
        "words": _keyed(plain["words"]["words"]),
        "targets": {f"{column}/{step}": t for column, steps in plain["targets"].items() for step, t in steps.items()},
        "ladders": plain["ladders"],
        "approvals": _keyed(plain["approvals"]["chains"]),
        "calendar": {
            "zone": {"name": calendar["zone"]},
            **{day: {"windows": calendar["week"][day]} for day in DAYS},
            **{d["on"]: {k: v for k, v in d.items() if k != "on"} for d in calendar["days"]},
        },
        "routing": _keyed(plain["routing"]["rules"]),
        "survey": {"survey": plain["survey"]},
        "upkeep": {"upkeep": plain["upkeep"]},
        "customer_fields": {"reminders": plain["customer_fields"]["reminders"], **_keyed(plain["customer_fields"]["sections"])},
        "purposes": _keyed(plain["purposes"]["purposes"]),
        "privacy": {key: value for key, value in plain["privacy"].items() if value is not None},
        **{part: {part: plain[part]} for part in PARTS},
        "clauses": _keyed(plain["clauses"]["clauses"], "number"),
    }


def _keyed(rows: list[dict], key: str = "code") -> dict[str, dict]:
    return {row[key]: {k: v for k, v in row.items() if k != key} for row in rows}


def _role(role: dict) -> dict:
    rules = {name: reach for reach in REACHES for name in role[reach]}
    return {"name": role["name"], "description": role["description"], "rules": dict(sorted(rules.items()))}
