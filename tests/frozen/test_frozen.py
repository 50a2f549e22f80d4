"""An old data folder is served as on the day on which it was left: nothing that was told is lost.

Each folder beside this file holds the backup of a lived-in city (`city.dump`) and what the version
that made it answered (`expected.json`). How one is made: `make.py`. None is ever made again.

Where a test here fails, a later version has changed what an old city says. An answer may gain
keys, a table columns; what was there stays as it was.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg.conninfo import make_conninfo

from tests.api.web import V1, Web, web_on
from tests.frozen import asked
from tests.frozen.asked import as_far_as
from tests.giving import OPENED, a_call_in_json
from tests.made_of import DEMO_PASSWORD

FOLDERS = sorted(file.parent for file in Path(__file__).parent.glob("*/city.dump"))

# What was not frozen is counted by the definitions of now. Those of 0.2.0 count whoever nobody was
# sent to as a breach (one due in September, at CP07; nine due in October, two of them at CP01), and
# what was submitted in time but is not checked yet as on time (two, one of them led by U01).
# A return that nobody decided in time is refused by a rule, and no improper one any more.
# By scope, first day, moment and metric: as it was told, and as it is counted now.
FREEZE, MADE = "2026-10-13T00:00:00+08:00", "2026-11-05T17:00:00+08:00"
RECOUNTED = {
    ("city", "2026-09-01", FREEZE, "response_rate"): ("40/42", "40/43"),
    ("city", "2026-09-01", FREEZE, "on_time_response_rate"): ("33/42", "33/43"),
    ("city", "2026-09-01", FREEZE, "composite_score"): (82.76, 82.21),
    ("city", "2026-09-01", FREEZE, "improper_return_rate"): ("2/2", "1/2"),
    ("city", "2026-09-01", MADE, "improper_return_rate"): ("2/2", "1/2"),
    ("city", "2026-09-01", MADE, "response_rate"): ("40/41", "40/42"),
    ("city", "2026-09-01", MADE, "on_time_response_rate"): ("33/41", "33/42"),
    ("city", "2026-09-01", MADE, "composite_score"): (83.33, 82.76),
    ("city", "2026-10-01", MADE, "improper_return_rate"): ("1/4", "0/4"),
    ("unit:U01", "2026-10-01", MADE, "improper_return_rate"): ("1/1", "0/1"),
    ("city", "2026-10-01", MADE, "response_rate"): ("49/57", "49/66"),
    ("city", "2026-10-01", MADE, "on_time_response_rate"): ("45/57", "45/66"),
    ("city", "2026-10-01", MADE, "on_time_resolution_rate"): ("33/68", "35/68"),
    ("city", "2026-10-01", MADE, "overdue_rate"): ("35/68", "33/68"),
    ("city", "2026-10-01", MADE, "composite_score"): (84.43, 81.2),
    ("post:CP01", "2026-10-01", MADE, "response_rate"): ("7/8", "7/10"),
    ("post:CP01", "2026-10-01", MADE, "on_time_response_rate"): ("7/8", "7/10"),
    ("post:CP01", "2026-10-01", MADE, "composite_score"): (96.25, 91),
    ("unit:U01", "2026-10-01", MADE, "on_time_resolution_rate"): ("8/18", "9/18"),
    ("unit:U01", "2026-10-01", MADE, "overdue_rate"): ("10/18", "9/18"),
}
REFOLDED = "rates_"  # tables of the projection whose rules have changed since

numbers = count(1)


@dataclass(frozen=True)
class Old:
    """A restored city; `expected` is what it answered on the day of its making."""

    folder: Path
    expected: dict[str, Any]
    administrator: psycopg.Connection[Any]
    server: str
    name: str
    var: Path

    @property
    def told(self) -> dict[str, str]:
        """Numbers and ids of what happened in it, by what it was."""
        return dict(self.expected["told"])

    @property
    def made_at(self) -> datetime:
        return datetime.fromisoformat(self.expected["made_at"])

    def connected(self) -> psycopg.Connection[Any]:
        return asked.connected(self.database)

    def does(self, *arguments: str) -> str:
        return asked.tracker_does(self.database, self.var, *arguments)

    def copied(self) -> "Old":
        """The same city once more, for a test that changes it."""
        copy = a_database(self.administrator, template=self.name)
        return replace(self, name=copy)

    @property
    def database(self) -> str:
        return make_conninfo(self.server, dbname=self.name)


def a_database(administrator: psycopg.Connection[Any], template: str) -> str:
    name = f"frozen_{next(numbers)}"
    administrator.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: folder.name)
def old(
    request: pytest.FixtureRequest,
    server: Any,
    administrator: psycopg.Connection[Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Old]:
    """Restored by `tracker restore` into an empty database, which brings it to this version."""
    folder: Path = request.param
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    empty = a_database(administrator, template="template1")
    var = tmp_path_factory.mktemp("var")
    restored = Old(folder, expected, administrator, server.dsn, empty, var)
    restored.does("restore", str(folder / "city.dump"))
    restored.does("rebuild", "--changed")  # what is folded by other rules now
    yield restored
    for (name,) in administrator.execute(OURS).fetchall():
        administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")


OURS = r"SELECT datname FROM pg_database WHERE datname LIKE 'frozen\_%'"


@pytest.fixture(scope="module")
def web(old: Old) -> Iterator[Web]:
    with web_on(old.copied().database, old.var) as running:
        yield running


def test_there_are_old_folders() -> None:
    assert FOLDERS != []


def test_a_folder_is_never_rewritten(old: Old) -> None:
    dump = (old.folder / "city.dump").read_bytes()

    assert sha256(dump).hexdigest() == old.expected["dump"]


def test_no_byte_of_the_log_and_nothing_beside_it_changes_by_restoring_and_migrating(
    old: Old,
) -> None:
    with old.connected() as connection:
        restored = asked.log_of(connection), asked.beside_the_log(connection)
        old.does("migrate")
        migrated = asked.log_of(connection), asked.beside_the_log(connection)

    assert restored == (old.expected["log"], old.expected["beside"])
    assert migrated == restored


def test_the_log_is_sound_and_the_frozen_month_counts_again_as_it_was_frozen(old: Old) -> None:
    found = asked.verified(old.database, old.var, old.expected["month"])

    assert told_again(found, old.expected["verified"])
    assert found["log"]["problems"] == []
    assert found["month"]["holds"]


def test_every_projection_made_anew_has_the_rows_of_the_old_one(old: Old) -> None:
    """Whole rows, as far as they were known: the moment of a rebuild stands in no column."""
    copy, tables = old.copied(), old.expected["tables"]
    with copy.connected() as connection:
        before = asked.tables_of(connection, tables)

        copy.does("rebuild")

        after = asked.tables_of(connection, tables)
    counted = {table: len(rows) for table, rows in before.items()}
    assert unchanged(counted) == unchanged(tables)
    for table in tables:
        assert as_far_as(before[table], after[table]) == before[table], table
    found = asked.verified(copy.database, copy.var, old.expected["month"])
    assert told_again(found, old.expected["verified"])  # the month, of facts that were made anew


def unchanged(tables: dict[str, int]) -> dict[str, int]:
    return {name: rows for name, rows in tables.items() if not name.startswith(REFOLDED)}


def test_the_lists_of_posts_and_units_the_summonses_and_the_handovers_are_the_same(
    old: Old,
) -> None:
    expected = {name: old.expected[name] for name in ("board", "summonses", "handovers")}
    for row in (row for rows in expected["board"].values() for row in rows):
        row.pop("major")  # the catalogue is asked for it since

    with old.connected() as connection:
        found = asked.lists_of(connection)

    assert as_far_as(expected, found) == expected


def test_every_whistle_is_what_it_was(old: Old, web: Web) -> None:
    expected = old.expected["whistles"]

    found = asked.whistles_of(web, list(expected))

    with old.connected() as connection:
        assert asked.numbers_of(connection) == sorted(expected)
    for number, whistle in expected.items():
        pictures = found[number].pop("photos")  # of the whistles that were merged into it too
        assert set(whistle["photos"]) <= set(pictures)
        assert as_far_as(whistle, found[number] | {"photos": whistle["photos"]}) == whistle


def test_the_frozen_month_is_the_same_to_the_digit_and_so_are_its_rankings(
    old: Old, web: Web
) -> None:
    expected = {name: old.expected[name] for name in ("report", "rankings")}

    found = asked.figures_of(web, old.expected["month"], old.made_at)

    changed = found["report"]["adjustments"].pop("figures")
    expected["report"]["adjustments"].pop("figures")
    assert found["report"]["frozen"]
    assert as_far_as(expected, found) == expected
    city = {one["metric"]: one for one in changed if one["scope"] == "city"}
    assert city["raised_valid"] == {
        "scope": "city", "metric": "raised_valid", "frozen": 48, "recounted": 48, "now": 47,
    }  # fmt: skip
    assert [over(city["response_rate"][when]) for when in ("frozen", "recounted", "now")] == [
        "40/42",
        "40/43",  # by the definitions of now
        "40/42",  # and one was voided since
    ]


def test_every_other_figure_is_what_it_was_or_is_explained(old: Old, web: Web) -> None:
    then = told_by(old.expected["rates"])

    now = told_by(asked.figures_of(web, old.expected["month"], old.made_at)["rates"])

    differing = {key: (then[key], now[key]) for key in then if then[key] != now[key]}
    assert differing == RECOUNTED


def told_by(answers: list[dict[str, Any]]) -> dict[tuple[str, str, str, str], Any]:
    return {
        (answer["scope"], answer["from"], answer["as_of"], metric): over(value)
        for answer in answers
        for metric, value in answer["metrics"].items()
    }


def over(value: Any) -> Any:
    """n/d of a rate; any other value as it is."""
    return f"{value['n']}/{value['d']}" if isinstance(value, dict) else value


def test_who_raised_it_without_a_name_opens_it_with_the_receipt_of_then(old: Old, web: Web) -> None:
    holder = web.with_receipt(old.expected["receipt"])

    whistle = asked.got(holder, "/receipts/current")

    assert whistle["number"] == old.told["anonymous"]
    assert whistle["text"] == old.expected["whistles"][old.told["anonymous"]]["text"]


def test_old_pictures_are_shown_and_erased_words_are_not(old: Old, web: Web) -> None:
    city, told = web.someone("city"), old.told
    [photo] = old.expected["whistles"][told["anonymous"]]["photos"]

    for size in ("full", "thumb"):
        answer = city.get(f"/photos/{photo}", params={"size": size})
        assert (answer.status_code, answer.content[:3]) == (200, b"\xff\xd8\xff")
    assert asked.got(city, f"/whistles/{told['second child']}")["text"] is None


def test_every_page_of_the_old_city_opens(old: Old, web: Web) -> None:
    told = old.told
    whistles = [name for name in told.values() if name in old.expected["whistles"]]
    pages = {
        "dispatcher-cp01": [
            *("/post", "/post?queue=all", "/post/CP01/handover", "/post/CP01/roster"),
            *(f"/handover/{told[f'handover {how}']}" for how in ("received", "signed")),
            *("/post/CP01/summonses", f"/merge/{told['triaged']}"),
        ],
        "liaison-u08": ["/unit", "/unit/answers", "/unit/summonses"],
        f"gw-{asked.GRID}": ["/grid", "/grid/patrol"],
        "city": [
            *(f"/w/{number}" for number in whistles),
            *(f"/w/{number}/sheet" for number in whistles[:2]),
            *(f"/summons/{told['summons']}", "/summonses"),
        ],
        "leader": [
            *("/leader", "/leader/steps", "/leader/what-ifs"),
            f"/leader/what-ifs/{told['what-if']}",
            "/leader/list?metric=on_time_response_rate&part=missing&from=2026-09-01&to=2026-10-01",
        ],
        "auditor": [
            *("/audit", "/audit/log", f"/audit/w/{told['confidential']}"),
            *("/audit/e/unit/U21", "/audit/e/category/E0205"),
        ],
        "admin": ["/admin", "/admin/posts/CP02", "/admin/change/unit/U21"],
    }

    closed = []
    for account, wanted in pages.items():
        browser = signed_in(web, account)
        closed += [(account, page) for page in wanted if not opens(browser, page)]

    assert closed == []


def told_again(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Everything that was said then is said now; a later version may say more."""
    return all(found[about] == {**found[about], **said} for about, said in expected.items())


