"""Numbers and codes as typed from paper, at every place where one is typed."""

import json

import pytest

from api.reading.reading import newest_position
from tests.api.web import IN_CP02, LAMP, Web
from tests.waiting import until_folded
from tracker.imports.command import import_file


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


OLDER = ["I-live-2", "I-2026-0105-3", "I-W-261201-000110"]


@pytest.fixture(scope="module")
def older(web: Web, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Whistles of an older system, whose numbers have forms of their own."""
    file = tmp_path_factory.mktemp("older") / "facts.jsonl"
    told = {"registered_at": "2026-09-01T09:00", "sla_class": "G4", "post": "CP02"}
    lines = [json.dumps({**told, "id": number.removeprefix("I-")}) for number in OLDER]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert import_file(web.tracker, file).bad == []
    with web.tracker.connection() as connection:
        until_folded(connection, newest_position(connection), "board")
    return OLDER


def test_a_number_of_an_older_system_keeps_its_hyphens_in_any_case_and_width(
    web: Web, older: list[str]
) -> None:
    city = web.someone("city")

    for number in older:
        wide = number.translate({ord(one): ord(one) + 0xFEE0 for one in number})
        for typed in (number, number.lower(), number.upper(), f" {number} ", wide):
            assert city.get(f"/whistles/{typed}").json()["number"] == number, typed
            found = city.get("/whistles", params={"q": typed}).json()["items"]
            assert [one["number"] for one in found] == [number], typed
            page = web.client.get(f"/w/{typed}", headers=city.headers)
            assert page.status_code == 200 and number in page.text, typed
