"""The city as one picture: counts, look-ups, who may claim, and how the picture is kept new."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from tests.mengzi import LOADED_AT, OPERATOR, PACK, TODAY, after, events_of, the_city
from tracker.city.pack.loading import load_city
from tracker.commands.tracker import Tracker
from tracker.directory import CityDirectory, CityNotLoaded, Directory
from tracker.domain.actors import Actor, Role
from tracker.domain.city.accounts import Account, AccountEntry, UnknownAccount
from tracker.domain.city.areas import Level, UnknownArea, UnknownGrid
from tracker.domain.city.catalogue import CategoryEntry, UnknownCategory
from tracker.domain.city.posts import UnknownPost
from tracker.domain.city.units import UnitEntry, UnknownUnit
from tracker.domain.errors import Refusal
from tracker.eventstore.mapper import PlainMapper
from tracker.settings import Settings

CITY = the_city()


def test_the_numbers_of_the_city_are_those_of_the_article() -> None:
    grids = CITY.grids(TODAY)

    assert {level: len(CITY.areas_of(level)) for level in Level} == {
        Level.COMPOUND: 187 + 18,
        Level.COMMUNITY: 23,
        Level.STREET: 4,
        Level.CITY: 1,
        Level.PREFECTURE: 1,
    }
    assert (len(CITY.posts), len(grids), sum(grid.workers for grid in grids)) == (28, 187, 515)
    assert (len(CITY.units), len(CITY.responders), len(CITY.members)) == (25, 10, 216)
    assert (len(CITY.majors), len(CITY.categories), len(CITY.service_items)) == (12, 77, 75)
    assert [found.code for found in CITY.sla_classes] == ["E1", "U2", "Q3", "G4", "X5", "C6"]


def test_the_surge_plan_exists_with_its_196_grids_and_as_many_workers_but_is_not_in_force() -> None:
    [surge] = [plan for plan in CITY.plans if plan.code == "plan-epidemic"]

    assert surge.periods == ()
    assert len(surge.grids) == 196
    assert sum(CITY.grid(code).workers for code in surge.grids) == 515
    assert [CITY.plan(day) for day in (date(2020, 6, 7),)] == [None]


def test_a_worker_of_a_grid_that_a_finer_plan_splits_has_its_parts() -> None:
    worker = Account(
        username="gw-06", role=Role.GRID_WORKER, display_name="网格员", grid="53250300100106"
    )

    actor = CITY.actor(worker)

    assert actor.parts == {"53250300100106A", "53250300100106B"}
    near = ("53250300100106", "53250300100106B", "53250300100105")
    assert [actor.holds(grid) for grid in near] == [True, True, False]


def test_63_people_are_sent_down_17_of_them_deputies_and_six_of_these_at_two_posts() -> None:
    sent = [
        (appointment.holder, appointment.role)
        for post in CITY.posts
        for appointment in post.appointments
        if appointment.unit
    ]
    deputies = [holder for holder, role in sent if role == "deputy_bureau"]

    assert len({holder for holder, _ in sent}) == 63
    assert (len(set(deputies)), len(deputies)) == (17, 23)
    assert len([role for _, role in sent if role == "cadre"]) == 46


def test_every_post_has_somebody_in_command() -> None:
    commanders = {
        post.code: CITY.acting_commander(post.code, date(2026, 11, 2)) for post in CITY.posts
    }

    assert [code for code, found in commanders.items() if found is None] == []


@pytest.mark.parametrize(
    ("ask", "refused"),
    [
        (lambda: CITY.category("C9999"), UnknownCategory),
        (lambda: CITY.unit("U99"), UnknownUnit),
        (lambda: CITY.post("CP99"), UnknownPost),
        (lambda: CITY.area("1"), UnknownArea),
        (lambda: CITY.grid("532503001001"), UnknownGrid),  # a community
        (lambda: CITY.account("nobody"), UnknownAccount),
    ],
)
def test_an_unknown_code_is_refused_by_name(ask: Any, refused: type[Refusal]) -> None:
    with pytest.raises(refused) as refusal:
        ask()

    assert refusal.value.remedy.zh


@pytest.mark.parametrize(
    ("responder", "category", "may"),
    [
        ("U18", "C0302", True),  # anyone: a unit with whistle duty
        ("AM001", "C0302", True),  # anyone: a member of the alliance
        ("X03", "C0302", False),  # a responder without whistle duty, not named
        ("U23", "C0105", True),  # named
        ("X02", "C0105", True),  # a responder, named
        ("U01", "C0105", False),  # a unit, not named
        ("U01", "C0101", False),  # not for the pool
        ("U04", "E0802", False),  # confidential
    ],
)
def test_who_may_claim_what_follows_the_catalogue(responder: str, category: str, may: bool) -> None:
    assert CITY.may_claim(responder, category) is may


def test_a_member_may_claim_what_is_open_to_its_sector() -> None:
    may = {member.sector for member in CITY.members if CITY.may_claim(member.code, "C0105")}

    assert may == {"两新组织", "国有企业"}


def test_a_confidential_category_is_never_claimed_even_if_the_catalogue_were_wrong() -> None:
    category = CategoryEntry.add(CITY.category("C0302"), LOADED_AT, OPERATOR)
    category.record(category.changed, LOADED_AT, OPERATOR, confidential=True)

    assert not after(CITY, category).may_claim("AM001", "C0302")


def test_an_emergency_has_a_default_and_units_that_take_it_at_any_hour() -> None:
    contacts = [unit.code for unit in CITY.units if unit.accepts_emergency_24x7]

    assert CITY.emergency_default == ("U12", ("U04", "U13"))
    assert contacts == ["U01", "U02", "U04", "U05", "U06", "U07", "U12", "U13", "U24", "U25"]


def test_what_has_ended_is_still_known_but_may_not_be_chosen() -> None:
    unit = UnitEntry.add(CITY.unit("U01"), LOADED_AT, OPERATOR)
    category = CategoryEntry.add(CITY.category("C0302"), LOADED_AT, OPERATOR)
    unit.end(TODAY, LOADED_AT, OPERATOR)
    category.end(TODAY, LOADED_AT, OPERATOR)

    city = after(CITY, unit, category)

    assert (city.unit("U01").short, city.category("C0302").name) == ("城管局", "垃圾箱果皮箱")
    assert not city.may_claim("AM001", "C0302")
    with pytest.raises(UnknownUnit):
        city.current_unit("U01")
    with pytest.raises(UnknownCategory):
        city.current_category("C0302")


def test_an_older_picture_stays_as_it_was() -> None:
    unit = UnitEntry.add(CITY.unit("U01"), LOADED_AT, OPERATOR)
    unit.end(TODAY, LOADED_AT, OPERATOR)

    newer = after(CITY, unit)

    assert len(CITY.units) == 25
    assert len(newer.units) == 24
    assert newer.version == CITY.version + 2


def test_folding_in_pieces_gives_the_same_city_as_folding_at_once() -> None:
    numbered = list(enumerate(events_of(PACK), start=1))
    pieces = Directory()
    for start in range(0, len(numbered), 97):
        pieces = pieces.fold(numbered[start : start + 97])

    assert pieces.registers == CITY.registers
    assert (pieces.version, pieces.catalogue_version) == (CITY.version, CITY.catalogue_version)


def test_stored_and_read_back_the_events_are_the_same() -> None:
    mapper, events = PlainMapper(), events_of(PACK)

    read = [mapper.to_domain_event(mapper.to_stored_event(event)) for event in events]

    assert read == events


def test_without_a_city_nothing_is_promised() -> None:
    with pytest.raises(CityNotLoaded):
        _ = Directory().policy


@pytest.fixture
def tracker(settings: Settings) -> Iterator[Tracker]:
    with Tracker(settings, name="test", pool_size=2) as tracker:
        load_city(tracker, PACK, False, LOADED_AT)
        yield tracker


def test_another_process_sees_a_new_account_within_its_patience(tracker: Tracker) -> None:
    seconds = [0.0]
    elsewhere = CityDirectory(tracker.recorder, tracker.mapper, clock=lambda: seconds[0])  # type: ignore[arg-type]
    before = elsewhere.now()
    tracker.save(AccountEntry.add(an_account("zhang"), LOADED_AT, OPERATOR))

    too_early = elsewhere.now()
    seconds[0] = 1.0
    in_time = elsewhere.now()

    assert before is too_early
    assert "zhang" not in too_early.accounts
    assert in_time.account("zhang").actor() == Actor("zhang", Role.AUDITOR)


def test_an_unchanged_log_gives_the_very_same_picture(tracker: Tracker) -> None:
    city = tracker.directory.refresh()

    again = tracker.directory.refresh()

    assert again is city


def test_the_picture_read_from_the_log_is_the_one_folded_from_the_pack(tracker: Tracker) -> None:
    assert tracker.city.registers == CITY.registers


def an_account(username: str) -> Account:
    return Account(username=username, role=Role.AUDITOR, display_name="审计")
