"""Place → grid of the day → post, and words → category, with the reason for each."""

from datetime import UTC, date, datetime, timedelta
from math import cos, hypot, nan, radians

import pytest

from tests.mengzi import OPERATOR, PACK, TODAY, after, the_city
from tracker.directory import Directory
from tracker.domain.city.areas import PlanEntry, UnknownGrid
from tracker.domain.city.catalogue import CategoryEntry
from tracker.domain.city.posts import PostEntry
from tracker.domain.errors import Refusal
from tracker.domain.whistle.events import Place, Suggestion
from tracker.routing.geometry import gcj02_of_wgs84, wgs84_of_gcj02
from tracker.routing.routing import (
    NoGridPlan,
    NotOnEarth,
    NullIsland,
    OutsideCity,
    SwappedCoordinates,
    UnknownCrs,
    locate,
    place_of_grid,
    suggest,
)

CITY = the_city()
AT = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)
SPLIT = "53250300100106"  # in the surge plan, …106A and …106B
ERRORS = {
    "swapped_lon_lat": SwappedCoordinates,
    "null_island": NullIsland,
    None: OutsideCity,
}


@pytest.mark.parametrize("case", PACK["routing_fixtures"], ids=lambda case: case["why"])
def test_the_citys_own_examples_of_routing_come_out_as_it_says(case: dict[str, object]) -> None:
    def located() -> Place:
        return locate(CITY, case["lat"], case["lon"], "WGS84", TODAY)  # type: ignore[arg-type]

    if case["expect_grid"] is None:
        with pytest.raises(ERRORS[case.get("expect_error")]):  # type: ignore[index]
            located()
        return

    assert located().grid == case["expect_grid"]
    assert located().post == case.get("expect_post", located().post)


def test_a_place_says_grid_community_street_post_plan_and_rule() -> None:
    place = locate(CITY, 23.380533, 103.401571, "WGS84", TODAY)

    assert place == Place(
        grid="53250300100401",
        community="532503001004",
        street="532503001",
        post="CP04",
        lat=23.380533,
        lon=103.401571,
        plan="plan-2020",
        rule="grid",
    )


def test_the_special_post_takes_its_grids_from_the_communitys_post_once_it_stands() -> None:
    grid = "53250300100101"

    before = place_of_grid(CITY, grid, date(2020, 6, 30))
    since = place_of_grid(CITY, grid, date(2020, 7, 1))

    assert (before.post, before.rule) == ("CP01", "named_grid")
    assert (since.post, since.rule) == ("CP28", "special_area")


def test_a_post_for_escalation_alone_never_gets_a_grid() -> None:
    posts = {place_of_grid(CITY, grid.code, TODAY).post for grid in CITY.grids(TODAY)}

    assert posts == {f"CP{n:02}" for n in range(1, 24)} | {"CP28"}


def test_every_grid_is_found_at_its_own_centre() -> None:
    for grid in CITY.grids(TODAY):
        assert grid.center is not None
        lon, lat = grid.center

        assert locate(CITY, lat, lon, "WGS84", TODAY).grid == grid.code


def test_a_day_is_routed_by_the_plan_of_that_day() -> None:
    plan = reloaded(CITY, "plan-epidemic")
    plan.switch_on(date(2022, 1, 1), date(2023, 1, 1), AT, OPERATOR)
    city = after(CITY, plan)
    lon, lat = CITY.grid(SPLIT).center  # type: ignore[misc]

    old = locate(city, lat, lon, "WGS84", date(2021, 5, 1))
    surge = locate(city, lat, lon, "WGS84", date(2022, 5, 1))
    new = locate(city, lat, lon, "WGS84", date(2023, 5, 1))

    assert (old.grid, old.plan) == (SPLIT, "plan-2020")
    assert surge.grid in (f"{SPLIT}A", f"{SPLIT}B")
    assert (surge.plan, surge.post) == ("plan-epidemic", old.post)
    assert new == old


def test_a_grid_is_named_only_on_days_whose_plan_has_it() -> None:
    with pytest.raises(UnknownGrid) as refusal:
        place_of_grid(CITY, f"{SPLIT}A", TODAY)

    assert refusal.value.facts["given"] == f"{SPLIT}A"


def test_before_the_first_plan_there_is_nothing_to_route_by() -> None:
    with pytest.raises(NoGridPlan):
        locate(CITY, 23.38, 103.39, "WGS84", date(2019, 12, 31))


def test_a_redrawn_post_holds_its_new_grids_from_its_day_on() -> None:
    grid = "53250300100201"
    kept = tuple(code for code in CITY.post("CP02").grids(TODAY) if code != grid)
    giving, taking = (
        PostEntry.add(CITY.post("CP02"), AT, OPERATOR),
        PostEntry.add(CITY.post("CP03"), AT, OPERATOR),
    )
    giving.redraw(kept, TODAY, AT, OPERATOR)
    taking.redraw((*CITY.post("CP03").grids(TODAY), grid), TODAY, AT, OPERATOR)

    city = after(CITY, giving, taking)

    assert place_of_grid(city, grid, TODAY - timedelta(days=1)).post == "CP02"
    assert place_of_grid(city, grid, TODAY).post == "CP03"


