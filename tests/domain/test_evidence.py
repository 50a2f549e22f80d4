"""What counts as proof: of an arrival, of a call, of work that is done, of a check."""

from datetime import date

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY
from tests.domain.whistles import (
    CALLER,
    CATEGORIES,
    COMMANDER,
    HERE,
    HOUR,
    LITTER,
    MINUTE,
    RESIDENT,
    SEEN,
    VERIFIER,
    WORKER,
    by_phone,
    dispatched,
    facts,
    handler,
    in_progress,
    quiet,
    raised,
    said,
    submitted,
    suspended,
    verified,
)
from tracker.domain.actors import Actor, Role
from tracker.domain.whistle.events import Place, State
from tracker.domain.whistle.refusals.resolving import (
    ClosingNeedsReason,
    FindingNeeded,
    SamePersonAgain,
    SamePicture,
)
from tracker.domain.whistle.refusals.responding import (
    ArrivalNeedsPhoto,
    ArrivalOnly,
    CallOutOfTime,
    CallRecordNeeded,
    OutsideItsGrid,
    TooFarAway,
)
from tracker.domain.whistle.responding import CallRecord

LATER = MONDAY_TEN + HOUR
GRID = HERE.grid or ""
INEXACT = Place(HERE.grid, HERE.community, HERE.street, HERE.post, HERE.lat, HERE.lon, 900.0)
BY_GRID = Place(HERE.grid, HERE.community, HERE.street, HERE.post)
ELSEWHERE = Place("53250300100402", lat=23.3905, lon=103.4015)
REACHED, IN_VAIN = CallRecord(LATER, True), CallRecord(LATER, False)


def call(whistle, record, at=LATER):
    """To a number that the unit opened before."""
    whistle.open_contact(actor=handler(), at=MONDAY_TEN)
    quiet(whistle)
    whistle.respond("call", call=record, actor=handler(), at=at)


def arrive(whistle, point=HERE, unit="U01", words=()):
    whistle.respond("arrival", point=point, actor=handler(unit), at=LATER, words=words)


def test_a_call_that_reached_the_reporter_is_a_response_and_its_record_stands_in_the_fact():
    whistle = dispatched()

    call(whistle, CallRecord(LATER - 5 * MINUTE, True))

    [answer] = whistle.collect_events()
    assert (answer.kind, answer.called_at, answer.at) == ("call", LATER - 5 * MINUTE, LATER)
    assert whistle.state is State.RESPONDED


def test_a_call_that_reached_nobody_is_an_attempt_and_the_clock_runs_on():
    whistle = dispatched()

    call(whistle, IN_VAIN)

    [tried] = whistle.collect_events()
    assert (type(tried).__name__, tried.unit, tried.called_at) == ("CallAttempted", "U01", LATER)
    assert (whistle.state, whistle.responded_at) == (State.DISPATCHED, None)
    assert whistle.clocks["respond"].running and whistle.clocks["respond:U01"].running


@pytest.mark.parametrize("called_at", [MONDAY_TEN - HOUR, LATER + MINUTE])
def test_a_call_before_the_whistle_or_in_the_future_was_none(called_at):
    with pytest.raises(CallOutOfTime):
        call(dispatched(), CallRecord(called_at, True))


def test_a_call_without_a_record_is_no_response_and_an_emergency_wants_an_arrival():
    with pytest.raises(CallRecordNeeded):
        call(dispatched(), None)
    with pytest.raises(ArrivalOnly):
        raised("E0401", units=("U01",)).respond("call", call=REACHED, actor=handler(), at=LATER)


@pytest.mark.parametrize("place", [BY_GRID, INEXACT], ids=["no point", "a point of 900 m"])
def test_without_an_exact_point_one_arrives_in_the_grid_and_shows_a_photo(place):
    whistle = dispatched(place=place)

    with pytest.raises(ArrivalNeedsPhoto):
        arrive(whistle)
    with pytest.raises(OutsideItsGrid):
        arrive(whistle, ELSEWHERE, words=[said("photo")])
    arrive(whistle, words=[said("photo")])

    [answer] = whistle.collect_events()
    assert (answer.kind, answer.distance_m) == ("arrival", None)


