"""A device with passkeys, in software: answers as a good one does, or as it is told."""

import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

F = AuthenticatorData.FLAG


class SoftDevice:
    """One passkey. `verifies`: it asked for finger or PIN. `counter` goes up with each answer."""

    def __init__(self, origin: str = "http://testserver", *, verifies: bool = True) -> None:
        self.origin, self.verifies, self.counter = origin, verifies, 0
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id, self.handle, self.party = hashlib.sha256(str(id(self)).encode()).digest(), b"", "testserver"

    @property
    def _flags(self) -> Any:
        return F.UP | F.UV if self.verifies else F.UP

    def _said(self, kind: str, question: dict[str, Any]) -> CollectedClientData:
        return CollectedClientData.create(kind, websafe_decode(question["challenge"]), self.origin)

    def _hash(self) -> bytes:
        return hashlib.sha256(self.party.encode()).digest()

    def make(self, question: dict[str, Any]) -> str:
        """The answer to the question for a new passkey."""
        asked = question["publicKey"]
        self.handle = websafe_decode(asked["user"]["id"])
        data = AttestedCredentialData.create(Aaguid(bytes(16)), self.id, ES256.from_cryptography_key(self.key.public_key()))
        about = AuthenticatorData.create(self._hash(), self._flags | F.AT, self.counter, bytes(data))
        said = self._said("webauthn.create", asked)
        return self._answer({"clientDataJSON": websafe_encode(said), "attestationObject": websafe_encode(AttestationObject.create("none", about, {}))})

    def use(self, question: dict[str, Any]) -> str:
        """The answer to the question of a sign-in."""
        self.counter += 1
        about, said = AuthenticatorData.create(self._hash(), self._flags, self.counter), self._said("webauthn.get", question["publicKey"])
        mark = self.key.sign(about + said.hash, ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {"clientDataJSON": websafe_encode(said), "authenticatorData": websafe_encode(about), "signature": websafe_encode(mark), "userHandle": websafe_encode(self.handle)}
        )

    def _answer(self, response: dict[str, str]) -> str:
        return json.dumps({"id": websafe_encode(self.id), "rawId": websafe_encode(self.id), "type": "public-key", "response": response, "clientExtensionResults": {}})
