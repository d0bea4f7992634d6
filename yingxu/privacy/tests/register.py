"""Somebody in the register of recipients, for tests of the rooms that send."""

from yingxu.base.access import SYSTEM
from yingxu.privacy import actions
from yingxu.privacy.models import Purpose, Recipient


def party(name: str = "海棠仓储有限公司", *, role: str = "own", fields: tuple[str, ...] = ("number",)) -> str:
    """A system of our own that gets data for the first purpose there is, switched on: "recipient:purpose". Asked twice it is the same."""
    purpose = Purpose.objects.filter(active=True).first()
    if purpose is None:
        purpose = actions.edit_purpose(by=SYSTEM, code="service", name="受理与办理", basis="contract", scope="需求", means="办理")
    found = Recipient.objects.filter(name=name).first()
    if found is None:
        made = actions.add_recipient(by=SYSTEM, name=name, role=role, purposes=[purpose], fields=fields)
        found = actions.switch_recipient(made, by=SYSTEM, active=True)
    return f"{found.pk}:{found.purposes.first().pk}"
