"""What the tests of the log are made of, with defaults for all that a test does not care about."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.persistence import InfrastructureFactory, StoredEvent

from tracker.eventstore.recorder import ShaodaoRecorder, library_env

KILL_ALL_OTHERS = """
    SELECT pg_terminate_backend(pid, 5000)
      FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def stored(
    aggregate: UUID | None = None,
    version: int = 1,
    topic: str = "whistle.raised",
    state: bytes = b"{}",
) -> StoredEvent:
    return StoredEvent(aggregate or uuid4(), version, topic, state)


@contextmanager
def recorder_on(dsn: str) -> Iterator[ShaodaoRecorder]:
    made: InfrastructureFactory[Any] = InfrastructureFactory.construct(library_env(dsn))
    recorder = made.application_recorder()
    assert isinstance(recorder, ShaodaoRecorder)
    try:
        yield recorder
    finally:
        made.close()
