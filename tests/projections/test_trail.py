"""The audit trail: every event of every stream in its place, and each search served by an index."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contexts.test_corpus import LINES as OF_DUTIES
from tests.domain.test_city_corpus import LINES as OF_THE_CITY
from tests.domain.test_city_corpus import stored
from tests.projections.conftest import Log
from tests.projections.histories import stored as as_stored
from tests.projections.test_folding import a_week
from tests.projections.test_rebuilding import made_anew
from tracker.domain.months import Month
from tracker.operating.audit_search import FOUND, KINDS
from tracker.operating.audit_search import OF_THE_CITY as REGISTERS
from tracker.operating.projecting import ALL

pytestmark = pytest.mark.contexts

AT = datetime(2026, 10, 1, tzinfo=UTC)
DAY = timedelta(days=1)
TRAIL = next(one for one in ALL if one.name == "audit_trail")


def a_log_of_everything(log: Log) -> None:
    month = Month.freeze("2026-09", at=AT, position=1, figures="[]", definitions="1")
    log.append(a_week(whistles=2, steps=40))
    log.recorder.insert_events([stored(line) for line in (*OF_THE_CITY, *OF_DUTIES)])
    log.recorder.insert_events(as_stored(month.collect_events()))  # type: ignore[arg-type]


@pytest.mark.parametrize("batch", [3, 2000])
def test_every_event_of_the_log_is_in_the_trail_and_a_rebuild_gives_the_same(log: Log, batch: int):
    a_log_of_everything(log)

    log.fold(TRAIL, batch=batch)

    trail = log.rows("audit_trail")
    made_anew(log, TRAIL, at_once=batch)
    assert log.rows("audit_trail") == trail
    assert log.value(MISSING) == 0
    assert {row[5] for row in trail} == set(KINDS)
    for kind in KINDS:
        codes = {(row[0], row[6]) for row in trail if row[5] == kind}
        assert len({stream for stream, _ in codes}) == len({code for _, code in codes}), kind


# As the log itself says it, read as plain JSON.
MISSING = """
    SELECT count(*)
      FROM log LEFT JOIN audit_trail t
        ON (t.stream, t.version, t.position) = (originator_id, originator_version, log.position)
       AND t.by = state->>'by' AND t.at = (state->>'timestamp')::timestamptz
       AND t.code = coalesce(state->>'code', t.code)
     WHERE t.stream IS NULL
"""


def test_who_acts_by_a_receipt_is_not_told_by_its_hash(log: Log):
    hashed = "c0ffee" * 10
    [raised, *_] = a_week(whistles=1, steps=1)
    [event] = as_stored([raised])
    told = event.state.replace(f'"by":"{raised.by}"'.encode(), f'"by":"{hashed}"'.encode())
    told = told.replace(f'"role":"{raised.role}"'.encode(), b'"role":"anonymous"')
    log.recorder.insert_events(
        [type(event)(event.originator_id, event.originator_version, event.topic, told)]
    )

    log.fold(TRAIL)

    [row] = log.rows("audit_trail")
    assert hashed.encode() in told and row[4] == "anonymous"


FILL = """
    WITH told AS (
        SELECT n, md5((n % 5000)::text)::uuid AS stream, n / 5000 + 1 AS version,
               CASE WHEN n % 50 > 0 THEN 'whistle' WHEN n % 100 = 0 THEN 'account' ELSE 'unit' END
                   AS kind
          FROM generate_series(1, 60000) AS n),
    stored AS (
        INSERT INTO stored_events SELECT n, stream, version, kind, '{}' FROM told)
    INSERT INTO audit_trail
    SELECT stream, version, n, timestamptz '2026-01-01 00:00+00' + n * interval '5 minutes',
           'account-' || n % 300, kind, 'W-' || n % 5000
      FROM told
"""
PLAN = f"EXPLAIN {FOUND}"
NOTHING: dict[str, Any] = dict.fromkeys(("code", "kinds", "by", "since", "until", "position"))
SEARCHES = [
    ({}, "audit_trail_position"),
    ({"code": "w-7"}, "audit_trail_code"),
    ({"code": "w-7", "kinds": ["whistle"], "by": "account-7"}, "audit_trail_code"),
    ({"by": "account-7"}, "audit_trail_by"),
    ({"kinds": ["unit"]}, "audit_trail_kind"),
    ({"kinds": list(REGISTERS), "since": AT - 200 * DAY}, "audit_trail_kind"),
    ({"kinds": ["whistle"]}, "audit_trail_position"),
    ({"position": 30_000}, "audit_trail_position"),
    ({"since": AT - 230 * DAY, "until": AT - 229 * DAY}, "audit_trail_at"),
    ({"until": AT - 229 * DAY}, "audit_trail_at"),
    ({"since": AT + 2000 * DAY}, "audit_trail_at"),
    ({"since": AT - 900 * DAY, "until": AT + 9000 * DAY}, "audit_trail_position"),
]


@pytest.fixture(scope="module")
def long_log(module_log: Log) -> Log:
    """A log of some length; the planner knows how long it is."""
    module_log.connection.execute(FILL)
    module_log.connection.execute("VACUUM ANALYZE audit_trail, stored_events")
    return module_log


@pytest.mark.parametrize(("asked", "index"), SEARCHES)
def test_each_search_is_served_by_its_index(long_log: Log, asked: dict[str, Any], index: str):
    wanted = {**NOTHING, **asked, "limit": 51}

    rows = long_log.connection.execute(PLAN, wanted, prepare=False).fetchall()

    plan = "\n".join(line for (line,) in rows)
    assert index in plan, plan
    # A time of years may be passed whole to find where it begins; nothing else may.
    assert not re.search(r"Seq Scan on (audit_trail|stored_events s)  ", plan), plan
