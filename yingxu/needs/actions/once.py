"""A request that is repeated under the same key is carried out once."""

from django.db import connection

from yingxu.base import clock
from yingxu.base.action import step
from yingxu.matters.actions import Once, other_content

from ..models import Need, Receipt


@step
def done_before(need: Need, once: Once) -> bool:
    """Whether this request was carried out already; else it is remembered with whatever this transaction does. A second one at the
    same moment waits here for the first. Raises Refusal (409) for other content under the same key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO needs_receipt (source, key, fingerprint, need_id, at) VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [once.source, once.key, once.fingerprint, need.pk, clock.now()],
        )
        if cursor.rowcount:
            return False
    if bytes(Receipt.objects.get(source=once.source, key=once.key).fingerprint) != once.fingerprint:
        raise other_content()
    return True
