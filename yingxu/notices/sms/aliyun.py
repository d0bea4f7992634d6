"""Alibaba Cloud SMS (dysmsapi 2017-05-25), signed with ACS3-HMAC-SHA256.

Its templates have named places. It is not idempotent: after an unanswered request the receipt is asked (QuerySendDetails, by
our reference in OutId) before anything is sent again.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone

from yingxu.base import calling, clock

from ..models import Attempt
from ..sending import Result
from .port import Message, Receipt, endpoint, unreached

Outcome = Attempt.Outcome
VERSION = "2017-05-25"
PAGE = 50
FINAL = {  # about this one message: trying again changes nothing
    "isv.MOBILE_NUMBER_ILLEGAL", "isv.MOBILE_COUNT_OVER_LIMIT", "isv.INVALID_PARAMETERS", "isv.TEMPLATE_MISSING_PARAMETERS",
    "isv.TEMPLATE_PARAMS_ILLEGAL", "isv.INVALID_JSON_PARAM", "isv.BLACK_KEY_CONTROL_LIMIT", "isv.PARAM_LENGTH_LIMIT",
    "isv.PARAM_NOT_SUPPORT_URL", "isv.EXTEND_CODE_ERROR",
}  # fmt: skip
SLOWER = {"isv.BUSINESS_LIMIT_CONTROL": timedelta(hours=1), "isv.DAY_LIMIT_CONTROL": timedelta(hours=8), "Throttling.User": timedelta(minutes=1)}


class Aliyun:
    def __init__(self, key_id: str, secret: str, sign_name: str) -> None:
        self._key_id, self._secret, self._sign_name = key_id, secret, sign_name

    def send(self, message: Message) -> Result:
        answer = self._call("SendSms", {
            "PhoneNumbers": message.to.lstrip("+"), "SignName": self._sign_name, "TemplateCode": message.code,
            "TemplateParam": json.dumps(dict(message.values), ensure_ascii=False), "OutId": message.ref,
        })  # fmt: skip
        if answer.trouble:
            return unreached(answer)
        found = _object(answer.body)
        code = str(found.get("Code", f"HTTP {answer.status}"))
        if code == "OK":
            return Result(Outcome.SENT, provider_id=str(found.get("BizId", "")))
        words = f"{code} {found.get('Message', '')}".strip()
        return Result(Outcome.REFUSED if code in FINAL else Outcome.LATER, words, wait=SLOWER.get(code))

    def receipt(self, message: Message, since: datetime) -> Receipt:
        day, today = timezone.localdate(since), clock.today()
        while day <= today:
            found = self._on(message, day.strftime("%Y%m%d"))
            if found.known is not False:
                return found
            day += timedelta(days=1)
        return Receipt(False)

    def _on(self, message: Message, day: str) -> Receipt:
        page = 1
        while True:
            answer = self._call("QuerySendDetails", {
                "PhoneNumber": message.to.lstrip("+"), "SendDate": day, "PageSize": str(PAGE), "CurrentPage": str(page),
            })  # fmt: skip
            found = _object(answer.body)
            if answer.trouble or found.get("Code") != "OK":
                return Receipt(None)
            rows = (found.get("SmsSendDetailDTOs") or {}).get("SmsSendDetailDTO") or []
            if any(row.get("OutId") == message.ref for row in rows):
                return Receipt(True, message.ref)
            if len(rows) < PAGE:
                return Receipt(False)
            page += 1

    def _call(self, action: str, query: Mapping[str, str]) -> calling.Answer:
        target = endpoint(f"{settings.SMS_ENDPOINTS['aliyun']}/?{canonical(query)}")
        at = clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        heads = {
            "host": calling.host_of(target), "x-acs-action": action, "x-acs-version": VERSION, "x-acs-date": at,
            "x-acs-signature-nonce": secrets.token_hex(16), "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        }  # fmt: skip
        proof = sign(self._key_id, self._secret, "POST", "/", canonical(query), heads)
        return calling.call(target, {**{k: v for k, v in heads.items() if k != "host"}, "Authorization": proof}, b"")


def canonical(query: Mapping[str, str]) -> str:
    """Names in order, RFC 3986."""
    return "&".join(f"{_quoted(name)}={_quoted(query[name])}" for name in sorted(query))


def sign(key_id: str, secret: str, method: str, path: str, query: str, heads: Mapping[str, str]) -> str:
    """The Authorization of a request with these heads (names in small letters)."""
    names = ";".join(sorted(heads))
    lines = "".join(f"{name}:{heads[name].strip()}\n" for name in sorted(heads))
    request = "\n".join([method, path, query, lines, names, heads["x-acs-content-sha256"]])
    digest = hashlib.sha256(request.encode()).hexdigest()
    proof = hmac.new(secret.encode(), f"ACS3-HMAC-SHA256\n{digest}".encode(), hashlib.sha256).hexdigest()
    return f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={proof}"


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
