"""Group robots, against servers that check signature, order and rate as the real ones do (U2)."""

import base64
import hashlib
import hmac
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.errors import Invalid
from yingxu.notices import actions
from yingxu.notices.chat.robots import ROBOTS, fitting
from yingxu.notices.chat.saying import send_due
from yingxu.notices.models import Delivery, Robot
from yingxu.privacy.tests.register import party

from .sinks import Asked, web_server
from .test_outbox import send

pytestmark = pytest.mark.django_db
SECRET = "SEC0123456789"
PATHS = {"wecom": "/cgi-bin/webhook/send?key=K1", "dingtalk": "/robot/send?access_token=T1", "feishu": "/open-apis/bot/v2/hook/H1"}
GOOD = {"wecom": {"errcode": 0, "errmsg": "ok"}, "dingtalk": {"errcode": 0, "errmsg": "ok"}, "feishu": {"code": 0, "msg": "success"}}
OVER = {"wecom": {"errcode": 45009, "errmsg": "api freq out of limit"}, "dingtalk": {"errcode": 130101, "errmsg": "send too fast"},
        "feishu": {"code": 11232, "msg": "frequency limited"}}  # fmt: skip
UNSIGNED = {"dingtalk": {"errcode": 310000, "errmsg": "sign not match"}, "feishu": {"code": 19021, "msg": "sign match fail"}}
PER_MINUTE = {"wecom": 20, "dingtalk": 20, "feishu": 100}
MAKES = list(PATHS)


class Group:
    """The other side: verifies the signature by its own computation, counts, and refuses what comes too often."""

    def __init__(self, make: str) -> None:
        self.make, self.texts, self.calls, self.times, self.mood = make, [], [], [], None

    def __call__(self, asked: Asked) -> tuple[int, object]:
        if self.mood is not None:
            return self.mood
        if not self._signed(asked):
            return 200, UNSIGNED[self.make]
        now = clock.now()
        self.times = [at for at in self.times if now - at < timedelta(minutes=1)] + [now]
        if len(self.times) > PER_MINUTE[self.make]:
            return 200, OVER[self.make]
        body = asked.json
        self.texts.append(body["content"]["text"] if self.make == "feishu" else body["text"]["content"])
        self.calls.append(body.get("at", {}).get("atUserIds") or body.get("text", {}).get("mentioned_list") or [])
        return 200, GOOD[self.make]

    def _signed(self, asked: Asked) -> bool:
        now = clock.now().timestamp()
        if self.make == "dingtalk":
            given = parse_qs(urlsplit(asked.path).query)
            stamp = given["timestamp"][0]
            right = base64.b64encode(hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()).decode()
            return given["sign"][0] == right and abs(now - int(stamp) / 1000) < 3600 and given["access_token"] == ["T1"]
        if self.make == "feishu":
            body = asked.json
            right = base64.b64encode(hmac.new(f"{body['timestamp']}\n{SECRET}".encode(), b"", hashlib.sha256).digest()).decode()
            return body["sign"] == right and abs(now - int(body["timestamp"])) < 3600
        return asked.path.endswith("key=K1")


@pytest.fixture(autouse=True)
def here(settings):
    settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]


@pytest.fixture(params=MAKES)
def group(request, cast):
    group = Group(request.param)
    with web_server(group) as (address, asked):
        group.asked = asked
        group.robot = actions.add_robot(by=SYSTEM, name="收货群", channel=group.make, url=address + PATHS[group.make], secret=SECRET, party=party())
        yield group


def queue(group: Group, text: str, **given) -> Delivery:
    return send(channel=group.make, to=str(group.robot.pk), key=text[:40], subject="", body=text, **given)


def after(**wait) -> int:
    with clock.at(clock.now() + timedelta(**wait)):
        return send_due()


def test_signed_and_in_order(group):
    for n in range(4):
        queue(group, f"第 {n} 条")
    for n in range(4):
        assert after(seconds=n * 2) == (4 if n == 0 else 0)
    assert group.texts == [f"第 {n} 条" for n in range(4)]
    assert not Delivery.objects.exclude(state="sent").exists()


