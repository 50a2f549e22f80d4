"""Connections to PostgreSQL: one pool per process, short timeouts, reconnects after a crash."""

import select
import time
from typing import Any, Protocol, TypeAlias

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool, PoolTimeout

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]  # rows as psycopg gives them

# Milliseconds. A write transaction that hangs would stop every reader of the log.
SERVER_TIMEOUTS = {
    "statement_timeout": 30_000,
    "lock_timeout": 5_000,
    "idle_in_transaction_session_timeout": 10_000,
}


RECONNECT_EVERY = 0.25  # seconds


class HasDatabaseUrl(Protocol):
    @property
    def database_url(self) -> str | None: ...


class NoDatabase(Exception):
    """Nothing says where the database is."""


class Pool(ConnectionPool[Connection]):
    """A pool that works again as soon as its server does.

    psycopg's own check pauses longer after each dead connection that it finds. A restarted server
    leaves four of them, and the first request then timed out. psycopg's own reconnection pauses in
    the same way, and keeps sleeping after the server is back.
    """

    def getconn(self, timeout: float | None = None) -> Connection:
        give_up = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            try:
                # Many short waits, because the pool reconnects only when a new wait begins.
                connection = super().getconn(min(RECONNECT_EVERY, give_up - time.monotonic()))
            except PoolTimeout:
                if time.monotonic() > give_up - RECONNECT_EVERY / 2:
                    raise
                continue
            if is_alive(connection):
                return connection
            connection.close()
            self.putconn(connection)


def connect_pool(where: HasDatabaseUrl | str, *, name: str = "web", size: int = 16) -> Pool:
    """An open pool of at most `size` autocommitting connections; `name` shows in pg_stat_activity.

    It does not wait for the server here. `getconn` waits, 5 s at most.
    """
    return Pool(
        conninfo(where, name=name),
        kwargs={"autocommit": True},
        min_size=1,
        max_size=size,
        timeout=5.0,
        reconnect_timeout=0.0,  # one attempt, see Pool.getconn
        open=True,
        name=f"shaodao-{name}",
    )


def connect(where: HasDatabaseUrl | str, *, name: str, **kwargs: Any) -> Connection:
    """One autocommitting connection outside any pool: for LISTEN, leadership, migrations."""
    return psycopg.connect(conninfo(where, name=name), autocommit=True, **kwargs)


def conninfo(where: HasDatabaseUrl | str, *, name: str) -> str:
    """The DSN with our timeouts; what the DSN itself says about them wins."""
    given = conninfo_to_dict(dsn_of(where))
    own = " ".join(f"-c {setting}={value}" for setting, value in SERVER_TIMEOUTS.items())
    options = f"{own} {given.pop('options', None) or ''}".strip()
    defaults: dict[str, Any] = {
        "connect_timeout": 3,
        "application_name": f"shaodao {name}",
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
    }
    return make_conninfo("", **{**defaults, **given, "options": options})


def dsn_of(where: HasDatabaseUrl | str) -> str:
    dsn = where if isinstance(where, str) else where.database_url
    if not dsn:
        raise NoDatabase("DATABASE_URL is not set, and no embedded server was started")
    return dsn


def is_alive(connection: Connection) -> bool:
    """Whether an idle connection still has its server: one system call, no round trip.

    An idle connection has something to read only when the server closed it or crashed.
    """
    if connection.closed:
        return False
    reading = select.poll()
    reading.register(connection.fileno(), select.POLLIN)
    return not reading.poll(0) or _answers(connection)


def _answers(connection: Connection) -> bool:
    # The server may also have sent a notice, e.g. of a changed setting.
    try:
        connection.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True
