"""One named cast for tests, seed, demo and screenshots.

`company()` installs a policy pack and hires the people; customers come when they are asked for. Use it in a test as the fixture
`world`: `world.by("沈岚")` acts, `world.user("沈岚")` is the person, `world.customer("砚台巷珠宝商行")` a customer.
"""

import tomllib
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password

from yingxu.base import clock
from yingxu.base.access import SYSTEM, Actor
from yingxu.customers import actions as customers
from yingxu.customers.models import Customer
from yingxu.people import queries as people
from yingxu.people.models import Department, Grant, Role, SignInRules, User
from yingxu.policies import actions as policies
from yingxu.policies import packs

CONTENT = Path(__file__).parent / "content"
PASSWORD = "bamboo-nine-joints"
PACKS = ("pawnshop", "general")  # the columns of `department` in cast.toml


@lru_cache
def content(name: str) -> dict[str, Any]:
    """A file of tests/content."""
    return tomllib.loads((CONTENT / f"{name}.toml").read_text("utf-8"))


@lru_cache
def _pack(name: str) -> packs.Pack:
    return packs.load(packs.folder(name))


@lru_cache
def _hash() -> str:
    return make_password(PASSWORD)


@dataclass
class World:
    """The company: people by name or sign-in name, departments by code, customers by name."""

    pack: str
    people: dict[str, User] = field(default_factory=dict)
    departments: dict[str, Department] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    _actors: dict[int, Actor] = field(default_factory=dict)

    def user(self, name: str) -> User:
        """A person: 沈岚 or shenlan."""
        return self.people[name]

    def by(self, name: str) -> Actor:
        """The person as who acts, with what their roles grant."""
        user = self.people[name]
        if user.pk not in self._actors:
            self._actors[user.pk] = people.actor(user)
        return self._actors[user.pk]

    def department(self, code: str) -> Department:
        """By its code in the pawnshop pack; the general pack's equivalent there."""
        return self.departments[code if code in self.departments else _GENERAL.get(code, code)]

    def customer(self, name: str) -> Customer:
        """A customer of the cast, opened by 沈岚 the first time."""
        if name not in self.customers:
            self.customers[name] = self._open(next(c for c in content("customers")["customers"] if c["name"] == name))
        return self.customers[name]

    def everyone(self) -> list[Customer]:
        """All customers of the cast."""
        return [self.customer(c["name"]) for c in content("customers")["customers"]]

    def _open(self, row: dict[str, Any]) -> Customer:
        known = ("name", "type", "contact_name", "phone", "grade", "industry", "address", "reminder", "tags")
        owner = self.user("沈岚")
        return customers.add(
            by=self.by("沈岚"), owner_id=owner.pk, department_id=owner.department_id,
            customer_since=date.fromisoformat(row["since"]), **{k: v for k, v in row.items() if k in known},
        )  # fmt: skip


_GENERAL = {"pawn": "business", "appraisal": "quality", "vault": "delivery", "growth": "market"}


def company(pack: str = "pawnshop") -> World:
    """Install the pack and hire the cast; everybody's password is PASSWORD."""
    cast = content("cast")
    SignInRules.objects.create(pk=1, demanded=False, changed_at=clock.now())  # whoever looks around in a demonstration has no second factor
    policies.install(_pack(pack), by=SYSTEM, company=cast["company"])
    world = World(pack, departments={d.code: d for d in Department.objects.all()})
    column, now = PACKS.index(pack), clock.now()
    rows = cast["people"]
    users = [
        User(
            username=row["username"], name=row["name"], clearance=row["clearance"], password=_hash(),
            department=world.departments[row["department"][column]], session_mark=row["username"], created_at=now,
        )
        for row in rows
    ]  # fmt: skip
    roles = {r.code: r for r in Role.objects.all()}
    User.objects.bulk_create(users)
    Grant.objects.bulk_create(
        Grant(user=user, role=roles[code], begins_at=now)
        for user, row in zip(users, rows, strict=True)
        for code in row["roles"]
    )
    for user, row in zip(users, rows, strict=True):
        world.people[user.name] = world.people[user.username] = user
        if row.get("head"):
            user.department.head = user
    Department.objects.bulk_update(world.departments.values(), ["head"])
    return world


def words_leave() -> int:
    """The seconds in which words to the customer can be taken back are over, for all that wait."""
    from yingxu.base import clock
    from yingxu.needs import actions
    from yingxu.needs.models import Outgoing

    Outgoing.objects.update(leaves_at=clock.now())
    return actions.release()
