"""Webhooks on their way: signed as the standard says, once or again under the same id, and nobody waits for a slow receiver (U3, F18, R4)."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from standardwebhooks import Webhook

from yingxu.api import actions, payload, sending
from yingxu.api.models import Attempt, Delivery, Endpoint
from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.errors import WrongMoment
from yingxu.matters.models import Entry
from yingxu.people import actions as people

from .trap import trap

S = Delivery.State


def later(**span: float) -> Any:
    return clock.at(clock.now() + timedelta(**span))


def told() -> list[str]:
    """What was stated about endpoints, oldest first."""
    return list(Entry.objects.filter(event__startswith="api.endpoint").order_by("id").values_list("event", flat=True))


# ── what arrives ──


def test_signed_as_an_independent_library_checks_it(endpoint: Any, register: Any) -> None:
    with trap() as here:
        made, entry = endpoint(here.url), register()
        assert sending.run() == 1
        got = here.got[0]
        body = Webhook(made.plain).verify(got.body, got.headers)
        assert body == {
            "id": got.headers["webhook-id"],
            "type": "needs.need_registered",
            "timestamp": entry.at.astimezone(clock.zone()).isoformat(),
            "data": {
                "number": entry.matter.number, "kind": "need", "url": f"/needs/{entry.matter.number}/",
                "facts": {"round": 1, "kind": "consultation", "channel": "phone", "category": "", "raised_at": entry.facts["raised_at"]},
            },
        }  # fmt: skip
        assert got.headers["content-type"] == "application/json" and got.headers["host"] == f"127.0.0.1:{here.port}"
    sent = Delivery.objects.get()
    assert (sent.state, sent.tries, sent.attempts.get().status) == (S.DELIVERED, 1, 204)
    assert sent.sent == sorted(body["data"]["facts"])


def test_two_secrets_sign_while_they_are_changed_over(endpoint: Any, register: Any) -> None:
    with trap() as here:
        made = endpoint(here.url)
        fresh = actions.rotate_secret(made, by=SYSTEM, overlap_hours=24)
        register()
        sending.run()
        got = here.got[0]
        assert len(got.headers["webhook-signature"].split()) == 2
        for secret in (made.plain, fresh):
            Webhook(secret).verify(got.body, got.headers)
        with later(hours=25):
            actions.send_test(made, by=SYSTEM)
            sending.run()
        assert len(here.got[1].headers["webhook-signature"].split()) == 1
        gone = actions.rotate_secret(made, by=SYSTEM, overlap_hours=0)
        actions.send_test(made, by=SYSTEM)
        sending.run()
        Webhook(gone).verify(here.got[2].body, here.got[2].headers)
        with pytest.raises(Exception, match="No matching signature"):
            Webhook(fresh).verify(here.got[2].body, here.got[2].headers)


def test_words_stay_in_the_house() -> None:
    """Names, reasons, file names and numbers people have are left out, whatever field they stand in (P8)."""
    facts = {
        "round": 2, "department": "典当业务部", "department_id": 4, "owner": "guyiming", "reason": "zhangsan", "category": "urgent", "granted": True,
        "due_at": "2026-03-18T18:00:00+08:00", "other": "2026-000123", "names": ["passport.jpg"], "parts": ["2026-000124"], "kind": "13912345678", "channel": "客户口述",
    }  # fmt: skip
    left = payload.facts("needs.need_assigned", facts)
    assert set(left) == {"round", "department_id", "category", "granted", "due_at", "other", "parts"}
    assert payload.facts("needs.need_confirmed", {"comment": "urgent", "rating": 5}) == {"rating": 5}, "what an event calls personal is not sent"
    assert payload.facts("gone.event", {"round": 1}) == {}


# ── again ──


def test_again_and_again_under_the_same_id_then_given_up(endpoint: Any, register: Any) -> None:
    with trap("500") as here:
        made = endpoint(here.url)
        register()
        at = clock.now()
        for tries in range(1, len(sending.SCHEDULE) + 2):
            with clock.at(at):
                assert sending.run() == 1 and sending.run() == 0, "the next attempt is not yet due"
            sent = Delivery.objects.get()
            assert sent.tries == tries
            at += timedelta(seconds=1.2 * (sending.SCHEDULE + (0,))[tries - 1] + 5)
            made.refresh_from_db()
            if made.paused_at:
                break
        assert len({got.headers["webhook-id"] for got in here.got}) == 1
        assert len({got.headers["webhook-signature"] for got in here.got}) > 1, "each attempt is signed at its own moment"
        assert made.why == Endpoint.Why.FAILING and made.paused_at - made.failing_since >= sending.GIVE_UP
    assert told() == ["api.endpoint_made", "api.endpoint_failing", "api.endpoint_paused"]
    entry = Entry.objects.get(event="api.endpoint_paused")
    assert entry.tell == [made.user_id], "the person it acts for is told"
    first = sent.attempts.last()
    assert (first.status, first.answer) == (500, "no·[31m <b>today")


def test_one_poisoned_delivery_ends_and_the_others_go(endpoint: Any, register: Any) -> None:
    with trap("500") as here:
        made = endpoint(here.url)
        register()
        Delivery.objects.update(tries=len(sending.SCHEDULE))
        sending.run()
        assert Delivery.objects.get().state == S.FAILED
        here.ways = ["ok"]
        register()
        with later(minutes=2):
            sending.run()
        made.refresh_from_db()
        assert made.failures == 0 and made.failing_since is None and made.paused_at is None
        assert sorted(Delivery.objects.values_list("state", flat=True)) == ["delivered", "failed"]


def test_sent_but_not_recorded(endpoint: Any, register: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker dies between sending and recording: after the lease it is sent again under the same id."""
    with trap() as here:
        endpoint(here.url)
        register()

        def die(*_args: Any) -> None:
            raise SystemExit

        with monkeypatch.context() as killed:
            killed.setattr(sending, "settle", die)
            with pytest.raises(SystemExit):
                sending.run()
        assert len(here.got) == 1 and not Attempt.objects.exists()
        assert sending.run() == 0, "another worker leaves it alone while the lease runs"
        with clock.at(clock.now() + sending.LEASE):
            assert sending.run() == 1
        assert here.got[0].headers["webhook-id"] == here.got[1].headers["webhook-id"]
        assert Delivery.objects.get().state == S.DELIVERED


