"""How an entry of a register changes: load it, let it decide, append; again after a conflict."""

from collections.abc import Callable
from typing import Any, TypeVar

from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.city.entries import Entry, entry_id

E = TypeVar("E", bound=Entry)


def amend(tracker: Tracker, register: type[E], code: str, decide: Callable[[E], None]) -> Directory:
    """Let the entry `decide`, and return the city with what came of it.

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
    """The entry from its stream, never stale. The code must exist."""
    found: Any = tracker.repository.get(entry_id(register.kind, code))
    assert isinstance(found, register)
    return found
