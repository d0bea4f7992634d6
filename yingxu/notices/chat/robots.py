"""The three makes of group robots behind one port: how a message is made and signed, how much fits, and what their answers mean.

All three answer 200 to almost anything; what happened is in the answer's own code. Sources: WeCom document path 91770, DingTalk "custom
robot access", Feishu "custom bot usage guide".
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import quote

from django.utils.translation import gettext as _

from ..models import Attempt, Channel
from ..sending import Result

Outcome = Attempt.Outcome
MINUTE = timedelta(minutes=1)


class ChatRobot(Protocol):
    """A make of robots. `most` bytes fit into one text; more than `per_minute` or `per_second` messages are refused by the other side."""

    @property
    def host(self) -> str: ...
    @property
    def most(self) -> int: ...
    @property
    def per_minute(self) -> int: ...
    @property
    def per_second(self) -> int: ...

    def request(self, url: str, secret: str, text: str, people: Sequence[str], seconds: float) -> tuple[str, dict[str, Any]]:
        """Address and body of a message that calls `people` by their number there; `seconds` is now, for the signature."""

    def judge(self, answer: Mapping[str, Any]) -> Result:
        """What the answer to it means."""


@dataclass(frozen=True)
class WeCom:
    """No signature: the key in the address is the secret."""

    host: str = "qyapi.weixin.qq.com"
    most: int = 2_048
    per_minute: int = 20
    per_second: int = 20

    def request(self, url: str, secret: str, text: str, people: Sequence[str], seconds: float) -> tuple[str, dict[str, Any]]:
        return url, {"msgtype": "text", "text": {"content": text, **({"mentioned_list": list(people)} if people else {})}}

    def judge(self, answer: Mapping[str, Any]) -> Result:
        code = answer.get("errcode")
        if code == 0:
            return Result(Outcome.SENT)
        words = _said(code, answer.get("errmsg"))
        if code in (45009, 45033):  # too often
            return Result(Outcome.LATER, words, wait=MINUTE)
        return Result(Outcome.REFUSED if code in (40008, 40058, 44004, 45002) else Outcome.LATER, words)


@dataclass(frozen=True)
class DingTalk:
    """Signed in the address: the secret is the key, "milliseconds, line break, secret" the message."""

    host: str = "oapi.dingtalk.com"
    most: int = 18_000
    per_minute: int = 20
    per_second: int = 20

    def request(self, url: str, secret: str, text: str, people: Sequence[str], seconds: float) -> tuple[str, dict[str, Any]]:
        body = {"msgtype": "text", "text": {"content": text}, "at": {"atUserIds": list(people), "isAtAll": False}}
        if not secret:
            return url, body
        stamp = str(round(seconds * 1000))
        sign = _hmac(secret, f"{stamp}\n{secret}")
        return f"{url}{'&' if '?' in url else '?'}timestamp={stamp}&sign={quote(sign, safe='')}", body

    def judge(self, answer: Mapping[str, Any]) -> Result:
        code = answer.get("errcode")
        if code == 0:
            return Result(Outcome.SENT)
        words = _said(code, answer.get("errmsg"))
        if code in (130101, 410100):  # too often: silence for ten minutes
            return Result(Outcome.LATER, words, wait=10 * MINUTE)
        if code == 310000:
            return Result(Outcome.LATER, _("Keyword, signature or address of ours is not accepted: %(said)s") % {"said": words})
        return Result(Outcome.REFUSED if code in (400101, 400102, 400103, 430101, 430102, 430103, 430104) else Outcome.LATER, words)


@dataclass(frozen=True)
class Feishu:
    """Signed in the body: "seconds, line break, secret" is the key, the message is empty."""

    host: str = "open.feishu.cn"
    most: int = 18_000
    per_minute: int = 100
    per_second: int = 5

    def request(self, url: str, secret: str, text: str, people: Sequence[str], seconds: float) -> tuple[str, dict[str, Any]]:
        calls = "".join(f'<at user_id="{_plain(who)}"></at>' for who in people)
        body: dict[str, Any] = {"msg_type": "text", "content": {"text": f"{text} {calls}".strip()}}
        if secret:
            stamp = str(int(seconds))
            body |= {"timestamp": stamp, "sign": _hmac(f"{stamp}\n{secret}", "")}
        return url, body

    def judge(self, answer: Mapping[str, Any]) -> Result:
        code = answer.get("code", answer.get("StatusCode"))
        if code == 0:
            return Result(Outcome.SENT)
        words = _said(code, answer.get("msg"))
        if code in (11232, 11233):  # too often
            return Result(Outcome.LATER, words, wait=MINUTE)
        if code in (19021, 19022, 19024):  # signature or time, address, keyword
            return Result(Outcome.LATER, _("Keyword, signature or address of ours is not accepted: %(said)s") % {"said": words})
        return Result(Outcome.REFUSED if code == 9499 else Outcome.LATER, words)


ROBOTS: dict[str, ChatRobot] = {Channel.WECOM: WeCom(), Channel.DINGTALK: DingTalk(), Channel.FEISHU: Feishu()}


def fitting(text: str, most: int) -> str:
    """The text in at most so many bytes of UTF-8, ended where a line ends when it must be cut."""
    if len(text.encode()) <= most:
        return text
    cut = text.encode()[: most - 4].decode("utf-8", "ignore")
    head, line_break, _rest = cut.rpartition("\n")
    return f"{head}\n…" if line_break else f"{cut}…"


def read(body: bytes) -> Mapping[str, Any] | None:
    """The answer's JSON object; None when it is none."""
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _hmac(key: str, message: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()).decode()


def _said(code: Any, text: Any) -> str:
    return f"{code} {text or ''}".strip()[:250]


def _plain(who: str) -> str:
    return "".join(c for c in who if c.isalnum() or c in "_-")