def opens(browser: TestClient, page: str) -> bool:
    """The page itself, or the one that it leads to; never the door to sign in."""
    answer = browser.get(page)
    return (answer.status_code, answer.url.path == "/login") == (200, False)


def signed_in(web: Web, account: str) -> TestClient:
    browser = TestClient(web.app)
    typed = {"username": account, "password": DEMO_PASSWORD}
    assert browser.post(f"{V1}/sessions", json=typed).status_code == 201
    return browser


def test_work_goes_on_in_the_old_city_and_the_log_is_sound_after_it(old: Old) -> None:
    copy, told = old.copied(), old.told
    with web_on(copy.database, copy.var) as web:
        post, unit = web.someone("dispatcher-cp01"), web.someone("handler-u08")
        answers = [
            post.give(told["triaged"], "dispatch", {"lead": "U08"}),
            unit.give(told["dispatched"], "open-contact", OPENED),
            unit.give(told["dispatched"], "respond", {**a_call_in_json(), "note": "已联系"}),
            web.with_receipt(old.expected["receipt"]).post(
                "/receipts/current/commands/amend", {"text": "又倒了一车"}
            ),
            web.someone("commander-cp01").post(f"/handovers/{told['handover signed']}/receive", {}),
            post.post(f"/summonses/{told['summons']}/end", {"note": "已通水"}),
        ]
        raised = web.nobody.raises("路灯又不亮了", location={"grid": asked.GRID})

    assert [answer.status_code for answer in answers] == [200] * len(answers), [
        answer.text for answer in answers
    ]
    assert raised["number"] not in old.expected["whistles"]
    found = asked.verified(copy.database, copy.var, old.expected["month"])
    assert found["month"] == old.expected["verified"]["month"]
    assert found["log"]["problems"] == []
    with copy.connected() as connection:
        older = asked.log_of(connection, up_to=old.expected["log"]["last"])
        assert older == old.expected["log"]
        assert asked.log_of(connection)["events"] >= older["events"] + len(answers) + 1


