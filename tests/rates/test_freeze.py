"""A frozen month: kept once, byte for byte the same whatever becomes known, adjusted beside."""

import json
import threading
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import psycopg
import pytest
from click.testing import CliRunner

from tests.api.web import projecting
from tests.made_of import SECRET, ZONE
from tests.rates.asked import answer, imported, project
from tests.waiting import until
from tracker.city.registering import amend, load
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.ending import Void
from tracker.domain.actors import Actor, Role
from tracker.domain.city.areas import PlanEntry
from tracker.domain.city.policy import PolicyEntry
from tracker.domain.months import digest_of
from tracker.eventstore.mapper import PlainMapper
from tracker.metrics.exports import Sheet, as_csv, as_xlsx
from tracker.operating.verify import verify
from tracker.projections.engine.rebuilding import rebuild
from tracker.projections.rates.rates import Rates
from tracker.reports.month_end import Freezing
from tracker.reports.month_report import NotFrozen, adjusted, frozen_month, report_of, verified
from tracker.reports.report_cli import rankings, report
from tracker.schedule import schedule

FACTS = json.loads((Path(__file__).parents[1] / "data" / "metrics_fixture.json").read_text())
FREEZE = datetime(2026, 10, 13, tzinfo=ZONE)
LATER = datetime(2026, 10, 20, 8, tzinfo=ZONE)
NOVEMBER = datetime(2026, 11, 3, 9, tzinfo=ZONE)
TODAY = datetime(2026, 11, 23, 12, tzinfo=ZONE)
ADMIN = Actor("admin", Role.ADMIN)
CENTRE, SUPERVISOR = Actor("city", Role.CITY_CENTRE), Actor("supervisor", Role.SUPERVISOR)
NEVER_ANSWERED = "I-F19"  # open, of September, late


@pytest.fixture
def tracker(city_settings):
    with Tracker(city_settings) as running:
        yield running


@pytest.fixture
def connection(city_database):
    with psycopg.connect(city_database, autocommit=True) as own:
        yield own


@pytest.fixture
def september(tracker, connection, tmp_path):
    """The golden months in the log, September frozen on a morning a week after its moment."""
    imported(tracker, FACTS["facts"], tmp_path)
    project(connection)
    assert Freezing().freeze_due(tracker, connection, LATER) == ["2026-09"]
    return frozen_month(tracker, "2026-09")


def void(tracker, connection, number=NEVER_ANSWERED, at=NOVEMBER):
    for actor in (SUPERVISOR, CENTRE):
        tracker.give(Void(reason="fabricated", basis="现场核实无此事"), number, actor=actor, at=at)
    project(connection)


def test_a_month_is_frozen_at_the_moment_that_had_passed_with_the_golden_figures(september):
    city = json.loads(september.figures)["rows"][0]

    assert september.timestamp == FREEZE
    assert september.digest == digest_of(september.figures)
    assert city["scope"] == "city"
    assert city["metrics"]["on_time_response_rate"] == {"n": 9, "d": 13, "pct": "69.23"}
    assert city["metrics"]["satisfaction_rate"] == {"n": 6, "d": 8, "pct": "75.00"}
    assert city["metrics"]["composite_score"] == 78.13


def test_before_its_moment_a_month_is_not_frozen(tracker, connection, tmp_path):
    imported(tracker, FACTS["facts"], tmp_path)
    project(connection)

    frozen = Freezing().freeze_due(tracker, connection, datetime(2026, 10, 12, 23, 59, tzinfo=ZONE))

    assert frozen == []
    with pytest.raises(NotFrozen):
        verified(tracker, connection, "2026-09")


def test_a_month_is_frozen_once_and_each_one_that_was_missed(tracker, connection, september):
    project(connection)

    assert Freezing().freeze_due(tracker, connection, TODAY) == ["2026-10"]
    project(connection)
    assert Freezing().freeze_due(tracker, connection, TODAY) == []
    assert frozen_month(tracker, "2026-09") == september


