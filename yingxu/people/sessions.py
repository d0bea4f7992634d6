"""Where sessions are kept: a table of our own, found by a hash of the cookie."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as InDatabase
from django.utils import timezone


def row_key(cookie: str) -> str:
    """Under which key the session of this cookie is kept (40 hexadecimal digits of SHA-256)."""
    return hashlib.sha256(cookie.encode()).hexdigest()[:40]


class SessionStore(InDatabase):
    @classmethod
    def get_model_class(cls) -> Any:
        from .models import Session

        return Session

    def _get_session_from_db(self) -> Any:
        found = self.model.objects.filter(session_key=row_key(self.session_key or ""), expire_date__gt=timezone.now()).first()
        if found is None:
            self._session_key = None
        return found

    def exists(self, session_key: str) -> bool:
        return self.model.objects.filter(session_key=row_key(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        moment = lambda name: datetime.fromtimestamp(data[name], UTC) if name in data else None  # noqa: E731
        return self.model(
            session_key=row_key(self._get_or_create_session_key()),  # type: ignore[attr-defined]
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
            user_id=data.get("_auth_user_id"),
            device=data.get("device", ""),
            peer=data.get("peer"),
            began_at=moment("began_at"),
            seen_at=moment("seen_at"),
        )

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            self.model.objects.filter(session_key=row_key(key)).delete()


__all__ = ["SessionStore", "UpdateError", "row_key"]