def test_the_receiver_says_when(endpoint: Any, register: Any) -> None:
    with trap("429 Retry-After: 7200") as here:
        made = endpoint(here.url)
        register()
        sending.run()
        made.refresh_from_db()
        assert made.rest_until - clock.now() > timedelta(minutes=119)
        assert Delivery.objects.get().next_at - clock.now() > timedelta(minutes=119)


def test_the_receiver_says_it_is_gone(endpoint: Any, register: Any) -> None:
    with trap("410") as here:
        made = endpoint(here.url)
        register()
        sending.run()
        made.refresh_from_db()
        assert made.why == Endpoint.Why.GONE and told()[-1] == "api.endpoint_paused"
        register()
        with later(days=1):
            assert sending.run() == 0
        actions.resume_endpoint(made, by=SYSTEM)
        here.ways = ["ok"]
        with later(days=1):
            assert sending.run() == 2, "what waited goes out when it goes on"


def test_redirects_are_not_followed(endpoint: Any, register: Any) -> None:
    with trap("redirect", "ok") as here:
        endpoint(here.url)
        register()
        sending.run()
        assert len(here.got) == 1 and Attempt.objects.get().status == 302 and Delivery.objects.get().state == S.WAITING


@pytest.mark.parametrize(
    ("way", "trouble", "status"),
    [("hang", "slow", None), ("drip", "slow", None), ("flood of heads", "broken", None), ("reset", "broken", None), ("reset at once", "connect broken", None),
     ("garbage", "broken", None), ("flood", "", 200)],
)  # fmt: skip
def test_every_bad_way(way: str, trouble: str, status: int | None, endpoint: Any, register: Any) -> None:
    with trap(way) as here:
        endpoint(here.url)
        register()
        assert sending.run(seconds=1) == 1
    tried = Attempt.objects.get()
    assert tried.trouble in trouble.split(" ") and tried.status == status
    assert len(tried.answer) <= 500


