"""The grade in force, as the room above that reckons it says."""

from collections.abc import Mapping

from django.db import connection
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import step

from ..models import Change, Customer


@step
def grade_as(grades: Mapping[int, str], *, by: Actor = SYSTEM) -> int:
    """Set the grades of these customers (by their keys); old and new are kept in each file's history. Returns how many changed. Whoever
    calls has stated it in the journal. Three statements, however many."""
    if not grades:
        return 0
    before = dict(Customer.objects.filter(pk__in=grades).values_list("pk", "grade"))
    differ = {pk: grade for pk, grade in grades.items() if pk in before and before[pk] != grade}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_customer c SET grade = g.grade FROM unnest(%s::bigint[], %s::text[]) AS g(pk, grade) WHERE c.matter_id = g.pk",
            [list(differ), list(differ.values())],
        )
    now, why = clock.now(), _("Class of the customer")
    Change.objects.bulk_create(
        Change(customer_id=pk, part="customer", row=pk, field="grade", old=before[pk], new=grade, at=now, by_id=by.user_id, by_name=by.name[:80], why=why)
        for pk, grade in differ.items()
    )  # fmt: skip
    return len(differ)
