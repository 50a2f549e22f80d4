"""The contexts of this house by name: which are here, which serve, which were here once.

A new context is its folders and a line in HERE. One that is taken away leaves its events in the
log for good: its name moves to FORMER with the numbers of its migrations, and whoever reads the
whole log passes over its events by that name.
"""

from collections.abc import Mapping

from tracker.settings import contexts_from_env

HERE: tuple[str, ...] = (
    "summons",
    "handover",
)
FORMER: Mapping[str, tuple[int, ...]] = {}

SERVED = contexts_from_env(HERE)
PASSED_OVER = tuple(f"{name}." for name in (*HERE, *FORMER) if name not in SERVED)
"""How the topics begin that nobody here reads."""
