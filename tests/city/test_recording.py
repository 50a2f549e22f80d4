"""A change of the city does what its preview said, or nothing at all."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.browser.people import GRID, HELP
from tracker.city.changing.city_change import CityChange, EntryChange, Stamp
from tracker.city.changing.posts import GridWithoutPost, redrawing
from tracker.city.changing.recording import (
    EntryMoved,
    EntryTaken,
    NothingToChange,
    confirm,
    preview,
)
from tracker.city.pack.checking import PackBroken
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.actors import Actor, Role
from tracker.domain.city.catalogue import CategoryEntry
from tracker.domain.city.entries import Entry
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


@dataclass(frozen=True)
class Revised(CityChange):
    """One entry, brought to what is wanted."""

    register: type[Entry]
    wanted: Any

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        yield EntryChange.revise(self.register, self.wanted, stamp)


@dataclass(frozen=True)
class Added(CityChange):
    register: type[Entry]
    wanted: Any

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        yield EntryChange.add(self.register, self.wanted)


def revised(register: type[Entry], entry: Any, **changes: Any) -> Revised:
    return Revised(register, replace(entry, **changes))


def test_a_grid_is_never_left_without_a_post(tracker: Tracker) -> None:
    post = tracker.city.post("CP01")
    rest = [grid for grid in post.grids(TODAY) if grid != GRID]

    with pytest.raises(GridWithoutPost) as refusal:
        redrawing(tracker.city, post.code, rest, TODAY, Stamp(TODAY, AT, ADMIN))

    assert refusal.value.facts == {"first": TODAY, "count": 1, "grid": GRID}


def test_a_preview_records_nothing(tracker: Tracker) -> None:
    before = tracker.city.version
    change = revised(UnitEntry, tracker.city.unit("U01"), short="新名")

    preview(tracker, change, AT, ADMIN)

    assert tracker.directory.refresh().version == before


def test_who_confirms_what_somebody_else_changed_meanwhile_is_told(tracker: Tracker) -> None:
    change = revised(UnitEntry, tracker.city.unit("U01"), short="新名")
    versions = preview(tracker, change, AT, ADMIN).versions
    other = revised(UnitEntry, tracker.city.unit("U01"), short="别名")
    confirm(tracker, other, preview(tracker, other, AT, ADMIN).versions, AT, ADMIN)

    with pytest.raises(EntryMoved):
        confirm(tracker, change, versions, AT, ADMIN)

    assert tracker.city.unit("U01").short == "别名"


def test_what_is_so_already_is_no_change(tracker: Tracker) -> None:
    with pytest.raises(NothingToChange):
        preview(tracker, revised(UnitEntry, tracker.city.unit("U01")), AT, ADMIN)


def test_a_code_that_leads_nowhere_is_refused_before_anything_is_recorded(
    tracker: Tracker,
) -> None:
    change = revised(CategoryEntry, tracker.city.category(HELP), lead_unit="U99")

    with pytest.raises(PackBroken):
        preview(tracker, change, AT, ADMIN)


def test_a_code_is_given_once(tracker: Tracker) -> None:
    twice = Added(UnitEntry, tracker.city.unit("U01"))

    with pytest.raises(EntryTaken):
        preview(tracker, twice, AT, ADMIN)
