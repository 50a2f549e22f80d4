"""A merged whistle is found by its own number, by whoever may read it, and leads to its parent."""

from typing import Any

import pytest

from tests.api.test_forms import signed_in
from tests.api.web import IN_CP02, LAMP, Caller, Web
from tests.waiting import until_folded


@pytest.fixture(scope="module")
def two(web: Web) -> tuple[str, str]:
    """The numbers of a whistle at work at U01, and of the one that was merged into it."""
    city = web.someone("city")
    raised = [web.nobody.raises(f"路灯不亮{n}", location=IN_CP02) for n in (1, 2)]
    parent, child = (str(one["number"]) for one in raised)
    for number in (parent, child):
        city.give(number, "classify", {"category": LAMP})
    city.give(child, "merge", {"into": parent})
    sent = city.give(parent, "dispatch", {"lead": "U01"})
    assert sent.status_code == 200, sent.text
    with web.tracker.connection() as connection:
        until_folded(connection, sent.json()["position"], "board")
    return parent, child


def found(caller: Caller, q: str) -> list[dict[str, Any]]:
    return list(caller.get("/whistles", params={"q": q}).json()["items"])


@pytest.mark.parametrize("account", ["handler-u01", "liaison-u01", "dispatcher-cp02", "city"])
def test_the_search_finds_it_for_who_works_on_the_parent(
    web: Web, two: tuple[str, str], account: str
) -> None:
    parent, child = two

    for typed in (child, child.lower().replace("-", " ")):
        items = found(web.someone(account), typed)
        assert [(one["number"], one["merged_into"]) for one in items] == [(child, parent)]
        assert items[0]["text"] == "路灯不亮2"


@pytest.mark.parametrize("account", ["handler-u24", "dispatcher-cp09", "gw-53250300200101"])
def test_a_stranger_finds_nothing(web: Web, two: tuple[str, str], account: str) -> None:
    assert found(web.someone(account), two[1]) == []


def test_a_reporter_of_the_parent_does_not_find_it(web: Web) -> None:
    city, worker = web.someone("city"), web.someone("intake-cp01")
    parent = worker.raises("路灯不亮3", location=IN_CP02)["number"]
    child = web.nobody.raises("路灯不亮4", location=IN_CP02)["number"]
    for number in (parent, child):
        city.give(number, "classify", {"category": LAMP})
    merged = city.give(child, "merge", {"into": parent})
    with web.tracker.connection() as connection:
        until_folded(connection, merged.json()["position"], "board")

    assert [one["number"] for one in found(worker, parent)] == [parent]
    assert found(worker, child) == []


@pytest.mark.parametrize(
    ("account", "page"), [("liaison-u01", "/unit"), ("dispatcher-cp02", "/post/CP02")]
)
def test_the_list_shows_its_row_which_opens_the_parent(
    web: Web, two: tuple[str, str], account: str, page: str
) -> None:
    parent, child = two

    shown = signed_in(web, account).get(page, params={"q": child.replace("-", "")}).text

    row = shown[shown.index(f'<tr id="{child}"') :].partition("</tr>")[0]
    assert f"w={parent}" in row
    assert f"和 {parent} 一起办" in row
    elsewhere = signed_in(web, "liaison-u24").get("/unit", params={"q": child}).text
    assert f'<tr id="{child}"' not in elsewhere
