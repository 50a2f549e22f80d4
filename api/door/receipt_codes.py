"""Receipt codes: the only proof of a reporter without an account, so nowhere kept as they are.

Sixteen characters of Crockford's base32 in fours, 80 bits. Only HMAC-SHA256 under the tracker's
secret key is stored; whoever reads the store can neither use nor test a code.
"""

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
BYTES = 10
SPOKEN = str.maketrans({"O": "0", "I": "1", "L": "1", " ": "", "-": "", "\t": ""})
NO_CODE = "-" * LENGTH  # hashed in place of what cannot be a code, so that it takes as long


@dataclass(frozen=True)
class Receipt:
    """A code, shown once, and the hash that is kept of it."""

    code: str
    hash: str

    @classmethod
    def new(cls, secret: bytes, request: str | None) -> "Receipt":
        """For a request that may be sent again the code is the same each time; None: drawn."""
        raw = secrets.token_bytes(BYTES) if request is None else _derived(secret, request)
        code = written(raw)
        return cls(code, hashed(code, secret))


def _derived(secret: bytes, request: str) -> bytes:
    return hmac.digest(secret, b"receipt-of:" + request.encode(), hashlib.sha256)[:BYTES]


def written(raw: bytes) -> str:
    """Ten bytes as `XXXX-XXXX-XXXX-XXXX`."""
    number = int.from_bytes(raw)
    characters = [ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH))]
    fours = ["".join(characters[start : start + 4]) for start in range(0, LENGTH, 4)]
    return "-".join(fours)


def read(given: str) -> str | None:
    """The code that a person means: case, spaces, O for 0 and I for 1 forgiven; None: no code."""
    plain = unicodedata.normalize("NFKC", given[:200]).upper().translate(SPOKEN)
    if len(plain) == LENGTH and all(character in ALPHABET for character in plain):
        return plain
    return None


def hashed(given: str, secret: bytes) -> str:
    """What is stored in place of a code. What is no code gives a hash that nothing has."""
    plain = read(given) or NO_CODE
    return hmac.digest(secret, b"receipt:" + plain.encode(), hashlib.sha256).hex()
