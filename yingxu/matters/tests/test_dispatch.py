"""The dispatcher: settled entries, in order, once, whatever a reaction does (R4, F4, F13, F35)."""

import threading
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from yingxu.base import events
from yingxu.base.access import SYSTEM
from yingxu.base.events import Event, react, react_all
from yingxu.matters import actions, dispatch
from yingxu.matters.models import Cursor, Entry, Failure

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True, kw_only=True)
class Counted(Event):
    n: int = 0

    def sentence(self):
        return f"counted {self.n}"


@dataclass(frozen=True, kw_only=True)
class Followed(Event):
    WATCHERS = True

    def sentence(self):
        return "followed"


@dataclass(frozen=True, kw_only=True)
class Ignored(Event):
    def sentence(self):
        return "ignored"


def _state(*numbers: int) -> list[Entry]:
    made = []
    for n in numbers:
        with transaction.atomic():
            made.append(actions.record(Counted(n=n), on=None, by=SYSTEM))
            actions.record(Ignored(), on=None, by=SYSTEM)
    return made


def _all() -> int:
    """Until all have heard all; how many entries were passed after new listeners had begun."""
    dispatch.run_once()
    passed = 0
    while more := dispatch.run_once():
        passed += more
    return passed


def test_in_order_and_once():
    heard = []
    react(Counted)(lambda event, entry: heard.append(event.n))
    _state(1, 2, 3)
    assert _all() == 6, "entries nobody hears are passed, too"
    _state(4)
    _all()
    _all()
    assert heard == [1, 2, 3, 4]


def test_a_new_listener_begins_at_the_beginning_and_one_may_be_rebuilt():
    _state(1, 2)
    heard = []

    def rebuilt(event, entry):
        heard.append(event.n)

    react(Counted)(rebuilt)
    _all()
    Cursor.objects.filter(listener__endswith="rebuilt").delete()
    _all()
    assert heard == [1, 2, 1, 2]


def test_a_listener_to_everything():
    heard = []
    react_all()(lambda event, entry: heard.append(event.NAME))
    _state(1)
    _all()
    assert heard == [Counted.NAME, Ignored.NAME]


def test_a_listener_to_what_somebody_must_be_told_of():
    heard = []
    react_all(told=True)(lambda event, entry: heard.append(event.NAME))
    for event, tell in ((Counted(n=1), []), (Counted(n=2), [7]), (Followed(), [])):
        with transaction.atomic():
            actions.record(event, on=None, by=SYSTEM, tell=tell)
    _all()
    assert heard == [Counted.NAME, Followed.NAME]


def test_an_event_this_version_does_not_know_is_passed():
    react_all()(lambda event, entry: None)
    Entry.objects.create(event="future.thing", at=timezone.now(), actor_kind="system", actor_name="s")
    assert _all() == 1 and not Failure.objects.exists()


def test_only_what_is_settled():
    """An entry of a transaction that began earlier and ends later is not overtaken."""
    heard = []
    react(Counted)(lambda event, entry: heard.append(event.n))
    dispatch.run_once()
    wrote, go_on = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            actions.record(Counted(n=1), on=None, by=SYSTEM)
            wrote.set()
            go_on.wait(20)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert wrote.wait(20)
    _state(2)
    _all()
    assert heard == [], "2 must wait for 1, which is still open"
    go_on.set()
    thread.join()
    _all()
    assert heard == [1, 2]


def test_a_rolled_back_verb_is_never_heard():
    heard = []
    react(Counted)(lambda event, entry: heard.append(event.n))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.record(Counted(n=1), on=None, by=SYSTEM)
        1 / 0  # noqa: B018
    _state(2)
    _all()
    assert heard == [2]


def test_a_failing_reaction_is_tried_again_and_stops_nobody():
    heard, well = [], []

    def sick(event, entry):
        heard.append(event.n)
        Cursor.objects.create(listener=f"half-{len(heard)}")
        if event.n == 1 and len(heard) < 4:
            raise ValueError("not today")

    react(Counted)(sick)
    react(Counted)(lambda event, entry: well.append(event.n))
    _state(1, 2)
    _all()
    assert (heard, well) == ([1, 2], [1, 2])
    failure = Failure.objects.get()
    assert failure.tries == 1 and "not today" in failure.error and failure.retry_at > timezone.now()
    assert not Cursor.objects.filter(listener="half-1").exists(), "what it wrote before it failed is gone"
    for tries in (2, None):
        Failure.objects.update(retry_at=timezone.now() - timedelta(seconds=1))
        dispatch.run_once()
        assert Failure.objects.values_list("tries", flat=True).first() == tries
    assert heard == [1, 2, 1, 1]


def test_what_never_works_is_set_aside_for_people_to_see():
    def hopeless(event, entry):
        raise ValueError("never")

    react(Counted)(hopeless)
    _state(1)
    _all()
    for _ in range(dispatch.TRIES + 3):
        Failure.objects.filter(retry_at__isnull=False).update(retry_at=timezone.now() - timedelta(seconds=1))
        dispatch.run_once()
    failure = Failure.objects.get()
    assert (failure.tries, failure.retry_at) == (dispatch.TRIES, None)


def test_facts_that_cannot_be_read_do_not_stop_the_journal():
    heard = []
    react(Counted)(lambda event, entry: heard.append(event.n + 1))
    Entry.objects.create(event=Counted.NAME, at=timezone.now(), actor_kind="system", actor_name="s", facts={"n": "zwei"})
    _state(2)
    _all()
    assert heard == [3] and Failure.objects.count() == 1


def test_two_dispatchers_at_once():
    """F35: several workers, every entry to every listener exactly once and in order."""
    lock, heard = threading.Lock(), {"a": [], "b": []}

    def first(event, entry):
        with lock:
            heard["a"].append(event.n)

    def second(event, entry):
        with lock:
            heard["b"].append(event.n)

    react(Counted)(first)
    react(Counted)(second)
    dispatch.run_once()

    def work():
        for _ in range(40):
            dispatch.run_once()
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    _state(*range(60))
    for thread in threads:
        thread.join()
    _all()
    assert heard == {"a": list(range(60)), "b": list(range(60))}


def test_two_dispatchers_try_one_failure_once():
    tried, lock = [], threading.Lock()

    def sick(event, entry):
        with lock:
            tried.append(event.n)
        if len(tried) == 1:
            raise ValueError
        threading.Event().wait(0.3)

    react(Counted)(sick)
    _state(1)
    _all()
    Failure.objects.update(retry_at=timezone.now() - timedelta(seconds=1))
    threads = [threading.Thread(target=lambda: (dispatch.run_once(), connections.close_all())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tried == [1, 1] and not Failure.objects.exists()


def test_the_loop_outlives_the_database():
    """F6: whatever happens, the worker comes back."""
    heard, rounds = [], []
    react(Counted)(lambda event, entry: heard.append(event.n))
    _state(1)

    def stop():
        rounds.append(1)
        if len(rounds) == 2:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pid = cursor.fetchone()[0]
            other = connection.copy()
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
            other.close()
        return len(rounds) > 6

    dispatch.run_forever(stop, pause=0.01)
    assert heard == [1] and events.LATER
