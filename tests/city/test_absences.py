"""Who is away from a post: what an administrator is told before is how it then is."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tracker.city.changing.absences import Leave, Return
from tracker.city.changing.city_change import CityChange, DayIsPast
from tracker.city.changing.recording import confirm, preview
from tracker.commands.tracker import Tracker
from tracker.domain.actors import Actor, Role
from tracker.domain.city.posts import Absence, AbsenceEndsBeforeItBegins, NotAway, NotInOffice
from tracker.settings import Settings

ADMIN = Actor("admin", Role.ADMIN)
AT = datetime(2026, 11, 26, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = AT.date()
MONDAY, FRIDAY = date(2026, 11, 30), date(2026, 12, 4)
POST = "CP01"


@pytest.fixture
def tracker(city_settings: Settings) -> Iterator[Tracker]:
    with Tracker(city_settings) as tracker:
        yield tracker


def commander(tracker: Tracker, on: date = TODAY) -> str:
    acting = tracker.directory.refresh().post(POST).acting_commander(on)
    assert acting is not None
    return acting.holder


def shown(tracker: Tracker, change: CityChange) -> list[str]:
    found = preview(tracker, change, AT, ADMIN)
    return [effect.say("en") for effect in change.effects(tracker, found)]


def done(tracker: Tracker, change: CityChange) -> None:
    confirm(tracker, change, preview(tracker, change, AT, ADMIN).versions, AT, ADMIN)


def test_a_planned_absence_tells_who_commands_meanwhile_and_afterwards(tracker: Tracker) -> None:
    head = commander(tracker)
    change = Leave(POST, Absence(head, MONDAY, FRIDAY))

    told = shown(tracker, change)
    done(tracker, change)

    deputy = commander(tracker, MONDAY)
    assert deputy != head
    assert told == [
        f"{head} is away from {MONDAY}, back on {FRIDAY}",
        f"From {MONDAY} on {deputy} commands",
        f"From {FRIDAY} on {head} commands",
    ]
    assert commander(tracker) == commander(tracker, FRIDAY) == head
    assert tracker.city.post(POST).absences_from(TODAY) == (Absence(head, MONDAY, FRIDAY),)


def test_where_nobody_is_left_to_command_it_is_warned_of(tracker: Tracker) -> None:
    while acting := tracker.directory.refresh().post(POST).acting_commander(MONDAY):
        change = Leave(POST, Absence(acting.holder, MONDAY, FRIDAY))
        effects = list(change.effects(tracker, preview(tracker, change, AT, ADMIN)))
        done(tracker, change)

    assert [effect.warns for effect in effects] == [False, True, False]


def test_who_is_back_earlier_commands_again(tracker: Tracker) -> None:
    head = commander(tracker)
    done(tracker, Leave(POST, Absence(head, TODAY, FRIDAY)))
    change = Return(POST, head, MONDAY)

    told = shown(tracker, change)
    done(tracker, change)

    assert told == [f"{head} is back on {MONDAY}", f"From {MONDAY} on {head} commands"]
    assert commander(tracker) != head
    assert commander(tracker, MONDAY) == head


def test_an_absence_is_called_off_on_its_first_day(tracker: Tracker) -> None:
    head = commander(tracker)
    done(tracker, Leave(POST, Absence(head, MONDAY, FRIDAY)))
    change = Return(POST, head, MONDAY)

    told = shown(tracker, change)
    done(tracker, change)

    assert told[0] == f"The absence of {head} from {MONDAY} is called off"
    assert commander(tracker, MONDAY) == head
    assert tracker.city.post(POST).absences_from(TODAY) == ()


def test_what_cannot_be_an_absence_is_refused(tracker: Tracker) -> None:
    head, yesterday = commander(tracker), TODAY - timedelta(days=1)
    refused: list[tuple[CityChange, type[Exception]]] = [
        (Leave(POST, Absence(head, yesterday, FRIDAY)), DayIsPast),
        (Leave(POST, Absence(head, FRIDAY, MONDAY)), AbsenceEndsBeforeItBegins),
        (Leave(POST, Absence("nobody", MONDAY, FRIDAY)), NotInOffice),
        (Return(POST, head, MONDAY), NotAway),
    ]

    for change, refusal in refused:
        with pytest.raises(refusal):
            preview(tracker, change, AT, ADMIN)
