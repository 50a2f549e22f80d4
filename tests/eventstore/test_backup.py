"""`tracker backup`, `restore` and `verify`, through the command line as an operator types them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from click.testing import CliRunner, Result

from tracker.cli import cli
from tracker.domain.whistle.events import State
from tracker.domain.whistle.overseeing import Urged
from tracker.eventstore.connections import connect, connect_pool
from tracker.eventstore.contents import Content, erase
from tracker.eventstore.log_positions import log_positions
from tracker.eventstore.mapper import PlainMapper
from tracker.eventstore.recorder import PoolDatastore, ShaodaoRecorder

WHISTLE = UUID("00000000-0000-4000-8000-000000000001")
NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)
LOG = "SELECT originator_id, originator_version, topic, state FROM stored_events ORDER BY position"


def tracker(database: str, *arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, env={"DATABASE_URL": database})


@pytest.fixture
def recorder(database: str) -> Iterator[ShaodaoRecorder]:
    with connect_pool(database) as pool:
        recorder = ShaodaoRecorder(PoolDatastore(database, pool))
        yield recorder
        recorder.close()


def urge(recorder: ShaodaoRecorder, version: int, note: str = "快一点") -> Content:
    said = Content.said("note", note, whistle=WHISTLE)
    event = Urged(
        originator_id=WHISTLE,
        originator_version=version,
        timestamp=NINE,
        by="city",
        role="city_centre",
        acting_post=None,
        state=State.DISPATCHED,
        clocks=(),
        words=(said.ref,),
    )
    recorder.insert_events([PlainMapper().to_stored_event(event)], contents=[said])
    return said


def rows(database: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database) as connection:
        return connection.execute(LOG).fetchall()


def change(database: str, statement: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(statement)


def test_a_backup_restored_into_an_empty_database_is_the_same_log(
    database, new_database, recorder, tmp_path
):
    urge(recorder, 1)
    urge(recorder, 2)
    elsewhere = new_database(migrated=False)

    made = tracker(database, "backup", str(tmp_path / "city.dump"))
    restored = tracker(elsewhere, "restore", str(tmp_path / "city.dump"))

    assert (made.exit_code, restored.exit_code) == (0, 0), restored.output
    assert rows(elsewhere) == rows(database)
    assert tracker(elsewhere, "verify").exit_code == 0


def test_after_a_restore_into_a_younger_cluster_new_events_come_last(
    database, new_database, recorder, tmp_path
):
    urge(recorder, 1)
    change(database, "UPDATE stored_events SET position = position + (1::bigint << 40)")
    elsewhere = new_database(migrated=False)
    tracker(database, "backup", str(tmp_path / "city.dump"))

    tracker(elsewhere, "restore", str(tmp_path / "city.dump"))

    with connect_pool(elsewhere) as pool:
        younger = ShaodaoRecorder(PoolDatastore(elsewhere, pool))
        urge(younger, 2)
        seen = [event.originator_version for event in younger.read(0, 10)]
        younger.close()
    assert seen == [1, 2]


def test_a_restore_never_mixes_two_logs(database, recorder, tmp_path):
    urge(recorder, 1)
    tracker(database, "backup", str(tmp_path / "city.dump"))

    refused = tracker(database, "restore", str(tmp_path / "city.dump"))

    assert refused.exit_code == 1
    assert "not empty" in refused.output
    assert len(rows(database)) == 1


def test_a_backup_does_not_write_over_another_unless_told_to(database, tmp_path):
    file = Path(tmp_path / "city.dump")
    file.write_text("the only copy")

    refused = tracker(database, "backup", str(file))
    kept = file.read_text()
    forced = tracker(database, "backup", "--force", str(file))

    assert (refused.exit_code, kept) == (1, "the only copy")
    assert forced.exit_code == 0
    assert file.read_bytes().startswith(b"PGDMP")


def test_a_sound_log_verifies_and_an_erasure_in_order_does_not_hurt_it(database, recorder):
    urge(recorder, 1)
    said = urge(recorder, 2)
    with connect(database, name="test") as connection:
        erase(connection, said.id, "admin", NINE)

    verified = tracker(database, "verify", "--json")

    assert verified.exit_code == 0
    assert json.loads(verified.stdout) == {
        **{"events": 2, "streams": 1, "contents": 2, "erased": 1},
        **{"passed_over": {}, "problems": []},
    }


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("DELETE FROM stored_events WHERE originator_version = 1", "versions 2 to 3"),
        (
            "UPDATE stored_events SET position = position + 100 WHERE originator_version = 1",
            "positions do not rise",
        ),
        ("UPDATE contents SET body = '\"慢一点\"'", "altered"),
        ("DELETE FROM contents", "missing"),
        ("UPDATE stored_events SET topic = 'whistle.unheard_of'", "whistle.unheard_of"),
        ("UPDATE stored_events SET state = '{}'", "cannot be read"),
    ],
)
def test_damage_is_found_and_named(database, recorder, damage, told):
    for version in (1, 2, 3):
        urge(recorder, version)
    # Far enough apart that a position can be moved past its neighbour without meeting it.
    change(database, "UPDATE stored_events SET position = originator_version * 40 + 1")
    change(database, damage)

    verified = tracker(database, "verify")

    assert verified.exit_code == 1
    assert told in verified.output


def test_a_base_that_is_too_low_is_found(database, recorder):
    urge(recorder, 1)
    change(database, "UPDATE stored_events SET position = position + (1::bigint << 40)")

    verified = tracker(database, "verify")

    with connect(database, name="test") as connection:
        assert not log_positions(connection).base_is_safe
    assert verified.exit_code == 1
    assert "tracker migrate" in verified.output
