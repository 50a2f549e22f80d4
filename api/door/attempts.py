"""Failed logins, counted for an account and for an address; in memory, and no address is kept.

What is counted is a hash under a key that this process made up and forgets, so nobody can be
found in it, not even from a copy of the memory of yesterday.
"""

import hashlib
import hmac
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable

WINDOW = 300.0  # seconds
LIMITS = {"pair": 8, "account": 30, "address": 60}  # failures within the window
MOST = 50_000  # keys kept; above that the oldest are forgotten first


class FailedLogins:
    """Safe for many threads. `clock` gives seconds that only ever grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._failures: dict[bytes, deque[float]] = {}

    def wait(self, account: str, address: str) -> int:
        """Seconds until another attempt is taken; 0: now."""
        with self._lock:
            return max(self._wait(*counted) for counted in self._counted(account, address))

    def failed(self, account: str, address: str) -> None:
        now = self._clock()
        with self._lock:
            for key, limit in self._counted(account, address):
                self._failures.setdefault(key, deque(maxlen=limit)).append(now)
            while len(self._failures) > MOST:
                self._failures.pop(next(iter(self._failures)))

    def succeeded(self, account: str, address: str) -> None:
        """The right password, so the wrong ones before it were slips of this person's."""
        with self._lock:
            self._failures.pop(self._hashed(f"pair {account}\0{address}"), None)

    def _wait(self, key: bytes, limit: int) -> int:
        failures = self._failures.get(key, ())
        oldest = self._clock() - WINDOW
        recent = [moment for moment in failures if moment > oldest]
        return int(recent[0] - oldest) + 1 if len(recent) >= limit else 0

    def _counted(self, account: str, address: str) -> list[tuple[bytes, int]]:
        names = {
            "pair": f"pair {account}\0{address}",
            "account": f"account {account}",
            "address": f"address {address}",
        }
        return [(self._hashed(name), LIMITS[kind]) for kind, name in names.items()]

    def _hashed(self, name: str) -> bytes:
        return hmac.digest(self._key, name.encode(), hashlib.sha256)
