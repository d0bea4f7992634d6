"""Who may see, give and do tasks.

A task is seen by whoever may see its matter, and by those it concerns: the owner, the giver, the department. That somebody
sees a task does not open the matter: a room that wants this puts HOLDING's parts among the members of its own rule.
"""

from collections.abc import Callable

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Actor, Membership, Rule
from yingxu.matters.queries import may_see, seen_by

from .models import State, Task


def _holding(mine: Callable[[Actor], Q | None]) -> Membership:
    """Who has a task on the matter, as far as `mine` says whose tasks those are (None: nobody's). The subquery names no outer row, so
    that an index on tasks gives the matters."""

    def where(by: Actor) -> Q:
        whose = mine(by)
        return Q(pk__in=[]) if whose is None else Q(matter_id__in=Task.objects.filter(whose).order_by().values("matter_id"))

    def holds(by: Actor, thing) -> bool:
        whose = mine(by)
        return whose is not None and Task.objects.filter(whose, matter_id=thing.matter_id).exists()

    return Membership(where=where, holds=holds)


def _own(by: Actor) -> Q | None:
    return Q(owner_id=by.user_id, state__in=[State.OPEN, State.DONE]) if by.user_id is not None else None


def _of_department(by: Actor) -> Q | None:
    return Q(department_id=by.department_id, state=State.OPEN) if by.department_id is not None else None


def _of_those_headed(by: Actor) -> Q | None:
    return Q(department__head_id=by.user_id, state=State.OPEN) if by.user_id is not None else None


# for the rules of rooms whose matters carry tasks: who has or had a task on the matter, and while one is open for a department, its
# people and its head
HOLDING = (_holding(_own), _holding(_of_department), _holding(_of_those_headed))
ON_SEEN_MATTER = Membership(where=lambda by: seen_by(by, "matter_id"), holds=lambda by, task: may_see(by, task.matter))
DOERS = ("owner_id", "given_by_id", "matter.owner_id")
PLACES = ("department_id", "matter.department_id")

VIEW = Rule("tasks.view", _("See tasks"), own=("owner_id", "given_by_id"), department=("department_id",), members=(ON_SEEN_MATTER,), beside="own")
GIVE = Rule("tasks.give", _("Give a task"), own=("owner_id",), department=("department_id",), secrecy="secrecy", matter="pk")
FINISH = Rule("tasks.finish", _("Finish a task"), own=DOERS, department=PLACES, beside="own")
HAND_OVER = Rule("tasks.hand_over", _("Hand a task over"), own=DOERS, department=PLACES, beside="own")
POSTPONE = Rule("tasks.postpone", _("Ask for another date of a task"), own=DOERS, department=PLACES, beside="own")
MANAGE = Rule(
    "tasks.manage", _("Withdraw tasks and decide on their dates"), own=("given_by_id", "matter.owner_id"), department=("matter.department_id",)
)
EXPORT = Rule("tasks.export", _("Export lists of tasks"), own=(), department=(), secrecy=None)
