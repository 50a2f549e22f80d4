"""Entries of the registers: which events a wish for change makes, and that replaying is living."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import get_type_hints

import pytest

from tracker.domain.actors import Actor, Role
from tracker.domain.city.accounts import (
    Account,
    AccountDisabled,
    AccountEnabled,
    AccountEntry,
    AccountReassigned,
    AccountRenamed,
    may_be_named,
)
from tracker.domain.city.areas import (
    GridPlan,
    Level,
    Period,
    PeriodEndsBeforeItBegins,
    PlanEntry,
    PlanNotInForce,
)
from tracker.domain.city.entries import Entry, Event, entry_id
from tracker.domain.city.posts import (
    Absence,
    AbsenceEndsBeforeItBegins,
    Appointment,
    CommandPost,
    NotAway,
    NotInOffice,
    PostEntry,
    PostKind,
)
from tracker.domain.city.registers import REGISTERS
from tracker.domain.city.units import (
    Unit,
    UnitChanged,
    UnitEnded,
    UnitEntry,
    UnitKind,
    UnitRestored,
)

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
BEGAN = date(2020, 6, 8)
ADMIN = Actor("admin", Role.ADMIN)

U01 = Unit(code="U01", name="城市管理局", short="城管局", kind=UnitKind.UNIT, whistle_duty=True)
POST = CommandPost(
    code="CP01",
    name="银河社区一线指挥部",
    kind=PostKind.COMMUNITY,
    street="532503001",
    valid_from=BEGAN,
    appointments=(
        Appointment("commander", "secretary", "", BEGAN),
        Appointment("deputy_bureau", "SK001", "U01", BEGAN),
        Appointment("deputy_subdistrict", "leadership", "", BEGAN),
    ),
)


def standing(entry: Entry) -> Entry:
    """The entry with nothing left to save."""
    entry.collect_events()
    return entry


def replayed(register: type[Entry], events: list[Event]) -> object:
    entry = None
    for event in events:
        entry = event.mutate(entry)
    assert isinstance(entry, register)
    return entry.entry


def test_an_entry_of_the_same_kind_and_code_has_the_same_stream_everywhere() -> None:
    entry = UnitEntry.add(U01, AT, ADMIN)

    assert entry.id == entry_id("unit", "U01")
    assert str(entry.id) == "a74f16a8-8178-5f3d-8a5e-476eaa6994fa"


def test_a_fact_of_the_city_says_who_recorded_it_in_which_role_and_when() -> None:
    [event] = UnitEntry.add(U01, AT, ADMIN).collect_events()

    assert isinstance(event, Event)
    assert (event.code, event.by, event.role, event.timestamp) == ("U01", "admin", "admin", AT)
    assert (event.TOPIC, event.KIND) == ("city.unit_added", "unit")


def test_only_what_differs_is_recorded() -> None:
    unit = standing(UnitEntry.add(U01, AT, ADMIN))

    unit.revise(replace(U01, short="城管"), TODAY, AT, ADMIN)
    unit.revise(replace(U01, short="城管"), TODAY, AT, ADMIN)

    [event] = unit.collect_events()
    assert isinstance(event, UnitChanged)
    assert event.changes() == {"short": "城管"}


def test_a_duty_can_be_taken_away() -> None:
    unit = standing(UnitEntry.add(U01, AT, ADMIN))

    unit.revise(replace(U01, whistle_duty=False), TODAY, AT, ADMIN)

    [event] = unit.collect_events()
    assert isinstance(event, UnitChanged)
    assert event.changes() == {"whistle_duty": False}
    assert unit.entry.whistle_duty is False


def test_an_entry_ends_once_and_may_stand_again() -> None:
    unit = standing(UnitEntry.add(U01, AT, ADMIN))

    unit.end(TODAY, AT, ADMIN)
    unit.end(TODAY, AT, ADMIN)
    unit.revise(U01, TODAY, AT, ADMIN)

    assert [type(event) for event in unit.collect_events()] == [UnitEnded, UnitRestored]
    assert unit.entry == U01


def test_replaying_the_stream_of_an_entry_gives_the_entry() -> None:
    post = PostEntry.add(POST, AT, ADMIN)
    post.redraw(("g1", "g2"), TODAY, AT, ADMIN)
    post.relieve("commander", "secretary", TODAY, AT, ADMIN)
    post.appoint(Appointment("commander", "another", "", TODAY), AT, ADMIN)
    post.note_absence(Absence("another", TODAY, date(2026, 3, 9)), AT, ADMIN)
    post.end(date(2027, 1, 1), AT, ADMIN)

    events = list(post.collect_events())

    assert replayed(PostEntry, events) == post.entry  # type: ignore[arg-type]


def test_every_register_has_its_own_kind_and_topic() -> None:
    kinds = [register.kind for register in REGISTERS]

    assert len(set(kinds)) == len(kinds)
    for register in REGISTERS:
        assert register.kind == register.added.KIND


def test_no_field_of_an_entry_can_change_without_an_event_that_says_so() -> None:
    by_other_events = {
        "area": set(),
        "plan": {"periods"},
        "unit": set(),
        "post": {"territories", "appointments", "absences"},
        "major": set(),
        "category": set(),
        "item": set(),
        "city": set(),
        "answer": {"unit"},
    }
    for register in REGISTERS:
        if register.kind in by_other_events:
            entry = get_type_hints(register.added)["entry"]
            own = {field.name for field in fields(entry)} - {"code", "ended_on"}
            carried = {field.name for field in fields(register.changed)}

            assert own - carried == by_other_events[register.kind]


def test_the_five_levels_stand_in_their_order() -> None:
    ranks = {level.value: level.rank for level in Level}

    assert ranks == {"compound": 1, "community": 2, "street": 3, "city": 4, "prefecture": 5}


def test_the_commander_commands_while_present() -> None:
    acting = POST.acting_commander(TODAY)

    assert acting is not None
    assert (acting.role, acting.holder) == ("commander", "secretary")


def test_while_the_commander_is_away_the_deputies_stand_in_in_their_order() -> None:
    post = PostEntry.add(POST, AT, ADMIN)
    post.note_absence(Absence("secretary", TODAY, date(2026, 3, 9)), AT, ADMIN)
    post.note_absence(Absence("leadership", date(2026, 3, 4), date(2026, 3, 6)), AT, ADMIN)

    acting = [
        found.holder if (found := post.entry.acting_commander(date(2026, 3, day))) else None
        for day in (1, 2, 4, 6, 9)
    ]

    assert acting == ["secretary", "leadership", "SK001", "leadership", "secretary"]


def test_who_is_back_earlier_commands_again_from_that_day() -> None:
    post = PostEntry.add(POST, AT, ADMIN)
    post.note_absence(Absence("secretary", TODAY, date(2026, 3, 9)), AT, ADMIN)

    post.end_absence("secretary", date(2026, 3, 4), AT, ADMIN)

    acting = [post.entry.acting_commander(date(2026, 3, day)).holder for day in (2, 3, 4)]
    assert acting == ["leadership", "leadership", "secretary"]
    with pytest.raises(NotAway):
        post.end_absence("secretary", date(2026, 3, 4), AT, ADMIN)


def test_an_absence_does_not_end_before_it_begins() -> None:
    post = PostEntry.add(POST, AT, ADMIN)

    with pytest.raises(AbsenceEndsBeforeItBegins):
        post.note_absence(Absence("secretary", TODAY, TODAY), AT, ADMIN)


def test_a_post_may_have_another_order_of_deputies() -> None:
    post = PostEntry.add(POST, AT, ADMIN)
    post.revise(replace(POST, deputies=("deputy_bureau", "deputy_subdistrict")), TODAY, AT, ADMIN)
    post.relieve("commander", "secretary", TODAY, AT, ADMIN)

    acting = post.entry.acting_commander(TODAY)

    assert acting.holder == "SK001"


def test_a_post_without_anybody_in_office_is_vacant() -> None:
    assert POST.acting_commander(date(2020, 6, 7)) is None


def test_nobody_is_relieved_of_an_office_not_held() -> None:
    post = standing(PostEntry.add(POST, AT, ADMIN))

    with pytest.raises(NotInOffice) as refusal:
        post.relieve("commander", "SK001", TODAY, AT, ADMIN)

    assert refusal.value.facts["holder"] == "SK001"
    assert post.collect_events() == []


def a_plan() -> Entry:
    return standing(PlanEntry.add(GridPlan(code="surge", name="surge", grids=("g1",)), AT, ADMIN))


def test_a_plan_is_in_force_from_its_first_day_until_before_its_last() -> None:
    plan = a_plan()
    assert isinstance(plan, PlanEntry)
    plan.switch_on(date(2022, 1, 1), None, AT, ADMIN)
    plan.switch_off(date(2022, 2, 1), AT, ADMIN)

    days = (date(2021, 12, 31), date(2022, 1, 1), date(2022, 1, 31), date(2022, 2, 1))

    assert plan.entry.periods == (Period(date(2022, 1, 1), date(2022, 2, 1)),)
    assert [plan.entry.in_force_since(day) is not None for day in days] == [
        False,
        True,
        True,
        False,
    ]


def test_switching_on_what_is_on_records_nothing() -> None:
    plan = a_plan()
    assert isinstance(plan, PlanEntry)
    plan.switch_on(date(2022, 1, 1), None, AT, ADMIN)
    plan.collect_events()

    plan.switch_on(date(2022, 1, 1), None, AT, ADMIN)

    assert plan.collect_events() == []


def test_a_plan_is_not_switched_off_while_it_is_off() -> None:
    plan = a_plan()
    assert isinstance(plan, PlanEntry)

    with pytest.raises(PlanNotInForce):
        plan.switch_off(TODAY, AT, ADMIN)


def test_a_period_does_not_end_before_it_begins() -> None:
    plan = a_plan()
    assert isinstance(plan, PlanEntry)

    with pytest.raises(PeriodEndsBeforeItBegins):
        plan.switch_on(TODAY, TODAY, AT, ADMIN)


def an_account() -> AccountEntry:
    account = AccountEntry.add(
        Account(username="wang", role=Role.INTAKE, display_name="受理", post="CP01"), AT, ADMIN
    )
    account.collect_events()
    return account


def test_an_account_moves_to_another_duty_with_its_whole_new_scope() -> None:
    account = an_account()

    account.revise(
        Account(username="wang", role=Role.UNIT_LIAISON, display_name="联络员", unit="U01"),
        TODAY,
        AT,
        ADMIN,
    )

    moved, renamed = account.collect_events()
    assert isinstance(moved, AccountReassigned)
    assert (moved.duty, moved.post, moved.unit) == (Role.UNIT_LIAISON, None, "U01")
    assert isinstance(renamed, AccountRenamed)
    assert account.entry.actor() == Actor("wang", Role.UNIT_LIAISON, unit="U01")


def test_a_disabled_account_stays_so_until_it_is_enabled() -> None:
    account = an_account()

    account.disable(AT, ADMIN)
    account.disable(AT, ADMIN)
    account.revise(replace(account.entry, active=True), TODAY, AT, ADMIN)
    account.enable(AT, ADMIN)

    events = [type(event) for event in account.collect_events()]
    assert events == [AccountDisabled, AccountEnabled]


@pytest.mark.parametrize("username", ["gw-53250300100101", "liaison-u01", "zhang3"])
def test_names_of_accounts_are_plain(username: str) -> None:
    assert may_be_named(username)


@pytest.mark.parametrize("username", ["system", "anonymous", "Zhang", "张三", "a", "x y", "-a"])
def test_names_that_mislead_or_break_are_none(username: str) -> None:
    assert not may_be_named(username)
