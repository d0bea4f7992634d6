"""Who is told of what, once (N12, K4, S6)."""

from datetime import timedelta

import pytest
from django.db import transaction

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.matters import actions as matters
from yingxu.matters import dispatch
from yingxu.matters.models import Entry, Failure
from yingxu.notices import actions, queries
from yingxu.notices.models import Notice
from yingxu.people import actions as people
from yingxu.people.models import User

from .facts import Asked, Moved, Named

pytestmark = pytest.mark.django_db


def state(event, cast, *, by=SYSTEM, tell=(), on=..., ago=timedelta(0)) -> Entry:
    """State a fact that happened `ago`, and hand it over now."""
    with transaction.atomic():
        with clock.at(clock.now() - ago):
            entry = matters.record(event, on=cast.matter if on is ... else on, by=by, tell=[u.pk for u in tell])
        entry.refresh_from_db()
        actions.deliver(event, entry)
    return entry


def _told() -> set[tuple[str, str]]:
    return set(Notice.objects.values_list("user__username", "kind"))


def test_those_the_verb_names_are_told(cast):
    entry = state(Asked(what="papers"), cast, tell=[cast.shen, cast.gu])
    assert _told() == {("shen", "told"), ("gu", "told")}
    assert Notice.objects.filter(entry=entry, matter=cast.matter, read_at=None).count() == 2


def test_followers_are_told_where_the_event_says_so(cast):
    state(Asked(), cast)
    assert not _told()
    state(Moved(), cast, tell=[cast.shen])
    assert _told() == {("shen", "told"), ("gu", "watched")}


def test_an_event_may_have_a_heading_of_its_own(cast):
    state(Named(), cast, tell=[cast.shen])
    assert _told() == {("shen", "mention")}


def test_nobody_is_told_of_their_own_act(cast):
    state(Moved(), cast, by=cast.by_gu, tell=[cast.gu])
    assert not _told()


def test_once_however_often_it_is_delivered(cast):
    event = Asked()
    entry = state(event, cast, tell=[cast.shen])
    with transaction.atomic():
        actions.deliver(event, entry)
    assert Notice.objects.count() == 1


def test_who_may_not_see_it_is_not_told(cast):
    state(Asked(), cast, tell=[cast.cheng, cast.shen])
    assert _told() == {("shen", "told")}


def test_who_left_is_not_told(cast):
    people.deactivate_user(cast.shen, by=SYSTEM)
    state(Asked(), cast, tell=[cast.shen])
    assert not _told()


def test_history_brought_in_later_tells_nobody(cast):
    """U4: an import of last year's needs fills no inbox."""
    state(Moved(), cast, tell=[cast.shen], ago=timedelta(days=200))
    assert not _told()
    state(Moved(), cast, tell=[cast.shen], ago=timedelta(hours=20))
    assert len(_told()) == 2


def test_what_concerns_no_matter_is_told_too(cast):
    state(Asked(), cast, tell=[cast.cheng], on=None)
    assert _told() == {("cheng", "told")} and queries.unread(cast.by_cheng) == 1


def test_a_notice_on_what_one_may_no_longer_see_is_gone(cast):
    """A2, S6: from the list, the counts and the door, and back when the right is back."""
    state(Moved(), cast)
    notice = Notice.objects.get(user=cast.gu)
    assert queries.unread(cast.by_gu) == 1
    with transaction.atomic():
        matters.unwatch(cast.matter, cast.gu.pk)
    assert queries.unread(cast.by_gu) == 0 and queries.find(cast.by_gu, notice.pk) is None
    assert not queries.inbox(cast.by_gu).rows and not queries.unread_by_kind(cast.by_gu) and not queries.latest(cast.by_gu)
    with transaction.atomic():
        matters.watch(cast.matter, [cast.gu.pk])
    assert queries.unread(cast.by_gu) == 1


def test_reading(cast):
    for what in "abc":
        state(Asked(what=what), cast, tell=[cast.shen])
    state(Named(), cast, tell=[cast.shen])
    first, second, *_rest = Notice.objects.order_by("pk")
    actions.mark_read(first, by=cast.by_gu)
    assert queries.unread(cast.by_shen) == 4, "only one's own"
    actions.mark_read(first, by=cast.by_shen)
    actions.mark_read(first, by=cast.by_shen, read=False)
    actions.mark_read(first, by=cast.by_shen)
    assert queries.unread(cast.by_shen) == 3
    assert actions.mark_all_read(by=cast.by_shen, kind="told", until=second.pk) == 1
    assert queries.unread_by_kind(cast.by_shen) == {"told": 1, "mention": 1}
    assert actions.mark_matter_read(cast.matter.pk, by=cast.by_shen) == 2
    assert actions.mark_all_read(by=cast.by_shen) == 0


@pytest.mark.django_db(transaction=True)
def test_the_worker_delivers(cast):
    """From the verb's transaction to the inbox."""
    with transaction.atomic():
        matters.record(Moved(), on=cast.matter, by=SYSTEM, tell=[cast.shen.pk])
    while dispatch.run_once():
        pass
    assert not Failure.objects.exists()
    assert _told() == {("shen", "told"), ("gu", "watched")}
    while dispatch.run_once():
        pass
    assert Notice.objects.count() == 2


def test_telling_many_asks_little(cast, django_assert_max_num_queries):
    """Per person the two questions who they are, and one for the matter."""
    users = [User.objects.create(username=f"u{i}", name="x") for i in range(5)]
    with django_assert_max_num_queries(10 + 5 * 3):
        state(Asked(), cast, tell=users)
