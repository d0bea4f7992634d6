"""Who may see and change customers. Who was asked to follow a customer's matter counts as owner."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from yingxu.base.access import Actor, Membership, Rule
from yingxu.matters import access
from yingxu.matters.models import Watcher
from yingxu.matters.rules import WATCHING

from .models import Customer, Identifier


def _watched(by: Actor) -> Q:
    return Q(Exists(Watcher.objects.filter(matter_id=OuterRef("customer_id"), user_id=by.user_id)))


def _watches(by: Actor, thing: Identifier) -> bool:
    return by.user_id is not None and Watcher.objects.filter(matter_id=thing.customer_id, user_id=by.user_id).exists()


VIEW = Rule("customers.view", _("See customers"), members=(WATCHING,), reading=True)
EDIT = Rule("customers.edit", _("Add and change customers"), members=(WATCHING,))
MERGE = Rule("customers.merge", _("Merge customers that are the same"))
EXPORT = Rule("customers.export", _("Export lists of customers"))
GIVE_OUT = Rule("customers.give_out", _("Print and export a customer's file"), members=(WATCHING,))
LOG = Rule("customers.log", _("Write down dealings with customers"), members=(WATCHING,))
CONTRACT = Rule("customers.contract", _("Keep contracts with customers"), members=(WATCHING,))
FIELDS = Rule("customers.fields", _("Decide what customer files hold"), own=(), department=(), secrecy=None)
REVEAL = Rule(
    "customers.reveal",
    _("Uncover phone numbers and other identifiers"),
    own=("customer.matter.owner_id",),
    members=(Membership(where=_watched, holds=_watches),),
    department=("customer.matter.department_id",),
    secrecy="customer.matter.secrecy",
    matter="customer_id",
)

access.register("customer", VIEW, Customer, page="customers:profile", asks="customers:serves")
