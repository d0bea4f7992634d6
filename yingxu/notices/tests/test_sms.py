"""SMS: recorded by default; Aliyun and Tencent as published, their signatures checked by a computation of the tests' own (U2)."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.base.errors import Invalid
from yingxu.notices import actions
from yingxu.notices.models import Channel, Delivery
from yingxu.notices.sending import send_due
from yingxu.notices.sms import aliyun, handing, tencent
from yingxu.privacy.tests.register import party

from .sinks import Asked, web_server
from .test_mail_out import expire
from .test_outbox import send as put

pytestmark = pytest.mark.django_db
ID, SECRET = "AKIDEXAMPLE", "seCret/of+ours="


def send(**given) -> Delivery:
    values = {"template": "customer_update", "params": {"number": "2026-000123", "words": "已评估，请来柜台"}, "body": "", "subject": ""}
    return put(**{"channel": "sms", "to": "13912345678", **values, **given})


def work(**wait) -> int:
    with clock.at(clock.now() + timedelta(**wait)):
        return send_due(Channel.SMS, handing.hand_over)


class Cloud:
    """A provider: takes what is signed right, remembers it by reference, and may lose its answer."""

    def __init__(self, name: str) -> None:
        self.name, self.taken, self.lose, self.answer, self.tells = name, {}, False, None, True

    def __call__(self, asked: Asked) -> tuple[int, object]:
        return (self._aliyun if self.name == "aliyun" else self._tencent)(asked)

    def _aliyun(self, asked: Asked) -> tuple[int, object]:
        parts = urlsplit(asked.path)
        query = dict(parse_qsl(parts.query))
        names = ["host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"]
        sorted_query = "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in sorted(query.items()))
        head = "".join(f"{n}:{asked.heads[n]}\n" for n in names)
        text = f"POST\n/\n{sorted_query}\n{head}\n{';'.join(names)}\n{hashlib.sha256(asked.body).hexdigest()}"
        digest = hmac.new(SECRET.encode(), b"ACS3-HMAC-SHA256\n" + hashlib.sha256(text.encode()).hexdigest().encode(), hashlib.sha256).hexdigest()
        if asked.heads["authorization"] != f"ACS3-HMAC-SHA256 Credential={ID},SignedHeaders={';'.join(names)},Signature={digest}":
            return 400, {"Code": "SignatureDoesNotMatch", "Message": "signature"}
        sent = datetime.strptime(asked.heads["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs(sent - datetime.now(UTC)) > timedelta(hours=2):  # the real one allows 15 minutes; this server does not travel in time
            return 400, {"Code": "InvalidTimeStamp.Expired"}
        if asked.heads["x-acs-action"] == "QuerySendDetails":
            rows = [{"OutId": ref, "SendStatus": 3} for ref, one in self.taken.items() if one["PhoneNumbers"] == query["PhoneNumber"]]
            return 200, {"Code": "OK", "TotalCount": len(rows), "SmsSendDetailDTOs": {"SmsSendDetailDTO": rows}}
        if self.answer:
            return 200, self.answer
        self.taken[query["OutId"]] = query
        return 200, None if self.lose else {"Code": "OK", "Message": "OK", "BizId": "900619746936498440^0"}

    def _tencent(self, asked: Asked) -> tuple[int, object]:
        heads = asked.heads
        day = datetime.fromtimestamp(int(heads["x-tc-timestamp"]), UTC).strftime("%Y-%m-%d")
        text = (
            f"POST\n/\n\ncontent-type:{heads['content-type']}\nhost:{heads['host']}\nx-tc-action:{heads['x-tc-action'].lower()}\n\n"
            f"content-type;host;x-tc-action\n{hashlib.sha256(asked.body).hexdigest()}"
        )
        to_sign = f"TC3-HMAC-SHA256\n{heads['x-tc-timestamp']}\n{day}/sms/tc3_request\n{hashlib.sha256(text.encode()).hexdigest()}"
        step = hmac.new(f"TC3{SECRET}".encode(), day.encode(), hashlib.sha256).digest()
        step = hmac.new(hmac.new(step, b"sms", hashlib.sha256).digest(), b"tc3_request", hashlib.sha256).digest()
        digest = hmac.new(step, to_sign.encode(), hashlib.sha256).hexdigest()
        right = f"TC3-HMAC-SHA256 Credential={ID}/{day}/sms/tc3_request, SignedHeaders=content-type;host;x-tc-action, Signature={digest}"
        if heads["authorization"] != right or heads["x-tc-version"] != "2021-01-11":
            return 200, {"Response": {"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "signature"}, "RequestId": "1"}}
        body = asked.json
        if heads["x-tc-action"] == "PullSmsSendStatusByPhoneNumber":
            rows = [{"SessionContext": ref if self.tells else "", "SerialNo": "s1", "PhoneNumber": body["PhoneNumber"]} for ref in self.taken]
            return 200, {"Response": {"PullSmsSendStatusSet": rows, "RequestId": "1"}}
        if self.answer:
            return 200, {"Response": {"SendStatusSet": [self.answer], "RequestId": "1"}}
        self.taken[body["SessionContext"]] = body
        return 200, None if self.lose else {"Response": {"SendStatusSet": [{"Code": "Ok", "SerialNo": "2019:538884"}], "RequestId": "1"}}


@pytest.fixture(params=["aliyun", "tencent"])
def cloud(request, cast, settings):
    settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    cloud = Cloud(request.param)
    with web_server(cloud) as (address, asked):
        settings.SMS_ENDPOINTS = {request.param: address}
        cloud.asked = asked
        actions.set_sms(
            by=SYSTEM, provider=request.param, key_id=ID, secret=SECRET, sign_name="应需典当", app_id="1400006666", region="ap-guangzhou", party=party()
        )
        actions.set_sms_templates(by=SYSTEM, codes={"customer_update": "SMS_123"}, orders={"customer_update": ["words", "number"]})
        yield cloud


def test_nothing_leaves_by_default(cast):
    row = send()
    assert work() == 1
    row.refresh_from_db()
    assert row.state == "sent" and row.provider_id == "recording"


def test_named_here_counted_there(cloud):
    row = send()
    work()
    row.refresh_from_db()
    assert row.state == "sent" and row.provider_id, row.error
    told = cloud.taken[row.ref.hex]
    if cloud.name == "aliyun":
        assert told["PhoneNumbers"] == "13912345678" and told["TemplateCode"] == "SMS_123" and told["SignName"] == "应需典当"
        assert json.loads(told["TemplateParam"]) == {"number": "2026-000123", "words": "已评估，请来柜台"}
    else:
        assert told["PhoneNumberSet"] == ["+8613912345678"] and told["TemplateId"] == "SMS_123" and told["SmsSdkAppId"] == "1400006666"
        assert told["TemplateParamSet"] == ["已评估，请来柜台", "2026-000123"], "in the order this provider's template has"


REFUSED = {"aliyun": {"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": "m"}, "tencent": {"Code": "FailedOperation.PhoneNumberInBlacklist", "Message": "m"}}
LATER = {"aliyun": {"Code": "isv.BUSINESS_LIMIT_CONTROL", "Message": "m"}, "tencent": {"Code": "LimitExceeded.PhoneNumberOneHourLimit", "Message": "m"}}


def test_what_is_wrong_with_the_message_is_final(cloud):
    row = send()
    cloud.answer = REFUSED[cloud.name]
    work()
    row.refresh_from_db()
    assert row.state == "failed" and REFUSED[cloud.name]["Code"] in row.error


def test_too_many_waits_as_long_as_the_provider_wants(cloud):
    row = send()
    cloud.answer = LATER[cloud.name]
    work()
    cloud.answer = None
    assert work(minutes=55) == 0 and work(minutes=61) == 1
    row.refresh_from_db()
    assert row.state == "sent"


def test_a_wrong_secret_of_ours_fails_no_message(cloud):
    actions.set_sms(by=SYSTEM, provider=cloud.name, key_id=ID, secret="wrong", sign_name="s", app_id="1", region="r")
    row = send()
    work()
    row.refresh_from_db()
    assert row.state == "waiting" and "ignature" in row.error


def test_a_lost_answer_sends_nothing_twice(cloud):
    """The provider took it and the answer was lost: the receipt is asked by our reference before anything is sent again."""
    row = send()
    cloud.lose = True
    work()
    cloud.lose = False
    row.refresh_from_db()
    assert row.state == "waiting" and row.attempts.get().outcome == "lost"
    work(minutes=2)
    row.refresh_from_db()
    assert row.state == "sent" and len(cloud.taken) == 1
    sent = [a for a in cloud.asked if (a.heads.get("x-acs-action") or a.heads.get("x-tc-action")) == "SendSms"]
    assert len(sent) == 1


def test_killed_before_it_was_sent(cloud, monkeypatch):
    """Nothing arrived at the provider. Where it can tell, the message is sent; where it cannot, a person decides, except when it is urgent."""
    row, urgent = send(), send(key="urgent", urgent=True)

    class Killed(BaseException):
        pass

    def die(_taken):
        raise Killed

    for _both in range(2):
        with pytest.raises(Killed):
            send_due(Channel.SMS, die)
    expire()
    work()
    row.refresh_from_db()
    urgent.refresh_from_db()
    assert urgent.state == "sent" and urgent.ref.hex in cloud.taken
    assert row.state == ("sent" if cloud.name == "aliyun" else "held")


def test_without_the_provider_s_code_it_waits_for_one(cloud):
    row = send(template="customer_question", params={"number": "1"})
    work()
    row.refresh_from_db()
    assert row.state == "held" and row.error and not cloud.asked


def test_an_unknown_template_is_refused(cast):
    row = send(template="nonsense")
    work()
    row.refresh_from_db()
    assert row.state == "failed"


def test_an_order_must_name_every_value_once(cast):
    with pytest.raises(Invalid):
        actions.set_sms_templates(by=SYSTEM, codes={}, orders={"customer_update": ["number", "number"]})


def test_a_provider_needs_its_keys(cast):
    with pytest.raises(Invalid):
        actions.set_sms(by=SYSTEM, provider="aliyun", key_id="", secret="", sign_name="", app_id="", region="")


def test_the_published_example_of_aliyun():
    """The worked example in the provider's description of signature V3."""
    query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
    heads = {
        "host": "ecs.cn-shanghai.aliyuncs.com", "x-acs-action": "RunInstances", "x-acs-date": "2023-10-26T10:22:32Z", "x-acs-version": "2014-05-26",
        "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
    }  # fmt: skip
    proof = aliyun.sign("YourAccessKeyId", "YourAccessKeySecret", "POST", "/", query, heads)
    assert proof.endswith("Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")


def test_the_published_example_of_tencent():
    """The worked example in the provider's description of signature v3 (DescribeInstances of cvm)."""
    body = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    heads = {"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com", "x-tc-action": "describeinstances"}
    now = datetime.fromtimestamp(1551113065, UTC)
    proof = tencent.sign("AKID********************************", "********************************", heads, body, now, service="cvm")
    assert proof.endswith("Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f")
