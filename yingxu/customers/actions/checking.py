"""What people typed about customers and contacts, trimmed and checked, the same for pages, API and imports."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from yingxu.base.errors import Invalid

from ..models import Contact, Customer

DETAILS = ("grade", "industry", "address", "reminder", "remark", "tags", "customer_since")
CONTACT = ("name", "position", "department", "role", "reports_to", "stance", "preference", "note")
LONGEST = {"name": 60, "position": 60, "department": 60, "preference": 60, "note": 200}


def clean_details(details: dict[str, Any]) -> dict[str, Any]:
    """Trimmed and checked values of a customer's plain fields. Raises Invalid for unknown fields and too long values."""
    clean: dict[str, Any] = {}
    wrong: dict[str, list[Any]] = {}
    for key, value in details.items():
        if key not in ("name", "type", *DETAILS):
            wrong[key] = [_("There is no such field.")]
        elif key == "tags":
            clean[key] = clean_tags(value)
        elif key == "customer_since":
            clean[key] = value or None
        else:
            clean[key] = str(value or "").strip()
            longest = Customer._meta.get_field(key).max_length
            if longest and len(clean[key]) > longest:
                wrong[key] = [_("At most %(n)s characters.") % {"n": longest}]
    for key, known in (("type", Customer.Type.values), ("grade", ["", *Customer.Grade.values])):
        if key in clean and key not in wrong and clean[key] not in known:
            wrong[key] = [_("Choose one of the values offered.")]
    if "name" in clean and not clean["name"]:
        wrong["name"] = [_("A customer needs a name.")]
    if len(clean.get("remark", "")) > 4_000:
        wrong["remark"] = [_("At most %(n)s characters.") % {"n": 4_000}]
    if wrong:
        raise Invalid(_("Not saved: look at the marked fields."), fields=wrong)
    return clean


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Trimmed, each once, at most 20 of 30 characters."""
    found = list(dict.fromkeys(str(t).strip() for t in tags if str(t).strip()))
    if len(found) > 20 or any(len(t) > 30 for t in found):
        raise Invalid.field("tags", _("At most 20 tags of 30 characters each."))
    return found


def clean_contact(values: dict[str, Any]) -> dict[str, Any]:
    """Trimmed and checked values of a contact's fields. Raises Invalid."""
    unknown = set(values) - set(CONTACT)
    wrong = {key: [_("There is no such field.")] for key in unknown}
    clean: dict[str, Any] = {key: " ".join(str(values[key] or "").split()) for key in CONTACT if key in values and key != "reports_to"}
    if "reports_to" in values:
        clean["reports_to"] = values["reports_to"] or None
    if not clean.get("name"):
        wrong["name"] = [_("A contact needs a name.")]
    for key, most in LONGEST.items():
        if len(clean.get(key, "")) > most:
            wrong[key] = [_("At most %(n)s characters.") % {"n": most}]
    for key, known in (("role", Contact.Role.values), ("stance", Contact.Stance.values)):
        if clean.get(key, "") not in ["", *known]:
            wrong[key] = [_("Choose one of the values offered.")]
    if wrong:
        raise Invalid(_("Not saved: look at the marked fields."), fields=wrong)
    return clean
