"""What looks at a file are for: said once, it holds for the sitting. The access log remembers it."""

from django.utils.translation import gettext as _

from yingxu.base.access import Actor
from yingxu.base.action import action
from yingxu.base.errors import Invalid
from yingxu.base.given import words
from yingxu.matters import actions as matters
from yingxu.matters.models import Look
from yingxu.matters.queries import Said

from .. import queries, rules
from ..models import Customer


def said_for(customer: Customer, *, by: Actor, need: str = "", reason: str = "", always: bool = True) -> Said:
    """What uncovering or giving out something of this file is for: the need with this number, as far as the actor may see it, a reason, or
    what was said last. Raises Unsaid when a person said nothing, and `always` or the file is guarded."""
    return matters.for_what(customer.matter, by=by, need=queries.served(need, by), reason=reason, ask=always or customer.matter.guarded)


@action(rules.VIEW)
def say_what_for(customer: Customer, *, by: Actor, need: str = "", reason: str = "") -> Customer:
    """Say what the looks to come at this file are for: the need with this number, or words where there is none."""
    serves = queries.served(need, by)
    if need and serves is None:
        raise Invalid.field("need", _("You see no need with this number."))
    said = Said(serves) if serves else Said(reason=words(reason, "reason", longest=200))
    matters.looked(customer.matter, by=by, what=Look.What.PAGE, said=said)
    return customer
