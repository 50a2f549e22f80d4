"""Make an old data folder: `python -m tests.frozen.make tests/frozen/2026-11`.

A folder is what a city of that day leaves to every later version: `city.dump`, the backup of its
database, and `expected.json`, what the version that made it answered. It was made once, and an old
data folder is never rewritten: when there is more to remember, a further one is added beside it,
by this script as it is then.

The city: Mengzi with its demo accounts, six whistles of an older system, seven simulated weeks
(seed 20260904), September frozen, and two weeks and a half of real commands (`story.py`). Debian's
PostgreSQL 15 writes it, so that every later one can read it.

All that happens in it is dated by the story. Two makings differ all the same: ids and salts are
drawn anew, positions of the log follow the server's count of transactions, and what PostgreSQL
dates by itself (when a row of contents or a migration was written) has the moment of the making.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from tests.api.web import web_on
from tests.conftest import DEBIANS_15, FAST
from tests.frozen import asked
from tests.frozen.means import END, ZONE
from tests.frozen.story import RECEIPT, Story
from tests.made_of import DEMO_PASSWORD, SECRET
from tracker.city.pack import citypack
from tracker.city.pack.loading import give_demo_passwords, load_city
from tracker.commands.tracker import Tracker
from tracker.demo.living import live
from tracker.eventstore.embedded import EmbeddedServer
from tracker.eventstore.migrations import migrate
from tracker.imports.command import import_file
from tracker.operating.projecting import ALL
from tracker.reports.month_end import Freezing
from tracker.settings import PACKAGED_CITY, Settings

LOADED = datetime(2026, 8, 31, 9, tzinfo=ZONE)
LIVED = datetime(2026, 10, 20, 17, 30, tzinfo=ZONE)
WHISTLES, DAYS, SEED = 110, 46, 20260904
MONTH = "2026-09"
FACTS = Path(__file__).parents[1] / "data" / "metrics_fixture.json"
OF_OLD = ("F01", "F02", "F03", "F04", "F05", "F19")  # whistles of an older system, imported
NEVER_ANSWERED = "I-F19"  # one of them, still open


def make(folder: Path) -> None:
    folder.mkdir(parents=True)
    dump = folder / "city.dump"
    with a_database() as dsn, TemporaryDirectory() as var:
        expected: dict[str, Any] = {"made_at": END.isoformat(), "receipt": RECEIPT, "month": MONTH}
        expected["told"] = live_in(dsn)
        expected |= as_it_stands(dsn)
        asked.tracker_does(dsn, Path(var), "backup", str(dump))
        # Whoever asks over HTTP signs in, which leaves a session that is not of the story.
        expected |= as_it_answers(dsn, Path(var))
    expected["dump"] = sha256(dump.read_bytes()).hexdigest()
    (folder / "expected.json").write_text(written(expected) + "\n", encoding="utf-8")
    for made in folder.iterdir():
        print(f"{made}: {made.stat().st_size:,} bytes")


def as_it_stands(dsn: str) -> dict[str, Any]:
    tables = [table.name for projection in ALL for table in projection.tables]
    with asked.connected(dsn) as connection:
        rows = asked.tables_of(connection, tables)
        return {
            "log": asked.log_of(connection),
            "beside": asked.beside_the_log(connection),
            "tables": {table: len(rows[table]) for table in tables},
            **asked.lists_of(connection),
        }


def as_it_answers(dsn: str, var: Path) -> dict[str, Any]:
    with asked.connected(dsn) as connection, web_on(dsn, var) as web:
        return {
            "verified": asked.verified(dsn, var, MONTH),
            "whistles": asked.whistles_of(web, asked.numbers_of(connection)),
            **asked.figures_of(web, MONTH, END),
        }


def written(expected: dict[str, Any]) -> str:
    """JSON with a line for each whistle, row and figure, so that a difference can be found."""
    return lines(expected, depth=3)


def lines(value: Any, depth: int) -> str:
    if depth and value and isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {lines(value[key], depth - 1)}" for key in sorted(value)]
        return "{\n" + ",\n".join(parts) + "\n}"
    if depth and value and isinstance(value, list):
        return "[\n" + ",\n".join(lines(one, depth - 1) for one in value) + "\n]"
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@contextmanager
def a_database() -> Iterator[str]:
    with TemporaryDirectory(prefix="shaodao-frozen-") as folder:
        server = EmbeddedServer(Path(folder), binaries=DEBIANS_15, settings=FAST)
        server.start()
        try:
            with psycopg.connect(
                make_conninfo(server.dsn, dbname="postgres"), autocommit=True
            ) as administrator:
                administrator.execute("CREATE DATABASE city")
            dsn = make_conninfo(server.dsn, dbname="city")
            migrate(dsn)
            yield dsn
        finally:
            server.stop()


def live_in(dsn: str) -> dict[str, str]:
    settings = Settings(database_url=dsn, secret_key=SECRET)
    with (
        Tracker(settings, name="frozen", pool_size=4) as tracker,
        psycopg.connect(dsn, autocommit=True) as connection,
    ):
        changes = load_city(tracker, citypack.read(PACKAGED_CITY), True, LOADED)
        give_demo_passwords(tracker, changes.city, DEMO_PASSWORD, LOADED)
        import_of_old(tracker)
        lived = live(tracker, whistles=WHISTLES, days=DAYS, seed=SEED, until=LIVED)
        print(lived)
        story = Story(tracker, connection)
        story.projected()
        frozen = Freezing().freeze_due(tracker, connection, LIVED + timedelta(minutes=1))
        assert frozen == [MONTH], frozen
        story.told["late void"] = NEVER_ANSWERED
        story.live()
        return story.told


def import_of_old(tracker: Tracker) -> None:
    facts = json.loads(FACTS.read_text(encoding="utf-8"))["facts"]
    facts = [fact for fact in facts if fact["id"] in OF_OLD]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "facts.jsonl"
        file.write_text("".join(json.dumps(fact, ensure_ascii=False) + "\n" for fact in facts))
        done = import_file(tracker, file)
    assert done.bad == [], done.bad


if __name__ == "__main__":
    os.environ.pop("DATABASE_URL", None)
    make(Path(sys.argv[1]))
