"""The rules of a step, for every number of people and every order in which they speak."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yingxu.approvals.deciding import OPEN, PASSED, REFUSED, Votes, count, verdict
from yingxu.approvals.models import Needed, Seat

CALM = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault
RULES = st.sampled_from(Needed.values)
SAID = st.lists(st.sampled_from("yn"), min_size=1, max_size=9)


def tallies(said: list[str]) -> list[Votes]:
    """How it stands before anybody spoke, after the first, … after the last."""
    n = len(said)
    return [Votes(said[:k].count("y"), said[:k].count("n"), n - k) for k in range(n + 1)]


@CALM
@given(RULES, SAID)
def test_a_verdict_comes_and_never_changes(needed, said):
    found = [verdict(needed, votes) for votes in tallies(said)]
    assert found[0] == OPEN and found[-1] != OPEN, "nobody spoke: open; everybody spoke: decided"
    decided = [one for one in found if one != OPEN]
    if needed != Needed.ANY:  # any: the first who speaks decides, the others are not asked any more
        assert len(set(decided)) == 1


@CALM
@given(SAID)
def test_what_each_rule_means(said):
    yes, no, n = said.count("y"), said.count("n"), len(said)
    end = Votes(yes, no, 0)
    assert verdict(Needed.ALL, end) == (PASSED if yes == n else REFUSED)
    assert verdict(Needed.MAJORITY, end) == (PASSED if yes > n / 2 else REFUSED)
    first = Votes(said[0] == "y", said[0] == "n", n - 1)
    assert verdict(Needed.ANY, first) == (PASSED if said[0] == "y" else REFUSED)


@CALM
@given(SAID, st.integers(0, 9))
def test_no_early_verdict_could_still_turn(said, k):
    """all, majority: once decided, whatever the others say, it stays."""
    votes = tallies(said)[min(k, len(said))]
    for needed in (Needed.ALL, Needed.MAJORITY):
        now = verdict(needed, votes)
        ends = {verdict(needed, Votes(votes.yes + w, votes.no + votes.waiting - w, 0)) for w in range(votes.waiting + 1)}
        assert now == OPEN or ends == {now}
        assert now != OPEN or len(ends) == 2, "and while both are possible it is open"


@CALM
@given(RULES, st.builds(Votes, st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)), st.builds(Votes, st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)))
def test_those_added_must_agree_besides(needed, votes, added):
    alone, both = verdict(needed, votes), verdict(needed, votes, added)
    if added.no:
        assert both == REFUSED
    elif added.waiting and alone == PASSED:
        assert both == OPEN
    else:
        assert both == alone
    assert verdict(needed, Votes(), Votes(3, 0, 0)) == OPEN, "nobody of the chain: never passed"


def test_seats_that_count():
    states = ["waiting", "approved", "approved", "refused", "delegated", "dropped", "sent_back"]
    seats = [Seat(state=state) for state in states] + [Seat(state="approved", added=True), Seat(state="dropped", added=True)]
    assert count(seats) == (Votes(2, 1, 1), Votes(1, 0, 0))
