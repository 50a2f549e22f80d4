"""Figures over HTTP: the golden months, their lists, their tables, and questions of nonsense."""

import csv
import json
from datetime import datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.api.web import VIOLENCE, Caller, Web
from tests.made_of import ZONE
from tests.rates.asked import imported
from tests.waiting import until_folded
from tracker.metrics.definitions import METRICS
from tracker.projections.engine.log_moments import LogMoments
from tracker.reports.month_end import Freezing

FIXTURE = json.loads((Path(__file__).parents[1] / "data" / "metrics_fixture.json").read_text())
SEPTEMBER = "from=2026-09-01&to=2026-10-01"
AT_FREEZE = f"{SEPTEMBER}&as_of=2026-10-13T00:00:00%2B08:00"
JUST_FROZEN = datetime(2026, 10, 13, 9, tzinfo=ZONE)


@pytest.fixture(scope="module")
def months(web: Web, tmp_path_factory: pytest.TempPathFactory) -> Web:
    """The golden months and one whistle that few may read; September frozen."""
    fact = next(fact for fact in FIXTURE["facts"] if fact["id"] == "F03")
    secret = {**fact, "id": "S01", "category": VIOLENCE}
    imported(web.tracker, FIXTURE["facts"], tmp_path_factory.mktemp("facts"))
    with web.tracker.connection() as connection:
        until_folded(connection, LogMoments(connection).newest(), "rates")
        assert Freezing().freeze_due(web.tracker, connection, JUST_FROZEN) == ["2026-09"]
    imported(web.tracker, [secret], tmp_path_factory.mktemp("late"))
    with web.tracker.connection() as connection:
        until_folded(connection, LogMoments(connection).newest(), "board")
        until_folded(connection, LogMoments(connection).newest(), "rates")
    return web


@pytest.fixture
def leader(months: Web) -> Caller:
    return months.someone("leader")


def test_the_frozen_month_is_ranked_with_the_golden_scores(leader: Caller):
    answer = leader.get("/rankings?of=posts&month=2026-09").json()

    scores = {item["key"]: item["composite_score"] for item in answer["items"]}
    assert (answer["frozen"], answer["as_of"]) == (True, "2026-10-13T00:00:00+08:00")
    assert (scores["CP01"], scores["CP02"]) == ("82.17", "75.48")


def test_rates_are_given_by_scope_by_moment_and_by_position(months: Web, leader: Caller):
    late = leader.get(f"/rates?{AT_FREEZE}").json()
    with months.tracker.connection() as connection:
        newest = LogMoments(connection).newest()
    by_position = leader.get(f"/rates?{SEPTEMBER}&as_of={newest}").json()
    plus_as_typed = leader.get(f"/rates?{SEPTEMBER}&as_of=2026-10-13T00:00:00+08:00").json()
    post = leader.get(f"/rates?scope=post:CP02&by=unit&{SEPTEMBER}").json()

    # The late one was known nowhere at the freeze, yet it had happened: only a position tells.
    assert late["metrics"]["on_time_response_rate"] == {"n": 10, "d": 14, "pct": "71.43"}
    assert by_position["position"] == newest
    assert plus_as_typed["metrics"] == late["metrics"]
    assert {item["key"] for item in post["items"]} >= {"U01", "U02"}


def test_the_same_position_is_not_sent_twice(leader: Caller):
    for path in (f"/rates?{SEPTEMBER}", f"/rates.csv?{SEPTEMBER}", "/rankings?month=2026-09"):
        first = leader.get(path)
        again = leader.get(path, headers={"If-None-Match": first.headers["etag"]})

        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


@pytest.mark.parametrize(
    ("path", "field", "code"),
    [
        ("/rates?from=2026-10-01&to=2026-09-01", "to", "rates.period_reversed"),
        ("/rates?from=2026-13-01&to=2026-09-01", "from", "rates.not_a_date"),
        ("/rates?from=0001-01-01&to=2026-09-01", "from", "rates.not_a_date"),
        (f"/rates?{SEPTEMBER}&as_of=2999-01-01", "as_of", "rates.not_a_moment"),
        (f"/rates?{SEPTEMBER}&as_of=2027-01-01", "as_of", "rates.as_of_in_the_future"),
        (f"/rates?{SEPTEMBER}&as_of={10**18}", "as_of", "rates.as_of_in_the_future"),
        (f"/rates?{SEPTEMBER}&as_of=yesterday", "as_of", "rates.not_a_moment"),
        (f"/rates?{SEPTEMBER}&scope=post:CP99", "scope", "rates.unknown_scope"),
        (f"/rates?{SEPTEMBER}&by=colour", "by", "rates.unknown_grouping"),
        (f"/rates/why?{SEPTEMBER}&metric=colour", "metric", "rates.no_such_list"),
        (f"/rates/why?{SEPTEMBER}&metric=response_rate&part=x", "metric", "rates.no_such_list"),
        (f"/rates/why?{SEPTEMBER}&metric=response_rate&cursor=x", "cursor", "rates.bad_cursor"),
        ("/rankings?month=2026-9", "month", "rates.not_a_month"),
        ("/rankings?month=9999-12", "month", "rates.not_a_month"),
        ("/rankings?month=2098-12", "month", "rates.month_not_begun"),
        ("/reports/2098-12", "month", "rates.month_not_begun"),
        ("/reports/September", "month", "rates.not_a_month"),
        ("/rankings?of=streets&month=2026-09", "of", "rankings.unknown"),
        ("/rates", "from", "form.invalid"),
        (f"/rates?{SEPTEMBER}&colour=red", "colour", "form.invalid"),
    ],
)
def test_nonsense_is_answered_with_the_field_and_the_way_on(
    leader: Caller, path: str, field: str, code: str
):
    answer = leader.get(path)

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, code)
    assert problem["errors"][0]["field"] == field
    assert problem["remedy"]


