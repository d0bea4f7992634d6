"""Paging by keys: every row once, both ways, with empty values, and no cursor but ours (S4)."""

from datetime import timedelta

import pytest

from tests.house.rows import row
from yingxu.base import clock
from yingxu.base.errors import Invalid
from yingxu.base.web import keyset
from yingxu.matters.models import Matter

pytestmark = pytest.mark.django_db
ORDERS = (("due_at", "id"), ("-due_at", "-id"), ("-opened_at", "-id"), ("secrecy", "due_at", "-id"), ("id",))


@pytest.fixture
def matters() -> int:
    """Twenty-three matters; a third without a due time, several due at the same moment."""
    now = clock.now()
    for i in range(23):
        due = None if i % 3 == 0 else now + timedelta(hours=i % 5)
        row(Matter, due_at=due, opened_at=now - timedelta(days=i % 4), secrecy=i % 2)
    return 23


def _walk(keys, start="", *, back=False, size=5, values=False):
    seen, cursor, pages = [], start, 0
    while pages < 40:
        rows = Matter.objects.values("id", "due_at", "opened_at", "secrecy") if values else Matter.objects.all()
        found = keyset(rows, keys, cursor, size=size)
        ids = [r["id"] if values else r.pk for r in found.rows]
        seen = ids + seen if back else seen + ids
        cursor = found.previous if back else found.next
        pages += 1
        if not cursor:
            return seen, found
    raise AssertionError("paging does not end")


@pytest.mark.parametrize("keys", ORDERS)
@pytest.mark.parametrize("values", [False, True])
def test_every_row_once_forwards_and_back(matters, keys, values):
    forwards, last = _walk(keys, values=values)
    assert len(forwards) == matters == len(set(forwards))
    assert last.previous and not last.next
    backwards, first = _walk(keys, last.previous, back=True, values=values)
    assert backwards + [r["id"] if values else r.pk for r in last.rows] == forwards
    assert first.next and not first.previous


@pytest.mark.parametrize("keys", ORDERS)
def test_order_is_the_one_asked_for_and_nothing_comes_last(matters, keys):
    ids, _last = _walk(keys)
    rows = Matter.objects.in_bulk(ids)
    if keys[0] == "due_at":
        due = [rows[pk].due_at for pk in ids]
        known = [d for d in due if d]
        assert due == [*sorted(known), *[None] * (len(due) - len(known))]
    if keys[0] == "-due_at":
        due = [rows[pk].due_at for pk in ids]
        known = [d for d in due if d]
        assert due == [*sorted(known, reverse=True), *[None] * (len(due) - len(known))]


def test_a_row_that_comes_in_does_not_move_the_next_page(matters):
    first = keyset(Matter.objects.all(), ("-id",), size=5)
    row(Matter)
    second = keyset(Matter.objects.all(), ("-id",), first.next, size=5)
    assert not {r.pk for r in first.rows} & {r.pk for r in second.rows}
    assert second.rows[0].pk == first.rows[-1].pk - 1


def test_no_page_no_cursors():
    empty = keyset(Matter.objects.all(), ("-id",))
    assert (empty.rows, empty.next, empty.previous) == ([], "", "")


@pytest.mark.parametrize("cursor", ["x", "W10:abc", "eyJhIjoxfQ:1abc:zzz", "🐢", "." * 3_000])
def test_forged_cursors_are_refused(matters, cursor):
    with pytest.raises(Invalid) as refusal:
        keyset(Matter.objects.all(), ("-id",), cursor)
    assert refusal.value.code == "cursor"


def test_a_cursor_of_another_list_is_refused(matters):
    other = keyset(Matter.objects.all(), ("id",), size=5).next
    with pytest.raises(Invalid):
        keyset(Matter.objects.all(), ("-id",), other)


def test_pages_have_a_largest_size(matters):
    assert len(keyset(Matter.objects.all(), ("id",), size=10_000).rows) == matters
    assert len(keyset(Matter.objects.all(), ("id",), size=0).rows) == 1
