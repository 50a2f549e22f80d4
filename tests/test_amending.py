"""A change of the city does what its preview said, or nothing at all."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.browser.people import GRID, HELP
from tracker.amending import (
    EntryMoved,
    EntryTaken,
    GridWithoutPost,
    NothingToChange,
    Step,
    Wish,
    carry_out,
    foresee,
    redrawing,
)
from tracker.application import Tracker
from tracker.citypack_check import PackBroken
from tracker.domain.actors import Actor, Role
from tracker.domain.catalogue import CategoryEntry
from tracker.domain.policy import CalendarEntry, CalendarYear, PolicyEntry
from tracker.domain.posts import PostEntry, PostKind
from tracker.domain.units import UnitEntry
from tracker.eventstore.connections import connect
from tracker.projections.board import Board
from tracker.projections.catching_up import catch_up
from tracker.receiving import GridRef
from tracker.settings import Settings

ADMIN = Actor("admin", Role.ADMIN)
NOBODY = Actor("anonymous", Role.ANONYMOUS)
AT = datetime(2026, 11, 26, 2, tzinfo=UTC)
TODAY = date(2026, 11, 26)


@pytest.fixture
def tracker(city_settings: Settings) -> Iterator[Tracker]:
    with Tracker(city_settings) as tracker:
        yield tracker


def said(tracker: Tracker, wish: Wish) -> list[str]:
    return [effect.say("en") for effect in foresee(tracker, wish, AT, ADMIN).effects]


def kept(register: Any, entry: Any, **changes: Any) -> Step:
    wanted = replace(entry, **changes)
    return Step(register, entry.code, lambda found: found.keep(wanted, TODAY, AT, ADMIN))


def test_a_redrawn_post_takes_its_grids_from_the_others_and_moves_nothing_that_is_open(
    tracker: Tracker,
) -> None:
    city = tracker.city
    giver = city.post("CP01")
    taker = next(p for p in city.posts_on(TODAY) if p.kind is PostKind.COMMUNITY and p != giver)
    tracker.raise_whistle(text="路灯不亮", location=GridRef(GRID), actor=NOBODY, at=AT)
    with connect(tracker.settings, name="test") as connection:
        catch_up(connection, Board())
    wish = redrawing(city, taker.code, [*taker.grids(TODAY), GRID], TODAY, AT, ADMIN)

    foreseen = foresee(tracker, wish, AT, ADMIN)
    changes = carry_out(tracker, wish, foreseen.seen, AT, ADMIN)

    assert [effect.say("en") for effect in foreseen.effects] == [
        f"{taker.name}: {len(taker.grids(TODAY))} grids → {len(taker.grids(TODAY)) + 1}",
        "1 open whistles lie in these grids and stay with the post of the day on which they were"
        f" raised; those raised from {TODAY} on go to the new one",
        f"{giver.name}: {len(giver.grids(TODAY))} grids → {len(giver.grids(TODAY)) - 1}",
        "No promised deadline moves",
    ]
    assert [(e.TOPIC, e.code) for e in changes.events] == [
        (e.TOPIC, e.code) for e in foreseen.events
    ]
    after = tracker.city
    assert GRID in after.post(taker.code).grids(TODAY)
    assert GRID not in after.post(giver.code).grids(TODAY)
    assert GRID in after.post(giver.code).grids(TODAY - timedelta(days=1))


def test_a_grid_is_never_left_without_a_post(tracker: Tracker) -> None:
    post = tracker.city.post("CP01")
    rest = [grid for grid in post.grids(TODAY) if grid != GRID]

    with pytest.raises(GridWithoutPost) as refusal:
        redrawing(tracker.city, post.code, rest, TODAY, AT, ADMIN)

    assert refusal.value.facts == {"first": TODAY, "count": 1, "grid": GRID}


def test_a_preview_records_nothing(tracker: Tracker) -> None:
    before = tracker.city.version
    wish = [kept(UnitEntry, tracker.city.unit("U01"), short="新名")]

    foresee(tracker, wish, AT, ADMIN)

    assert tracker.directory.refresh().version == before


def test_who_confirms_what_somebody_else_changed_meanwhile_is_told(tracker: Tracker) -> None:
    wish = [kept(UnitEntry, tracker.city.unit("U01"), short="新名")]
    seen = foresee(tracker, wish, AT, ADMIN).seen
    other = [kept(UnitEntry, tracker.city.unit("U01"), short="别名")]
    carry_out(tracker, other, foresee(tracker, other, AT, ADMIN).seen, AT, ADMIN)

    with pytest.raises(EntryMoved):
        carry_out(tracker, wish, seen, AT, ADMIN)

    assert tracker.city.unit("U01").short == "别名"


def test_what_is_so_already_is_no_change(tracker: Tracker) -> None:
    with pytest.raises(NothingToChange):
        foresee(tracker, [kept(UnitEntry, tracker.city.unit("U01"))], AT, ADMIN)


def test_a_code_that_leads_nowhere_is_refused_before_anything_is_recorded(
    tracker: Tracker,
) -> None:
    wish = [kept(CategoryEntry, tracker.city.category(HELP), lead_unit="U99")]

    with pytest.raises(PackBroken):
        foresee(tracker, wish, AT, ADMIN)


def test_a_code_is_given_once(tracker: Tracker) -> None:
    twice = Step(UnitEntry, "U01", new=tracker.city.unit("U01"))

    with pytest.raises(EntryTaken):
        foresee(tracker, [twice], AT, ADMIN)


def test_a_unit_that_ends_is_named_with_what_still_leads_to_it(tracker: Tracker) -> None:
    leads = sum(one.lead_unit == "U01" for one in tracker.city.categories)
    ending = Step(UnitEntry, "U01", lambda unit: unit.end(TODAY, AT, ADMIN))

    effects = foresee(tracker, [ending], AT, ADMIN).effects

    assert leads > 0
    assert [effect.facts["count"] for effect in effects if effect.warns] == [leads]


def test_a_vacant_command_is_warned_of(tracker: Tracker) -> None:
    post = tracker.city.post("CP01")
    wish = [
        Step(
            PostEntry,
            "CP01",
            lambda entry: [
                entry.relieve(held.role, held.holder, TODAY, AT, ADMIN)
                for held in post.appointments
                if held.until is None
            ],
        )
    ]

    effects = foresee(tracker, wish, AT, ADMIN).effects

    assert effects[0].warns
    assert effects[0].say("en").endswith("→ nobody")


def test_a_new_policy_says_that_open_promises_stay(tracker: Tracker) -> None:
    promises = tracker.city.promises
    first, *rest = promises.classes
    quicker = replace(first, respond=replace(first.respond, value=20))
    wanted = replace(promises, classes=(quicker, *rest))
    wish = [Step(PolicyEntry, promises.code, lambda policy: policy.keep(wanted, TODAY, AT, ADMIN))]

    assert said(tracker, wish) == [
        "Class E1: 0 open whistles keep what was promised; later ones get 20 min to respond and"
        " 24 h to resolve",
        "No promised deadline moves",
    ]


def test_a_calendar_that_arrives_tells_how_many_deadlines_it_sets(tracker: Tracker) -> None:
    year = CalendarYear(code="2027", name="2027", days=())

    wish = [Step(CalendarEntry, "2027", new=year)]

    assert said(tracker, wish) == ["No promised deadline moves"]
