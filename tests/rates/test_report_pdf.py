"""The month as PDF: its figures are those of the rates, on one page or on many."""

import json
import random
from datetime import date, datetime
from pathlib import Path

import psycopg
import pytest
from pypdfium2 import PdfDocument

from tests.giving import actor_named
from tests.made_of import SECRET, ZONE
from tests.rates.asked import imported
from tests.rates.facts import facts
from tests.rates.projecting import project
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.ending import Void
from tracker.metrics.asking import Question
from tracker.metrics.freezing import period_of
from tracker.projections.rates.answer import rates
from tracker.projections.steps.time_in_steps import spent
from tracker.reports.drawing.city_map import classes_of
from tracker.reports.drawing.frame import hatching
from tracker.reports.month_end import Freezing
from tracker.reports.monthly.content import gathered
from tracker.reports.monthly.pdf import printed, report_pdf
from tracker.routing.geometry import shape_of
from tracker.settings import Settings

FIXTURE = json.loads((Path(__file__).parents[1] / "data" / "metrics_fixture.json").read_text())
NOVEMBER = datetime(2026, 11, 23, 12, tzinfo=ZONE)
CATEGORIES = ["C0103", "E0101", "E0505", "C0101"]


@pytest.fixture(scope="module")
def city(module_city, tmp_path_factory):
    """A year of an older system; October and the months before are frozen."""
    settings = Settings(database_url=module_city, secret_key=SECRET)
    with (
        Tracker(settings) as tracker,
        psycopg.connect(module_city, autocommit=True) as connection,
    ):
        chance = random.Random(5)
        known = facts(chance, 900, CATEGORIES)
        for fact in known:
            if fact["registered_at"].startswith("2026-04"):
                fact["post"] = "CP07"
            grids = tracker.city.post(fact["post"]).grids(date(2026, 1, 1))
            fact["grid"] = chance.choice(sorted(grids)) if chance.random() < 0.9 else None
        imported(tracker, known, tmp_path_factory.mktemp("facts"))
        project(connection)
        Freezing().freeze_due(tracker, connection, NOVEMBER)
        yield tracker, connection


def pdf(city, month):
    return report_pdf(*city, month, NOVEMBER)


def pages_of(content):
    """The text of each page, spaces left out."""
    with PdfDocument(content) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    return ["".join(text.split()) for text in texts]


def test_each_page_says_as_of_when_and_at_which_position_it_stands(city):
    told = gathered(*city, "2026-09", NOVEMBER)

    pages = pages_of(pdf(city, "2026-09"))

    assert len(pages) >= 4
    for number, page in enumerate(pages, start=1):
        assert "统计时点2026-10-1300:00:00(已冻结)" in page
        assert f"日志位置{told.report.position}" in page
        assert "口径版本0.2.0" in page
        assert f"第{number}/{len(pages)}页" in page


def test_its_figures_are_those_of_the_rates(city):
    tracker, connection = city
    told = gathered(tracker, connection, "2026-09", NOVEMBER)
    question = Question("city", period_of("2026-09"), told.report.as_of)
    metrics = rates(connection, question)["metrics"]

    pages = pages_of(pdf(city, "2026-09"))

    for name in ("response_rate", "on_time_response_rate", "resolution_rate", "satisfaction_rate"):
        assert metrics[name]["pct"] in pages[0]
        assert f"{metrics[name]['n']}/{metrics[name]['d']}" in pages[0]
    assert f"{metrics['composite_score']:.2f}" in pages[0]
    assert f"登记{metrics['raised_gross']}件,有效{metrics['raised_valid']}件" in pages[0]
    assert f"未办结且未挂账的{metrics['overdue_stock']}件" in "".join(pages)
    late = metrics["on_time_response_rate"]["d"] - metrics["on_time_response_rate"]["n"]
    assert 0 < sum(one.late for one in told.grids) < late  # of some no grid is known
    assert f"另有{late - sum(one.late for one in told.grids)}件迟响" in pages[0]
    assert told.steps == spent(connection, question)[""]


def test_every_post_is_ranked_or_said_to_have_too_few(city):
    told = gathered(*city, "2026-09", NOVEMBER)

    pages = "".join(pages_of(pdf(city, "2026-09")))

    assert "28个一线指挥部排名" in pages
    assert all(one.row.name in pages for one in told.posts)
    assert "样本不足" in pages


def test_a_month_of_one_post_and_a_month_without_a_whistle_have_their_pages_too(city):
    one = pages_of(pdf(city, "2026-04"))
    none = pages_of(pdf(city, "2024-02"))

    assert "登记" in one[0]
    assert "登记0件,有效0件" in none[0] and "本期无哨" in none[0] and "本期无数据" in none[0]
    assert "本期没有单位承办" in "".join(none)
    assert "本期没有重复吹哨的点位" in "".join(none)


def test_a_frozen_month_is_printed_byte_for_byte_the_same_whatever_becomes_known(city):
    tracker, connection = city
    told = gathered(tracker, connection, "2026-08", NOVEMBER)
    before = printed(told)

    voided = next(red.line.number for red in told.red)
    for account in ("supervisor", "city"):
        actor = actor_named(tracker, account)
        tracker.give(Void(reason="test", basis="测试"), voided, actor=actor, at=NOVEMBER)
    project(connection)

    assert printed(gathered(tracker, connection, "2026-08", NOVEMBER)) == before


def test_the_shades_of_the_map_begin_at_one_and_grow_with_the_most():
    assert [classes_of(most) for most in (0, 3, 4, 5, 40)] == [
        (1, 2, 3, 4),
        (1, 2, 3, 4),
        (1, 2, 3, 4),
        (1, 3, 5, 7),
        (1, 11, 21, 31),
    ]


def test_hatching_stays_inside_the_grid(city):
    tracker, _ = city
    shape = shape_of(tracker.city.grid("53250300100101"))

    found = list(hatching(shape, 0.0005))

    assert found
    assert all(shape.buffer(1e-9).covers(line_of(pair)) for pair in found)


def line_of(pair):
    from shapely import LineString

    return LineString(pair)
