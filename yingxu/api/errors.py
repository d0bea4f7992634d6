"""Refusals only the API knows."""

from typing import Any

from yingxu.base.errors import Refusal, Stale


class Unauthorised(Refusal):
    """No token, or none that holds."""

    status = 401
    code = "unauthorised"


class Malformed(Refusal):
    """The request cannot be read."""

    status = 400
    code = "malformed"


class TooLarge(Refusal):
    status = 413
    code = "too_large"


class NotJson(Refusal):
    status = 415
    code = "not_json"


class TooMany(Refusal):
    """More requests than this token may send; `wait` seconds until the next one."""

    status = 429
    code = "too_many"

    def __init__(self, message: Any, *, wait: int) -> None:
        super().__init__(message)
        self.wait = wait


class Unmatched(Stale):
    """If-Match named an older version."""

    status = 412
