"""Receipt codes: the only proof of a reporter without an account, so they are stored hashed only.

Sixteen characters of Crockford's base32 in groups of four, 80 bits. Only HMAC-SHA256 under the
tracker's secret key is stored; somebody who reads the store can neither use nor test a code.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from tracker.domain.numbers import closed_up

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
BYTES = 10
SPOKEN = str.maketrans({"O": "0", "I": "1", "L": "1"})
NO_CODE = "-" * LENGTH  # hashed instead of an ill-formed code, so that it takes equally long


@dataclass(frozen=True)
class Receipt:
    """A code, which is shown once, and its hash, which is stored."""

    code: str
    hash: str

    @classmethod
    def new(cls, secret: bytes, request: str | None) -> "Receipt":
        """A new code: derived from `request`, so a repeated one gets the same; None: random."""
        raw = secrets.token_bytes(BYTES) if request is None else _derived(secret, request)
        code = written(raw)
        return cls(code, hashed(code, secret))


def _derived(secret: bytes, request: str) -> bytes:
    return hmac.digest(secret, b"receipt-of:" + request.encode(), hashlib.sha256)[:BYTES]


def written(raw: bytes) -> str:
    """Ten bytes written as `XXXX-XXXX-XXXX-XXXX`."""
    number = int.from_bytes(raw)
    characters = [ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH))]
    fours = ["".join(characters[start : start + 4]) for start in range(0, LENGTH, 4)]
    return "-".join(fours)


def read(given: str) -> str | None:
    """The typed code, corrected for case, spaces, O for 0 and I for 1; None: not a code."""
    plain = closed_up(given[:200]).translate(SPOKEN)
    if len(plain) == LENGTH and all(character in ALPHABET for character in plain):
        return plain
    return None


def hashed(given: str, secret: bytes) -> str:
    """The stored hash of a code. Ill-formed input gives a hash that no receipt has."""
    plain = read(given) or NO_CODE
    return hmac.digest(secret, b"receipt:" + plain.encode(), hashlib.sha256).hex()