def test_a_part_of_the_grid_is_in_the_grid():
    whistle = dispatched(place=BY_GRID)

    arrive(whistle, Place(f"{GRID}B", lat=23.38, lon=103.40), words=[said("photo")])

    assert whistle.state is State.RESPONDED


def test_without_a_grid_one_arrives_anywhere_with_a_photo_and_at_a_point_within_200_m():
    nowhere = dispatched(place=Place())

    with pytest.raises(ArrivalNeedsPhoto):
        arrive(nowhere, ELSEWHERE)
    arrive(nowhere, ELSEWHERE, words=[said("photo")])
    with pytest.raises(TooFarAway):
        arrive(dispatched(), ELSEWHERE, words=[said("photo")])

    assert nowhere.state is State.RESPONDED


def test_a_co_handler_may_respond_while_the_whistle_is_suspended():
    whistle = suspended(date(2026, 3, 20), co=("U14",))

    arrive(whistle, unit="U14")

    assert (facts(whistle), whistle.state) == (["Responded"], State.SUSPENDED)


def test_the_picture_of_afterwards_is_none_of_those_from_before():
    photo, other = said("photo"), said("photo")
    whistle = in_progress()
    terms = {"actor": handler(), "at": LATER, "policy": POLICY}

    with pytest.raises(SamePicture):
        whistle.submit(CATEGORIES[LITTER], words=[photo], repeated={photo.id}, **terms)
    whistle.submit(CATEGORIES[LITTER], words=[photo, other], repeated={photo.id}, **terms)

    assert whistle.state is State.SUBMITTED


def test_on_the_spot_before_and_after_are_two_pictures():
    before, after = said("photo_before"), said("photo_after")
    whistle = raised()
    terms = {"actor": WORKER, "at": LATER, "policy": POLICY, "words": [before, after]}

    with pytest.raises(SamePicture):
        whistle.self_resolve(CATEGORIES[LITTER], repeated={after.id}, **terms)
    whistle.self_resolve(CATEGORIES[LITTER], **terms)

    assert facts(whistle)[0] == "SelfResolved"


def test_who_finds_it_not_done_says_what_he_saw():
    with pytest.raises(FindingNeeded):
        submitted().verify(False, actor=VERIFIER, at=LATER, policy=POLICY)


OTHER_VERIFIER = Actor("verifier-2", Role.VERIFIER, post="CP04")


def checked_twice():
    """VERIFIER found it not done; done again, somebody else passed it."""
    whistle = submitted()
    whistle.verify(False, words=SEEN, actor=VERIFIER, at=MONDAY_TEN, policy=POLICY)
    photo = [said("photo")]
    whistle.submit(CATEGORIES[LITTER], actor=handler(), at=MONDAY_TEN, policy=POLICY, words=photo)
    whistle.verify(True, actor=OTHER_VERIFIER, at=MONDAY_TEN, policy=POLICY)
    return quiet(whistle)


@pytest.mark.parametrize("doer", [VERIFIER, OTHER_VERIFIER, handler()])
def test_who_had_another_part_in_the_cycle_does_not_follow_up(doer):
    with pytest.raises(SamePersonAgain):
        checked_twice().follow_up(True, 5, **by_phone(LATER), actor=doer, at=LATER, policy=POLICY)


@pytest.mark.parametrize("doer", [VERIFIER, OTHER_VERIFIER, handler()])
def test_an_unreasonable_claim_is_closed_by_somebody_without_another_part_and_with_a_reason(doer):
    whistle = checked_twice()
    asked = {**by_phone(LATER), "reasonable": False}
    whistle.follow_up(False, 1, **asked, actor=CALLER, at=LATER, policy=POLICY)

    with pytest.raises(SamePersonAgain):
        whistle.close(words=SEEN, actor=doer, at=LATER)
    with pytest.raises(ClosingNeedsReason):
        whistle.close(actor=COMMANDER, at=LATER)
    whistle.close(words=SEEN, actor=COMMANDER, at=LATER)

    assert whistle.state is State.CLOSED


def test_in_a_new_cycle_everybody_may_do_everything_again():
    whistle = verified()
    whistle.follow_up(True, 5, **by_phone(), actor=CALLER, at=MONDAY_TEN, policy=POLICY)

    whistle.reopen(actor=RESIDENT, at=LATER, policy=POLICY)

    assert (whistle.doers, whistle.callers, whistle.arrived) == ([], [], [])
