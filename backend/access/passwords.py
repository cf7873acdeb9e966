"""Passwords as Argon2id hashes."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
_TURNS = threading.BoundedSemaphore(2)
"""Each hash takes 64 MB for a moment; many guesses at once shall not take all memory."""


def without_owner(hasher: PasswordHasher) -> str:
    """A hash that no password has, and that takes as long to compare as any; made without hashing."""
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${'A' * 22}${'A' * 43}"


_NOBODYS = without_owner(_HASHER)


def hashed(password: str) -> str:
    """A new hash, with a salt of its own."""
    with _TURNS:
        return _HASHER.hash(_bytes(password))


def fits(stored: str | None, password: str) -> bool:
    """Whether a password has this hash; for nobody's hash it takes as long and is False."""
    with _TURNS:
        try:
            return _HASHER.verify(stored or _NOBODYS, _bytes(password)) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def _bytes(password: str) -> bytes:
    return password.encode(errors="surrogatepass")