def test_a_month_waits_for_a_missing_calendar_and_the_log_says_so(
    tracker, connection, tmp_path, caplog
):
    december = [{**FACTS["facts"][15], "id": "D01", "registered_at": "2026-12-01T09:00"}]
    december[0]["excluded"] = {**december[0]["excluded"], "at": "2026-12-01T09:30"}
    imported(tracker, december, tmp_path)
    project(connection)
    freezing = Freezing()

    for _ in range(2):
        frozen = freezing.freeze_due(tracker, connection, datetime(2027, 2, 1, tzinfo=ZONE))

    assert frozen == []
    assert caplog.text.count("When 2026-12 is frozen depends on the calendar of 2027") == 1


def test_a_void_after_the_freeze_changes_no_frozen_byte_and_shows_as_an_adjustment(
    tracker, connection, september
):
    void(tracker, connection)

    found = verified(tracker, connection, "2026-09")
    shown = adjusted(connection, report_of(tracker, connection, "2026-09", TODAY), TODAY)

    assert found.holds and found.frozen == september.digest
    assert frozen_month(tracker, "2026-09").figures == september.figures
    voided = [one for one in shown.whistles if one.line.number == NEVER_ANSWERED]
    assert {one.line.cohort for one in voided} >= {"raised", "response"}
    assert all("作废" in one.reason("zh") and not one.late for one in voided)
    moved = {(one.scope, one.metric): (one.frozen, one.now) for one in shown.figures}
    assert moved["city", "raised_valid"] == (16, 15)
    assert moved["city", "response_rate"][1] == {"n": 11, "d": 12, "pct": "91.67"}


def test_a_reopening_after_the_freeze_is_an_adjustment_of_the_reopen_rate_alone(
    tracker, connection, september
):
    shown = adjusted(connection, report_of(tracker, connection, "2026-09", TODAY), TODAY)

    assert {one.metric for one in shown.figures if one.scope == "city"} == {"reopen_rate"}
    assert [(one.line.number, one.line.cohort) for one in shown.whistles] == [("I-F04", "closed")]


def test_a_late_fact_changes_no_frozen_figure_and_is_named_as_late(
    tracker, connection, september, tmp_path
):
    offline = {**FACTS["facts"][4], "id": "L01"}  # fixed on the spot, told weeks later
    imported(tracker, [offline], tmp_path)
    project(connection)

    shown = adjusted(connection, report_of(tracker, connection, "2026-09", TODAY), TODAY)

    assert verified(tracker, connection, "2026-09").holds
    [late] = [one for one in shown.whistles if one.line.number == "I-L01"]
    assert late.late and "冻结后才记入" in late.reason("zh")


def test_neither_a_redrawn_plan_nor_a_new_policy_nor_a_rebuild_moves_a_frozen_byte(
    tracker, connection, september, city_database
):
    amend(
        tracker,
        PlanEntry,
        "plan-epidemic",
        lambda plan: plan.switch_on(date(2026, 11, 1), None, NOVEMBER, ADMIN),
    )
    [policy] = tracker.city.registers["policy"]
    promises = load(tracker, PolicyEntry, policy).entry
    slower = replace(promises.classes[0], respond=promises.classes[0].resolve)
    wanted = replace(promises, classes=(slower, *promises.classes[1:]))
    amend(
        tracker,
        PolicyEntry,
        policy,
        lambda entry: entry.revise(wanted, date(2026, 11, 1), NOVEMBER, ADMIN),
    )
    void(tracker, connection)
    with psycopg.connect(city_database, autocommit=True) as own:
        rebuild(own, Rates(), PlainMapper())

    assert verified(tracker, connection, "2026-09").holds
    assert frozen_month(tracker, "2026-09") == september


def test_what_the_adjustments_add_to_a_frozen_rate_is_the_rate_as_it_stands_now(
    tracker, connection, september
):
    void(tracker, connection)
    report = report_of(tracker, connection, "2026-09", TODAY)
    now = answer(connection, tracker.city, "city", "2026-09-01", "2026-10-01", now=TODAY)

    shown = adjusted(connection, report, TODAY)

    change = sum(
        bool(one.after and one.after.marks & 1) - bool(one.before and one.before.marks & 1)
        for one in shown.whistles
        if one.line.cohort == "response"
    )
    assert report.rows[0].rates["response_rate"].d + change == now["metrics"]["response_rate"]["d"]