def test_never_more_than_it_may_say_the_rest_in_one_message(group):
    """A minute's worth goes singly, what is over goes together, nothing is lost and nothing is refused."""
    many = PER_MINUTE[group.make] + 15
    for n in range(many):
        queue(group, f"第 {n} 条")
    moment = clock.now()
    for step in range(60):
        with clock.at(moment + timedelta(seconds=step)):
            send_due()
    said = "\n".join(group.texts)
    assert all(f"第 {n} 条" in said for n in range(many)), "nothing is lost"
    assert len(group.texts) == PER_MINUTE[group.make] and len(group.asked) == len(group.texts), "nothing was refused"
    assert group.texts[-1].count("条") > 10 and not Delivery.objects.exclude(state="sent").exists()


def test_too_often_inside_a_200_is_recognised_and_order_stays(group):
    first = queue(group, "一")
    group.mood = (200, OVER[group.make])
    assert send_due() == 1
    queue(group, "二")
    group.mood = None
    assert send_due() == 0, "it rests, so that the second does not overtake the first"
    first.refresh_from_db()
    assert first.state == "waiting" and str(next(iter(OVER[group.make].values()))) in first.error
    assert after(minutes=11) == 2 and group.texts == ["一", "二"]


@pytest.mark.parametrize("mood", [(500, b"<html>"), (200, b"not json"), (200, {}), (429, {}), (200, None), (200, {"errcode": -1, "code": 19024})])
def test_what_goes_wrong_is_tried_again(group, mood):
    row = queue(group, "一")
    group.mood = mood
    send_due()
    row.refresh_from_db()
    assert row.state == "waiting" and row.error and row.tries == 1
    group.mood = None
    after(minutes=2)
    row.refresh_from_db()
    assert row.state == "sent" and group.texts == ["一"]


def test_a_wrong_secret_is_shown_as_such(group):
    if group.make == "wecom":
        return  # nothing is signed there: the key in the address is the secret
    actions.edit_robot(group.robot, by=SYSTEM, name="收货群", url="", secret="wrong", departments=[], kinds=[])
    row = queue(group, "一")
    send_due()
    row.refresh_from_db()
    assert row.state == "waiting" and row.error and not group.texts
    actions.edit_robot(Robot.objects.get(), by=SYSTEM, name="收货群", url="", secret=SECRET, departments=[], kinds=[])
    after(minutes=2)
    assert group.texts == ["一"]


def test_long_messages_are_cut_by_bytes(group):
    queue(group, "需" * 30_000)
    queue(group, "\n".join(f"第 {n} 行" for n in range(5_000)))
    send_due()
    most = ROBOTS[group.make].most
    assert all(0 < len(text.encode()) <= most for text in group.texts) and len(group.texts) == 2


def test_fitting_ends_where_a_line_ends():
    assert fitting("一二三\n四五六", 100) == "一二三\n四五六"
    assert fitting("一二三\n四五六七八", 20) == "一二三\n…"
    assert len(fitting("一" * 50, 20).encode()) <= 20


def test_switched_off_nothing_leaves(group):
    actions.switch_robot(group.robot, by=SYSTEM, on=False)
    row = queue(group, "一")
    assert send_due() == 0 and row.state == "held"
    actions.switch_robot(group.robot, by=SYSTEM, on=True)
    actions.release(row, by=SYSTEM)
    assert send_due() == 1 and group.texts == ["一"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x", "https://10.0.0.8/x", "https://169.254.169.254/latest", "https://[::1]/x", "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1",
        "ftp://example.com/", "https://user:pw@example.com/", "",
    ],
)  # fmt: skip
def test_addresses_inside_our_own_network_are_refused(cast, settings, url):
    settings.OUTBOUND_NETWORKS = []
    with pytest.raises(Invalid):
        actions.add_robot(by=SYSTEM, name="x", channel="wecom", url=url)
    assert not Robot.objects.exists()


def test_an_address_that_turned_private_later_is_not_called(group, settings):
    settings.OUTBOUND_NETWORKS = []
    row = queue(group, "一")
    send_due()
    row.refresh_from_db()
    assert row.state == "waiting" and row.error and not group.asked


def test_the_address_of_another_make_is_refused(cast, monkeypatch):
    from yingxu.base import addresses

    monkeypatch.setattr(addresses, "_looked_up", lambda _found: [addresses.ipaddress.ip_address("203.119.0.1")])
    with pytest.raises(Invalid):
        actions.add_robot(by=SYSTEM, name="x", channel="wecom", url="https://oapi.dingtalk.com/robot/send?access_token=1")


def test_secrets_are_sealed(group):
    from django.db import connection

    with connection.cursor() as sql:
        sql.execute("SELECT r::text FROM notices_robot AS r")
        stored = sql.fetchone()[0]
    assert SECRET not in stored and "127.0.0.1" not in stored
