"""Everything secret: keys by purpose from the one server secret, hashes of generated secrets, passwords of people.

Generated secrets (API keys, ILL keys) have full entropy and are stored as HMAC-SHA-256; a slow hash would only help
attackers to keep us busy. Passwords of people are stored as argon2id, worked out in a thread.
"""

import asyncio
import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.errors import CannotStart
from server.settings import PREFIX, SECRET_BYTES, Settings

Purpose = Literal["access-token", "oai-token", "result-set", "cookie", "ill-key", "api-key"]

SALT = b"hkdf-sha256/1"  # fixed; RFC 5869, 3.1: keys of one secret differ by purpose, not by salt
FILE = "secret_key"

_hasher = PasswordHasher()


class Secrets:
    """Keys by purpose. The first of the server's secrets makes new marks; all of them are good for old ones."""

    def __init__(self, server_secrets: tuple[bytes, ...]) -> None:
        if not server_secrets or any(len(one) < SECRET_BYTES for one in server_secrets):
            raise ValueError(f"a server secret has at least {SECRET_BYTES} bytes")
        self._server_secrets = server_secrets

    def __repr__(self) -> str:
        return f"Secrets({len(self._server_secrets)} of them)"

    def and_earlier(self, earlier: tuple[bytes, ...]) -> "Secrets":
        """The same secrets, and more that only earlier marks were made with."""
        return Secrets((*self._server_secrets, *earlier))

    def key(self, purpose: Purpose) -> bytes:
        """The 32-byte key for new marks of a purpose (HKDF-SHA-256, RFC 5869)."""
        return _derived(self._server_secrets[0], purpose)

    def keys(self, purpose: Purpose) -> tuple[bytes, ...]:
        """All keys with which a mark of this purpose may have been made, newest first."""
        return tuple(_derived(one, purpose) for one in self._server_secrets)

    def mark(self, purpose: Purpose, message: bytes) -> bytes:
        """HMAC-SHA-256 of a message (or of a generated secret that is to be stored) under the newest key: 32 bytes."""
        return hmac.digest(self.key(purpose), message, hashlib.sha256)

    def is_marked(self, purpose: Purpose, message: bytes, mark: bytes, kept_bytes: int = 32) -> bool:
        """Whether `mark` was made of `message` with any of the keys; takes the same time whether it was or not.

        `kept_bytes`: length of marks that are cut to their beginning.
        """
        found = [hmac.compare_digest(hmac.digest(key, message, hashlib.sha256)[:kept_bytes], mark) for key in self.keys(purpose)]
        return any(found)


@lru_cache(maxsize=64)
def _derived(server_secret: bytes, purpose: str) -> bytes:
    extracted = hmac.digest(SALT, server_secret, hashlib.sha256)
    return hmac.digest(extracted, purpose.encode() + b"\x01", hashlib.sha256)


def open_secrets(settings: Settings) -> Secrets:
    """The secrets of this installation: of the setting `secret_key`, else of the file under `data_dir`, made if needed.

    Raises: CannotStart in production without `secret_key`, or when the file cannot be used.
    """
    given = tuple(one.get_secret_value().encode() for one in settings.secret_key)
    if given:
        return Secrets(given)
    if settings.production:
        raise CannotStart(f"production needs a secret_key; `openssl rand -hex 32` makes one (environment: {PREFIX}SECRET_KEY).")
    path = settings.data_dir.absolute() / FILE
    try:
        return Secrets((_kept(settings.folder("") / FILE),))
    except OSError as error:
        raise CannotStart(f"The secret in {path} cannot be used: {error.strerror}.") from None
    except ValueError:
        raise CannotStart(f"The secret in {path} is shorter than {SECRET_BYTES} bytes; remove the file, and a new one is made.") from None


def _kept(path: Path) -> bytes:
    """Reads the secret; makes it first when there is none. Several processes at once get the same one."""
    try:
        return path.read_bytes().strip()
    except FileNotFoundError:
        pass
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(SECRET_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)  # fails where a rename would overwrite the secret of a quicker process
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_bytes().strip()


async def hash_password(password: str) -> str:
    """The argon2id hash of a person's password, with its parameters (PHC string)."""
    return await asyncio.to_thread(_hasher.hash, password)


async def is_password(password: str, stored: str) -> bool:
    """Whether a password belongs to a stored hash. A hash that cannot be read belongs to no password."""
    try:
        return await asyncio.to_thread(_hasher.verify, stored, password)
    except (VerificationError, InvalidHashError):
        return False
