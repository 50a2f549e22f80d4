"""The log on PostgreSQL: appends do not wait for each other, and readers miss no event.

An event's position is `((base + its transaction's id) << 12) | n`; there is no lock and no
sequence. A reader takes positions below the snapshot's xmin: every transaction there has ended and
is visible, and every later one gets a higher id. So no event is skipped and none is read twice.

The library's factory chooses it: PERSISTENCE_MODULE is this module, DATABASE_URL the database.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar
from uuid import UUID

import psycopg
from eventsourcing import postgres
from eventsourcing.persistence import (
    AggregateRecorder,
    BaseInfrastructureFactory,
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    InternalError,
    Notification,
    NotSupportedError,
    OperationalError,
    PersistenceError,
    ProcessRecorder,
    ProgrammingError,
    StoredEvent,
)
from eventsourcing.utils import Environment, EnvType

from tracker.eventstore import appending
from tracker.eventstore.appending import Append
from tracker.eventstore.connections import Connection, Pool, connect_pool
from tracker.eventstore.contents import Attached, Content, Moved
from tracker.eventstore.idempotency import IdempotencyRecord, IdempotencyReplay, find
from tracker.eventstore.waking import CHANNEL, LogListener, Waker

PATIENCE = 5.0  # seconds; how long to retry when the server is lost
LARGEST_TRANSACTION = 4096  # ordinals of 12 bits

T = TypeVar("T")


class TooManyEvents(ProgrammingError):
    """More events than one transaction has positions for."""


def library_env(dsn: str, *, name: str = "web", pool_size: int = 16) -> dict[str, str]:
    """What the library's Application needs to find this recorder and the plain mapper."""
    return {
        "PERSISTENCE_MODULE": "tracker.eventstore.recorder",
        "MAPPER_TOPIC": "tracker.eventstore.mapper:PlainMapper",
        "DATABASE_URL": dsn,
        "DATABASE_POOL_NAME": name,
        "DATABASE_POOL_SIZE": str(pool_size),
    }


class PoolDatastore(postgres.PostgresDatastore):
    """The library's error mapping over our own pool, which the rest of the process shares."""

    def __init__(self, dsn: str, pool: Pool) -> None:
        super().__init__(dbname="", host="", port="", user="", password="")
        self.dsn = dsn
        self.pool = pool  # type: ignore[assignment]  # rows are tuples here, not dicts

    def register_type_adapters(self) -> None:
        """Nothing to register: our statements use no composite types."""


