"""An exclusion from scoring is never silent: beside each rate stands the rate without it."""

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from pypdfium2 import PdfDocument

from tests.api.test_forms import signed_in
from tests.api.web import Caller, Web
from tests.rates.asked import imported
from tests.waiting import until_folded
from tracker.projections.engine.log_moments import LogMoments

SEPTEMBER = "from=2026-09-01&to=2026-10-01&scope=post:CP02"
RATE = "on_time_response_rate"


def fact(id: str, responded_at: str | None, **more: Any) -> dict[str, Any]:
    part = {
        "unit": "U01",
        "role": "lead",
        "assigned_at": "2026-09-01T09:20",
        "responded_at": responded_at,
        "respond_due": "2026-09-01T15:20",
    }
    return {
        "id": id,
        "registered_at": "2026-09-01T09:00",
        "sla_class": "G4",
        "post": "CP02",
        "lead_unit": "U01",
        **({"responded_at": responded_at} if responded_at else {}),
        "assignments": [{name: value for name, value in part.items() if value}],
        **more,
    }


@pytest.fixture(scope="module")
def leader(web: Web, tmp_path_factory: pytest.TempPathFactory) -> Caller:
    """One answered in time; one never, which is excluded from scoring."""
    excluded = {"kind": "scoring", "at": "2026-09-03T09:00"}
    facts = [fact("B1", "2026-09-01T10:00"), fact("B2", None, excluded=excluded)]
    imported(web.tracker, facts, tmp_path_factory.mktemp("facts"))
    with web.tracker.connection() as connection:
        until_folded(connection, LogMoments(connection).newest(), "rates", "board")
    return web.someone("leader")


def test_beside_the_rate_stands_the_rate_without_the_exclusion(leader: Caller) -> None:
    told = leader.get(f"/rates?{SEPTEMBER}").json()

    assert told["metrics"][RATE] == {"n": 1, "d": 1, "pct": "100.00"}
    assert told["exclusions"][RATE] == {
        "excluded": 1,
        "without": {"n": 1, "d": 2, "pct": "50.00"},
    }


def test_before_it_was_excluded_nothing_stands_there(leader: Caller) -> None:
    told = leader.get(f"/rates?{SEPTEMBER}&as_of=2026-09-02").json()

    assert (told["metrics"][RATE]["pct"], told["exclusions"]) == ("50.00", {})


def test_the_list_names_each_and_why_it_would_count(leader: Caller) -> None:
    found = leader.get(f"/rates/why?{SEPTEMBER}&metric={RATE}&part=excluded").json()["items"]

    assert [one["number"] for one in found] == ["I-B2"]
    assert "未响应" in found[0]["sentence"]["zh"]


def test_rows_of_a_grouping_and_files_have_it_too(leader: Caller) -> None:
    rows = leader.get(f"/rates?{SEPTEMBER}&by=unit").json()["items"]
    unit = next(row for row in rows if row["key"] == "U01")
    table = leader.get(f"/rates.csv?{SEPTEMBER}", headers={"Accept-Language": "zh"})

    head, line = list(csv.reader(StringIO(table.content.decode("utf-8-sig"))))[:2]
    shown = dict(zip(head, line, strict=True))
    assert unit["exclusions"][RATE]["without"]["pct"] == "50.00"
    assert (shown["按时响应率 %"], shown["按时响应率 剔除件数"]) == ("100.00", "1")
    assert shown["按时响应率 不剔除 %"] == "50.00"


def test_the_leaders_page_leads_to_the_list(web: Web, leader: Caller) -> None:
    browser = signed_in(web, "leader")

    page = browser.get(f"/leader?{SEPTEMBER}").text

    assert "剔除 1 件" in page and "不剔除 50.00%" in page
    link = page[: page.index("剔除 1 件")].rpartition('href="')[2].partition('"')[0]
    listed = browser.get(link.replace("&amp;", "&")).text
    assert "I-B2" in listed and "I-B1" not in listed


def test_the_months_report_and_its_print_say_it(leader: Caller, tmp_path: Path) -> None:
    report = leader.get("/reports/2026-09").json()
    (tmp_path / "month.pdf").write_bytes(leader.get("/reports/2026-09.pdf").content)

    city = next(row for row in report["rows"] if row["scope"] == "city")
    assert city["exclusions"][RATE]["without"]["pct"] == "50.00"
    first = PdfDocument(tmp_path / "month.pdf")[0].get_textpage().get_text_range()
    assert "剔除 1 件" in first and "不剔除 50.00%" in first
