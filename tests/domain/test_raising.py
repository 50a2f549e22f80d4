"""吹哨: registered at once, its clocks from the registration, an emergency sent at once."""

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY, shown
from tests.domain.whistles import (
    DAY,
    INTAKE,
    RESIDENT,
    facts,
    pooled,
    raised,
    report,
    said,
    triaged,
)
from tracker.domain.whistle.events import State
from tracker.domain.whistle.refusals.lifecycle import AlreadyTerminal
from tracker.domain.whistle.refusals.raising import NothingSaid, OccurredInTheFuture
from tracker.domain.whistle.whistle import Whistle, whistle_id


def test_a_report_is_raised_and_its_promises_run_from_the_registration():
    whistle = raised("E0101")

    assert whistle.state is State.RAISED
    assert {key: shown(clock.due) for key, clock in whistle.clocks.items()} == {
        "respond": "03-02 12:00",
        "resolve": "03-03 10:00",
    }
    assert whistle.lead is None


def test_a_report_without_words_or_pictures_is_refused():
    told = report()

    with pytest.raises(NothingSaid):
        Whistle.raise_(
            told, id=whistle_id(told.number), actor=RESIDENT, policy=POLICY, at=MONDAY_TEN
        )


def test_a_phone_whose_clock_is_ahead_is_told_so():
    told = report(occurred_at=MONDAY_TEN + DAY)

    with pytest.raises(OccurredInTheFuture):
        Whistle.raise_(
            told,
            id=whistle_id(told.number),
            actor=RESIDENT,
            policy=POLICY,
            at=MONDAY_TEN,
            words=[said("text")],
        )


def test_a_phone_two_days_offline_gets_its_clock_from_the_receipt_not_from_the_phone():
    whistle = raised(occurred_at=MONDAY_TEN - 2 * DAY)

    assert whistle.registered_at == MONDAY_TEN
    assert whistle.clocks["respond"].started_at == MONDAY_TEN


def test_an_emergency_goes_at_once_to_every_default_unit_the_first_leads():
    whistle = raised("E0401", units=("U02", "X01", "U13"))

    assert (whistle.state, whistle.lead, whistle.co) == (State.DISPATCHED, "U02", ["X01", "U13"])
    assert shown(whistle.clocks["respond"].due) == "03-02 10:30"
    assert shown(whistle.clocks["control"].due) == "03-02 12:00"
    assert shown(whistle.clocks["respond:X01"].due) == "03-02 10:30"


def test_what_the_reporter_adds_overwrites_nothing():
    whistle = raised()

    whistle.amend(actor=RESIDENT, at=MONDAY_TEN, words=[said("text"), said("photo")])

    assert facts(whistle) == ["Amended"]
    assert [word.kind for word in whistle.words] == ["text", "text", "photo"]
    assert whistle.photos == 1


def test_another_person_may_join_while_it_is_open():
    whistle = pooled()

    whistle.join(actor=RESIDENT, at=MONDAY_TEN, receipt="hash of a code")

    assert whistle.joined == ["hash of a code"]


def test_nothing_is_added_to_what_has_ended():
    whistle = triaged()
    whistle.transfer_out("110", actor=INTAKE, at=MONDAY_TEN, policy=POLICY)

    with pytest.raises(AlreadyTerminal):
        whistle.amend(actor=RESIDENT, at=MONDAY_TEN, words=[said("text")])
