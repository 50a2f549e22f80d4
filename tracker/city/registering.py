"""One entry of a register is changed at once: load it, let it decide, append; again on a conflict.

This is for commands and for small changes of one entry. What an administrator previews first goes
through `tracker.city.changing`.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.city.entries import Entry, entry_id

E = TypeVar("E", bound=Entry)


def amend(tracker: Tracker, register: type[E], code: str, decide: Callable[[E], None]) -> Directory:
    """Let the entry `decide`, append its events, and return the city after them.

    For example, the surge plan of grids is switched on by
    `amend(tracker, PlanEntry, "plan-epidemic", lambda plan: plan.switch_on(first, None, at, by))`.
    """

    def attempt() -> None:
        entry = load(tracker, register, code)
        decide(entry)
        tracker.save(entry)

    tracker.repeat(attempt, code)
    return tracker.directory.refresh()


def load(tracker: Tracker, register: type[E], code: str) -> E:
    """The entry, read from its own stream. Raises AggregateNotFoundError for an unknown code."""
    found: Any = tracker.repository.get(entry_id(register.kind, code))
    assert isinstance(found, register)
    return found
