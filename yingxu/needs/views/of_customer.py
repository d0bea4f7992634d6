"""A customer's needs, on the customer's page."""

from typing import Any

from django.db.models import F, Q
from django.urls import reverse

from yingxu.base.access import Actor
from yingxu.base.kept import Text, kept, text
from yingxu.customers import panels
from yingxu.customers.models import Customer
from yingxu.files import queries as files
from yingxu.matters.actions import look
from yingxu.matters.queries import page_of
from yingxu.meetings import queries as meetings
from yingxu.tasks import queries as tasks

from .. import queries
from ..categories import names as category_names
from ..queries import rows as listing
from ..queries.counting import CAP
from ..states import ENDED, Channel, State
from . import looks

MOST = 50


def load(customer: Customer, by: Actor) -> dict[str, Any]:
    """The newest needs of this customer that the actor may see, as rows; `address` is the list with all of them."""
    asked = {"customer": customer.matter.number, "sort": "-opened", "size": str(MOST)}
    found = listing.listed(by, queries.Filters.parse(asked))
    rows = [row | {"customer": ""} for row in looks.rows(found.rows, by)]
    return {"rows": rows, "more": bool(found.next), "number": customer.matter.number}


def told(customer: Customer, by: Actor) -> list[panels.Told]:
    """The newest needs of this customer that the actor may see, for the customer's story. One query."""
    asked = {"customer": customer.matter.number, "sort": "-opened", "size": str(MOST)}
    kinds, categories, states, index = looks.kind_names(), category_names(), looks.state_names(), reverse("needs:index")
    made = []
    for row in listing.listed(by, queries.Filters.parse(asked)).rows:
        state, number = State(row["state"]), row["matter__number"]
        item = {
            "number": number, "title": row["matter__title"], "href": f"{index}{number}/", "kind": kinds.get(row["kind"], row["kind"]),
            "channel": Channel(row["channel"]).label, "category": row["category"], "category_name": categories.get(row["category"], ""),
            "state_name": states[state], "at_step": looks.joint(state), "at": row["matter__opened_at"],
        }  # fmt: skip
        made.append(panels.Told(item["at"], item, state not in ENDED, item["title"], item["href"], states[state]))
    return made


def files_of(customer: Customer, by: Actor) -> dict[str, Any]:
    """The newest papers on this customer's own file and on those of its needs that the actor may see."""
    found = list(_files(customer.pk, by).select_related("matter").order_by("-id")[:MOST])
    look(customer.matter, by=by, detail="files", above=files.above(found))
    return {"files": found, "address": files.address, "is_picture": files.is_picture, "page_of": page_of, "most": lambda file: files.most_level(by, file.matter)}


def count_files(customer: Customer, by: Actor) -> Text:
    """How many, at most a hundred."""
    return text(_some_files, by, customer.pk)


@kept
def _some_files(by: Actor, customer: int) -> Any:
    return _files(customer, by).order_by().values("pk")[:100]


def _files(customer: int, by: Actor) -> Any:
    return files.visible_to(by).filter(_about(customer))


def tasks_of(customer: Customer, by: Actor) -> dict[str, Any]:
    """What was given to do on this customer's file and on its needs, as far as the actor may know of it, what is open first."""
    rows = tasks.visible_to(by).filter(_about(customer.pk)).exclude(state="withdrawn").select_related("matter", "owner", "department")
    found = sorted(rows.order_by(F("due_at").asc(nulls_last=True), "-id")[:MOST], key=lambda task: not task.open)
    return {"tasks": tasks.looks(found)}


def meetings_of(customer: Customer, by: Actor) -> dict[str, Any]:
    """The newest meetings about this customer's file and about its needs that the actor may know of."""
    rows = meetings.visible_to(by).filter(Q(about=customer.matter_id) | Q(about__need__customer=customer))
    return {"meetings": list(rows.select_related("matter").order_by("-starts_at")[:MOST])}


def _about(customer: int) -> Q:
    return Q(matter_id=customer) | Q(matter__need__customer_id=customer)


def count(customer: Customer, by: Actor) -> Text:
    """How many, open or not, at most a thousand and one."""
    return text(_some, by, customer.pk)


@kept
def _some(by: Actor, customer: int) -> Any:
    return queries.visible_to(by).select_related(None).filter(customer_id=customer).order_by().values("pk")[: CAP + 1]
