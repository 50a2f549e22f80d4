"""What an old data folder is asked: when it is made, and by every later version again.

By the command line, over HTTP and in SQL, as operators, people and other programs ask: little of
it needs to know how the tracker is built inside.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from click.testing import CliRunner

from tests.api.web import Caller, Web
from tracker.cli import cli

SCOPES = ("city", "post:CP01", "post:CP09", "unit:U01", "unit:U08")
GRID = "53250300100103"  # of the community that CP01 serves
POSTS, UNITS = ("CP01", "CP02", "CP09"), ("U01", "U08")
A_HANDFUL = 4

# Read in the order of the log, as bytes: nothing of a stored event may ever change.
LOG = "SELECT position, originator_id, originator_version, topic, state FROM stored_events"
IN_ORDER = f"{LOG} ORDER BY position"

NUMBERS = "SELECT number FROM board ORDER BY number"
OF_POST = """
    SELECT to_jsonb(b) FROM board b WHERE post = %(of)s ORDER BY number DESC LIMIT %(limit)s
"""
OF_UNIT = """
    SELECT to_jsonb(b) FROM board b WHERE lead = %(of)s ORDER BY number DESC LIMIT %(limit)s
"""
SUMMONSES = "SELECT to_jsonb(s) FROM summonses s ORDER BY number"
HANDOVERS = "SELECT to_jsonb(h) FROM handovers h WHERE post = 'CP01' ORDER BY ended_at DESC LIMIT 3"

# What stands beside the log and is no projection: nothing could make it again.
BESIDE = {
    "contents": "id, whistle, kind, body, md5(bytes), md5(thumb), media_type, salt, digest,"
    " created_at, attached_at, erased_at, erased_by",
    "credentials": "account, password_hash, changed_at",
    "sessions": "token_digest, account, created_at, expires_at",
    "idempotency": "actor, key, request_digest, status, answer, position, created_at",
    "what_ifs": "id, asked_by, asked_at, name, scope, first_day, until_day, as_of, position,"
    " promised, alternative, status, figures, finished_at",
    "what_if_changes": "what_if, item, change",
}


def connected(database: str) -> psycopg.Connection[Any]:
    """Rows read here show every time in UTC, whatever the server prefers."""
    return psycopg.connect(database, autocommit=True, options="-c timezone=UTC")


def log_of(connection: psycopg.Connection[Any], up_to: int = 2**63 - 1) -> dict[str, Any]:
    """Counts and hashes of the log up to a position: nothing older may change, ever."""
    rows = [row for row in connection.execute(IN_ORDER).fetchall() if row[0] <= up_to]
    said, placed = sha256(), sha256()
    for position, stream, version, topic, state in rows:
        said.update(f"{topic}\n".encode() + state + b"\n")
        placed.update(f"{position} {stream} {version}\n".encode())
    return {
        "events": len(rows),
        "streams": len({row[1] for row in rows}),
        "first": rows[0][0],
        "last": rows[-1][0],
        "topics": dict(sorted(Counter(row[3] for row in rows).items())),
        "said": said.hexdigest(),
        "placed": placed.hexdigest(),
    }


def beside_the_log(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """How many rows, and their hash over the columns of the day of making."""
    found = {}
    for table, columns in BESIDE.items():
        rows = connection.execute(f"SELECT ({columns})::text FROM {table}").fetchall()
        said = sha256("\n".join(sorted(row for (row,) in rows)).encode()).hexdigest()
        found[table] = {"rows": len(rows), "said": said}
    return found


def lists_of(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    def rows(statement: str, **asked: Any) -> list[Any]:
        return [row for (row,) in connection.execute(statement, asked).fetchall()]

    board = {post: rows(OF_POST, of=post, limit=A_HANDFUL) for post in POSTS}
    board |= {unit: rows(OF_UNIT, of=unit, limit=A_HANDFUL) for unit in UNITS}
    return {"board": board, "summonses": rows(SUMMONSES), "handovers": rows(HANDOVERS)}


def tables_of(connection: psycopg.Connection[Any], tables: Iterable[str]) -> dict[str, list[Any]]:
    """Every row of these tables, by its columns, in the order of the rows as text."""
    query = 'SELECT row_to_json(t) FROM {} t ORDER BY t::text COLLATE "C"'
    return {table: [row for (row,) in connection.execute(query.format(table))] for table in tables}


def numbers_of(connection: psycopg.Connection[Any]) -> list[str]:
    return [number for (number,) in connection.execute(NUMBERS).fetchall()]


def whistles_of(web: Web, numbers: Sequence[str]) -> dict[str, Any]:
    """Each folded from its stream, as the city's centre may see it."""
    return {number: got(web.someone("city"), f"/whistles/{number}") for number in numbers}


def figures_of(web: Web, month: str, made_at: datetime) -> dict[str, Any]:
    """The month as it was frozen, its places, and rates as of then and as of the making."""
    leader, made = web.someone("leader"), made_at.isoformat()
    report = got(leader, f"/reports/{month}")
    first = date.fromisoformat(f"{month}-01")
    until = (first + timedelta(days=31)).replace(day=1)
    periods = [
        (first, until, report["as_of"]),
        (first, until, made),
        (until, made_at.date(), made),
    ]
    return {
        "report": report,
        "rankings": [got(leader, "/rankings", of=of, month=month) for of in ("posts", "units")],
        "rates": [
            got(leader, "/rates", **{"from": f"{start}", "to": f"{end}", "as_of": at}, scope=scope)
            for scope in SCOPES
            for start, end, at in periods
        ],
    }


def got(caller: Caller, path: str, **asked: str) -> Any:
    answer = caller.get(path, params=asked)
    assert answer.status_code == 200, f"{path} {asked}: {answer.status_code} {answer.text[:500]}"
    return answer.json()


def tracker_does(database: str, var: Path, *arguments: str) -> str:
    """A command of `tracker`, as an operator types it; what it printed."""
    env = {"DATABASE_URL": database, "TRACKER_VAR": str(var)}
    done = CliRunner().invoke(cli, arguments, env=env)
    assert done.exit_code == 0, f"tracker {' '.join(arguments)}: {done.output} {done.exception!r}"
    return done.stdout


def verified(database: str, var: Path, month: str) -> dict[str, Any]:
    """That the whole log is sound, and that the month counts again as it was frozen."""
    return {
        "log": json.loads(tracker_does(database, var, "verify", "--json")),
        "month": json.loads(tracker_does(database, var, "verify", "--month", month, "--json")),
    }


def as_far_as(expected: Any, found: Any) -> Any:
    """`found` without the keys that the making did not know: a later version may say more."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        return {key: as_far_as(expected[key], found[key]) for key in expected if key in found}
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [as_far_as(was, one) for was, one in zip(expected, found, strict=True)]
    return found
