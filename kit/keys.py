"""Keys of one purpose each, derived from the installation's secret; seeds never leave the server.

Invariant: a secret is named by its number (a fingerprint), so a row made under an older secret is
still read after the newest one was put in front (design D7).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kit.errors import SettingsError

SECRET_MIN = 16


@dataclass(frozen=True)
class KeyRing:
    """The installation's secrets, newest first."""

    secrets: tuple[str, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.secrets or any(len(secret) < SECRET_MIN for secret in self.secrets):
            raise SettingsError(
                f"LOVEBANK_SECRET_KEY: want secrets of at least {SECRET_MIN} characters, newest "
                "first; make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
            )

    @property
    def newest(self) -> str:
        """The number of the secret that new rows are made under."""
        return number(self.secrets[0])

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers of every secret that is known, newest first."""
        return tuple(number(secret) for secret in self.secrets)

    def mac(self, purpose: str, text: str, key_no: str | None = None) -> bytes:
        """HMAC-SHA-256 of ``text`` under the key of that purpose (32 bytes).

        Raises SettingsError when the secret with that number is not known.
        """
        return hmac.new(self._key(purpose, key_no), text.encode(), hashlib.sha256).digest()

    def encrypt(self, purpose: str, row: str, plain: str, nonce: bytes) -> bytes:
        """AES-256-GCM bound to the row it stands in: number (8) ‖ nonce (12) ‖ ciphertext."""
        assert len(nonce) == 12, "AES-GCM takes 96 bits"
        sealed = AESGCM(self._key(purpose, None)).encrypt(nonce, plain.encode(), row.encode())
        return bytes.fromhex(self.newest) + nonce + sealed

    def decrypt(self, purpose: str, row: str, sealed: bytes) -> str:
        """The plain text; SettingsError when the secret is not known or the bytes were changed."""
        key = self._key(purpose, sealed[:8].hex())
        try:
            return AESGCM(key).decrypt(sealed[8:20], sealed[20:], row.encode()).decode()
        except InvalidTag as problem:
            raise SettingsError(f"contact data of {row} does not open under its key") from problem

    def _key(self, purpose: str, key_no: str | None) -> bytes:
        wanted = key_no or self.newest
        for secret in self.secrets:
            if number(secret) == wanted:
                return hashlib.sha256(f"lovebank:{purpose}:{secret}".encode()).digest()
        raise SettingsError(f"LOVEBANK_SECRET_KEY: the secret numbered {wanted} is missing")


def number(secret: str) -> str:
    """The number of a secret: 16 hexadecimal characters that tell nothing of it."""
    return hashlib.sha256(f"lovebank:number:{secret}".encode()).hexdigest()[:16]