@pytest.mark.parametrize(
    ("lat", "lon", "refused"),
    [
        (103.39, 23.38, SwappedCoordinates),
        (104.1, 23.1, SwappedCoordinates),  # swapped, and just outside the city as well
        (0.0, 0.0, NullIsland),
        (0.0000001, -0.0, NullIsland),
        (91.0, 12.0, NotOnEarth),
        (23.38, 181.0, NotOnEarth),
        (nan, 103.39, NotOnEarth),
        (39.9, 116.4, OutsideCity),
        (-23.38, 103.39, OutsideCity),
    ],
)
def test_what_is_no_place_in_the_city_says_what_is_wrong_with_it(
    lat: float, lon: float, refused: type[Refusal]
) -> None:
    with pytest.raises(refused) as refusal:
        locate(CITY, lat, lon, "WGS84", TODAY)

    assert refusal.value.field == "location"  # type: ignore[attr-defined]
    assert refusal.value.remedy.zh and refusal.value.remedy.en


def test_the_codes_of_these_refusals_stay_as_clients_know_them() -> None:
    codes = [kind.code for kind in (OutsideCity, SwappedCoordinates, NullIsland)]

    assert codes == ["outside_city", "location.swapped", "location.null_island"]


def test_another_coordinate_system_is_refused() -> None:
    with pytest.raises(UnknownCrs):
        locate(CITY, 23.38, 103.39, "BD09", TODAY)


def test_a_gcj02_point_of_a_phone_map_is_shifted_back_before_it_is_located() -> None:
    lon, lat = CITY.grid("53250300100401").center  # type: ignore[misc]
    shown_lat, shown_lon = gcj02_of_wgs84(lat, lon)

    place = locate(CITY, shown_lat, shown_lon, "GCJ02", TODAY)

    assert metres(lat, lon, shown_lat, shown_lon) > 100
    assert place.grid == "53250300100401"
    assert (place.lat, place.lon) == pytest.approx((lat, lon), abs=1e-8)


def test_the_shift_agrees_with_a_pair_published_for_it() -> None:
    assert gcj02_of_wgs84(31.1774276, 121.5272106) == pytest.approx(
        (31.17530398364597, 121.531541859215), abs=1e-6
    )
    assert wgs84_of_gcj02(31.17530398364597, 121.531541859215) == pytest.approx(
        (31.1774276, 121.5272106), abs=1e-6
    )


def test_a_category_is_suggested_by_its_keywords_with_what_was_found() -> None:
    suggestion = suggest(CITY, "启文路口有个窨井,井 盖不见了!!")

    assert suggestion == Suggestion("C0101", ("井盖", "窨井"), "keywords", 1)


def test_a_keyword_inside_a_longer_one_tells_nothing() -> None:
    suggestion = suggest(CITY, "渣土车开得飞快")

    assert suggestion == Suggestion("E0304", ("渣土车",), "keywords", 1)


def test_a_keyword_counts_where_it_also_stands_alone() -> None:
    suggestion = suggest(CITY, "垃圾桶旁边全是垃圾,有人乱倒")

    assert suggestion is not None
    assert (suggestion.category, suggestion.keywords) == ("E0101", ("垃圾", "乱倒"))


def test_equal_matches_go_to_the_lower_code() -> None:
    suggestion = suggest(CITY, "油烟")

    assert suggestion == Suggestion("E0207", ("油烟",), "keywords", 1)


def test_width_case_and_invisible_characters_hide_no_keyword() -> None:
    suggestion = suggest(CITY, "楼下KT\u200bVｋｔｖ吵")

    assert suggestion is not None
    assert suggestion.category == "E0602"


@pytest.mark.parametrize("text", ["", "你好", "🙂🙂🙂", "\u202e", "' OR 1=1 --"])
def test_words_without_a_keyword_suggest_nothing(text: str) -> None:
    assert suggest(CITY, text) is None


def test_an_ended_category_is_not_suggested_any_more() -> None:
    category = CategoryEntry.add(CITY.category("E0304"), AT, OPERATOR)
    category.end(TODAY, AT, OPERATOR)

    suggestion = suggest(after(CITY, category), "渣土车开得飞快")

    assert suggestion is None or suggestion.category != "E0304"


def reloaded(city: Directory, code: str) -> PlanEntry:
    """The plan's entry as it was loaded, with nothing left to save."""
    [plan] = [plan for plan in city.plans if plan.code == code]
    entry = PlanEntry.add(plan, AT, OPERATOR)
    entry.collect_events()
    return entry


def metres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    degree = 111_320.0
    return hypot((other_lat - lat) * degree, (other_lon - lon) * degree * cos(radians(lat)))
