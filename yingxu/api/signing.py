"""Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp`, `webhook-signature` over the raw bytes of the body."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"
SIZE = 32  # bytes; the standard asks for 24 to 64


def new_secret() -> str:
    """A secret in the standard's own writing, whsec_ and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SIZE)).decode()


def headers(key: str, at: datetime, body: bytes, sign_with: Sequence[str]) -> dict[str, str]:
    """What goes with the body. Each secret signs, so that during a rotation a receiver may check with either."""
    moment = str(int(at.timestamp()))
    signed = b".".join((key.encode(), moment.encode(), body))
    return {
        "webhook-id": key,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(f"v1,{_signature(secret, signed)}" for secret in sign_with),
    }


def _signature(secret: str, signed: bytes) -> str:
    raw = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(raw, signed, hashlib.sha256).digest()).decode()