def test_verify_says_whether_a_month_is_that_of_the_log(september, city_database, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", city_database)
    monkeypatch.setenv("TRACKER_SECRET_KEY", SECRET)

    good = CliRunner().invoke(verify, ["--month", "2026-09", "--json"])
    not_yet = CliRunner().invoke(verify, ["--month", "2026-11"])

    assert (good.exit_code, json.loads(good.output)["holds"]) == (0, True)
    assert not_yet.exit_code == 1


def test_verify_finds_a_fact_that_was_taken_out_of_a_frozen_month(
    september, connection, city_database, monkeypatch
):
    monkeypatch.setenv("DATABASE_URL", city_database)
    monkeypatch.setenv("TRACKER_SECRET_KEY", SECRET)
    connection.execute("DELETE FROM rates_facts WHERE cohort = 'follow_up' AND marks > 0")

    found = CliRunner().invoke(verify, ["--month", "2026-09"])

    assert found.exit_code == 1
    assert september.digest in found.output


def test_the_report_is_written_as_a_workbook_with_what_came_after(
    september, tracker, connection, city_database, monkeypatch, tmp_path
):
    monkeypatch.setenv("DATABASE_URL", city_database)
    monkeypatch.setenv("TRACKER_SECRET_KEY", SECRET)
    void(tracker, connection)
    file = tmp_path / "september.xlsx"

    done = CliRunner().invoke(report, ["--month", "2026-09", "--json", "--xlsx", str(file)])

    told, book = json.loads(done.stdout), openpyxl.load_workbook(file)
    assert (done.exit_code, told["digest"]) == (0, september.digest)
    assert told["rows"] == json.loads(september.figures)["rows"]
    assert book.sheetnames == ["2026-09", "冻结后调整", "口径", "说明"]
    assert NEVER_ANSWERED in {row[0] for row in book["冻结后调整"].iter_rows(values_only=True)}


def test_a_quiet_month_has_a_report_and_a_ranking_without_places(
    tracker, connection, city_database, monkeypatch
):
    monkeypatch.setenv("DATABASE_URL", city_database)
    monkeypatch.setenv("TRACKER_SECRET_KEY", SECRET)

    quiet = CliRunner().invoke(report, ["--month", "2026-03", "--json"])
    places = CliRunner().invoke(rankings, ["--month", "2026-03", "--json"])

    assert json.loads(quiet.stdout)["rows"][0]["metrics"]["response_rate"] is None
    items = json.loads(places.stdout)["items"]
    assert len(items) == 28
    assert {(item["rank"], item["insufficient_sample"]) for item in items} == {(None, True)}


def test_a_text_that_would_be_a_formula_stays_a_text(tmp_path):
    sheet = Sheet("x", ["=1+1"], [["=SUM(A1)"], ["@a"], [-1]])

    book = openpyxl.load_workbook(BytesIO(as_xlsx([sheet])))

    assert as_csv(sheet).decode("utf-8-sig").splitlines() == ["'=1+1", "'=SUM(A1)", "'@a", "-1"]
    assert [cell.data_type for (cell,) in book["x"].iter_rows()] == ["s", "s", "s", "n"]


def test_the_scheduler_freezes_by_itself_once_the_sweep_has_passed_the_moment(
    tracker, city_settings, tmp_path, monkeypatch
):
    imported(tracker, FACTS["facts"], tmp_path)
    monkeypatch.setattr(schedule, "FREEZE_EVERY", 0.2)
    scheduler = schedule.Scheduler(tracker, clock=lambda: TODAY)
    running = threading.Thread(target=scheduler.run)

    with projecting(tracker, city_settings):
        running.start()
        try:
            until(lambda: frozen_month(tracker, "2026-10"), lambda: "2026-10 is not frozen")
        finally:
            scheduler.stop()
            running.join()

    frozen = [frozen_month(tracker, month) for month in ("2026-08", "2026-09", "2026-10")]
    assert [month and month.timestamp for month in frozen] == [
        None,
        FREEZE,
        datetime(2026, 11, 6, tzinfo=ZONE),
    ]
