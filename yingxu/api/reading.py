"""The body of a request as plain data, or a refusal that says what is wrong with it. Nothing is believed before it is read here."""

import re
from typing import Any

import msgspec
from django.http import HttpRequest
from django.utils.translation import gettext as _

from .errors import Malformed, NotJson, TooLarge

MOST_BYTES = 1_048_576
BATCH_BYTES = 8 * MOST_BYTES
DEEPEST = 32
MOST_KEYS = 1_000
BATCH_KEYS = 100_000
_JSON = re.compile(r"application/(?:[\w.-]+\+)?json\s*(?:;|$)", re.IGNORECASE)
_UNFIT = re.compile("[\0\ud800-\udfff]")
_decode = msgspec.json.Decoder().decode


def body(request: HttpRequest, *, most: int = MOST_BYTES, keys: int = MOST_KEYS) -> Any:
    """The JSON in the body; {} for no body. Refuses other types, more than `most` bytes, unreadable or too deep JSON, and
    characters that no text has (NUL, halves of characters)."""
    raw = _bytes(request, most)
    if not raw.strip():
        return {}
    if not _JSON.match(request.content_type or ""):
        raise NotJson(_("Send JSON, with the header Content-Type: application/json."))
    try:
        data = _decode(raw)
    except UnicodeDecodeError:
        raise Malformed(_("The body is not text in UTF-8.")) from None
    except RecursionError:
        raise _too_deep() from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise Malformed(_("The body is not valid JSON: %(error)s.") % {"error": error}) from None
    if raw.count(b"{") + raw.count(b"[") > DEEPEST or raw.count(b":") > keys:
        _measure(data, keys)
    if b"\\u0000" in raw and _has_nul(data):
        raise Malformed(_("A text cannot contain the character NUL."))
    return data


def query(request: HttpRequest) -> None:
    """Refuses characters in the address that no text has."""
    for key, values in request.GET.lists():
        if any(_UNFIT.search(text) for text in (key, *values)):
            raise Malformed(_("A text cannot contain the character NUL."))


def _bytes(request: HttpRequest, most: int) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or ""
    if "HTTP_TRANSFER_ENCODING" in request.META and not length:
        refusal = Malformed(_("Say with the header Content-Length how long the body is."))
        refusal.status = 411
        raise refusal
    if length and (not length.isdecimal() or int(length) > most):
        raise TooLarge(_("The body is larger than %(mb)s MB; send it in parts.") % {"mb": most >> 20})
    try:
        raw = request.read(most + 1)
    except OSError:
        raise Malformed(_("The body ended before its time.")) from None
    if len(raw) > most:
        raise TooLarge(_("The body is larger than %(mb)s MB; send it in parts.") % {"mb": most >> 20})
    request._body = raw  # type: ignore[attr-defined]
    return raw


def _measure(data: Any, keys: int) -> None:
    """Walks without recursion."""
    count, layer, depth = 0, [data], 0
    while layer:
        depth += 1
        if depth > DEEPEST + 1:
            raise _too_deep()
        following: list[Any] = []
        for value in layer:
            if isinstance(value, dict):
                count += len(value)
                following += value.values()
            elif isinstance(value, list):
                following += value
        if count > keys:
            raise Malformed(_("The body has more than %(most)s fields.") % {"most": keys})
        layer = following


def _too_deep() -> Malformed:
    return Malformed(_("The body is nested more than %(most)s levels deep.") % {"most": DEEPEST})


def _has_nul(data: Any) -> bool:
    layer = [data]
    while layer:
        value = layer.pop()
        if isinstance(value, str) and "\0" in value:
            return True
        if isinstance(value, dict):
            layer += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            layer += value
    return False
