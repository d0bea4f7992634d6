"""How somebody wants to be told: one's own choice."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from django.db import transaction

from yingxu.base.access import Actor
from yingxu.base.errors import Gone

from ..choosing import cleaned
from ..models import Ways


@transaction.atomic
def choose(*, by: Actor, given: Mapping[str, Any], quiet_from: time | None, quiet_to: time | None) -> Ways:
    """One's own ways: {"mention.mail": "now", …}, and the hours not to be disturbed. What must be seen stays."""
    if by.user_id is None:
        raise Gone()
    quiet = (quiet_from, quiet_to) if quiet_from and quiet_to else (None, None)
    values = {"choices": cleaned(given), "quiet_from": quiet[0], "quiet_to": quiet[1]}
    return Ways.objects.update_or_create(user_id=by.user_id, defaults=values)[0]
