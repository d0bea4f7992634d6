"""Purposes, wordings and consents (P1, P2; PIPL art. 13–17, 29)."""

from datetime import timedelta

import pytest

from yingxu.base import clock
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.customers import actions as customers
from yingxu.customers.actions.consenting import Spoken
from yingxu.customers.models import Customer
from yingxu.matters.models import Entry
from yingxu.privacy import actions, queries
from yingxu.privacy.models import Consent, Purpose, Wording

pytestmark = pytest.mark.django_db


def say(world, customer, code="marketing", who="沈岚", **more):
    given = {"channel": "counter", "evidence": "知情书 2026-031"} | more
    return actions.agree(customer.matter, by=world.by(who), purpose=queries.purpose(code), **given)


def test_nothing_is_used_before_it_is_agreed(today, customer):
    assert not queries.may_use(customer.pk, "marketing")
    assert queries.may_use(customer.pk, "service"), "what the customer asked for needs no consent"
    assert not queries.may_use(customer.pk, "no-such-purpose")
    with pytest.raises(NotAllowed, match="推介"):
        actions.consents.require.__wrapped__(customer.pk, "marketing")


def test_given_and_taken_back_at_once(today, customer):
    made = say(today, customer)
    assert queries.may_use(customer.pk, "marketing")
    assert made.wording.version == 1 and made.until == queries.months_later(made.at, 24) and made.entry.event == "privacy.consent_given"
    actions.withdraw(customer.matter, by=today.by("沈岚"), purpose=made.purpose, channel="phone")
    assert not queries.may_use(customer.pk, "marketing")
    assert list(queries.allowed("marketing")) == []
    assert [c.act for c in queries.history(customer.pk)] == ["withdrawn", "given"], "both stay"
    with pytest.raises(WrongMoment):
        actions.withdraw(customer.matter, by=today.by("沈岚"), purpose=made.purpose, channel="phone")


def test_the_last_word_counts(today, customer):
    say(today, customer)
    with clock.at(clock.now() + timedelta(hours=1)):
        say(today, customer, given_=False)
        assert not queries.may_use(customer.pk, "marketing")
    with clock.at(clock.now() + timedelta(hours=2)):
        say(today, customer)
        assert queries.may_use(customer.pk, "marketing") and queries.allowed("marketing").get().pk == customer.pk


def test_it_ends_with_its_term(today, customer):
    say(today, customer)
    with clock.at(clock.now() + timedelta(days=735)):
        assert not queries.may_use(customer.pk, "marketing")
        assert {s.purpose.code: s.state for s in queries.standings(customer.pk)}["marketing"] == "expired"


def test_other_words_ask_again_unless_they_mean_the_same(today, customer):
    """P3: a changed purpose asks again; both wordings stay."""
    say(today, customer)
    by, old = today.by("苏慕青"), queries.purpose("marketing")
    words = {"code": old.code, "name": old.name, "basis": "consent", "months": 24}
    first = old.wordings.first()
    actions.edit_purpose(by=by, scope=first.scope, means=first.means, **words)
    assert old.wordings.count() == 1, "nothing changed"
    actions.edit_purpose(by=by, scope=first.scope, means=f"{first.means}。", anew=False, **words)
    assert queries.may_use(customer.pk, "marketing")
    actions.edit_purpose(by=by, scope=f"{first.scope}、生日", means=first.means, **words)
    assert not queries.may_use(customer.pk, "marketing") and list(queries.allowed("marketing")) == []
    assert {s.purpose.code: s.state for s in queries.standings(customer.pk)}["marketing"] == "anew"
    say(today, customer)
    assert queries.may_use(customer.pk, "marketing")
    assert list(Wording.objects.filter(purpose=old).values_list("version", flat=True)) == [3, 2, 1]


def test_a_purpose_that_ended_is_used_by_nobody(today, customer):
    made = say(today, customer)
    actions.switch_purpose(made.purpose, by=today.by("苏慕青"), active=False)
    assert not queries.may_use(customer.pk, "marketing")
    with pytest.raises(WrongMoment):
        say(today, customer)


def test_staff_say_where_it_can_be_read(today, customer):
    with pytest.raises(Invalid) as refused:
        say(today, customer, evidence=" ")
    assert "evidence" in refused.value.fields
    with pytest.raises(NotAllowed):
        say(today, customer, who="周予安")
    with pytest.raises(Invalid) as refused:
        say(today, customer, code="service")
    assert "purpose" in refused.value.fields, "what rests on a contract is not agreed to"


def test_sensitive_data_needs_a_reason_and_its_own_consent(today):
    by = today.by("苏慕青")
    words = {"code": "health", "name": "健康状况", "scope": "病史", "means": "加密存储"}
    with pytest.raises(Invalid) as refused:
        actions.edit_purpose(by=by, basis="contract", sensitive=True, why="x", **words)
    assert "basis" in refused.value.fields
    with pytest.raises(Invalid) as refused:
        actions.edit_purpose(by=by, basis="consent", sensitive=True, **words)
    assert "why" in refused.value.fields
    with pytest.raises(NotAllowed):
        actions.edit_purpose(by=today.by("沈岚"), basis="consent", **words)


def test_a_bank_account_is_kept_only_with_its_consent(today, customer):
    """P6: on every way into the file."""
    by, account = today.by("沈岚"), "6222020000000000000"
    with pytest.raises(Invalid) as refused:
        customers.add_identifier(customer, by=by, type="bank", text=account)
    assert "evidence" in refused.value.fields and not customer.identifiers.filter(type="bank").exists()
    with pytest.raises(Invalid):
        customers.add(by=by, name="方既白", identifiers=[("bank", account)])
    assert not Customer.objects.filter(name="方既白").exists()
    customers.add_identifier(customer, by=by, type="bank", text=account, consent=Spoken("paper", "授权书 18 号"))
    kept = Consent.objects.get(matter=customer.pk)
    assert (kept.purpose.code, kept.channel, kept.evidence) == ("payment", "paper", "授权书 18 号")
    customers.add_identifier(customer, by=by, type="bank", text="6222020000000000018")  # agreed already
    other = customers.add(by=by, name="方既白", identifiers=[("bank", account)], consent=Spoken("counter", "授权书 19 号"))
    assert queries.may_use(other.pk, "payment")


def test_what_was_agreed_follows_a_merge(today, customer):
    gone = customers.add(by=today.by("沈岚"), name="季裳", phone="13900004245")
    say(today, gone)
    customers.merge(customer, gone, by=today.by("苏慕青"))
    assert queries.may_use(customer.pk, "marketing")


def test_personal_words_can_be_blanked(today, customer):
    say(today, customer, person="季母", evidence="录音 7 号")
    entry = Entry.objects.get(event="privacy.consent_given")
    assert set(entry.personal) == {"person", "evidence"} and "季母" not in str(entry.facts)


def test_a_pack_comes_back_as_it_went_in(today):
    found = queries.exported()
    assert found["purposes"]["payment"]["identifiers"] == ["bank"] and found["privacy"]["retention"]["needs.closed"]["months"] == 60
    count = Wording.objects.count()
    actions.install.__wrapped__(found["purposes"], found["privacy"], by=today.by("苏慕青"))
    assert (queries.exported(), Wording.objects.count()) == (found, count)
    less = {code: row for code, row in found["purposes"].items() if code != "marketing"}
    actions.install.__wrapped__(less, found["privacy"], by=today.by("苏慕青"))
    assert not Purpose.objects.get(code="marketing").active
