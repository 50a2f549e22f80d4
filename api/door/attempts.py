"""Counts failed logins by account and by address, in memory; no address is stored.

The counter's key is a hash under a random secret of this process, so nobody can be identified
from it once the process has ended.
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
MOST = 50_000  # keys kept; beyond that the oldest are dropped first


class FailedLogins:
    """Thread-safe. `clock` returns seconds and never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._failures: dict[bytes, deque[float]] = {}

    def wait(self, account: str, address: str) -> int:
        """Seconds until the next attempt is allowed; 0: now."""
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
        """Forget the failures of this account and address: the owner only mistyped."""
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
