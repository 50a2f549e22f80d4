"""One leader among any number of processes, held by a session advisory lock of PostgreSQL.

The lock lives as long as the leader's connection. When the process dies or loses its connection,
PostgreSQL releases the lock, and a waiting process takes it within a second.
"""

import hashlib
import threading

from tracker.eventstore.connections import Connection

ASK_EVERY = 0.5  # seconds

# If the leader's machine fails without closing its connection, PostgreSQL notices within ten
# seconds. On a Unix socket these settings have no effect and are not needed.
KEEP_ALIVE = """
    SET tcp_keepalives_idle = 4;
    SET tcp_keepalives_interval = 2;
    SET tcp_keepalives_count = 3
"""

TRY_LOCK = "SELECT pg_try_advisory_lock(%s)"
UNLOCK = "SELECT pg_advisory_unlock(%s)"


def key_of(what: str) -> int:
    """The advisory lock's key for `what`, as a signed 64-bit number."""
    digest = hashlib.sha256(f"shaodao {what}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def try_to_lead(connection: Connection, what: str) -> bool:
    """Whether this connection leads now. If so, it leads until it closes."""
    row = connection.execute(TRY_LOCK, [key_of(what)]).fetchone()
    return row is not None and bool(row[0])


def stop_leading(connection: Connection, what: str) -> None:
    """Release the lock at once. PostgreSQL does it itself when a connection breaks."""
    if not connection.closed:
        connection.execute(UNLOCK, [key_of(what)])


def wait_to_lead(connection: Connection, what: str, stop: threading.Event) -> bool:
    """Wait until this connection leads. False: told to stop while waiting."""
    connection.execute(KEEP_ALIVE)
    while not stop.is_set():
        if try_to_lead(connection, what):
            return True
        stop.wait(ASK_EVERY)
    return False
