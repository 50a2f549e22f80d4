"""Who stands where: by the exact score, ties sharing a place, kinds apart, small samples aside."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tracker.metrics.definitions import METRICS, Kind
from tracker.metrics.report import ReportRow, read, written
from tracker.reports.rankings import standings

FREEZE = datetime(2026, 10, 12, 16, tzinfo=UTC)
RATES = [metric.id for metric in METRICS if metric.kind is Kind.RATE]


def row(key: str, *shares: tuple[int, int], kind: str = "community", **counts: Any) -> ReportRow:
    """Shares of on-time response, resolution and satisfaction; one for all three if only one."""
    parts = shares * 3 if len(shares) == 1 else shares
    names = ("on_time_response_rate", "resolution_rate", "satisfaction_rate")
    rates: dict[str, Any] = dict.fromkeys(RATES)
    for name, (n, d) in zip(names, parts, strict=True):
        rates[name] = {"n": n, "d": d, "pct": ""} if d else None
    scope = f"{'unit' if kind == 'unit' else 'post'}:{key}"
    return ReportRow(scope, kind, key, {**rates, "raised_gross": 0, "raised_valid": 0, **counts})


def places(rows: list[ReportRow]) -> list[tuple[str, int | None]]:
    return [(one.row.key, one.rank) for one in standings("posts", rows)]


def test_equal_scores_share_a_place_and_the_next_one_is_left_out():
    rows = [row("A", (9, 10)), row("B", (10, 10)), row("C", (18, 20)), row("D", (8, 10))]

    assert places(rows) == [("B", 1), ("A", 2), ("C", 2), ("D", 4)]


def test_what_two_decimals_would_call_a_tie_is_none():
    rows = [row("A", (30_000, 30_001)), row("B", (30_001, 30_002))]

    assert places(rows) == [("B", 1), ("A", 2)]


def test_below_five_in_any_of_the_three_there_is_no_place():
    rows = [row("A", (5, 5), (5, 5), (4, 4)), row("B", (1, 5), (1, 5), (1, 5))]

    found = standings("posts", rows)

    assert [(one.row.key, one.rank, one.insufficient_sample) for one in found] == [
        ("B", 1, False),
        ("A", None, True),
    ]


def test_posts_of_different_kinds_are_ranked_apart():
    rows = [row("A", (9, 10)), row("S", (8, 10), kind="subdistrict"), row("B", (7, 10))]

    assert places(rows) == [("A", 1), ("B", 2), ("S", 1)]


@pytest.mark.parametrize(
    ("now", "before", "change"),
    [
        ((9, 10), (8, 10), "10.00"),
        ((1, 3), (2, 3), "-33.33"),
        ((9, 10), (0, 0), None),
        ((0, 0), (9, 10), None),
    ],
)
def test_a_rate_changes_by_percentage_points_of_the_exact_values(now, before, change):
    [found] = standings("posts", [row("A", now)], [row("A", before)])

    assert found.change()["resolution_rate"] == change


@pytest.mark.parametrize(
    ("now", "before", "change"), [(6, 4, "50.00"), (3, 0, "new"), (0, 0, None), (0, 4, "-100.00")]
)
def test_a_count_changes_by_its_share_and_is_new_after_none(now, before, change):
    [found] = standings(
        "posts", [row("A", (1, 1), raised_gross=now)], [row("A", (1, 1), raised_gross=before)]
    )

    assert found.change()["raised_gross"] == change


def test_without_a_month_before_nothing_is_said_of_the_change():
    [found] = standings("posts", [row("A", (9, 10))])

    assert set(found.change().values()) == {None}


def test_a_document_is_read_back_as_it_was_written_and_written_the_same_again():
    rows = [row("A", (9, 10)), row("U01", (8, 10), kind="unit")]
    as_of = FREEZE

    once = written("2026-09", as_of, rows)

    assert written("2026-09", as_of, read(once)) == once
