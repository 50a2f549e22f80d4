"""Behind every figure stands its list: each whistle once, or left out by name, with its reason."""

import random
from collections import Counter
from datetime import date

import psycopg
import pytest

from tests.made_of import SECRET
from tests.projections.histories import stored
from tests.rates import worlds
from tests.rates.asked import NOW, imported, project
from tests.rates.oracle import Oracle
from tests.rates.test_golden import FIXTURE
from tracker.commands.tracker import Tracker
from tracker.metrics.asking import AsOf, Period, Question, ask
from tracker.metrics.definitions import METRICS
from tracker.projections.engine.log_moments import LogMoments
from tracker.projections.rates.answer import (
    BadCursor,
    NoSuchList,
    by_class,
    figure,
    list_page,
    listed,
    rates,
)
from tracker.settings import Settings

ALWAYS = Period(date(2026, 1, 1), date(2027, 1, 1))
# Of a cohort that every whistle comes to, and of those that it may never come to: what it needs.
COHORTS = {
    "merge_rate": (),
    "response_rate": (),
    "on_time_resolution_rate": (),
    "rework_rate": ("Submitted",),
    "reopen_rate": ("Closed",),
}


@pytest.fixture(scope="module")
def tracker(module_city):
    with Tracker(Settings(database_url=module_city, secret_key=SECRET), name="test") as tracker:
        yield tracker


@pytest.fixture(scope="module")
def connection(module_city, tracker, tmp_path_factory):
    """The two golden months, and random lives of earlier ones."""
    imported(tracker, FIXTURE["facts"], tmp_path_factory.mktemp("facts"))
    lives = worlds.streets(random.Random(5), 30, first=1)
    tracker.recorder.insert_events(stored(event for life in lives for event in life))
    with psycopg.connect(module_city, autocommit=True) as connection:
        project(connection)
        yield connection


def why(*asked, **limited):
    """A page of a list, as HTTP gives it."""
    page = list_page(*asked, **limited)
    return {"items": [entry.shown() for entry in page.items], "next": page.following}


def september(tracker, connection, scope="city", as_of="2026-10-13"):
    return ask(
        tracker.directory.refresh(),
        LogMoments(connection),
        NOW,
        scope=scope,
        from_="2026-09-01",
        to="2026-10-01",
        as_of=as_of,
    )


@pytest.mark.parametrize(("metric", "needs"), COHORTS.items())
def test_each_whistle_is_in_one_place_of_a_cohort_or_left_out_with_a_reason(
    tracker, connection, metric, needs
):
    events = [
        (n.id, tracker.mapper.to_domain_event(n))
        for n in tracker.recorder.read(0, 100_000)
        if n.topic.startswith("whistle.")
    ]
    moments = sorted(event.timestamp for _, event in events)
    for at in (NOW, moments[len(moments) // 2]):
        question = Question("city", ALWAYS, AsOf(at))
        histories = [
            h for h in Oracle(events, at).histories if not needs or h.of(*needs, among=h.first)
        ]

        inside, outside = (listed(connection, question, metric, p) for p in ("d", "left_out"))

        once = Counter(line.whistle for line in (*inside, *outside))
        assert set(once.values()) <= {1}
        assert set(once) == {history.raised.originator_id for history in histories}
        assert all(line.reason for line in outside)


def test_a_line_says_why_it_counts_in_both_languages(tracker, connection):
    question = september(tracker, connection)

    page = why(connection, question, "on_time_response_rate", "missing")

    assert [(item["number"], item["sentence"]["zh"]) for item in page["items"]] == [
        ("I-F02", "响应时限 2026-09-02 15:00,2026-09-02 15:01 响应,超时"),
        ("I-F09", "响应时限 2026-09-09 15:00,未响应"),
        ("I-F14", "响应时限 2026-09-16 15:00,2026-09-17 09:00 响应,超时"),
        ("I-F19", "响应时限 2026-09-29 15:00,未响应"),
    ]
    assert page["items"][0]["sentence"]["en"] == (
        "Due 2026-09-02 15:00, answered 2026-09-02 15:01: late"
    )
    assert page["next"] is None


def test_those_left_out_are_named_with_their_reason(tracker, connection):
    question = september(tracker, connection)

    page = why(connection, question, "on_time_resolution_rate", "left_out")

    assert {item["number"]: item["reason"] for item in page["items"]} == {
        "I-F06": "merged",
        "I-F05": "self_resolved",
        "I-F08": "withdrawn",
        "I-F09": "withdrawn",
        "I-F10": "suspended",
        "I-F16": "void",
        "I-F17": "test",
    }


def test_a_unit_s_list_names_the_return_that_was_asked_for_too_late(tracker, connection):
    question = september(tracker, connection, scope="unit:U02")

    page = why(connection, question, "on_time_response_rate", "missing")

    assert [(item["number"], item["unit"]) for item in page["items"]] == [
        ("I-F09", "U02"),
        ("I-F14", "U02"),
    ]


def test_a_long_list_is_turned_page_by_page_without_loss(tracker, connection):
    question = september(tracker, connection)
    whole = [line.number for line in listed(connection, question, "return_rate", "d")]

    read, cursor = [], None
    while True:
        page = why(connection, question, "return_rate", "d", cursor, limit=2)
        read += [item["number"] for item in page["items"]]
        if (cursor := page["next"]) is None:
            break

    assert read == whole
    assert len(read) == 19


def test_the_complement_of_a_rate_lists_the_others(tracker, connection):
    question = september(tracker, connection)

    overdue = listed(connection, question, "overdue_rate", "n")

    assert overdue == listed(connection, question, "on_time_resolution_rate", "missing")
    assert len(overdue) == rates(connection, question)["metrics"]["overdue_rate"]["n"]


@pytest.mark.parametrize(
    ("metric", "part"),
    [("composite_score", "n"), ("raised_gross", "n"), ("happiness", "d"), ("response_rate", "x")],
)
def test_a_list_that_cannot_be_is_refused(tracker, connection, metric, part):
    with pytest.raises(NoSuchList):
        why(connection, september(tracker, connection), metric, part)


@pytest.mark.parametrize("cursor", ["", "1_2_3", "2026-09-01T00:00:00+08:00_x_0", "'; --"])
def test_a_cursor_that_is_none_of_ours_is_refused(tracker, connection, cursor):
    with pytest.raises(BadCursor):
        why(connection, september(tracker, connection), "response_rate", "d", cursor)


@pytest.mark.parametrize("scope", ["city", "unit:U01", "post:CP01", "category:C01"])
def test_a_single_figure_is_that_of_the_whole_answer(tracker, connection, scope):
    question = september(tracker, connection, scope)

    single = {metric.id: figure(connection, question, metric.id) for metric in METRICS}

    assert single == rates(connection, question)["metrics"]


def test_the_lists_of_the_classes_are_as_long_as_their_figures_and_make_up_the_whole_list(
    tracker, connection
):
    question = september(tracker, connection)
    metric = "on_time_response_rate"

    lists = {
        code: [listed(connection, question, metric, part, sla_class=code) for part in ("n", "d")]
        for code in by_class(connection, question)
    }

    assert len(lists) > 1
    assert {code: [len(n), len(d)] for code, (n, d) in lists.items()} == {
        code: [row.n, row.d] for code, row in by_class(connection, question).items()
    }
    together = [entry for _, d in lists.values() for entry in d]
    assert Counter(together) == Counter(listed(connection, question, metric, "d"))
