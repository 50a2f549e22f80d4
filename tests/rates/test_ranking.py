"""Ranks stand on exact fractions, never on small samples; months are compared as frozen."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

import pytest

from tests.domain.city_time import POLICY, city
from tracker.metrics.arithmetic import Composite, Rate, composite, half_up, number
from tracker.metrics.freezing import CalendarMissing, NotAMonth, freeze_moment, month_before
from tracker.metrics.ranking import NEW, growth_since, points_since, ranking, score_since

CALENDAR = POLICY.calendar


@dataclass(frozen=True)
class Post:
    key: str
    rates: dict[str, Rate]

    @property
    def composite(self) -> Composite | None:
        return composite(self.rates)


def post(key: str, response: Rate, resolution: Rate, satisfaction: Rate) -> Post:
    names = ("on_time_response_rate", "resolution_rate", "satisfaction_rate")
    return Post(key, dict(zip(names, (response, resolution, satisfaction), strict=True)))


def even(key: str, n: int, d: int = 10) -> Post:
    return post(key, Rate(n, d), Rate(n, d), Rate(n, d))


def test_equal_scores_share_a_rank_and_the_next_one_is_left_out():
    ranked = ranking([even("CP04", 5), even("CP02", 8), even("CP01", 9), even("CP03", 8)])

    assert [(r.key, r.rank) for r in ranked] == [("CP01", 1), ("CP02", 2), ("CP03", 2), ("CP04", 4)]


def test_scores_that_look_alike_are_told_apart_by_the_exact_fraction():
    ranked = ranking([even("CP01", 99_999, 300_000), even("CP02", 100_000, 300_000)])

    assert [(r.key, r.rank) for r in ranked] == [("CP02", 1), ("CP01", 2)]


def test_fewer_than_five_in_any_denominator_is_no_sample():
    small = post("CP09", Rate(3, 3), Rate(9, 9), Rate(9, 9))

    ranked = ranking([small, even("CP01", 1)])

    assert [(r.key, r.rank, r.insufficient_sample) for r in ranked] == [
        ("CP01", 1, False),
        ("CP09", None, True),
    ]
    assert ranked[1].exact == 100


@pytest.mark.parametrize(("unheard", "rank"), [(Rate(2, 10), 1), (Rate(3, 10), None)])
def test_a_post_that_hears_too_few_reporters_is_not_ranked(unheard, rank):
    quiet = post("CP01", Rate(9, 9), Rate(9, 9), Rate(9, 9))
    quiet.rates["unheard_rate"] = unheard

    [found] = ranking([quiet], hears_reporters=True)
    [unit] = ranking([quiet])

    assert (found.rank, found.insufficient_sample) == (rank, False)
    assert found.insufficient_follow_up is (rank is None)
    assert (unit.rank, found.exact) == (1, Fraction(100))


def test_a_rate_of_nothing_is_dropped_and_the_weights_renormalised():
    score = composite(post("CP01", Rate(9, 13), Rate(8, 9), Rate(0, 0)).rates)

    assert score == Composite(
        100 * (Fraction(30) * Fraction(9, 13) + Fraction(35) * Fraction(8, 9)) / 65,
        ("on_time_response_rate", "resolution_rate"),
    )


def test_nothing_at_all_has_no_score():
    nothing = even("CP01", 0, 0)

    assert nothing.composite is None
    assert ranking([nothing])[0].rank is None


@pytest.mark.parametrize(
    ("exact", "shown"),
    [
        (Fraction(1, 200), "0.01"),
        (Fraction(-1, 200), "-0.01"),
        (Fraction(199, 20_000), "0.01"),
        (Fraction(2, 3), "0.67"),
        (Fraction(0), "0.00"),
    ],
)
def test_halves_are_rounded_away_from_zero(exact, shown):
    assert str(half_up(exact)) == shown


def test_a_whole_number_is_shown_as_one():
    assert [number(Fraction(60)), number(Fraction(121, 2)), number(Fraction(1, 3))] == [
        60,
        60.5,
        0.33,
    ]


def test_rates_differ_in_points_counts_in_percent():
    assert points_since(Rate(9, 13), Rate(3, 4)) == "-5.77"
    assert points_since(Rate(9, 13), Rate(0, 0)) is None
    assert growth_since(18, 12) == "50.00"
    assert growth_since(3, 0) == NEW
    assert growth_since(0, 0) is None
    assert growth_since(None, 3) is None
    assert score_since(Composite(Fraction(80), ()), Composite(Fraction(175, 2), ())) == "-7.50"
    assert score_since(None, Composite(Fraction(80), ())) is None


@pytest.mark.parametrize(
    ("month", "frozen"), [("2026-09", "2026-10-13T00:00"), ("2026-10", "2026-11-06T00:00")]
)
def test_a_month_is_frozen_when_the_fifth_working_day_of_the_next_begins(month, frozen):
    assert freeze_moment(month, CALENDAR) == city(frozen)


def test_a_freeze_that_needs_an_unknown_calendar_names_the_year():
    with pytest.raises(CalendarMissing) as refusal:
        freeze_moment("2026-12", CALENDAR)

    assert refusal.value.facts == {"month": "2026-12", "year": 2027}


@pytest.mark.parametrize("month", ["2026-13", "2026", "September", "0000-01", "2026-9"])
def test_what_is_no_month_is_refused(month):
    with pytest.raises(NotAMonth):
        freeze_moment(month, CALENDAR)


def test_the_month_before_january_is_december():
    assert month_before("2026-01") == "2025-12"
    assert datetime.strptime(month_before("2026-10"), "%Y-%m").month == 9


def test_the_unranked_stand_last_in_the_order_of_their_keys_and_keep_their_exact_score():
    small = [even(key, 2, 4) for key in ("CP07", "CP03", "CP05")]

    ranked = ranking([*small, even("CP09", 1)])

    assert [(r.key, r.rank, r.exact) for r in ranked] == [
        ("CP09", 1, Fraction(10)),
        ("CP03", None, Fraction(50)),
        ("CP05", None, Fraction(50)),
        ("CP07", None, Fraction(50)),
    ]


def test_five_in_each_denominator_are_enough_to_be_ranked():
    assert ranking([even("CP01", 5, 5)])[0].rank == 1


def test_a_rate_is_shown_with_both_its_numbers_and_of_nothing_there_is_none():
    assert Rate(9, 13).shown() == {"n": 9, "d": 13, "pct": "69.23"}
    assert Rate(0, 4).shown() == {"n": 0, "d": 4, "pct": "0.00"}
    assert Rate(0, 0).shown() is None


def test_a_whole_figure_is_an_integer_and_one_that_only_looks_whole_is_none():
    figures = [number(Fraction(60)), number(Fraction(-7)), number(Fraction(59_999, 1000))]

    assert [(figure, type(figure)) for figure in figures] == [(60, int), (-7, int), (60.0, float)]


def test_a_figure_is_rounded_from_its_fraction_even_where_no_float_could_hold_it():
    assert str(half_up(Fraction(10**18 + 1, 100))) == "10000000000000000.01"
