"""What is confidential is counted, and no figure so small is shown that it tells of one (§4.4)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.web import IN_CP02, VIOLENCE, Caller, Web
from tests.waiting import until_folded
from tracker.eventstore.clock import CLOCK
from tracker.metrics.asking import day_of
from tracker.projections.engine.log_moments import LogMoments

GRID = "53250300100201"
QUARREL, FIGHT = "E0801", "E0804"  # of the same major as VIOLENCE


@pytest.fixture(scope="module")
def city(web: Web) -> Web:
    """In one grid on one day: two cases of violence, four quarrels, six fights, seven lamps."""
    for category, count in ((VIOLENCE, 2), (QUARREL, 4), (FIGHT, 6), ("C0103", 7)):
        for _ in range(count):
            web.nobody.raises("有事要说", category=category, location=IN_CP02)
    with web.tracker.connection() as connection:
        until_folded(connection, LogMoments(connection).newest(), "rates")
        until_folded(connection, LogMoments(connection).newest(), "board")
    return web


@pytest.fixture
def liaison(city: Web) -> Caller:
    return city.someone("liaison-u01")


def today() -> str:

    day = day_of(CLOCK.now())
    return f"from={day}&to={day + timedelta(days=1)}"


def raised(answer: dict[str, Any]) -> dict[str, int]:
    return {
        row["key"]: row["metrics"]["raised_gross"]
        for row in answer["items"]
        if row["metrics"]["raised_gross"]
    }


@pytest.mark.parametrize("scope", [f"grid:{GRID}", "post:CP02", "city"])
def test_by_category_few_cases_of_violence_stand_with_others(liaison: Caller, scope: str) -> None:
    answer = liaison.get(f"/rates?scope={scope}&{today()}&by=category").json()

    assert raised(answer) == {"other": 6, FIGHT: 6, "C0103": 7}
    assert answer["metrics"]["raised_gross"] == 19


@pytest.mark.parametrize("code", [VIOLENCE, QUARREL])
@pytest.mark.parametrize(
    "path", ["/rates?", "/rates.csv?", "/rates/why?metric=response_rate&part=d&"]
)
def test_a_category_that_is_withheld_there_has_no_figure_of_its_own(
    liaison: Caller, code: str, path: str
) -> None:
    refused = liaison.get(f"{path}scope=category:{code}&{today()}")

    assert refused.status_code == 403, refused.text
    assert refused.json()["code"] == "rates.too_few_to_tell"


def test_its_major_less_the_others_tells_nothing(liaison: Caller) -> None:
    whole = liaison.get(f"/rates?scope=category:E08&{today()}").json()
    fights = liaison.get(f"/rates?scope=category:{FIGHT}&{today()}").json()

    left = whole["metrics"]["raised_gross"] - fights["metrics"]["raised_gross"]
    assert left == 6  # violence and quarrels together


@pytest.mark.parametrize("by", ["post", "day"])
def test_broken_down_the_major_and_its_categories_keep_the_same_rows_back(
    liaison: Caller, by: str
) -> None:
    answers = [
        raised(liaison.get(f"/rates?scope=category:{code}&{today()}&by={by}").json())
        for code in ("E08", FIGHT)
    ]

    assert answers == [{"other": 12}, {"other": 6}]


def test_a_list_behind_a_figure_leaves_it_out(city: Web, liaison: Caller) -> None:
    asked = f"/rates/why?scope=grid:{GRID}&{today()}&metric=response_rate&part=d"

    of_liaison = liaison.get(asked).json()["items"]
    of_city = city.someone("city").get(asked).json()["items"]

    assert (len(of_city) - len(of_liaison)) == 2
    assert {one["category"] for one in of_city} >= {VIOLENCE}


def test_enough_cases_are_shown(city: Web, liaison: Caller) -> None:
    for _ in range(3):
        city.nobody.raises("有事要说", category=VIOLENCE, location=IN_CP02)
    with city.tracker.connection() as connection:
        until_folded(connection, LogMoments(connection).newest(), "rates")

    answer = liaison.get(f"/rates?scope=city&{today()}&by=category").json()

    assert raised(answer)[VIOLENCE] == 5
    assert "other" not in raised(answer)
