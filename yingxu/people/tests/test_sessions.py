"""Where one is signed in: seen, ended one by one or all, by oneself or by who manages people (S9)."""

import pytest
from django.conf import settings
from django.utils import timezone

from yingxu.base.access import SYSTEM
from yingxu.matters.models import Entry
from yingxu.people import actions, devices
from yingxu.people.models import Session
from yingxu.people.sessions import row_key

pytestmark = pytest.mark.django_db
HERE = "/settings/me/security/"


def test_one_sees_where_one_is_signed_in(signed):
    phone = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604"}
    here = signed("shen")
    signed("shen", headers=phone, REMOTE_ADDR="10.20.30.40")
    signed("gu")
    page = here.get(HERE).content.decode()
    assert "Safari · iPhone" in page and "10.20.*.*" in page and "10.20.30.40" not in page and "当前设备" in page
    assert page.count("/end/") == 1, "not this one, and nobody else's"


def test_one_session_is_ended(signed):
    here, there = signed("shen"), signed("shen")
    handle = Session.objects.exclude(pk=row_key(here.session.session_key)).get().pk
    assert here.post(f"{HERE}{handle}/end/").status_code == 302
    assert there.get(HERE).status_code == 302 and here.get(HERE).status_code == 200
    assert here.post(f"{HERE}{handle}/end/").status_code == 404, "it is gone"


def test_nobody_ends_anothers_by_its_address(signed):
    here, other = signed("shen"), signed("gu")
    assert here.post(f"{HERE}{row_key(other.session.session_key)}/end/").status_code == 404
    assert other.get(HERE).status_code == 200


def test_all_others_are_ended(signed):
    here, there, third = signed("shen"), signed("shen"), signed("shen")
    here.post(HERE + "others/")
    assert here.get(HERE).status_code == 200 and Session.objects.count() == 1
    assert there.get(HERE).status_code == third.get(HERE).status_code == 302


def test_who_manages_people_ends_anybodys(signed, manager, people):
    gone = signed("shen")
    assert gone.post(f"/settings/people/{people.shen.pk}/sessions/").status_code == 403
    manager.post(f"/settings/people/{people.shen.pk}/sessions/")
    assert gone.get(HERE).status_code == 302
    fact = Entry.objects.get(event="people.sessions_ended")
    assert fact.tell == [people.shen.pk] and fact.actor_id == people.fang.pk
    manager.post(f"/settings/people/{people.fang.pk}/sessions/")
    assert manager.get("/settings/people/").status_code == 200, "this one stays"


def test_the_table_opens_nothing(signed):
    """S13: what is kept is a hash; the cookie is not in the database."""
    client = signed("shen")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    row = Session.objects.get()
    assert row.pk == row_key(cookie) != cookie and cookie not in row.session_data
    client.cookies[settings.SESSION_COOKIE_NAME] = row.pk
    assert client.get(HERE).status_code == 302


def test_ended_ones_are_thrown_away(signed):
    from yingxu.people.sessions import SessionStore

    signed("shen")
    Session.objects.update(expire_date=timezone.now())
    SessionStore.clear_expired()
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("given", "status"),
    [({}, 302), ({"idle_minutes": "61"}, 422), ({"idle_minutes": "4"}, 422), ({"longest_hours": "25"}, 422), ({"tries": "0"}, 422), ({"lock_minutes": "x"}, 422), ({"factor_from": "4"}, 422), ({"min_length": "7"}, 422), ({"profile": "lax"}, 422)],
)
def test_the_company_sets_the_rules_within_bounds(manager, given, status):
    form = {"idle_minutes": "20", "idle_minutes_administrators": "10", "longest_hours": "10", "tries": "4", "lock_minutes": "2", "factor_from": "1", "profile": "modern", "min_length": "14"}
    assert manager.post("/settings/sign-in/", form | given).status_code == status
    assert Entry.objects.filter(event="people.sign_in_rules_changed").exists() == (status == 302)


def test_rules_only_by_who_manages_people(signed):
    assert signed("shen").get("/settings/sign-in/").status_code == 403


def test_what_browsers_and_places_are_called():
    edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0"
    assert devices.called(edge) == "Edge · Windows" and devices.called("curl/8") == "" and devices.called("") == ""
    assert devices.place("2001:db8:1:2::9") == "2001:db8:*" and devices.place(None) == ""


def test_a_new_password_leaves_no_other_session_behind(signed, people):
    signed("shen")
    signed("shen")
    actions.set_password(people.shen, "another-long-password", by=SYSTEM)
    assert not Session.objects.filter(user=people.shen).exists()