def test_nobody_listens(endpoint: Any, register: Any) -> None:
    with trap() as here:
        made = endpoint(here.url)
    register()
    sending.run()
    made.refresh_from_db()
    assert Attempt.objects.get().trouble == "connect" and made.failures == 1


@pytest.mark.parametrize("crowd", [2, 16])
def test_one_that_hangs_holds_nobody_up(crowd: int, endpoint: Any, register: Any) -> None:
    """While one endpoint hangs, every delivery of the other is made; the hanging one is called once at a time."""
    with trap("hang") as slow, trap() as quick:
        hanging, good = endpoint(slow.url), endpoint(quick.url)
        for _i in range(6):
            register()
        sending.run(seconds=2, crowd=crowd)
        order = list(Attempt.objects.order_by("id").values_list("delivery__endpoint", flat=True))
        assert order == [good.pk] * 6 + [hanging.pk], "all six arrived before the first answer of the other had been given up"
        assert len(slow.got) == 1
        assert good.deliveries.filter(state=S.DELIVERED).count() == 6
        hanging.refresh_from_db()
        assert hanging.rest_until > clock.now(), "it rests, whatever else waits for it"


def test_who_waited_longest_comes_first(endpoint: Any, register: Any) -> None:
    """With one place only, endpoints take turns: a long queue does not go before a short one."""
    with trap() as one, trap() as other:
        first, second = endpoint(one.url), endpoint(other.url)
        for _i in range(3):
            register()
        sending.run(crowd=1)
        order = list(Attempt.objects.order_by("id").values_list("delivery__endpoint", flat=True))
        assert order == [first.pk, second.pk] * 3


# ── what is sent, and what is not ──


def test_never_what_the_person_may_not_see(endpoint: Any, register: Any) -> None:
    with trap() as here:
        for name in ("沈岚", "乔木", "管鹿鸣"):  # sees all needs; only their own department's; none
            endpoint(here.url, name)
        register()
        register(secrecy=3)
        sending.run()
        assert len(here.got) == 1
        found = Delivery.objects.order_by("endpoint_id", "id").values_list("endpoint__user__name", "state")
        assert list(found) == [("沈岚", "delivered"), ("沈岚", "withheld"), ("乔木", "withheld"), ("乔木", "withheld"), ("管鹿鸣", "withheld"), ("管鹿鸣", "withheld")]
        for sent in Delivery.objects.filter(state=S.WITHHELD):
            actions.replay(sent, by=SYSTEM)
        sending.run()
        assert len(here.got) == 1, "sending once more asks again"


def test_what_hangs_on_no_matter_is_for_who_manages_the_api(endpoint: Any, world: Any) -> None:
    with trap() as here:
        for name in ("沈岚", "管鹿鸣"):
            endpoint(here.url, name, ("api.token_made",))
        with transaction.atomic():
            actions.make_token(by=SYSTEM, name="till", user=world.user("沈岚"), allowed=["needs:read"])
            actions.deliveries.queue(Entry.objects.get(event="api.token_made"))
        sending.run()
        assert [json.loads(got.body)["data"]["number"] for got in here.got] == [None]
        assert Delivery.objects.get(state=S.DELIVERED).endpoint.user.name == "管鹿鸣"


def test_neither_history_nor_what_was_before(endpoint: Any, register: Any) -> None:
    with trap() as here:
        before = register()
        endpoint(here.url)
        with transaction.atomic():
            assert actions.deliveries.queue(before) == 0, "it happened before the webhook was made"
        register(at=clock.now() - timedelta(days=90))
        assert not Delivery.objects.exists(), "history that was brought in is not news"
        entry = register()
        with transaction.atomic(), later(days=40):
            Delivery.objects.all().delete()
            assert actions.deliveries.queue(entry) == 0, "a journal read again from its beginning sends nothing twice"