class ShaodaoRecorder(postgres.PostgresApplicationRecorder):
    """Events of all aggregates in one table. Every method may be called by many threads."""

    def __init__(
        self, datastore: PoolDatastore, *, events_table_name: str = "stored_events"
    ) -> None:
        super().__init__(datastore, events_table_name=events_table_name)
        self.channel_name = CHANNEL
        self.dsn = datastore.dsn
        self.pool: Pool = datastore.pool  # type: ignore[assignment]  # the same pool, as above
        self.waker = Waker(datastore.dsn)

    def create_table(self) -> None:
        """The tables come from `tracker migrate`."""

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        contents: Sequence[Content | Attached | Moved] = (),
        idempotency: IdempotencyRecord | None = None,
        **_: Any,
    ) -> list[int]:
        """Append events, with the words and the key that belong to them, in one transaction.

        Returns the positions, in the order of the events. Raises IntegrityError if another
        append has stored one of the versions first, IdempotencyReplay if the key was used before,
        PhotoGone, TooManyEvents above 4,096. After a lost connection it looks whether the append
        was committed, and then returns the positions of that append.
        """
        if len(stored_events) > LARGEST_TRANSACTION:
            raise TooManyEvents(
                f"{len(stored_events)} events in one transaction; positions hold "
                f"{LARGEST_TRANSACTION}. Save them in several."
            )
        if not stored_events:
            if contents or idempotency:
                raise ProgrammingError("contents and keys are stored with events, not without")
            return []
        positions = self._append(Append(stored_events, contents, idempotency))
        self.waker.wake()
        return positions

    def _append(self, append: Append) -> list[int]:
        in_doubt = False

        def once(connection: Connection) -> list[int]:
            nonlocal in_doubt
            try:
                return appending.append(connection, append)
            except psycopg.OperationalError:
                in_doubt = True  # the connection may have been lost after the commit
                raise

        try:
            return self._with_retries(once)
        except IntegrityError:
            return self._with_retries(lambda connection: _conflict(connection, append, in_doubt))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> list[StoredEvent]:
        statement = STREAM_BACKWARDS if desc else STREAM
        parameters = {"id": originator_id, "gt": gt, "lte": lte, "limit": limit}
        return [
            StoredEvent(originator_id, version, topic, state)
            for version, topic, state in self._rows(statement, parameters)
        ]

    def read(self, after: int, limit: int, topics_prefix: str | None = None) -> list[Notification]:
        """The next events above a position, in the order of the log, without gaps.

        Call it again with the position of the last one. `topics_prefix` "city." has its own index.
        """
        statement = READ_CITY if topics_prefix == "city." else READ
        parameters = {"after": after, "limit": limit, "prefix": topics_prefix}
        return self._notifications(statement, parameters)

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> list[Notification]:
        after = 0 if start is None else start - inclusive_of_start
        wanted = list(topics) or None
        parameters = {"after": after, "stop": stop, "topics": wanted, "limit": limit}
        return self._notifications(SELECT_NOTIFICATIONS, parameters)

    def max_notification_id(self) -> int | None:
        """The newest position that readers may see; None for an empty log."""
        found: int | None = self._rows(NEWEST_READABLE, {})[0][0]
        return found

    def horizon(self) -> int:
        """No event will ever be added below this position: every reader sees the same there."""
        return int(self._rows(HORIZON, {})[0][0])

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> NoReturn:
        """The library requires this method. Our readers use `read`, in batches, instead."""
        raise NotImplementedError("read the log with `read`, and wait with `listener`")

    def listener(self) -> LogListener:
        """Wakes a thread that follows the log with `read`."""
        return LogListener(self.dsn)

    def close(self) -> None:
        self.waker.close()

    def _notifications(self, statement: str, parameters: dict[str, Any]) -> list[Notification]:
        return [
            Notification(originator_id, version, topic, state, position)
            for position, originator_id, version, topic, state in self._rows(statement, parameters)
        ]

    def _rows(self, statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
        def once(connection: Connection) -> list[tuple[Any, ...]]:
            with connection.cursor(binary=True) as cursor:
                return cursor.execute(statement, parameters, prepare=True).fetchall()

        return self._with_retries(once)

    def _with_retries(self, once: Callable[[Connection], T]) -> T:
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                return self._on_a_connection(once)
            except psycopg.Error as error:
                if time.monotonic() > give_up or not worth_repeating(error):
                    raise library_error(error) from error
                time.sleep(0.1)

    def _on_a_connection(self, once: Callable[[Connection], T]) -> T:
        # Does what `with pool.connection()` does, but saves a fifth of an append's time in this
        # process: our connections autocommit, so there is no transaction to end.
        connection = self.pool.getconn()
        try:
            return once(connection)
        finally:
            self.pool.putconn(connection)


# What the driver, the pool and the library raise when the server cannot be reached.
DATABASE_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, OperationalError, InterfaceError)


def worth_repeating(error: psycopg.Error) -> bool:
    """True if the server was lost or is starting (08, 57P, no state), or broke a deadlock (40)."""
    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    return error.sqlstate is None or error.sqlstate.startswith(("08", "57P", "40"))


LIBRARY_ERRORS: list[tuple[type[psycopg.Error], type[PersistenceError]]] = [
    (psycopg.InterfaceError, InterfaceError),
    (psycopg.OperationalError, OperationalError),
    (psycopg.IntegrityError, IntegrityError),
    (psycopg.DataError, DataError),
    (psycopg.InternalError, InternalError),
    (psycopg.ProgrammingError, ProgrammingError),
    (psycopg.NotSupportedError, NotSupportedError),
    (psycopg.DatabaseError, DatabaseError),
]


def library_error(error: psycopg.Error) -> PersistenceError:
    """The library's error for the driver's, as its own recorders raise it."""
    kind = next((ours for theirs, ours in LIBRARY_ERRORS if isinstance(error, theirs)), None)
    return (kind or PersistenceError)(str(error))


