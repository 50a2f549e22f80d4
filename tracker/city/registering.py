"""How an entry of a register changes: load it, let it decide, append; again after a conflict."""

from collections.abc import Callable
from typing import Any, TypeVar

from eventsourcing.persistence import RecordConflictError

from tracker.commands.deciding import Deciding
from tracker.directory import Directory
from tracker.domain.city.entries import Entry, entry_id

ATTEMPTS = 8

E = TypeVar("E", bound=Entry)


def amend(
    tracker: Deciding, register: type[E], code: str, decide: Callable[[E], None]
) -> Directory:
    """Let the entry `decide`, and return the city with what came of it.

    For example, the surge plan of grids is switched on by
    `amend(tracker, PlanEntry, "plan-epidemic", lambda plan: plan.switch_on(first, None, at, by))`.
    """
    for attempt in range(1, ATTEMPTS + 1):
        entry = load(tracker, register, code)
        decide(entry)
        try:
            tracker.save(entry)
        except RecordConflictError:
            if attempt == ATTEMPTS:
                raise
        else:
            break
    return tracker.directory.refresh()


def load(tracker: Deciding, register: type[E], code: str) -> E:
    """The entry from its stream, never stale. The code must exist."""
    found: Any = tracker.repository.get(entry_id(register.kind, code))
    assert isinstance(found, register)
    return found
