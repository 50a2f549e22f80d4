"""Numbers and codes as typed from paper, at every place where one is typed."""

import pytest

from tests.api.web import IN_CP02, LAMP, Web
from tests.waiting import until_folded


def raised(web: Web) -> str:
    one = web.nobody.raises(location=IN_CP02, category=LAMP)
    with web.tracker.connection() as connection:
        until_folded(connection, one["position"], "board")
    return str(one["number"])


def forms(number: str) -> list[str]:
    closed = number.replace("-", "")
    wide = closed.translate({ord(one): ord(one) + 0xFEE0 for one in closed})
    return [number.lower(), closed, number.replace("-", " "), wide]


def test_a_whistle_is_found_by_its_number_as_typed(web: Web) -> None:
    number, city = raised(web), web.someone("city")

    for typed in forms(number):
        assert city.get(f"/whistles/{typed}").json()["number"] == number
        found = city.get("/whistles", params={"q": typed}).json()["items"]
        assert [one["number"] for one in found] == [number], typed


def test_a_page_is_found_by_it_too(web: Web) -> None:
    number, city = raised(web), web.someone("city")

    for typed in forms(number):
        page = web.client.get(f"/w/{typed}", headers=city.headers)
        assert page.status_code == 200 and number in page.text, typed


def test_two_are_merged_by_the_number_as_typed(web: Web) -> None:
    parent, child, city = raised(web), raised(web), web.someone("city")
    for number in (parent, child):
        city.give(number, "classify", {"category": LAMP})

    merged = city.give(child, "merge", {"into": f" {parent.replace('-', '').lower()}"})

    assert (merged.status_code, merged.json()["merged_into"]) == (200, parent)


@pytest.mark.parametrize(
    ("name", "code"),
    [("post", "cp02"), ("unit", "u01"), ("category", "c0103"), ("category", "c01")],
)
def test_a_filter_takes_a_code_in_any_case(web: Web, name: str, code: str) -> None:
    city = web.someone("city")

    small, large = (
        city.get("/whistles", params={name: typed}).json()["items"]
        for typed in (code, code.upper())
    )

    assert [one["number"] for one in small] == [one["number"] for one in large]


@pytest.mark.parametrize(
    ("name", "code"),
    [("post", "CP99"), ("unit", "U99"), ("street", "5"), ("grid", "5"), ("category", "Z9999")],
)
def test_a_filter_with_an_unknown_code_is_refused_by_name(web: Web, name: str, code: str) -> None:
    answer = web.someone("city").get("/whistles", params={name: code})

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [name]
    assert code in answer.json()["detail"]