def _conflict(connection: Connection, append: Append, in_doubt: bool) -> list[int]:
    """Raise what a unique violation means.

    Returns the positions if the violation comes from this same append, committed just before the
    connection was lost.
    """
    if in_doubt and (positions := appending.stored_positions(connection, append)):
        return positions
    key = append.idempotency
    if key is not None and (used := find(connection, key.actor, key.key)):
        raise IdempotencyReplay(used)
    first = append.events[0]
    raise IntegrityError(
        f"version {first.originator_version} of {first.originator_id}, or one of the "
        f"{len(append.events)} events with it, was stored by somebody else first"
    )


# Served by stored_events_pkey.
STREAM = """
    SELECT originator_version, topic, state
      FROM stored_events
     WHERE originator_id = %(id)s
       AND originator_version > coalesce(%(gt)s::bigint, 0)
       AND (%(lte)s::bigint IS NULL OR originator_version <= %(lte)s)
     ORDER BY originator_version
     LIMIT %(limit)s::bigint
"""
STREAM_BACKWARDS = STREAM.replace("ORDER BY originator_version", "ORDER BY originator_version DESC")

# Served by stored_events_position, one range scan: both ends are known before it starts.
READ = """
    SELECT position, originator_id, originator_version, topic, state
      FROM stored_events
     WHERE position > %(after)s::bigint
       AND position < (SELECT (base + pg_snapshot_xmin(pg_current_snapshot())::text::bigint) << 12
                         FROM log_base)
       AND (%(prefix)s::text IS NULL OR starts_with(topic, %(prefix)s))
     ORDER BY position
     LIMIT %(limit)s::bigint
"""

# Served by stored_events_city.
READ_CITY = """
    SELECT position, originator_id, originator_version, topic, state
      FROM stored_events
     WHERE position > %(after)s::bigint
       AND position < (SELECT (base + pg_snapshot_xmin(pg_current_snapshot())::text::bigint) << 12
                         FROM log_base)
       AND topic LIKE 'city.%%'
     ORDER BY position
     LIMIT %(limit)s::bigint
"""

# Served by stored_events_position.
SELECT_NOTIFICATIONS = """
    SELECT position, originator_id, originator_version, topic, state
      FROM stored_events
     WHERE position > %(after)s::bigint
       AND position < (SELECT (base + pg_snapshot_xmin(pg_current_snapshot())::text::bigint) << 12
                         FROM log_base)
       AND (%(stop)s::bigint IS NULL OR position <= %(stop)s)
       AND (%(topics)s::text[] IS NULL OR topic = ANY(%(topics)s))
     ORDER BY position
     LIMIT %(limit)s::bigint
"""

# Served by stored_events_position.
NEWEST_READABLE = """
    SELECT max(position)
      FROM stored_events
     WHERE position < (SELECT (base + pg_snapshot_xmin(pg_current_snapshot())::text::bigint) << 12
                         FROM log_base)
"""

HORIZON = """
    SELECT (base + pg_snapshot_xmin(pg_current_snapshot())::text::bigint) << 12 FROM log_base
"""


class Factory(postgres.PostgresFactory):
    """Makes the recorder from DATABASE_URL in the application's environment."""

    def __init__(self, env: Environment | EnvType | None) -> None:
        # Do not call the parent's: it wants the DSN in six parts and opens a pool of its own.
        BaseInfrastructureFactory.__init__(self, env)
        dsn = self.env.get("DATABASE_URL")
        if not dsn:
            raise OSError("the recorder needs DATABASE_URL in the application's environment")
        name = self.env.get("DATABASE_POOL_NAME") or "web"
        size = int(self.env.get("DATABASE_POOL_SIZE") or "16")
        self.log = PoolDatastore(dsn, connect_pool(dsn, name=name, size=size))
        self.datastore = self.log
        self._recorder: ShaodaoRecorder | None = None

    def application_recorder(self) -> ShaodaoRecorder:
        if self._recorder is None:
            self._recorder = ShaodaoRecorder(self.log)
        return self._recorder

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        raise NotSupportedError("streams are short: the tracker takes no snapshots")

    def tracking_recorder(self, tracking_recorder_class: Any = None) -> Any:
        raise NotSupportedError("projections keep their own positions, in projection_positions")

    def process_recorder(self) -> ProcessRecorder:
        raise NotSupportedError("projections keep their own positions, in projection_positions")

    def close(self) -> None:
        if self._recorder is not None:
            self._recorder.close()
        super().close()
