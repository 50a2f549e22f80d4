"""A change of the city does what its preview said, or nothing at all."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.browser.people import GRID, HELP
from tracker.city.amending import (
    EntryMoved,
    EntryTaken,
    GridWithoutPost,
    NothingToChange,
    Step,
    carry_out,
    foresee,
    redrawing,
)
from tracker.city.pack.checking import PackBroken
from tracker.commands.tracker import Tracker
from tracker.domain.actors import Actor, Role
from tracker.domain.city.catalogue import CategoryEntry
from tracker.domain.city.units import UnitEntry
from tracker.settings import Settings

ADMIN = Actor("admin", Role.ADMIN)
NOBODY = Actor("anonymous", Role.ANONYMOUS)
AT = datetime(2026, 11, 26, 2, tzinfo=UTC)
TODAY = date(2026, 11, 26)


@pytest.fixture
def tracker(city_settings: Settings) -> Iterator[Tracker]:
    with Tracker(city_settings) as tracker:
        yield tracker


def kept(register: Any, entry: Any, **changes: Any) -> Step:
    wanted = replace(entry, **changes)
    return Step(register, entry.code, lambda found: found.revise(wanted, TODAY, AT, ADMIN))


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
