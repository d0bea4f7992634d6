"""Passkeys (WebAuthn): what a device is asked and whether its answer holds. Keeps nothing; the question stays in the browser's session.

The device must verify its user (finger, face, PIN), so a passkey is two factors at once: possession of a key that never leaves it, and that.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from yingxu.base.errors import Invalid

LONGEST = 8_000  # characters of an answer
VERIFIED = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True)
class Added:
    """A new passkey: its id, what checks its answers, and how often it was used."""

    credential: bytes
    data: bytes
    counter: int


@dataclass(frozen=True)
class Used:
    """Whose passkey answered, by the id the device knows them by (b"" when it does not say), and how often it was used."""

    credential: bytes
    handle: bytes
    counter: int


def _server(origin: str) -> Fido2Server:
    party = PublicKeyCredentialRpEntity(id=urlsplit(origin).hostname or "", name="Yingxu")
    return Fido2Server(party, verify_origin=lambda said: said == origin)


def ask_new(origin: str, *, handle: bytes, account: str, name: str, known: Sequence[bytes]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(what the device is asked, what is kept to check its answer); it keeps the key with the account, so that it can be chosen without a name."""
    person = PublicKeyCredentialUserEntity(id=handle, name=account, display_name=name)
    options, state = _server(origin).register_begin(person, _data(known), resident_key_requirement=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED)
    return dict(options), state


def added(origin: str, state: dict[str, Any], answer: str) -> Added:
    """The new passkey. Raises Invalid when the answer does not hold."""
    try:
        found = _server(origin).register_complete(state, _read(answer))
        data = found.credential_data
        assert data is not None
    except Exception as wrong:  # noqa: BLE001  whatever a made-up answer breaks, it is no passkey
        raise _refused() from wrong
    return Added(data.credential_id, bytes(data), found.counter)


def ask(origin: str, known: Sequence[bytes] | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same for one there is: any of those known, or whichever the person chooses on the device."""
    options, state = _server(origin).authenticate_begin(_data(known) if known else None, user_verification=VERIFIED)
    return dict(options), state


def credential_of(answer: str) -> bytes:
    """Which passkey an answer says it is from; nothing of it is checked yet. Raises Invalid."""
    try:
        return AuthenticationResponse.from_dict(_read(answer)).raw_id
    except Exception as wrong:  # noqa: BLE001
        raise _refused() from wrong


def used(origin: str, state: dict[str, Any], answer: str, known: bytes) -> Used:
    """That this passkey answered this question. Raises Invalid when it did not."""
    try:
        said = _read(answer)
        found = _server(origin).authenticate_complete(state, _data([known]), said)
        read = AuthenticationResponse.from_dict(said)
    except Exception as wrong:  # noqa: BLE001
        raise _refused() from wrong
    return Used(found.credential_id, read.response.user_handle or b"", read.response.authenticator_data.counter)


def _data(known: Sequence[bytes]) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(bytes(one)) for one in known]


def _read(answer: str) -> dict[str, Any]:
    found = json.loads(answer) if len(answer) <= LONGEST else None
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def _refused() -> Invalid:
    return Invalid(_("The passkey's answer does not hold. Try again."), code="passkey")
