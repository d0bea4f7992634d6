"""What a list would change, row by row, before anything is changed. Asks the database, writes nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from yingxu.base import numbers
from yingxu.base.errors import Invalid
from yingxu.base.tables import Table

from .. import queries
from ..models import Department, DirectoryImport, Role, User
from ..rules import MANAGE
from .columns import Reader

Row = tuple[int, dict[str, Any]]


@dataclass
class Step:
    """What becomes of one line. `values` are what the verbs get; `changes` say it: label → (before, after)."""

    line: int
    title: str = ""
    act: str = "same"  # add, change, same, refuse
    values: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    found: Any = None  # the department or person there is


@dataclass
class Plan:
    """All steps in order of their lines, and who works here but is not on the list."""

    steps: list[Step]
    missing: list[User] = field(default_factory=list)

    def count(self, act: str) -> int:
        return sum(step.act == act for step in self.steps)


def plan(run: DirectoryImport, table: Table) -> Plan:
    """What this list would do at this moment."""
    reader = Reader(run.mapping, run.shape)
    if run.shape == DirectoryImport.Shape.DEPARTMENTS:
        return Plan(_Departments(reader).steps(table.rows))
    return _Staff(reader).plan(table.rows)


def _each(rows: Iterable[Row], read: Callable[[Step, dict[str, Any]], None], key: Callable[[Step], str]) -> list[Step]:
    """Reads every row; what cannot be read, and what stands there a second time, is refused with a sentence."""
    steps, seen = [], {}
    for line, cells in rows:
        step = Step(line)
        try:
            read(step, cells)
            first = seen.setdefault(key(step), line)
            if first != line:
                raise Invalid(_("This stands in line %(line)s already.") % {"line": first})
        except Invalid as refusal:
            step.act, step.remarks = "refuse", [str(refusal)]
        steps.append(step)
    return steps


class _Departments:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        rows = list(Department.objects.select_related("parent", "head"))
        self.known = {row.code: row for row in rows}
        self.named = {row.name: row.code for row in rows}
        self.people = {user.username.lower(): user for user in User.objects.filter(is_active=True)}

    def steps(self, rows: list[Row]) -> list[Step]:
        for _line, cells in rows:  # a parent may be named by its name, also when it stands further down
            try:
                self.named.setdefault(self.reader.text(cells, "name"), self.reader.text(cells, "code"))
            except Invalid:
                continue
        steps = _each(rows, self._read, lambda step: step.values["code"])
        self._hang(steps)
        services = [step for step in steps if step.values.get("service") and step.act != "refuse"]
        for step in services[1:]:
            step.act, step.remarks = "refuse", [_("One department can be customer service; line %(line)s is already.") % {"line": services[0].line}]
        for step in steps:
            if step.act != "refuse":
                self._compare(step)
        return steps

    def _read(self, step: Step, cells: dict[str, Any]) -> None:
        reader = self.reader
        step.title = reader.text(cells, "name", 60)
        values: dict[str, Any] = {"code": reader.code(cells, "code"), "name": reader.needed(cells, "name")}
        if reader.has("parent"):
            parent = reader.text(cells, "parent", 60)
            values["parent"] = self.named.get(parent, parent) if parent else ""
        if reader.has("service"):
            values["service"] = bool(reader.yes(cells, "service"))
        if reader.has("active"):
            values["active"] = reader.yes(cells, "active") is not False
        if reader.has("head") and (head := reader.text(cells, "head", 60)):
            user = self.people.get(head.lower())
            if user is None:
                step.remarks.append(_("There is nobody with the sign-in name “%(name)s” yet: bring in the staff, then this list again.") % {"name": head})
            else:
                values["head"] = user
        step.values, step.found = values, self.known.get(values["code"])

    def _hang(self, steps: list[Step]) -> None:
        """Parents must be there, before or by this list, and nobody hangs below themselves."""
        coming = {step.values["code"]: step for step in steps if step.act != "refuse"}
        above = {code: row.parent.code if row.parent else "" for code, row in self.known.items()}
        above |= {code: step.values["parent"] for code, step in coming.items() if "parent" in step.values}
        for code, step in coming.items():
            parent = step.values.get("parent", "")
            if parent and parent not in self.known and parent not in coming:
                step.act, step.remarks = "refuse", [_("There is no department “%(code)s” to belong to.") % {"code": parent}]
                continue
            here, passed = parent, {code}
            while here:
                if here in passed:
                    step.act, step.remarks = "refuse", [_("A department cannot belong to itself or to a part of itself.")]
                    break
                passed.add(here)
                here = above.get(here, "")

    def _compare(self, step: Step) -> None:
        row, labels = step.found, self.reader.labels
        if row is None:
            step.act = "add"
            step.changes = {str(labels[key]): ("", _said(value)) for key, value in step.values.items() if value not in ("", None, False)}
            return
        now = {
            "name": row.name, "parent": row.parent.code if row.parent else "", "head": row.head, "service": row.service, "active": row.active,
        }  # fmt: skip
        if row.service and step.values.get("service") is False:
            step.values["service"] = True
            step.remarks.append(_("It stays customer service until another department is."))
        _differences(step, now, labels)


class _Staff:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        held = queries.open_grants().select_related("role")
        people = User.objects.select_related("department").prefetch_related(Prefetch("grants", queryset=held, to_attr="held"))
        self.people = {user.username.lower(): user for user in people.order_by("id")}
        departments = Department.objects.filter(active=True)
        self.departments = {row.name: row for row in departments} | {row.code: row for row in departments}
        roles = Role.objects.prefetch_related("rules")
        self.roles = {role.name: role for role in roles} | {role.code: role for role in roles}

    def plan(self, rows: list[Row]) -> Plan:
        steps = _each(rows, self._read, lambda step: step.values["username"].lower())
        listed = {step.values["username"].lower() for step in steps if "username" in step.values}
        complete = not any("username" not in step.values for step in steps)
        missing = [user for key, user in self.people.items() if user.is_active and key not in listed] if complete else []
        return Plan(steps, sorted(missing, key=lambda user: user.name))

    def _read(self, step: Step, cells: dict[str, Any]) -> None:
        reader = self.reader
        step.title = reader.text(cells, "name", 60)
        username = reader.needed(cells, "username")
        step.values = {"username": username}
        step.found = self.people.get(username.lower())
        if not username.replace(".", "").replace("-", "").replace("_", "").isalnum():
            raise reader.wrong("username", _("Use letters, digits, dots, hyphens and underscores."))
        values: dict[str, Any] = {"username": step.found.username if step.found else username, "name": reader.needed(cells, "name")}
        if reader.has("department"):
            values["department"] = self._department(reader.text(cells, "department", 60))
        if reader.has("email"):
            values["email"] = self._email(reader.text(cells, "email"))
        if reader.has("mobile"):
            values["mobile"] = self._mobile(reader.text(cells, "mobile", 40))
        if reader.has("active"):
            values["active"] = reader.yes(cells, "active") is not False
        if reader.has("roles"):
            values["roles"] = self._roles(step, reader.several(cells, "roles"))
        step.values = values
        self._compare(step)

    def _department(self, text: str) -> Department | None:
        if not text:
            return None
        found = self.departments.get(text)
        if found is None:
            raise self.reader.wrong("department", _("There is no department “%(code)s”.") % {"code": text})
        return found

    def _email(self, text: str) -> str:
        try:
            if text:
                validate_email(text)
        except ValidationError:
            raise self.reader.wrong("email", _("“%(text)s” is no e-mail address.") % {"text": text}) from None
        return text

    def _mobile(self, text: str) -> str:
        number = numbers.mobile(text)
        if text and not number:
            raise self.reader.wrong("mobile", _("“%(number)s” is no mobile number.") % {"number": text})
        return number

    def _roles(self, step: Step, names: list[str]) -> list[Role]:
        """Roles to be given, besides those that are held: a list never takes a role away, and the right to manage people
        is given to one person at a time, on their own page."""
        given = []
        for name in names:
            role = self.roles.get(name)
            if role is None:
                raise self.reader.wrong("roles", _("There is no role “%(name)s”.") % {"name": name})
            holds = step.found is not None and any(grant.role_id == role.pk for grant in step.found.held)
            if holds or role in given:
                continue
            if any(rule.rule == MANAGE.name for rule in role.rules.all()):
                raise self.reader.wrong("roles", _("“%(name)s” may manage people; give it on the person's own page.") % {"name": name})
            given.append(role)
        return given

    def _compare(self, step: Step) -> None:
        user, labels = step.found, self.reader.labels
        if user is None:
            if step.values.get("active") is False:
                step.remarks.append(_("Not here and not working here: nothing to do."))
                return
            step.act = "add"
            step.changes = {str(labels[key]): ("", _said(value)) for key, value in step.values.items() if value not in ("", None, [], False) and key != "active"}
            return
        now = {"name": user.name, "department": user.department, "email": user.email, "mobile": user.mobile, "active": user.is_active, "roles": []}
        _differences(step, now, labels)


def _differences(step: Step, now: dict[str, Any], labels: dict[str, Any]) -> None:
    """Keeps of the values only what is different, and says how."""
    keys = {"code": step.values.get("code"), "username": step.values.get("username")}
    changed = {key: value for key, value in step.values.items() if key in now and value != now[key]}
    if changed:
        step.act = "change"
        step.changes = {str(labels[key]): (_said(now[key]), _said(value)) for key, value in changed.items()}
    step.values = {key: value for key, value in keys.items() if value} | changed


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "、".join(str(one) for one in value)
    return "" if value is None else str(value)
