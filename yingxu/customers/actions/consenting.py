"""The consents under which alone some identifiers may be kept."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from yingxu.base.access import Actor
from yingxu.base.action import step
from yingxu.base.errors import Invalid
from yingxu.matters.models import Matter
from yingxu.privacy import actions as privacy
from yingxu.privacy import queries as purposes
from yingxu.privacy.models import Consent, Purpose

from ..identifiers import Given
from ..models import Customer


@dataclass(frozen=True)
class Spoken:
    """How a person said yes to what needs their consent, and where that can be read or heard."""

    channel: str
    evidence: str
    person: str = ""


def consents_needed(given: Iterable[Given], consent: Spoken | None, customer: Customer | None = None) -> list[Purpose]:
    """The purposes that must be agreed to before these identifiers are kept (PIPL art. 29; P6). Raises Invalid when one is not, and
    nobody says how the person agreed just now."""
    types = {one.type for one in given}
    needed = [p for p in purposes.guarding(types) if customer is None or not purposes.may_use(customer.pk, p.code)] if types else []
    if needed and (consent is None or not consent.evidence.strip()):
        names = "、".join(p.name for p in needed)
        raise Invalid.field("evidence", _("This may only be kept when the person has agreed to “%(names)s”: say how, and where it can be read or heard.") % {"names": names})
    return needed


@step
def note_consents(matter: Matter, needed: Iterable[Purpose], consent: Spoken | None, by: Actor) -> None:
    """Write down the consents an identifier is kept under."""
    for purpose in needed:
        privacy.note_consent(
            matter, by=by, purpose=purpose, act=Consent.Act.GIVEN, channel=consent.channel, evidence=consent.evidence, person=consent.person
        )
