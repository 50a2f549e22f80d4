"""A category that is moved to another major takes all its whistles along in lists."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.api.web import IN_CP02, LITTER, Web
from tests.waiting import until, until_folded
from tracker.city import credentials as accounts
from tracker.city.registering import amend
from tracker.domain.city.catalogue import CategoryEntry

OTHER = "E0601"  # of the major to which litter is moved


@pytest.fixture(scope="module")
def moved(web: Web) -> str:
    raised = web.nobody.raises("垃圾堆在路口", category=LITTER, location=IN_CP02)
    with web.tracker.connection() as connection:
        until_folded(connection, raised["position"], "board")
    at = datetime.now(UTC)

    def to_another(entry: CategoryEntry) -> None:
        entry.revise(replace(entry.entry, major="E06"), at.date(), at, accounts.OPERATOR)

    amend(web.tracker, CategoryEntry, LITTER, to_another)
    until(lambda: web.tracker.city.category(LITTER).major == "E06")
    return str(raised["number"])


def test_the_list_of_a_major_has_what_belongs_to_it_now(web: Web, moved: str) -> None:
    city = web.someone("city")

    def of(code: str) -> list[str]:
        items = city.get("/whistles", params={"category": code}).json()["items"]
        return [str(one["number"]) for one in items]

    listed = {code: of(code) for code in ("E06", "E01", LITTER, "e06")}

    assert listed == {"E06": [moved], "E01": [], LITTER: [moved], "e06": [moved]}


def test_what_is_near_and_of_its_new_major_may_be_the_same(web: Web, moved: str) -> None:
    near = web.nobody.post("/nearby", {"category": OTHER, "location": IN_CP02})

    assert near.status_code == 200, near.text
    assert [one["number"] for one in near.json()["items"]] == [moved]
