"""Codes that change with the time (RFC 6238: HMAC-SHA-1, six digits, thirty seconds), as every authenticator app makes them."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote

SECONDS = 30
DIGITS = 6
DRIFT = 1  # steps a clock may be off, either way


def new_secret() -> str:
    """160 random bits in base 32, as apps take them."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code(secret: str, step: int) -> str:
    """The code of a time step."""
    mac = hmac.new(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1).digest()
    at = mac[-1] & 15
    return str((int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF) % 10**DIGITS).zfill(DIGITS)


def step_at(moment: datetime) -> int:
    """In which step of time a moment lies."""
    return int(moment.timestamp()) // SECONDS


def matching(secret: str, given: str, moment: datetime, *, after: int = 0) -> int | None:
    """The step whose code this is, at most one away from now and later than `after`; None when it is none."""
    now = step_at(moment)
    fits = [step for step in range(now - DRIFT, now + DRIFT + 1) if hmac.compare_digest(code(secret, step).encode(), given.encode())]
    return next((step for step in fits if step > after), None)


def address(secret: str, account: str, issuer: str) -> str:
    """What the QR code says."""
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?secret={secret}&issuer={quote(issuer)}&digits={DIGITS}&period={SECONDS}"
