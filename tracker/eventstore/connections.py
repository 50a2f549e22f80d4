"""Connections to PostgreSQL: one pool a process, short patience, healed after the server died."""

import select
from typing import Any, Protocol

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool

Pool = ConnectionPool[Connection[tuple[Any, ...]]]

# Milliseconds. A write transaction that hangs would hold every reader of the log back.
SERVER_TIMEOUTS = {
    "statement_timeout": 30_000,
    "lock_timeout": 5_000,
    "idle_in_transaction_session_timeout": 10_000,
}


class HasDatabaseUrl(Protocol):
    @property
    def database_url(self) -> str | None: ...


class NoDatabase(Exception):
    """Nothing says where the database is."""


def connect_pool(where: HasDatabaseUrl | str, *, name: str = "web", size: int = 16) -> Pool:
    """An open pool of at most `size` autocommitting connections; `name` shows in pg_stat_activity.

    It does not wait for the server: the first to ask for a connection does, 5 s at most. A lost
    server is asked for again at every request, so the pool is whole as soon as the server is.
    """
    return ConnectionPool(
        conninfo(where, name=name),
        kwargs={"autocommit": True},
        min_size=1,
        max_size=size,
        timeout=5.0,
        check=check_alive,
        # After this long the pool forgets the attempt, and the next request starts a new one at
        # once. With the default of 5 minutes its pauses double, and it sleeps on after the
        # server has come back.
        reconnect_timeout=1.0,
        open=True,
        name=f"shaodao-{name}",
    )


def connect(where: HasDatabaseUrl | str, *, name: str, **kwargs: Any) -> Connection[Any]:
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


def check_alive(connection: Connection[Any]) -> None:
    """Raise OperationalError when the server is gone; the pool then takes another connection.

    An idle connection has nothing to read unless its server closed it, so in the usual case this
    is one system call and no round trip.
    """
    idle = select.poll()
    idle.register(connection.fileno(), select.POLLIN)
    if idle.poll(0):
        connection.execute("SELECT 1")
