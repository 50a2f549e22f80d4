"""What lists show, to whom, and that nobody loses his place in them."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY
from tests.domain.whistles import CATEGORIES, DISPATCHER, RESIDENT, SEEN, UNITS, handler, report
from tests.projections.conftest import Log
from tracker.domain.promises.clocks import Mark
from tracker.domain.whistle.events import Event, Place
from tracker.domain.whistle.whistle import Whistle, whistle_id
from tracker.eventstore.contents import Content, erase
from tracker.projections.board import board
from tracker.projections.board.board import BadCursor, BoardQuery, Count, Scope, UnknownSort
from tracker.projections.board.row import BoardRow, ShownClock

CITY = Scope(city=True, confidential=True)
CARDS = ("none", "yellow", "red", "paused")
MINUTE = timedelta(minutes=1)
LAMP = CATEGORIES["C0103"]
HERE = Place("53250300100401", "532503001004", "532503001", "CP04", 23.38, 103.40)
THERE = Place("53250300200101", "532503002001", "532503002", "CP09", 23.39, 103.41)


def add(
    log: Log, number: int, text: str = "路灯不亮", place: Place = HERE, **changes: Any
) -> Whistle:
    """Raised `number` minutes after ten."""
    said = Content.said("text", text)
    told = report(
        changes.pop("category", "C0103"), number=f"W-260302-{number:06d}", place=place, **changes
    )
    whistle: Whistle = Whistle.raise_(
        told,
        id=whistle_id(told.number),
        actor=RESIDENT,
        policy=POLICY,
        at=MONDAY_TEN + number * MINUTE,
        words=[said.ref],
    )
    log.append(collected(whistle), words=[said])
    return whistle


def collected(whistle: Whistle) -> list[Event]:
    return list(whistle.collect_events())  # type: ignore[arg-type]


def send(log: Log, whistle: Whistle, unit: str, co: tuple[str, ...] = ()) -> None:
    at = whistle.modified_on + MINUTE
    whistle.classify(LAMP, actor=DISPATCHER, at=at, policy=POLICY)
    others = [UNITS[code] for code in co]
    whistle.dispatch(UNITS[unit], others, actor=DISPATCHER, at=at, policy=POLICY)
    log.append(collected(whistle))


def numbers(log: Log, scope: Scope = CITY, **asked: Any) -> list[int]:
    """What is found, by the last digits of the numbers, in order."""
    log.fold()
    query = BoardQuery(scope, **{"now": MONDAY_TEN, "sort": "oldest", **asked})
    return [int(row.number[-6:]) for row in board.find(log.connection, query).items]


def test_each_filter_finds_its_own(log: Log):
    one, two = add(log, 1), add(log, 2, place=THERE, category="E0505", sla_class="X5")
    three = add(log, 3, text="100%_的井盖")
    send(log, one, "U01", co=("U24",))
    send(log, three, "U24")

    assert numbers(log, states=["RAISED"]) == [2]
    assert numbers(log, post="CP04") == [1, 3]
    assert numbers(log, street="532503002") == [2]
    assert numbers(log, grid="53250300200101") == [2]
    assert numbers(log, unit="U24") == [1, 3]
    assert numbers(log, categories=["E0505"]) == numbers(log, categories=["E0505", "E0101"]) == [2]
    assert numbers(log, sla_class="X5") == [2]
    assert numbers(log, acted="dispatcher-cp04") == [1, 3]
    assert numbers(log, acted="handler-u01") == []
    assert numbers(log, level=1) == [1, 2, 3]
    assert numbers(log, level=2) == []
    assert numbers(log, open=True) == [1, 2, 3]
    assert numbers(log, open=False) == []
    assert numbers(log, raised_from=MONDAY_TEN + 2 * MINUTE) == [2, 3]
    assert numbers(log, raised_to=MONDAY_TEN + 2 * MINUTE) == [1]
    assert numbers(log, overdue=True) == []
    assert numbers(log, overdue=True, now=MONDAY_TEN + timedelta(days=9)) == [1, 2, 3]
    assert numbers(log, due_before=two.clocks["respond"].due) == [1, 3]
    assert numbers(log, q="井盖") == numbers(log, q="%_的") == numbers(log, q="000003") == [3]
    assert numbers(log, q="%") == [3]


def test_each_order_is_its_own(log: Log):
    for number in (1, 2, 3):
        add(log, number)

    assert numbers(log, sort="newest") == [3, 2, 1]
    assert numbers(log, sort="due") == [1, 2, 3]
    assert len(numbers(log, sort="level")) == 3
    with pytest.raises(UnknownSort):
        numbers(log, sort="luck")


@pytest.mark.parametrize("sort", ["newest", "oldest", "due", "level"])
def test_rows_that_arrive_between_two_pages_neither_repeat_nor_hide_any(log: Log, sort: str):
    for number in range(10, 20):
        add(log, number)
    log.fold()
    there = {f"W-260302-{number:06d}" for number in range(10, 20)}

    seen: list[str] = []
    arriving, cursor = iter((1, 100, 2, 101, 3, 102, 4, 103)), None
    while cursor is not None or not seen:
        query = BoardQuery(CITY, MONDAY_TEN, sort=sort, cursor=cursor, limit=3)
        page = board.find(log.connection, query)
        seen += [row.number for row in page.items]
        cursor = page.next
        add(log, next(arriving))
        log.fold()

    assert len(seen) == len(set(seen))
    assert there <= set(seen)


@pytest.mark.parametrize("cursor", ["", "x", "WyJkdWUiXQ", "é", "bmV3ZXN0", "A" * 4000])
def test_a_cursor_that_no_page_gave_is_refused(log: Log, cursor: str):
    with pytest.raises(BadCursor):
        board.find(log.connection, BoardQuery(CITY, MONDAY_TEN, cursor=cursor))


def test_everybody_sees_what_is_theirs_and_nothing_else(log: Log):
    mine, secret = (
        add(log, 1, reporter="zhang"),
        add(log, 2, confidential_basis="reporter", receipt="hash"),
    )
    add(log, 3, place=THERE)
    send(log, mine, "U01")
    send(log, secret, "U24")

    assert numbers(log, Scope(posts=["CP04"])) == [1]
    assert numbers(log, Scope(posts=["CP04"], confidential=True)) == [1, 2]
    assert numbers(log, Scope(streets=["532503002"])) == [3]
    assert numbers(log, Scope(grids=["53250300200101"])) == [3]
    assert numbers(log, Scope(units=["U24"])) == [2]
    assert numbers(log, Scope(reporters=["zhang"])) == [1]
    assert numbers(log, Scope(reporters=["hash"])) == [2]
    assert numbers(log, Scope(city=True)) == [1, 3]
    assert numbers(log, Scope()) == []


def test_what_is_pooled_is_seen_by_those_who_may_claim_it(log: Log):
    whistle = add(log, 1)
    at = whistle.modified_on + MINUTE
    pooled = replace(LAMP, poolable=True)
    whistle.classify(pooled, actor=DISPATCHER, at=at, policy=POLICY)
    whistle.pool(pooled, actor=DISPATCHER, at=at, policy=POLICY)
    log.append(collected(whistle))

    assert numbers(log, Scope(units=["AM001"], claimable=["C0103"])) == [1]
    assert numbers(log, Scope(units=["AM001"], claimable=["E0101"])) == []


def test_what_nobody_has_placed_yet_is_on_every_desk(log: Log):
    add(log, 1)
    add(log, 2, place=Place())

    assert numbers(log, Scope(posts=["CP09"], unplaced=True)) == [2]
    assert numbers(log, Scope(posts=["CP04"], unplaced=True)) == [1, 2]
    assert numbers(log, Scope(posts=["CP04"])) == [1]


def test_a_whistle_shows_the_card_of_the_promise_that_presses_most(log: Log):
    whistle = add(log, 1)
    send(log, whistle, "U01", co=("U24",))
    at = whistle.modified_on + MINUTE
    whistle.respond("arrival", point=HERE, actor=handler("U01"), at=at)
    log.append(collected(whistle))
    late = MONDAY_TEN + timedelta(days=2)

    def card(now: datetime, **asked: Any) -> list[str]:
        return [c for c in CARDS if numbers(log, card=c, now=now, **asked) == [1]]

    assert card(MONDAY_TEN) == ["none"]
    assert card(late) == ["red"]  # the co-handler has not come
    assert card(late, seen_by="U01") == ["none"]  # who leads has
    assert card(late, seen_by="U24") == ["red"]


def test_a_card_is_yellow_when_the_warning_is_recorded_and_paused_while_the_clock_is(log: Log):
    whistle = add(log, 1)
    warned = whistle.clocks["respond"].marks[Mark.YELLOW]
    warned += MINUTE
    whistle.elapse(warned, POLICY)
    log.append(collected(whistle))
    assert numbers(log, card="yellow", now=warned) == [1]

    send(log, whistle, "U01")
    for command in (lambda **who: whistle.respond("arrival", point=HERE, **who), whistle.start):
        command(actor=handler("U01"), at=whistle.modified_on)
    review = (MONDAY_TEN + timedelta(days=9)).date()
    for actor in (handler("U01"), DISPATCHER):
        terms = {"reason_code": "season", "words": SEEN}
        whistle.suspend(review, actor=actor, at=whistle.modified_on, policy=POLICY, **terms)
    log.append(collected(whistle))

    assert numbers(log, card="paused", now=warned) == [1]
    counted = board.counts(log.connection, BoardQuery(CITY, warned))
    assert counted == [Count("SUSPENDED", "paused", 1)]


def test_erased_words_are_not_found_again(log: Log):
    add(log, 1, text="张三家的狗")
    assert numbers(log, q="张三") == [1]

    row = board.by_number(log.connection, "W-260302-000001")
    assert row is not None and row.text_id is not None
    erase(log.connection, row.text_id, "admin", MONDAY_TEN)

    assert numbers(log, q="张三") == []


def test_the_edge_of_a_queue_counts_by_state_and_card(log: Log):
    add(log, 1)
    send(log, add(log, 2), "U01")
    log.fold()

    later = BoardQuery(CITY, MONDAY_TEN + timedelta(days=2))
    assert board.counts(log.connection, later) == [
        Count("DISPATCHED", "red", 1),
        Count("RAISED", "red", 1),
    ]
    at_ten = BoardQuery(CITY, MONDAY_TEN, states=["RAISED"])
    assert board.counts(log.connection, at_ten) == [Count("RAISED", "none", 1)]


def test_of_two_promises_due_at_once_the_same_one_is_shown_in_whatever_order_they_are_kept():
    due = MONDAY_TEN
    clocks = {
        key: ShownClock("respond", unit, due, due, None, None, False, "none")
        for key, unit in (("respond", None), ("respond:U01", "U01"))
    }
    row = BoardRow(
        id=whistle_id("W-260302-000001"), number="W-260302-000001", state="DISPATCHED",
        category=None, sla_class="G4", urgency=None, confidential=False,
        source="resident", anonymous=False, test=False, reporters=[], registered_at=due,
        updated_at=due, photos=0,
    )  # fmt: skip
    shown = set()

    for kept in (clocks, dict(reversed(clocks.items()))):
        row.clocks = kept
        row.find_next_due()
        shown.add(row.next_due_unit)

    assert shown == {None}
