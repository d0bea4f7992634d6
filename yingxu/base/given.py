"""What a verb is given: cleaned words, and the person behind the act. Refused with a sentence where it cannot be kept."""

from django.utils.translation import gettext as _

from .access import Actor
from .errors import Invalid, NotAllowed

LONGEST = 20_000


def words(text: str, field: str, *, required: bool = True, longest: int = LONGEST) -> str:
    """Cleaned text, or Invalid naming the field."""
    text = (text or "").replace("\x00", "").replace("\r\n", "\n").strip()
    if required and not text:
        raise Invalid.field(field, _("This cannot be empty."))
    if len(text) > longest:
        raise Invalid.field(field, _("At most %(longest)s characters; this has %(length)s.") % {"longest": longest, "length": len(text)})
    return text


def staff(by: Actor) -> int:
    """The user behind the act. Verbs that put a name under a piece of work cannot be done by nobody."""
    if by.user_id is None:
        raise NotAllowed(_("Only a member of staff can do this."))
    return by.user_id