@pytest.mark.parametrize("part", ["n", "d", "missing", "left_out"])
def test_a_list_has_as_many_lines_as_its_figure_says(months: Web, part: str):
    auditor = months.someone("auditor")  # the list leaves nothing out for him
    figures = auditor.get(f"/rates?{SEPTEMBER}").json()["metrics"]["on_time_response_rate"]
    found, cursor = [], ""
    while cursor is not None:
        page = auditor.get(
            f"/rates/why?{SEPTEMBER}&metric=on_time_response_rate&part={part}&limit=5"
            + (f"&cursor={cursor.replace('+', '%2B')}" if cursor else "")
        ).json()
        found += page["items"]
        cursor = page["next"]

    n, d = figures["n"], figures["d"]
    if part != "left_out":
        assert len(found) == {"n": n, "d": d, "missing": d - n}[part]
    assert len(found) == len({json.dumps(item) for item in found if item["number"]}) + sum(
        item["number"] is None for item in found
    )
    assert all(item["sentence"]["zh"] for item in found)


def test_who_may_not_read_a_whistle_sees_that_it_counts_and_of_a_secret_one_nothing(months: Web):
    query = f"/rates/why?{SEPTEMBER}&metric=response_rate&part=d&limit=200"

    auditors = months.someone("auditor").get(query).json()["items"]
    leaders = months.someone("leader").get(query).json()["items"]
    posts = months.someone("commander-cp01").get(query).json()["items"]

    assert len(auditors) - 1 == len(leaders)
    assert len(posts) == len(auditors)  # the secret one is of its own post
    assert "I-S01" in {item["number"] for item in auditors}
    assert None not in {item["number"] for item in leaders}
    own = {item["post"] for item in posts if item["number"]}
    assert own == {"CP01"}
    assert any(item["number"] is None for item in posts)


@pytest.mark.parametrize("path", [f"/rates?{SEPTEMBER}", "/rankings?month=2026-09"])
def test_figures_are_for_those_who_work_here(months: Web, path: str):
    assert months.nobody.get(path).status_code == 401
    for account in ("leader", "auditor", "city", "admin", "commander-cp01", "liaison-u01"):
        assert months.someone(account).get(path).status_code == 200


def test_a_csv_has_a_row_for_each_unit_and_a_list_its_sentences(leader: Caller):
    rates = table(leader.get(f"/rates.csv?{SEPTEMBER}&by=post").content)
    missing = table(
        leader.get(f"/rates/why.csv?{SEPTEMBER}&metric=response_rate&part=missing").content
    )

    by_code = {row[0]: row for row in rates[1:]}
    column = rates[0].index("按时响应率 %")
    assert by_code["city"][column - 2 : column + 1] == ["10", "14", "71.43"]
    assert by_code["CP28"][column - 2 : column + 1] == ["0", "0", ""]
    assert all("未响应" in row[5] for row in missing[1:])


def test_a_workbook_holds_real_numbers_under_a_frozen_head_and_the_definitions(leader: Caller):
    answer = leader.get(f"/rates.xlsx?{SEPTEMBER}&by=post")

    book = openpyxl.load_workbook(BytesIO(answer.content))
    figures, definitions = book.worksheets[0], book["口径"]
    head = [cell.value for cell in figures[1]]
    column = head.index("按时响应率 %") + 1
    assert figures.freeze_panes == "A2"
    assert [figures.cell(2, column - 2 + i).value for i in range(3)] == [10, 14, 71.43]
    assert [row[0].value for row in definitions.iter_rows(min_row=2)] == [m.id for m in METRICS]


def test_rankings_as_tables_say_where_the_sample_is_too_small(leader: Caller):
    rows = table(leader.get("/rankings.csv?month=2026-09").content)
    book = openpyxl.load_workbook(BytesIO(leader.get("/rankings.xlsx?month=2026-09").content))

    assert {row[1] for row in rows[1:] if row[2] in ("CP01", "CP28")} == {"1", "样本不足"}
    assert ("状态", "已冻结") in list(book["说明"].iter_rows(values_only=True))


def test_the_months_report_is_frozen_and_names_what_came_after_to_those_who_may_read_it(
    months: Web,
):
    auditors = months.someone("auditor").get("/reports/2026-09").json()
    leaders = months.someone("leader").get("/reports/2026-09").json()

    late = [one for one in auditors["adjustments"]["whistles"] if one["number"] == "I-S01"]
    assert auditors["frozen"] and late and all(one["late"] for one in late)
    assert leaders["rows"] == auditors["rows"]
    hidden = [one for one in leaders["adjustments"]["whistles"] if one["whistle"] is None]
    assert len(hidden) == len(late)


def test_the_reports_workbook_names_to_each_what_he_may_read(months: Web):
    answer = months.someone("leader").get("/reports/2026-09.xlsx")

    book = openpyxl.load_workbook(BytesIO(answer.content))
    named = [row[0] for row in book["冻结后调整"].iter_rows(min_row=2, values_only=True)]
    assert "I-F04" in named and "I-S01" not in named and None in named


def table(content: bytes) -> list[Any]:
    return list(csv.reader(StringIO(content.decode("utf-8-sig"))))
