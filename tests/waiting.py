"""How tests wait: until what they assert is so. When to give up is said here, for all of them.

A true test is as quick under PATIENCE as it would be under a second; a false one then says what
it saw instead.
"""

import time
from collections.abc import Callable
from typing import Any

from psycopg import Connection

from tracker.projections.engine.positions import positions, wait_for

PATIENCE = 120.0  # seconds: several times what the slowest step takes on a machine at its limit
PAUSE = 0.05  # seconds between two looks


def until(
    question: Callable[[], object], saw: Callable[[], object] = lambda: "it never came true"
) -> None:
    """Ask until the answer is true; `saw` tells what is there instead, should that never come."""
    end = time.monotonic() + PATIENCE
    while not question():
        assert time.monotonic() < end, saw()
        time.sleep(PAUSE)


def until_folded(connection: Connection[Any], position: int, *projections: str) -> None:
    """Each of these projections has folded the log up to `position`."""
    for name in projections:
        assert wait_for(connection, name, position, timeout=PATIENCE), (
            f"{name} did not reach {position}: {positions(connection)}"
        )
