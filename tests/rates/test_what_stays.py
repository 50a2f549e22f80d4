"""What counts where, when a later fact changes what an earlier one assumed (domain.md §6)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import psycopg
import pytest

from tests.made_of import SECRET, ZONE
from tests.rates.asked import project
from tests.rates.oracle import Oracle
from tracker.commands.fields import GridRef
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.dispatching import Dispatch
from tracker.commands.whistle.raising import Raise
from tracker.commands.whistle.triage import Classify, Merge, Unmerge
from tracker.domain.actors import Actor, Role
from tracker.domain.city.entries import entry_id
from tracker.domain.promises.clocks import ClockKind
from tracker.domain.whistle.correcting import Corrected
from tracker.domain.whistle.ending import TransferredOut, Withdrawn
from tracker.domain.whistle.merging import ChildJoined, ChildLeft
from tracker.domain.whistle.resolving import Submitted, VerificationFailed, VerificationPassed
from tracker.domain.whistle.responding import Responded
from tracker.domain.whistle.states import State
from tracker.domain.whistle.triage import Located, SelfResolved
from tracker.metrics.asking import AsOf, Period, Question
from tracker.projections.rates.answer import listed, rates
from tracker.routing.routing import place_of_grid
from tracker.settings import Settings

CITY = Actor("city", Role.CITY_CENTRE)
TEN = datetime(2026, 9, 1, 10, tzinfo=ZONE)
DUE = datetime(2026, 9, 1, 16, tzinfo=ZONE)  # G4: four working hours, less the noon break
RESOLVE_DUE = datetime(2026, 9, 8, 17, 30, tzinfo=ZONE)
HANDLER = Actor("handler-u01", Role.HANDLER, unit="U01")
CALLER = Actor("followup-cp01", Role.FOLLOW_UP_AGENT, post="CP01")
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
SEPTEMBER = Period(date(2026, 9, 1), date(2026, 10, 1))
HERE, THERE = "53250300100103", "53250300100401"  # grids of CP01 and CP04
LAMP = GridRef(HERE, "启文路 12 号")
NOBODY = None


def of(n, d):
    return {"n": n, "d": d, "pct": f"{100 * n / d:.2f}"}


MISSED, KEPT = of(0, 1), of(1, 1)
CORRECTED = {"field": "place", "value": THERE, "proposed_by": "intake-cp01"} | dict.fromkeys(
    ("category", "sla_class", "occurred_at")
)


class Street:
    """One street lamp, its whistle, and the facts that become known of it."""

    def __init__(self, tracker, connection, at=TEN):
        self.tracker, self.connection = tracker, connection
        raised = tracker.open(Raise(text="路灯不亮", location=LAMP), actor=CITY, at=at)
        self.number = raised.aggregate.number
        tracker.give(Classify(category="C0103"), self.number, actor=CITY, at=at)

    def another(self, at):
        return Street(self.tracker, self.connection, at)

    def dispatched(self, at=TEN, lead="U01"):
        self.tracker.give(Dispatch(lead=lead), self.number, actor=CITY, at=at)
        return self

    def fact(self, event, at, by=CITY, to=None, clocks=(), **own):
        """Record it as it stands in a log, whichever command brought it about."""
        whistle = self.tracker.whistle(self.number)
        whistle._record(event, by, at, to=to, clocks=clocks, **own)
        self.tracker.save(whistle)
        return self

    def moved(self, at):
        place = place_of_grid(self.tracker.directory.refresh(), THERE, at.date())
        return self.fact(Located, at, place=place)

    def responded(self, at, unit="U01"):
        clocks = self.tracker.whistle(self.number)._stopped(at, ClockKind.RESPOND)
        return self.fact(
            Responded, at, to=State.RESPONDED, clocks=clocks, unit=unit, kind="call", lead=True,
            distance_m=None,
        )  # fmt: skip

    def submitted(self, at, clocks=()):
        return self.fact(Submitted, at, to=State.SUBMITTED, clocks=clocks, unit="U01", cycle=1)

    def figures(self, scope="city", at=TEN + 20 * DAY):
        """The product's answer, which has to be the oracle's too."""
        project(self.connection)
        found = rates(self.connection, Question(scope, SEPTEMBER, AsOf(at)))["metrics"]
        log = [
            (n.id, self.tracker.mapper.to_domain_event(n))
            for n in self.tracker.recorder.read(0, 100_000)
            if n.topic.startswith("whistle.")
        ]
        assert found == Oracle(log, at).figures(scope, SEPTEMBER.first, SEPTEMBER.until)
        return found


@pytest.fixture
def street(city_database):
    with (
        Tracker(Settings(database_url=city_database, secret_key=SECRET)) as tracker,
        psycopg.connect(city_database, autocommit=True) as connection,
    ):
        yield Street(tracker, connection)


def by_post(street, metric, at=TEN + 20 * DAY):
    return {post: street.figures(f"post:{post}", at)[metric] for post in ("CP01", "CP04")}


# --- never dispatched


def test_a_whistle_that_nobody_was_sent_to_is_a_breach_of_its_post_and_of_no_unit(street):
    found = street.figures("post:CP01")

    assert (found["response_rate"], found["on_time_response_rate"]) == (MISSED, MISSED)
    assert found["on_time_resolution_rate"] == MISSED
    assert street.figures("unit:U01")["response_rate"] is NOBODY


def test_the_list_behind_the_rate_says_that_nobody_was_sent(street):
    street.figures()
    question = Question("city", SEPTEMBER, AsOf(TEN + 20 * DAY))

    [missing] = listed(street.connection, question, "response_rate", "missing")

    assert missing.reason == "not_dispatched"
    assert missing.sentence("zh") == "响应时限 2026-09-01 16:00,没有派单或认领,未响应"


# --- moved to another post


@pytest.mark.parametrize("event", [Located, Corrected])
def test_a_missed_due_stays_with_the_post_that_held_the_whistle_then(street, event):
    street.dispatched()
    place = place_of_grid(street.tracker.directory.refresh(), THERE, DUE.date())
    own = {} if event is Located else CORRECTED
    street.fact(event, DUE + SECOND, place=place, **own)

    assert by_post(street, "on_time_response_rate") == {"CP01": MISSED, "CP04": NOBODY}
    assert by_post(street, "raised_valid") == {"CP01": 0, "CP04": 1}
    assert by_post(street, "on_time_resolution_rate") == {"CP01": NOBODY, "CP04": MISSED}
    assert street.figures(f"grid:{HERE}")["response_rate"] == MISSED


def test_a_late_answer_counts_where_the_due_was_missed(street):
    street.dispatched().moved(DUE + SECOND).responded(DUE + DAY)

    assert by_post(street, "response_rate") == {"CP01": KEPT, "CP04": NOBODY}
    assert by_post(street, "on_time_response_rate") == {"CP01": MISSED, "CP04": NOBODY}


def test_who_has_it_at_the_very_second_of_the_due_has_missed_it(street):
    street.dispatched().moved(DUE)

    assert by_post(street, "on_time_response_rate") == {"CP01": NOBODY, "CP04": MISSED}


def test_an_answer_in_time_moves_along(street):
    street.dispatched().responded(DUE).moved(DUE + DAY)

    assert by_post(street, "on_time_response_rate") == {"CP01": NOBODY, "CP04": KEPT}


def test_before_the_move_was_known_everything_counted_for_the_former_post(street):
    street.dispatched().moved(DUE + DAY)

    assert by_post(street, "raised_valid", at=DUE) == {"CP01": 1, "CP04": 0}


# --- left the city's hands


def test_a_due_missed_before_the_transfer_stays_and_everything_later_is_out(street):
    street.dispatched()
    street.fact(TransferredOut, DUE + SECOND, to=State.TRANSFERRED_OUT, target="petition")

    found = street.figures()

    assert found["on_time_response_rate"] == MISSED
    assert (found["raised_valid"], found["on_time_resolution_rate"]) == (0, NOBODY)
    assert street.figures("unit:U01")["on_time_response_rate"] == MISSED


@pytest.mark.parametrize("by", [CITY, Actor("import", Role.SYSTEM)], ids=["in time", "imported"])
def test_a_transfer_at_the_due_and_an_imported_one_leave_nothing(street, by):
    at = DUE if by is CITY else DUE + DAY
    street.fact(TransferredOut, at, by=by, to=State.TRANSFERRED_OUT, target="petition")

    assert street.figures()["response_rate"] is NOBODY


def test_who_resolves_it_on_the_spot_after_the_due_does_not_undo_the_breach(street):
    street.fact(SelfResolved, DUE + SECOND, to=State.SELF_RESOLVED, audit=False)

    found = street.figures()

    assert found["response_rate"] == MISSED
    assert (found["self_resolution_rate"], found["on_time_resolution_rate"]) == (KEPT, NOBODY)


@pytest.mark.parametrize(
    ("at", "counted"), [(DUE, NOBODY), (DUE + SECOND, MISSED)], ids=["at the due", "later"]
)
def test_a_whistle_withdrawn_at_the_very_second_of_its_due_is_out(street, at, counted):
    street.dispatched().fact(Withdrawn, at, to=State.WITHDRAWN)

    assert street.figures()["response_rate"] == counted
    assert street.figures()["on_time_resolution_rate"] is NOBODY


# --- submitted


def test_a_submission_in_time_passes_until_a_check_says_otherwise(street):
    street.dispatched().responded(DUE).submitted(RESOLVE_DUE)

    assert street.figures()["on_time_resolution_rate"] == KEPT
    assert street.figures("unit:U01")["on_time_resolution_rate"] == KEPT


def test_a_submission_after_the_due_is_late_before_anybody_has_checked_it(street):
    street.dispatched().responded(DUE).submitted(RESOLVE_DUE + SECOND)

    assert street.figures()["on_time_resolution_rate"] == MISSED


def test_a_failed_check_makes_it_an_item_of_its_new_due(street):
    street.dispatched().responded(DUE).submitted(RESOLVE_DUE)
    clock = street.tracker.whistle(street.number).clocks[ClockKind.RESOLVE]
    moved = replace(clock, due=RESOLVE_DUE + 30 * DAY, held_at=None)
    street.fact(
        VerificationFailed, RESOLVE_DUE + DAY, to=State.IN_PROGRESS, clocks=[moved], cycle=1,
        waited_from=RESOLVE_DUE,
    )  # fmt: skip

    assert street.figures(at=RESOLVE_DUE)["on_time_resolution_rate"] == KEPT
    assert street.figures()["on_time_resolution_rate"] is NOBODY


def judged(street, resolved, *, submitted, heard):
    """The unit submits, the city finds it done, and who goes there says whether it is."""
    whistle, policy = street.tracker.whistle(street.number), street.tracker.city.policy
    if whistle.state is State.RESPONDED:
        whistle.start(actor=HANDLER, at=submitted)
    whistle.submit(None, actor=HANDLER, at=submitted, policy=policy)
    whistle.verify(True, actor=CITY, at=submitted, policy=policy)
    whistle.follow_up(resolved, method="site", actor=CALLER, at=heard, policy=policy)
    street.tracker.save(whistle)


@pytest.mark.parametrize(("late", "counted"), [(SECOND * 0, KEPT), (SECOND, MISSED)])
def test_the_first_wait_for_a_verdict_is_not_charged_to_the_unit(street, late, counted):
    street.dispatched().responded(DUE)
    judged(street, False, submitted=RESOLVE_DUE - SECOND, heard=RESOLVE_DUE + DAY + HOUR)
    judged(street, True, submitted=RESOLVE_DUE + 2 * DAY + late, heard=RESOLVE_DUE + 3 * DAY)

    assert street.figures()["on_time_resolution_rate"] == counted
    assert street.figures("unit:U01")["on_time_resolution_rate"] == counted


def test_a_later_wait_for_a_verdict_runs_on(street):
    street.dispatched().responded(DUE)
    judged(street, False, submitted=RESOLVE_DUE - DAY, heard=RESOLVE_DUE - DAY)
    judged(street, False, submitted=RESOLVE_DUE, heard=RESOLVE_DUE + DAY)
    judged(street, True, submitted=RESOLVE_DUE + DAY, heard=RESOLVE_DUE + DAY)

    assert street.figures()["on_time_resolution_rate"] == MISSED


def test_a_reporters_own_word_counts_where_a_recorded_one_counted(street):
    ann = Actor("ann", Role.RESIDENT)
    raised = street.tracker.open(Raise(text="路灯不亮", location=LAMP), actor=ann, at=TEN)
    street.number = raised.aggregate.number
    street.tracker.give(Classify(category="C0103"), street.number, actor=CITY, at=TEN)
    street.dispatched().responded(DUE)
    whistle, policy = street.tracker.whistle(street.number), street.tracker.city.policy
    by = {"at": DUE, "policy": policy}
    whistle.start(actor=HANDLER, at=DUE)
    whistle.submit(None, actor=HANDLER, **by)
    whistle.verify(True, actor=CITY, **by)
    whistle.follow_up(True, 5, method="phone", called_at=DUE, actor=CALLER, **by)
    whistle.contradict(False, 1, actor=ann, at=DUE + DAY, policy=policy)
    street.tracker.save(whistle)

    before, after = street.figures(at=DUE + HOUR), street.figures()
    names = ("resolution_rate", "satisfaction_rate", "unheard_rate")
    assert [before[name] for name in names] == [KEPT, KEPT, MISSED]
    assert [after[name] for name in names] == [MISSED, MISSED, MISSED]


@pytest.mark.parametrize(
    ("event", "state"),
    [(VerificationPassed, State.VERIFIED), (VerificationFailed, State.IN_PROGRESS)],
)
@pytest.mark.parametrize(("late", "counted"), [(SECOND * 0, KEPT), (SECOND, MISSED)])
def test_a_check_that_the_post_owes_counts_by_its_own_due(street, event, state, late, counted):
    due = RESOLVE_DUE + DAY
    street.dispatched().responded(DUE)
    policy = street.tracker.city.policy
    owed = replace(policy.clock(ClockKind.VERIFY, "G4", RESOLVE_DUE), due=due)
    street.submitted(RESOLVE_DUE, clocks=[owed])
    waiting = street.figures(at=due)["on_time_verification_rate"]
    own = {"waited_from": RESOLVE_DUE} if event is VerificationFailed else {}
    street.fact(event, due + late, to=state, clocks=[owed.stop(due + late)], cycle=1, **own)

    assert waiting == MISSED  # not yet
    assert by_post(street, "on_time_verification_rate") == {"CP01": counted, "CP04": NOBODY}
    assert street.figures("unit:U01")["on_time_verification_rate"] is NOBODY


def test_who_is_not_in_the_sample_is_in_no_verification_rate(street):
    street.dispatched().responded(DUE)
    policy = street.tracker.city.policy
    window = policy.window(ClockKind.VERIFY, policy.sla_class("G4").respond, RESOLVE_DUE)
    street.submitted(RESOLVE_DUE, clocks=[window])

    assert street.figures()["on_time_verification_rate"] is NOBODY


# --- merged and taken apart


def test_once_unmerged_the_response_time_is_counted_from_its_own_registration(street):
    child = street.tracker.whistle(street.number).id
    street.dispatched().fact(
        ChildJoined, TEN + SECOND, child=child, child_number="W", registered_at=TEN - DAY,
        before=None, brought=None, now=None, parties=(),
    ).responded(DUE)  # fmt: skip
    merged = street.figures()["mean_response_time"]
    street.fact(ChildLeft, DUE + SECOND, child=child, now=None, ended=())

    assert (merged, street.figures()["mean_response_time"]) == (1800, 360)


def test_the_earlier_answer_of_two_counts_until_they_are_parted(street):
    parent = street.dispatched().number
    other = street.another(TEN + SECOND).dispatched(TEN + SECOND, lead="U02")
    child = other.responded(DUE, unit="U02").number
    merged_at, parted_at = DUE + SECOND, DUE + DAY

    street.tracker.give(Merge(into=parent), child, actor=CITY, at=merged_at)
    together = street.figures(at=merged_at)
    street.tracker.give(Unmerge(reason="不是一处"), child, actor=CITY, at=parted_at)

    assert (together["on_time_response_rate"], together["raised_valid"]) == (KEPT, 1)
    assert street.figures()["on_time_response_rate"] == of(1, 2)
    assert street.figures("unit:U01")["on_time_response_rate"] == MISSED
    assert street.figures("unit:U02")["on_time_response_rate"] == KEPT


# --- a category that moves


def test_a_category_moved_to_another_major_is_counted_there_as_of_the_move(street):
    moved_at = TEN + DAY
    entry = street.tracker.repository.get(entry_id("category", "C0103"))
    entry.revise(replace(entry.entry, major="C02"), moved_at.date(), moved_at, CITY)
    street.tracker.save(entry)
    project(street.connection)

    def counted(at):
        scopes = ("category:C01", "category:C02", "category:C0103")
        asked = [Question(scope, SEPTEMBER, AsOf(at)) for scope in scopes]
        lists = [len(listed(street.connection, one, "raised_gross", "d")) for one in asked]
        found = [rates(street.connection, one)["metrics"] for one in asked]
        assert lists == [metrics["raised_gross"] for metrics in found]
        return lists

    assert counted(moved_at - SECOND) == [1, 0, 1]
    assert counted(moved_at) == [0, 1, 1]
