"""What an administrator is shown before a change is what happens, and no promise moves unsaid."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.api.web import projecting
from tests.browser.people import GRID, HELP
from tests.waiting import until_folded
from tracker.city.changing import accounts, calendars, plans, posts, promises, units
from tracker.city.changing.catalogue import CATEGORIES
from tracker.city.changing.city_change import ChangeResult, CityChange, DayIsPast
from tracker.city.changing.recording import EntryMoved, confirm, preview
from tracker.city.changing.units import UNITS
from tracker.commands.fields import GridRef
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.overseeing import RecomputeDeadlines
from tracker.commands.whistle.raising import Raise
from tracker.domain.actors import SYSTEM, Actor, Role
from tracker.domain.city.accounts import Account
from tracker.domain.city.policy import CalendarYear, NoWorkingHours, OwnDay, WorkingHours
from tracker.domain.city.posts import Appointment
from tracker.domain.errors import Refusal
from tracker.domain.promises.working_time import HoursTangled
from tracker.settings import Settings

ADMIN = Actor("admin", Role.ADMIN)
NOBODY = Actor("anonymous", Role.ANONYMOUS)
AT = datetime(2026, 11, 26, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = AT.date()


@pytest.fixture
def tracker(city_settings: Settings) -> Iterator[Tracker]:
    with Tracker(city_settings) as tracker, projecting(tracker, city_settings):
        yield tracker


def raised(tracker: Tracker, grid: str = GRID, at: datetime = AT, **fields: Any) -> str:
    asked = Raise(text="路灯不亮", location=GridRef(grid), **fields)
    done = tracker.open(asked, actor=NOBODY, at=at)
    return str(done.aggregate.number)


def shown(tracker: Tracker, change: CityChange) -> list[str]:
    found = preview(tracker, change, AT, ADMIN)
    return [effect.say("en") for effect in change.effects(tracker, found)]


def done(tracker: Tracker, change: CityChange, at: datetime = AT) -> ChangeResult:
    return confirm(tracker, change, preview(tracker, change, at, ADMIN).versions, at, ADMIN)


def dues(tracker: Tracker, number: str) -> dict[str, datetime]:
    return {key: clock.due for key, clock in tracker.whistle(number).clocks.items()}


def board_post(tracker: Tracker, number: str) -> str | None:
    whistle = tracker.whistle(number)
    with tracker.connection() as connection:
        position = connection.execute("SELECT max(position) FROM stored_events").fetchone()
        assert position
        until_folded(connection, position[0], "board")
        row = connection.execute("SELECT post FROM board WHERE id = %s", [whistle.id]).fetchone()
    return row[0] if row else None


def test_a_redrawn_post_takes_what_is_open_as_its_preview_said_and_no_promise_moves(
    tracker: Tracker,
) -> None:
    taken = [raised(tracker), raised(tracker)]
    elsewhere = raised(tracker, "53250300100104")
    before = {number: dues(tracker, number) for number in (*taken, elsewhere)}
    change = posts.Redraw("CP02", TODAY, take=(GRID,))

    told = shown(tracker, change)
    outcome = done(tracker, change)

    assert told == [
        "2 open whistles change post: 银河社区一线指挥部 → 群乐社区一线指挥部",
        "No promised deadline moves, of any of the 2",
        f"What is registered from {TODAY} on belongs to the new post; figures of earlier whistles"
        " stay with the old one",
        "1 accounts of grid workers move to 群乐社区一线指挥部",
    ]
    assert [effect.facts["n"] for effect in outcome.effects] == [2]
    assert [board_post(tracker, number) for number in (*taken, elsewhere)] == [
        "CP02",
        "CP02",
        "CP01",
    ]
    assert {number: dues(tracker, number) for number in before} == before
    assert tracker.city.account(f"gw-{GRID}").post == "CP02"
    assert GRID not in tracker.city.post("CP01").grids(TODAY)
    assert GRID in tracker.city.post("CP01").grids(TODAY - timedelta(days=1))


def test_what_was_left_behind_is_told_and_can_be_handed_over_later(tracker: Tracker) -> None:
    number = raised(tracker)
    done(tracker, posts.Redraw("CP02", TODAY, take=(GRID,), hand_over=False))

    there = posts.whistles_to_hand_over(tracker, tracker.city, "CP01", TODAY)
    handed = posts.hand_over(tracker, there, AT, ADMIN)

    assert [(move.number, move.to_post) for move in there] == [(number, "CP02")]
    assert handed == 1
    assert posts.whistles_to_hand_over(tracker, tracker.city, "CP01", TODAY) == []


def test_a_post_redrawn_twice_on_one_day_holds_what_was_said_last(tracker: Tracker) -> None:
    done(tracker, posts.Redraw("CP02", TODAY, take=(GRID,)))

    done(tracker, posts.Redraw("CP01", TODAY, take=(GRID,)))

    assert GRID in tracker.city.post("CP01").grids(TODAY)
    assert GRID not in tracker.city.post("CP02").grids(TODAY)


def test_grids_are_not_redrawn_for_a_day_that_is_past(tracker: Tracker) -> None:
    with pytest.raises(DayIsPast):
        preview(tracker, posts.Redraw("CP02", date(2026, 11, 1), take=(GRID,)), AT, ADMIN)


def test_of_two_administrators_the_second_is_told(tracker: Tracker) -> None:
    change = posts.Redraw("CP02", TODAY, take=(GRID,))
    seen = preview(tracker, change, AT, ADMIN).versions
    done(tracker, posts.Redraw("CP03", TODAY, take=("53250300100101",)))

    with pytest.raises(EntryMoved):
        confirm(tracker, change, seen, AT, ADMIN)

    assert GRID in tracker.city.post("CP01").grids(TODAY)


def test_a_calendar_says_how_many_deadlines_it_moves_and_moves_as_many(tracker: Tracker) -> None:
    december = datetime(2026, 12, 30, 10, tzinfo=AT.tzinfo)
    number = raised(tracker, at=december, category="C0103")
    year = CalendarYear(
        code="2027", name="2027", days=(OwnDay(date(2027, 1, 4), "holiday_weekday_off"),)
    )
    change = calendars.Publish(year)
    before = dues(tracker, number)

    told = shown(tracker, change)
    done(tracker, change)
    tracker.give(RecomputeDeadlines(), number, actor=SYSTEM, at=december)

    assert told == [
        "2027 has 260 working days",
        "1 open whistles wait for the calendar of 2027; they are computed again, by event",
        "The deadlines of 1 move later, of 0 earlier; the others keep their date",
        "Mon 4 Jan: day off",
    ]
    moved = {key for key, due in dues(tracker, number).items() if due != before[key]}
    assert moved == {"resolve"}


def test_a_new_policy_leaves_open_promises_and_gives_new_ones_its_limits(tracker: Tracker) -> None:
    number = raised(tracker, category="C0103")
    before = dues(tracker, number)
    sla = tracker.city.policy.sla_class("G4")
    change = promises.RevisePolicy((replace(sla, resolve=replace(sla.resolve, value=4)),))

    told = shown(tracker, change)
    done(tracker, change)

    assert told[0] == "Version 2, for what is registered from now on"
    assert told[-1] == "1 open whistles keep the deadlines that were promised; none moves"
    assert dues(tracker, number) == before
    later = tracker.whistle(raised(tracker, category="C0103"))
    assert later.clocks["resolve"].due < before["resolve"]
    assert later.clocks["resolve"].policy_version == 2
    policy = tracker.city.policy
    assert [p.classes["G4"].resolve.value for p in (policy.as_promised(1), policy)] == [5, 4]


def test_a_year_is_told_from_day_to_day_and_its_doubtful_days_are_pointed_out(
    tracker: Tracker,
) -> None:
    off = calendars.Span(date(2027, 10, 1), date(2027, 10, 7), calendars.HOLIDAY)
    makeup = calendars.Span(date(2027, 10, 11), date(2027, 10, 11), calendars.MAKEUP)
    days = (*off.days(), *makeup.days())
    change = calendars.Publish(CalendarYear(code="2027", name="2027", days=days))

    found = preview(tracker, change, AT, ADMIN)
    effects = list(change.effects(tracker, found))

    assert [effect.say("zh") for effect in effects if effect.warns] == [
        "10月11日(周一)里有本来就上班的日子,请核对日期"
    ]
    assert [effect.say("zh") for effect in effects[-2:]] == [
        "10月1日(周五)至10月7日(周四)共 7 天放假",
        "10月11日(周一)调休上班",
    ]
    assert [day.kind for day in off.days()] == [
        "holiday_weekday_off",
        "holiday_weekend",
        "holiday_weekend",
        *["holiday_weekday_off"] * 4,
    ]


def test_a_corrected_year_is_told_by_what_changes_in_it(tracker: Tracker) -> None:
    known = tracker.city.registers["calendar"]["2026"]
    kept = tuple(day for day in known.days if day.on != date(2026, 10, 10))
    late = OwnDay(date(2026, 12, 31), "half_day_morning")

    told = shown(tracker, calendars.Publish(replace(known, days=(*kept, late))))

    assert told == [
        "2026 has 247 working days",
        "The calendar of 2026 was published before: what was promised is not computed again",
        "Now Thu 31 Dec: mornings only",
        "No longer Sat 10 Oct: make-up working day; its weekday tells",
    ]


def test_the_days_of_a_year_are_the_same_again_when_written_from_day_to_day(
    tracker: Tracker,
) -> None:
    for year in tracker.city.calendar_years:
        written = tuple(day for span in calendars.spans(year.days) for day in span.days())

        assert written == year.days


def test_a_day_whose_hours_run_backwards_is_refused_before_it_is_published(
    tracker: Tracker,
) -> None:
    day = OwnDay(date(2027, 2, 5), "half_day", (("12:00", "09:00"),))
    year = CalendarYear(code="2027", name="2027", days=(day,))

    with pytest.raises(HoursTangled):
        preview(tracker, calendars.Publish(year), AT, ADMIN)


def test_all_classes_change_in_one_version(tracker: Tracker) -> None:
    raised(tracker)
    e1, g4 = (tracker.city.policy.sla_class(code) for code in ("E1", "G4"))
    assert e1.control is not None
    change = promises.RevisePolicy(
        (
            replace(e1, control=replace(e1.control, value=1)),
            replace(g4, resolve=replace(g4.resolve, value=4)),
        )
    )

    told = shown(tracker, change)
    events = preview(tracker, change, AT, ADMIN).events
    done(tracker, change)

    assert len(events) == 1
    assert told == [
        "Version 2, for what is registered from now on",
        "E1, control: 2 hours → 1 hours",
        "G4, resolve: 5 working days → 4 working days",
        "Example: G4 registered now would be resolved by 12-03 17:30 → 12-02 17:30",
        "Open whistles that are later resumed, extended or wait for a calendar keep the version"
        " they were promised under; a new class is a new promise, under the version of that day",
        "1 open whistles keep the deadlines that were promised; none moves",
    ]
    assert tracker.city.policy_terms.version == 2


def test_other_working_hours_are_a_version_too_and_leave_what_was_promised(
    tracker: Tracker,
) -> None:
    number = raised(tracker, category="C0103")
    before = dues(tracker, number)
    hours = WorkingHours("Asia/Shanghai", (("09:00", "12:00"), ("13:00", "18:00")))
    change = promises.RevisePolicy(hours=hours)

    told = shown(tracker, change)
    done(tracker, change)

    assert told[:2] == [
        "Version 2, for what is registered from now on",
        "Working hours: 08:30–12:00 14:00–17:30 → 09:00–12:00 13:00–18:00",
    ]
    assert "Example: G4 registered now would be resolved by 12-03 17:30 → 12-03 18:00" in told
    assert told[-1] == "1 open whistles keep the deadlines that were promised; none moves"
    assert dues(tracker, number) == before
    later = dues(tracker, raised(tracker, category="C0103"))
    assert later["resolve"] - before["resolve"] == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("intervals", "refusal"),
    [
        ((), NoWorkingHours),
        ((("08:30", "12:00"), ("12:00", "17:30")), HoursTangled),
        ((("14:00", "17:30"), ("08:30", "12:00")), HoursTangled),
    ],
)
def test_working_hours_that_make_no_day_are_refused(
    tracker: Tracker, intervals: tuple[tuple[str, str], ...], refusal: type[Refusal]
) -> None:
    hours = WorkingHours("Asia/Shanghai", intervals)

    with pytest.raises(refusal):
        preview(tracker, promises.RevisePolicy(hours=hours), AT, ADMIN)

    assert tracker.directory.refresh().policy_terms.version == 1


def test_the_surge_plan_is_one_event_and_keeps_every_post(tracker: Tracker) -> None:
    change = plans.Switch("plan-epidemic", TODAY)

    told = shown(tracker, change)
    events = preview(tracker, change, AT, ADMIN).events
    done(tracker, change)

    assert told[0].startswith(f"From {TODAY} on the city has 196 grids in place of 187")
    assert told[2] == "Of the new grids 0 change their post"
    assert len(events) == 1
    assert len(tracker.city.grids(TODAY)) == 196


def test_a_unit_that_a_category_names_does_not_close(tracker: Tracker) -> None:
    with pytest.raises(units.StillNamed):
        preview(tracker, UNITS.end("U01"), AT, ADMIN)


def test_a_renamed_unit_with_its_contact_stands_in_the_directory(tracker: Tracker) -> None:
    unit = replace(tracker.city.unit("U01"), short="城管", contact="0873-1234567 二楼窗口")

    done(tracker, UNITS.amend(unit))

    assert tracker.city.unit("U01") == unit


def test_a_category_changed_says_what_stays_and_what_is_suggested(tracker: Tracker) -> None:
    number = raised(tracker, category=HELP)
    category = replace(tracker.city.category(HELP), lead_unit="U02", co_units=())

    told = shown(tracker, CATEGORIES.amend(category))

    short = tracker.city.unit("U02").short
    assert told == [
        "Of 1 open whistles neither category, units nor promised deadlines change",
        f"For 1 of them, not yet dispatched, {short} will be suggested",
        f"These are {number}",
    ]


def test_a_vacant_command_is_warned_of(tracker: Tracker) -> None:
    for held in tracker.city.post("CP01").appointments:
        change = posts.Relieve("CP01", held.role, held.holder, TODAY)
        effects = list(change.effects(tracker, preview(tracker, change, AT, ADMIN)))
        done(tracker, change)

    assert effects[-1].warns
    again = posts.Appoint("CP01", Appointment("commander", "secretary-new", "", TODAY))
    assert shown(tracker, again) == [f"From {TODAY} on secretary-new commands"]


def test_an_account_is_opened_given_another_duty_shut_and_never_by_its_own_hand(
    tracker: Tracker,
) -> None:
    account = Account(username="new-one", role=Role.INTAKE, display_name="受理", post="CP01")

    secret = done(tracker, accounts.Open(account)).secret
    done(tracker, accounts.Reassign(replace(account, role=Role.VERIFIER, post="CP02")))
    done(tracker, accounts.Shut("new-one"))

    assert secret is not None and len(secret) == 19
    found = tracker.city.account("new-one")
    assert (found.role, found.post, found.active) == (Role.VERIFIER, "CP02", False)
    with pytest.raises(accounts.NotYourself):
        preview(tracker, accounts.Shut("admin"), AT, ADMIN)


@pytest.mark.parametrize("minutes", [0, 5])
def test_a_preview_records_nothing_and_is_good_until_somebody_changes_the_same(
    tracker: Tracker, minutes: int
) -> None:
    change = posts.Redraw("CP02", TODAY, take=(GRID,))
    version = tracker.directory.refresh().version
    seen = preview(tracker, change, AT, ADMIN).versions

    assert tracker.directory.refresh().version == version
    later = (AT + timedelta(minutes=minutes)).astimezone(UTC)
    confirm(tracker, change, seen, later, ADMIN)
    assert GRID in tracker.city.post("CP02").grids(TODAY)
