"""What an address answers, letter for letter, and what that asked of the database."""

import re
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.test import Client

from yingxu.base import remember

# what is new in every answer, and means nothing: tokens, nonces, page marks (signed with the time), how long it took
NEW = re.compile(
    r'(?:value=|X-CSRFToken": ?|nonce" content=)"[\w\-+/=:.]{20,}"|cursor=[\w\-:%.]+|csrfmiddlewaretoken=[\w]+|已用 \d+ 秒'
)


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    asked: tuple[str, ...]  # the statements it took, in their order, without their values


def seen(client: Client, path: str, method: str = "get", **more: Any) -> Answer:
    """Status, body without what is new each time, the questions it took; nothing is left in the database nor in memory."""
    remember.forget_everything()
    asked: list[str] = []

    def write_down(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "SAVEPOINT" not in sql:
            asked.append(sql)
        return execute(sql, params, many, context)

    with transaction.atomic(), connection.execute_wrapper(write_down):
        got = getattr(client, method)(path, **more)
        body = b"".join(got.streaming_content) if got.streaming else got.content
        transaction.set_rollback(True)
    return Answer(got.status_code, NEW.sub("…", body.decode("utf-8", "replace")), tuple(asked))
