"""The outbox, the ways out and one's own ways, by HTTP."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import transaction
from openpyxl import load_workbook

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.errors import Gone, NotAllowed, WrongMoment
from yingxu.matters import actions as matters
from yingxu.matters.models import Entry
from yingxu.notices import actions, queries
from yingxu.notices.models import Channel, Delivery, MailOut, Notice, Robot, SmsOut, Ways
from yingxu.people import actions as people
from yingxu.people import queries as staff
from yingxu.people.models import User
from yingxu.privacy.tests.register import party

from .facts import Asked, Moved
from .sinks import Mood, mail_server, web_server
from .test_actions import state
from .test_mail_out import set_up, work
from .test_outbox import send

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(cast) -> User:
    """Looks after what goes out, and sees 砚台巷 as its owner does not."""
    role = people.add_role(by=SYSTEM, name="管", granted={"notices.manage": "all", "notices.outbox": "all"})
    user = User.objects.create(username="keeper", name="管", session_mark="m")
    people.grant(user, role, by=SYSTEM)
    user.refresh_from_db()
    return user


@pytest.fixture
def mood(cast):
    mood = Mood()
    with mail_server(mood) as port:
        set_up(port)
        yield mood


@pytest.mark.parametrize("path", ["/inbox/outbox/", "/settings/channels/", "/settings/channels/mail/", "/settings/channels/sms/", "/settings/channels/robots/"])
def test_only_who_holds_the_rule(cast, enter, keeper, path):
    assert enter(cast.shen).get(path).status_code == 403
    assert enter(keeper).get(path).status_code == 200


def test_the_outbox_shows_what_goes_out_and_hides_what_one_may_not_see(cast, enter, keeper):
    client = enter(keeper)
    assert "还没有外发消息" in client.get("/inbox/outbox/").content.decode()
    send(subject="开放日邀请")
    hidden = send(key="hidden", subject="砚台巷的当物", matter=cast.matter)
    html = client.get("/inbox/outbox/").content.decode()
    assert "开放日邀请" in html and "砚台巷的当物" not in html and "a***@example.com" in html and "an@example.com" not in html
    for verb in ("", "release/", "cancel/"):
        answer = client.get(f"/inbox/outbox/{hidden.pk}/") if not verb else client.post(f"/inbox/outbox/{hidden.pk}/{verb}")
        assert answer.status_code == 404
    with pytest.raises(Gone):
        actions.release(hidden, by=staff.actor(keeper))
    reader = User.objects.create(username="reader", name="看", session_mark="m")
    with transaction.atomic():
        matters.watch(cast.matter, [reader.pk])
    granted = {"customers.view": "own", "notices.outbox": "all"}
    people.grant(reader, people.add_role(by=SYSTEM, name="看2", granted=granted), by=SYSTEM)
    reader.refresh_from_db()
    page = enter(reader).get(f"/inbox/outbox/{hidden.pk}/").content.decode()
    assert "砚台巷的当物" in page and "KH-2026-000001" in page and "您好" in page


def test_filter_sort_page_and_export_agree(cast, enter, keeper, django_assert_max_num_queries):
    for n in range(55):
        send(key=f"k{n}", subject=f"第{n}封")
    send(key="sms", channel="sms", to="13912345678", template="customer_question", params={"number": "1"})
    client = enter(keeper)
    with django_assert_max_num_queries(16):
        first = client.get("/inbox/outbox/").content.decode()
    assert "第54封" in first and "第0封" not in first and "cursor=" in first
    only = client.get("/inbox/outbox/?channel=sms").content.decode()
    assert "第54封" not in only and "139" not in only.replace("****", "") or "139****5678" in only
    assert "没有符合的消息" in client.get("/inbox/outbox/?q=nothing").content.decode()
    assert "第7封" in client.get("/inbox/outbox/?q=第7封&state=held&sort=id").content.decode()
    assert client.get("/inbox/outbox/?state=x&channel=y&sort=password&since=never").status_code == 200
    assert client.get("/inbox/outbox/?cursor=forged").status_code == 422
    answer = client.post("/inbox/outbox/export/", {"q": "第7封", "kind": "xlsx"})
    rows = list(load_workbook(BytesIO(b"".join(answer.streaming_content))).active.values)
    assert len(rows) == 2 and rows[1][5] == "第7封" and rows[1][3] == "a***@example.com"


def test_send_again_and_do_not_send(cast, enter, keeper, mood):
    client = enter(keeper)
    mood.rcpt = "550 no"
    row = send(by=cast.by_shen)
    assert client.post(f"/inbox/outbox/{row.pk}/release/").status_code == 409, "it is on its way"
    work()
    page = client.get(f"/inbox/outbox/{row.pk}/").content.decode()
    assert "550 no" in page and "未送达" in page and "重新发送" in page
    mood.rcpt = ""
    assert client.post(f"/inbox/outbox/{row.pk}/release/").status_code == 302
    work()
    row.refresh_from_db()
    assert row.state == "sent" and [a.number for a in queries.attempts_of(row)] == [1, 2]
    assert Entry.objects.filter(event="notices.delivery_released").exists()
    other = send(key="other", not_before=clock.now() + timedelta(hours=1))
    assert client.post(f"/inbox/outbox/{other.pk}/cancel/").status_code == 302
    other.refresh_from_db()
    assert other.state == "cancelled" and client.post(f"/inbox/outbox/{row.pk}/cancel/").status_code == 409


def test_who_may_not_cannot_release(cast, keeper):
    row = send()
    for verb in (actions.release, actions.cancel):
        with pytest.raises(NotAllowed):
            verb(row, by=cast.by_shen)
    with pytest.raises(WrongMoment):
        actions.release(row, by=staff.actor(keeper))  # mail is off
    row.refresh_from_db()
    assert row.state == "held"


def test_a_link_from_a_mail_leads_to_the_thing_after_signing_in(cast, enter, client):
    state(Moved(), cast)
    notice = Notice.objects.get(user=cast.gu)
    answer = client.get(f"/inbox/{notice.pk}/")
    assert answer.status_code == 302 and f"/sign-in/?next=/inbox/{notice.pk}/" in answer["Location"]
    answer = enter(cast.gu).get(f"/inbox/{notice.pk}/")
    assert answer.status_code == 302 and answer["Location"].endswith("/customers/KH-2026-000001/")
    notice.refresh_from_db()
    assert notice.read_at is None, "GET never writes"
    assert enter(cast.shen).get(f"/inbox/{notice.pk}/").status_code == 404


MAIL = {
    "on": "on", "host": "127.0.0.1", "port": "25", "security": "none", "username": "kefu", "password": "geheim-1", "from_address": "kefu@yingxu.example",
    "from_name": "应需", "reply_address": "",
}  # fmt: skip


def test_setting_up_mail_keeps_the_secret_to_itself(cast, enter, keeper):
    client = enter(keeper)
    assert client.post("/settings/channels/mail/", MAIL).status_code == 302
    row = MailOut.objects.get()
    assert row.on and row.password == "geheim-1" and "geheim-1" not in row.sealed_password
    html = client.get("/settings/channels/mail/").content.decode()
    assert "geheim-1" not in html and "kefu@yingxu.example" in html
    client.post("/settings/channels/mail/", {**MAIL, "password": "", "from_name": "应需典当"})
    row.refresh_from_db()
    assert row.password == "geheim-1" and row.from_name == "应需典当"
    assert "geheim" not in str(list(Entry.objects.values_list("facts", "personal")))


@pytest.mark.parametrize(
    ("change", "field"),
    [({"security": "none", "host": "mail.example.com"}, "security"), ({"host": ""}, "on"), ({"from_address": "kefu"}, "from_address"),
     ({"from_address": ""}, "on"), ({"reply_address": "kefu+x@yingxu.example"}, "reply_address"), ({"port": "70000"}, "port")],
)  # fmt: skip
def test_what_cannot_work_is_refused_beside_its_field(cast, enter, keeper, change, field):
    answer = enter(keeper).post("/settings/channels/mail/", {**MAIL, **change})
    html = answer.content.decode()
    assert answer.status_code == 422 and f'id="id_{field}-error"' in html or f'href="#id_{field}"' in html
    assert not MailOut.objects.filter(on=True).exists()


def test_a_test_mail_says_at_once_what_came_of_it(cast, enter, keeper, mood):
    MailOut.objects.update(on=False)
    client = enter(keeper)
    html = client.post("/settings/channels/mail/test/", {"to": "me@example.com"}).content.decode()
    assert "测试已发出" in html and "queued as 7" in html and mood.letters[0]["To"] == "me@example.com"
    mood.rcpt = "451 later"
    html = client.post("/settings/channels/mail/test/", {"to": "me@example.com"}).content.decode()
    assert "测试没有发出" in html and "451 later" in html
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent", "cancelled"}, "nothing is tried again behind one's back"
    assert client.post("/settings/channels/mail/test/", {"to": "nobody"}).status_code == 422


def test_sms_settings(cast, enter, keeper):
    client = enter(keeper)
    assert client.post("/settings/channels/sms/", {"provider": "aliyun"}).status_code == 422
    given = {"provider": "aliyun", "key_id": "AK", "secret": "geheim", "sign_name": "应需"}
    refused = client.post("/settings/channels/sms/", given)
    assert refused.status_code == 422 and "设置" in refused.content.decode(), "P8: nobody in the register gets it yet"
    given["party"] = party()
    assert client.post("/settings/channels/sms/", given).status_code == 302
    assert SmsOut.objects.get().secret == "geheim" and "geheim" not in client.get("/settings/channels/sms/").content.decode()
    codes = {"code.customer_update": "SMS_1", "order.customer_update": "words、number"}
    assert client.post("/settings/channels/sms/templates/", codes).status_code == 302
    assert queries.sms_code("customer_update", ()) == ("SMS_1", ["words", "number"])
    wrong = client.post("/settings/channels/sms/templates/", {"order.customer_update": "words"})
    assert wrong.status_code == 422 and "每个变量" in wrong.content.decode() or "变量写一次" in wrong.content.decode()


def test_a_test_sms_is_recorded(cast, enter, keeper):
    html = enter(keeper).post("/settings/channels/sms/test/", {"to": "139 1234 5678", "template": "staff_notice"}).content.decode()
    assert "测试已发出" in html and Delivery.objects.get().provider_id == "recording"


def test_robots(cast, enter, keeper, settings):
    settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    client = enter(keeper)
    said = {"errcode": 0}
    with web_server(lambda _asked: (200, said)) as (address, asked):
        given = {"name": "业务群", "channel": "dingtalk", "url": f"{address}/robot/send?access_token=T", "secret": "SEC1", "kinds": ["clock"], "party": party()}
        assert client.post("/settings/channels/robots/", given).status_code == 302
        robot = Robot.objects.get()
        page = client.get(f"/settings/channels/robots/{robot.pk}/").content.decode()
        assert "SEC1" not in page and "access_token" not in page and "业务群" in page
        assert "测试已发出" in client.post(f"/settings/channels/robots/{robot.pk}/test/").content.decode() and len(asked) == 1
        said = {"errcode": 310000, "errmsg": "sign not match"}
        assert "sign not match" in client.post(f"/settings/channels/robots/{robot.pk}/test/").content.decode()
        client.post(f"/settings/channels/robots/{robot.pk}/", {"name": "业务部群", "url": "", "secret": "", "kinds": []})
        robot.refresh_from_db()
        assert robot.name == "业务部群" and robot.secret == "SEC1" and robot.kinds == []
        client.post(f"/settings/channels/robots/{robot.pk}/on/", {"on": "off"})
        robot.refresh_from_db()
        assert not robot.on
    settings.OUTBOUND_NETWORKS = []
    answer = client.post("/settings/channels/robots/", {"name": "x", "channel": "wecom", "url": "https://192.168.1.5/x"})
    assert answer.status_code == 422 and 'value="x"' in answer.content.decode() and client.get("/settings/channels/robots/99/").status_code == 404


def test_common_settings(cast, enter, keeper):
    client = enter(keeper)
    assert client.post("/settings/channels/", {"address": "javascript:alert(1)", "daily_at": "17:30"}).status_code == 422
    assert client.post("/settings/channels/", {"address": "https://yingxu.example/", "daily_at": "18:00"}).status_code == 302
    assert queries.address("/inbox/") == "https://yingxu.example/inbox/"
    send(channel=Channel.SMS, to="13912345678", template="customer_question")
    assert "只留记录" in client.get("/settings/channels/").content.decode()


def test_my_own_ways(cast, enter):
    client = enter(cast.shen)
    html = client.get("/settings/me/notices/").content.decode()
    assert "通知方式" in html and "未设置" in html and 'name="mention.mail"' in html and 'name="emergency.mail"' not in html
    given = {"mention.mail": "daily", "told.mail": "hourly", "quiet": "on", "quiet_from": "22:00", "quiet_to": "07:00", "mobile": "13912345678", "chat_id": "s"}
    assert client.post("/settings/me/notices/", given).status_code == 302
    ways = Ways.objects.get()
    assert ways.user == cast.shen and ways.choices == {"mention": {"mail": "daily"}} and ways.quiet_from.hour == 22
    cast.shen.refresh_from_db()
    assert cast.shen.mobile == "13912345678" and "139" not in cast.shen.sealed_mobile
    html = client.get("/settings/me/notices/").content.decode()
    assert '<option value="daily" selected>' in html and "13912345678" in html
    client.post("/settings/me/notices/", {**given, "quiet": ""})
    ways.refresh_from_db()
    assert ways.quiet_from is None and ways.quiet_to is None
    wrong = client.post("/settings/me/notices/", {**given, "mobile": "12"})
    assert wrong.status_code == 422 and 'value="12"' in wrong.content.decode()
    assert client.post("/settings/me/notices/", {**given, "quiet_to": ""}).status_code == 422
    assert client.post("/settings/me/notices/", {"mention.mail": "never", "mobile": "", "chat_id": ""}).status_code == 422


def test_the_words_of_a_notice_stand_nowhere_before_it_leaves(cast, mood):
    cast.shen.email = "shen@yingxu.example"
    cast.shen.save(update_fields=["email"])
    state(Asked(what="papers"), cast, tell=[cast.shen])
    assert Delivery.objects.get().content == {} and queries.body_of(Delivery.objects.get()) == ""