def test_heard_twice_is_sent_once(endpoint: Any, register: Any) -> None:
    with trap() as here:
        endpoint(here.url)
        entry = register()
        with transaction.atomic():
            actions.deliveries.queue(entry)
        assert Delivery.objects.count() == 1
        sending.run()
        sending.run()
        assert len(here.got) == 1


def test_paused_waits_deleted_does_not(endpoint: Any, register: Any) -> None:
    with trap() as here:
        made = endpoint(here.url)
        actions.pause_endpoint(made, by=SYSTEM)
        actions.pause_endpoint(made, by=SYSTEM)
        register()
        assert sending.run() == 0 and Delivery.objects.get().state == S.WAITING
        actions.send_test(made, by=SYSTEM)
        assert sending.run() == 1, "a test goes out all the same"
        actions.resume_endpoint(made, by=SYSTEM)
        assert sending.run() == 1
        actions.delete_endpoint(made, by=SYSTEM)
        register()
        assert Delivery.objects.count() == 2
        for verb in (actions.pause_endpoint, actions.resume_endpoint, actions.send_test, actions.rotate_secret):
            with pytest.raises(WrongMoment):
                verb(made, by=SYSTEM)
        actions.restore_endpoint(made, by=SYSTEM)
        register()
        assert sending.run() == 1
    assert told() == ["api.endpoint_made", "api.endpoint_paused", "api.endpoint_resumed", "api.endpoint_deleted", "api.endpoint_restored"]


def test_the_person_left(endpoint: Any, register: Any, world: Any) -> None:
    with trap() as here:
        made = endpoint(here.url, "乔木")
        people.deactivate_user(world.user("乔木"), by=SYSTEM)
        register()
        assert sending.run() == 0
        made.refresh_from_db()
        assert made.why == Endpoint.Why.LEFT and not here.got
        with pytest.raises(WrongMoment):
            actions.resume_endpoint(made, by=SYSTEM)


def test_a_failed_test_says_so_and_no_more(endpoint: Any) -> None:
    with trap("500") as here:
        made = endpoint(here.url)
        actions.send_test(made, by=SYSTEM)
        sending.run()
        made.refresh_from_db()
        assert Delivery.objects.get().state == S.FAILED and made.failures == 0
        assert json.loads(here.got[0].body)["type"] == "api.test"


def test_a_span_once_more(endpoint: Any, register: Any) -> None:
    with trap("500") as here:
        made = endpoint(here.url)
        register()
        register()
        Delivery.objects.update(state=S.FAILED, next_at=None)
        start = clock.now() - timedelta(hours=1)
        assert actions.replay_span(made, by=SYSTEM, start=start, end=start + timedelta(minutes=1)) == 0
        assert actions.replay_span(made, by=SYSTEM, start=start, end=clock.now()) == 2
        here.ways = ["ok"]
        assert sending.run() == 2
        assert actions.replay_span(made, by=SYSTEM, start=start, end=clock.now()) == 0, "only what failed, unless one asks for more"
        assert actions.replay_span(made, by=SYSTEM, start=start, end=clock.now(), states=[S.DELIVERED]) == 2
        sending.run()
        assert len({got.headers["webhook-id"] for got in here.got}) == 2 and len(here.got) == 4
        with pytest.raises(WrongMoment):
            actions.replay(actions.send_test(made, by=SYSTEM), by=SYSTEM)


def test_claiming_takes_few_queries(endpoint: Any, register: Any, django_assert_max_num_queries: Any) -> None:
    with trap() as here:
        for _i in range(3):
            endpoint(here.url)
        for _i in range(5):
            register()
        with django_assert_max_num_queries(5 + 3 * 9):
            assert len(sending.claims(16)) == 3
