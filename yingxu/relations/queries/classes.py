"""Which customers are of which class, how many, and how one came about."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from yingxu.base.access import Actor
from yingxu.base.errors import Invalid
from yingxu.base.web import Slice, keyset
from yingxu.customers import queries as customers
from yingxu.customers.models import Customer

from ..models import Dimension, Override, Reckoning, Stage, Standing, Tenure, Turn
from .rulebooks import content

SORTS = {
    "-contribution": ("-standing__contribution", "-matter_id"), "contribution": ("standing__contribution", "matter_id"), "grade": ("graded", "matter_id"),
    "-last": ("-standing__last_on", "-matter_id"), "last": ("standing__last_on", "matter_id"), "name": ("name", "matter_id"),
}  # fmt: skip
PATHS = {"grade": "grade", "stage": "standing__stage", "tenure": "standing__tenure", "size": "standing__size", "industry": "industry"}


@dataclass(frozen=True)
class Wish:
    """What the list is asked for; "-" in a class means: none. `set` "1" means: set by a person in any respect."""

    text: str = ""
    grade: str = ""
    stage: str = ""
    tenure: str = ""
    size: str = ""
    industry: str = ""
    type: str = ""
    set: str = ""
    owner: int | None = None
    sort: str = "-contribution"

    def but(self, **over: Any) -> "Wish":
        return replace(self, **over)


def asked(given: Mapping[str, str]) -> Wish:
    """What a query string asks for. Raises Invalid for what no list knows."""
    found = {key: given.get(key, "").strip()[:100] for key in ("grade", "stage", "tenure", "size", "industry", "type", "set")}
    sort, owner = given.get("sort") or "-contribution", given.get("owner", "")
    known = {"grade": Customer.Grade.values, "stage": Stage.values, "tenure": Tenure.values, "type": Customer.Type.values, "set": ["1"]}
    wrong = sort not in SORTS or any(found[key] not in ["", "-", *values] for key, values in known.items())
    if wrong or (owner and not (owner.isascii() and owner.isdigit() and len(owner) < 19)):
        raise Invalid(_("This list has no such filter."))
    return Wish(text=given.get("q", "")[:100], sort=sort, owner=int(owner) if owner else None, **found)


def matching(by: Actor, wish: Wish) -> QuerySet[Customer]:
    """The visible customers of a wish, unordered."""
    rows = customers.matching(by, customers.Wish(text=wish.text, type=wish.type, grade=wish.grade, owner=wish.owner, sort="grade"))
    for key in ("stage", "tenure", "size", "industry"):
        if value := getattr(wish, key):
            none = Q(**{PATHS[key]: ""}) | Q(**{PATHS[key] + "__isnull": True})
            rows = rows.filter(none if value == "-" else Q(**{PATHS[key]: value}))
    return rows.filter(overrides__ended_at=None, overrides__isnull=False).distinct() if wish.set else rows


def listed(by: Actor, wish: Wish, cursor: str = "", *, size: int = 50) -> Slice:
    """A page of customers with their standing. One query."""
    return keyset(matching(by, wish).select_related("matter__owner", "standing"), SORTS[wish.sort], cursor, size=size)


def for_export(by: Actor, wish: Wish, most: int) -> list[Customer]:
    """The same in one piece."""
    rows = matching(by, wish).select_related("matter__owner", "matter__department", "standing")
    return list(keyset_order(rows, wish)[:most])


def keyset_order(rows: QuerySet[Customer], wish: Wish) -> QuerySet[Customer]:
    """In the order of the list, what has no value last."""
    order = [F(key.lstrip("-")).desc(nulls_last=True) if key.startswith("-") else F(key).asc(nulls_last=True) for key in SORTS[wish.sort]]
    return rows.order_by(*order)


def counts(by: Actor, dimension: str) -> list[tuple[str, int]]:
    """How many visible customers are of each class ("" none), in the order of the classes; industries by how many."""
    path = PATHS[dimension]
    rows = customers.matching(by, customers.Wish()).order_by().values_list(path).annotate(n=Count("pk"))
    found: dict[str, int] = {}
    for code, n in rows:
        found[code or ""] = found.get(code or "", 0) + n
    if dimension == "industry":
        return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    known = [code for code, _label in choices(dimension)]
    return [(code, found.get(code, 0)) for code in [*known, *sorted(set(found) - set(known))] if code or found.get(code)]


def choices(dimension: str) -> list[tuple[str, Any]]:
    """The classes of a dimension with their names."""
    if dimension == Dimension.SIZE:
        return list(sizes().items())
    known: dict[str, list[tuple[str, Any]]] = {"grade": Customer.Grade.choices, "stage": Stage.choices, "tenure": Tenure.choices}
    return known[dimension]


def sizes() -> dict[str, str]:
    """The sizes of the rules in force, from small to large."""
    return {band["code"]: band["name"] for band in content("classification")["size"]["bands"]}


def industries(by: Actor, most: int = 50) -> list[str]:
    """The industries of visible customers, the most used first."""
    return [name for name, _n in counts(by, "industry") if name][:most]


def explained(customer: Customer) -> dict[str, Any]:
    """How the classes of a customer (whom the asker may see) came about: the standing with its figures, and who says otherwise."""
    standing = Standing.objects.filter(customer=customer).first()
    held = {one.dimension: one for one in Override.objects.filter(customer=customer, ended_at=None)}
    return {"standing": standing, "held": held}


def turns(customer: Customer, most: int = 50) -> list[Turn]:
    """Every change of a class of this customer, the newest first."""
    return list(Turn.objects.filter(customer=customer)[:most])


def runs(most: int = 10) -> list[Reckoning]:
    """The newest reckonings."""
    return list(Reckoning.objects.order_by("-id")[:most])
