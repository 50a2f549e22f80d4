"""A city in another zone, as processes of its own serve it: `python -m tests.city.city_in_paris`.

A process has one zone, that of its log; the tests' own has Mengzi's. Loads the pack that is given,
registers a whistle and prints what the API, a page, an export and the figures say of it.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.api.test_forms import signed_in
from tests.api.web import web_on
from tests.made_of import DEMO_PASSWORD
from tracker.city.pack import citypack
from tracker.city.pack.loading import give_demo_passwords, load_city
from tracker.commands.fields import GridRef
from tracker.commands.whistle.raising import Raise
from tracker.metrics.asking import AsOf, Period, Question
from tracker.projections.engine.positions import wait_for
from tracker.reports.indices import acts

LOADED_AT = datetime(2026, 1, 1, tzinfo=UTC)
AT = datetime(2026, 3, 31, 17, 0, tzinfo=UTC)  # 31 March, 19:00 in Paris; 1 April in Mengzi
GRID = "53250300100103"
MARCH = "from=2026-03-01&to=2026-04-01"


def said(database: str, pack: Path, folder: Path) -> dict[str, Any]:
    with web_on(database, folder) as web:
        tracker = web.tracker
        load_city(tracker, citypack.read(pack), True, LOADED_AT)
        give_demo_passwords(tracker, tracker.city, DEMO_PASSWORD, LOADED_AT)
        actor = tracker.city.actor(tracker.city.account(f"gw-{GRID}"))
        command = Raise(text="路灯不亮", location=GridRef(GRID), category="C0103")
        done = tracker.open(command, actor=actor, at=AT)
        number = str(done.aggregate.number)
        with tracker.connection() as connection:
            for name in ("board", "rates", "steps", "timeline"):
                assert wait_for(connection, name, done.position, timeout=30)
            period = Period(datetime(2026, 3, 1).date(), datetime(2026, 4, 1).date())
            question = Question("city", period, AsOf(datetime.now(UTC)))
            counted = acts(connection, question)["city"]
            day = connection.execute("SELECT DISTINCT counted_day FROM rates_facts").fetchall()
        leader = web.someone("leader")
        whistle = leader.get(f"/whistles/{number}").json()
        return {
            "number": number,
            "deadline": done.aggregate.clocks["respond"].due.astimezone(UTC).isoformat(),
            "api": {name: whistle[name] for name in ("raised_at", "clocks")},
            "days": sorted({str(row[0]) for row in day}),
            "march": leader.get(f"/rates?{MARCH}&by=day").json(),
            "csv": leader.get(f"/rates.csv?{MARCH}&by=day").text,
            "acts": counted,
            "page": signed_in(web, "dispatcher-cp01").get(f"/w/{number}").text,
        }


if __name__ == "__main__":
    print(json.dumps(said(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])), default=str))