def test_where_no_context_serves_its_events_stay_are_verified_and_are_passed_over(
    old: Old,
) -> None:
    copy = old.copied()
    kept = counted_by_context(copy)

    found = json.loads(alone(copy, "verify", "--json"))
    alone(copy, "rebuild", "audit_trail")

    assert found["problems"] == []
    assert found["contents"] == old.expected["verified"]["log"]["contents"]
    assert found["passed_over"] == counted_by_context(copy) == kept != {}
    with copy.connected() as connection:
        trail = connection.execute("SELECT DISTINCT kind FROM audit_trail").fetchall()
    assert {kind for (kind,) in trail}.isdisjoint(kept)


def alone(old: Old, *arguments: str) -> str:
    """A command of `tracker` in a process in which no context serves; what it printed."""
    env = {"DATABASE_URL": old.database, "TRACKER_VAR": str(old.var), "TRACKER_CONTEXTS": ""}
    command = [sys.executable, "-m", "tracker", *arguments]
    return subprocess.run(
        command, env={**os.environ, **env}, check=True, capture_output=True, text=True
    ).stdout


BY_CONTEXT = r"""
    SELECT split_part(topic, '.', 1), count(*)
      FROM stored_events
     WHERE topic ~ '^(summons|handover)\.'
     GROUP BY 1
"""


def counted_by_context(old: Old) -> dict[str, int]:
    with old.connected() as connection:
        return dict(connection.execute(BY_CONTEXT).fetchall())


def test_what_an_older_version_left_wrong_is_mended_once_and_the_old_log_stays(old: Old) -> None:
    copy = old.copied()

    def found(*options: str) -> dict[str, dict[str, Any]]:
        told = json.loads(copy.does("mend", "--json", *options))["found"]
        return {one["number"]: one for one in told}

    looked_at, mended = found("--dry-run"), found()
    again = found("--dry-run")

    assert looked_at and {n: one["rules"] for n, one in mended.items()} == {
        n: one["rules"] for n, one in looked_at.items()
    }
    assert not any(one["events"] for one in looked_at.values())
    assert all("mended" in one["events"] and not one["refused"] for one in mended.values())
    assert any("child_without_its_people" in one["rules"] for one in mended.values())
    assert again == {}
    with copy.connected() as connection:
        log = asked.log_of(connection, up_to=old.expected["log"]["last"])
    assert log == old.expected["log"]
    month = asked.verified(copy.database, copy.var, old.expected["month"])["month"]
    assert month["holds"]
