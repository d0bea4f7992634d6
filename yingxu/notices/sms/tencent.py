"""Tencent Cloud SMS (sms 2021-01-11), signed with TC3-HMAC-SHA256.

Its templates count their places, so the values go in the order of the words. Receipts carry our reference (SessionContext) only where
the company has had that switched on; where none is found it cannot be told whether a message went.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from yingxu.base import calling, clock

from ..models import Attempt
from ..sending import Result
from .port import Message, Receipt, endpoint, unreached

Outcome = Attempt.Outcome
VERSION, SERVICE = "2021-01-11", "sms"
FINAL = (  # about this one message: trying again changes nothing
    "FailedOperation.PhoneNumberInBlacklist", "FailedOperation.ContainSensitiveWord", "FailedOperation.PhoneNumberOnStoplist",
    "InvalidParameterValue.IncorrectPhoneNumber", "InvalidParameterValue.TemplateParameter", "InvalidParameterValue.ContentLengthLimit",
    "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter", "UnsupportedOperation.",
)  # fmt: skip
SLOWER = {
    "LimitExceeded.PhoneNumberThirtySecondLimit": timedelta(seconds=31), "LimitExceeded.PhoneNumberOneHourLimit": timedelta(hours=1),
    "LimitExceeded.PhoneNumberDailyLimit": timedelta(hours=8), "LimitExceeded.PhoneNumberSameContentDailyLimit": timedelta(hours=8),
    "RequestLimitExceeded": timedelta(minutes=1),
}  # fmt: skip


class Tencent:
    def __init__(self, key_id: str, secret: str, sign_name: str, app_id: str, region: str) -> None:
        self._key_id, self._secret, self._sign_name, self._app_id, self._region = key_id, secret, sign_name, app_id, region

    def send(self, message: Message) -> Result:
        answer = self._call("SendSms", {
            "PhoneNumberSet": [_e164(message.to)], "SmsSdkAppId": self._app_id, "SignName": self._sign_name, "TemplateId": message.code,
            "TemplateParamSet": [value for _name, value in message.values], "SessionContext": message.ref,
        })  # fmt: skip
        if answer.trouble:
            return unreached(answer)
        found = _response(answer.body)
        error = found.get("Error")
        status = error or next(iter(found.get("SendStatusSet") or []), {"Code": f"HTTP {answer.status}"})
        code = str(status.get("Code", ""))
        if code == "Ok" and not error:
            return Result(Outcome.SENT, provider_id=str(status.get("SerialNo", "")))
        words = f"{code} {status.get('Message', '')}".strip()
        return Result(Outcome.REFUSED if code.startswith(FINAL) else Outcome.LATER, words, wait=SLOWER.get(code))

    def receipt(self, message: Message, since: datetime) -> Receipt:
        answer = self._call("PullSmsSendStatusByPhoneNumber", {
            "PhoneNumber": _e164(message.to), "SmsSdkAppId": self._app_id, "BeginTime": int(since.timestamp()) - 60,
            "EndTime": int(clock.now().timestamp()) + 60, "Offset": 0, "Limit": 100,
        })  # fmt: skip
        rows = [] if answer.trouble else _response(answer.body).get("PullSmsSendStatusSet") or []
        mine = next((row for row in rows if row.get("SessionContext") == message.ref), None)
        return Receipt(True, str(mine.get("SerialNo", ""))) if mine else Receipt(None)

    def _call(self, action: str, content: Mapping[str, Any]) -> calling.Answer:
        target = endpoint(settings.SMS_ENDPOINTS["tencent"])
        body = json.dumps(content, ensure_ascii=False).encode()
        heads = {"content-type": "application/json; charset=utf-8", "host": calling.host_of(target), "x-tc-action": action.lower()}
        now = clock.now()
        proof = sign(self._key_id, self._secret, heads, body, now)
        return calling.call(target, {
            "Authorization": proof, "Content-Type": heads["content-type"], "X-TC-Action": action, "X-TC-Version": VERSION,
            "X-TC-Timestamp": str(int(now.timestamp())), "X-TC-Region": self._region,
        }, body)  # fmt: skip


def sign(key_id: str, secret: str, heads: Mapping[str, str], body: bytes, now: datetime, *, service: str = SERVICE) -> str:
    """The Authorization of a POST to "/" with these heads (names and values in small letters) and this body."""
    stamp, day = str(int(now.timestamp())), now.astimezone(UTC).strftime("%Y-%m-%d")
    names = ";".join(sorted(heads))
    lines = "".join(f"{name}:{heads[name].lower()}\n" for name in sorted(heads))
    request = "\n".join(["POST", "/", "", lines, names, hashlib.sha256(body).hexdigest()])
    scope = f"{day}/{service}/tc3_request"
    text = "\n".join(["TC3-HMAC-SHA256", stamp, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = f"TC3{secret}".encode()
    for part in (day, service, "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    proof = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return f"TC3-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={names}, Signature={proof}"


def _e164(to: str) -> str:
    return to if to.startswith("+") else f"+86{to}"


def _response(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)["Response"]
    except (ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}
