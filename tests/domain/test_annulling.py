"""注销误记: what a clock a day ahead has recorded counts no longer (domain.md §4.2, row annul)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.domain.city_time import MONDAY_TEN
from tests.domain.holding import Held
from tests.domain.town import Town
from tests.domain.whistles import (
    AUDITOR,
    CITY,
    DAY,
    DISPATCHER,
    HERE,
    HOUR,
    INTAKE,
    RESIDENT,
    SUPERVISOR,
    handler,
)
from tracker.commands.fields import Point
from tracker.commands.whistle.annulling import Annul
from tracker.commands.whistle.dispatching import Dispatch
from tracker.commands.whistle.overseeing import (
    Deescalate,
    EndSupervision,
    Escalate,
    LetTimePass,
    Supervise,
)
from tracker.commands.whistle.raising import Raise
from tracker.commands.whistle.responding import Respond
from tracker.commands.whistle.triage import Classify, Merge
from tracker.domain.actors import SYSTEM, Actor, Role
from tracker.domain.promises.clocks import ClockKind, Mark
from tracker.domain.whistle.annulling import Annulled
from tracker.domain.whistle.refusals.annulling import (
    AnnulledBefore,
    DoneByPeople,
    ItHappened,
    ItsCauseStays,
    NothingToAnnul,
    NotWhatWasAsked,
    OnlyTheCityAsks,
    SomethingRestsOnIt,
    UnknownEvents,
)
from tracker.domain.whistle.refusals.lifecycle import SecondPersonNeeded
from tracker.domain.whistle.whistle import Whistle

LITTER = "E0101"  # Q3: respond in 2 working hours, resolve in 7
MOVED_BY_TIME = ("card", "level", "levels", "supervised", "by_time", "told_until", "clocks")


class Days(Town):
    """A town whose events every rule of domain.md §4.3 has seen."""

    def __init__(self, now: datetime = MONDAY_TEN) -> None:
        self.held = Held()
        super().__init__(now, watch=self.held.see)

    def reported(self, category: str = LITTER, sent: bool = True) -> UUID:
        here = Point(HERE.lat or 0, HERE.lon or 0)
        told = Raise(text="垃圾", category=category, location=here)
        id = self.open(told, actor=RESIDENT).id
        self.give(Classify(category=category), id, actor=INTAKE)
        if sent:
            self.give(Dispatch(lead="U01"), id, actor=DISPATCHER)
        return id

    def dream(self, ahead: timedelta = DAY) -> None:
        """The scheduler's host runs ahead, and sweeps once."""
        now, self.now = self.now, self.now + ahead
        self.sweep()
        self.now = now

    def false(self, id: UUID) -> tuple[int, ...]:
        """What time recorded that has not come yet."""
        live = set(self.live[id].by_time)
        return tuple(
            e.originator_version
            for e in self.streams[id]
            if e.originator_version in live and e.timestamp > self.now
        )

    def annul(self, id: UUID, events: Iterable[int] | None = None) -> Whistle:
        named = self.false(id) if events is None else tuple(events)
        for actor in (CITY, AUDITOR):
            self.give(Annul(events=named, reason="时钟快了一天"), id, actor=actor)
        self.held.after(self)
        return self.live[id]

    def topics(self, id: UUID) -> list[str]:
        return [e.TOPIC.removeprefix("whistle.") for e in self.streams[id]]

    def version(self, id: UUID, topic: str) -> int:
        """The first event of that topic."""
        return next(e.originator_version for e in self.streams[id] if e.TOPIC.endswith(topic))


def shown(whistle: Whistle) -> dict[str, Any]:
    """What time moves in a whistle, numbers of events left out."""
    return {name: vars(whistle)[name] for name in MOVED_BY_TIME if name != "by_time"}


def test_what_is_annulled_is_as_if_it_had_not_been() -> None:
    town, twin = Days(), Days()
    id, other = town.reported(), twin.reported()
    town.dream()
    assert {"deadline_missed", "escalated", "supervision_opened"} <= set(town.topics(id))

    town.now = twin.now = MONDAY_TEN + timedelta(minutes=10)
    whistle = town.annul(id)

    assert shown(whistle) == shown(twin.live[other])
    assert (whistle.card, whistle.level, whistle.supervised) == ("none", 1, False)
    assert not whistle.by_time and not whistle.proposals


def test_life_goes_on_at_its_own_time() -> None:
    town, twin = Days(), Days()
    id, other = town.reported(), twin.reported()
    town.dream()
    town.now = MONDAY_TEN + timedelta(minutes=10)
    town.annul(id)

    for one, whistle in ((town, id), (twin, other)):
        one.now = MONDAY_TEN + HOUR
        arrival = Respond(kind="arrival", lat=HERE.lat, lon=HERE.lon)
        one.give(arrival, whistle, actor=handler())
        one.now = MONDAY_TEN + 2 * DAY
        one.sweep()

    assert shown(town.live[id]) == shown(twin.live[other])
    answered = town.streams[id][town.version(id, "responded") - 1]
    assert answered.timestamp == MONDAY_TEN + HOUR


def test_what_really_passed_meanwhile_is_recorded_anew_at_its_own_moment() -> None:
    town, twin = Days(), Days()
    id, other = town.reported(), twin.reported()
    town.dream()

    town.now = twin.now = MONDAY_TEN + 3 * HOUR
    asked = [*town.live[id].by_time]
    whistle = town.annul(id, asked)
    twin.sweep()

    missed = [e for e in town.streams[id] if e.TOPIC == "whistle.deadline_missed"]
    respond = whistle.clocks[ClockKind.RESPOND]
    assert missed[-1].timestamp == respond.due and Mark.RED in respond.reached
    assert shown(whistle) == shown(twin.live[other])


def test_two_people_do_it_and_the_second_confirms_what_the_first_asked_for() -> None:
    town = Days()
    id = town.reported()
    town.dream()
    events = town.false(id)
    annul = Annul(events=events, reason="时钟快了一天")

    for actor in (AUDITOR, SUPERVISOR, INTAKE):
        with pytest.raises(OnlyTheCityAsks):
            town.give(annul, id, actor=actor)
    town.give(annul, id, actor=CITY)
    with pytest.raises(SecondPersonNeeded):
        town.give(annul, id, actor=CITY)
    with pytest.raises(SecondPersonNeeded):
        town.give(annul, id, actor=Actor(CITY.account, Role.AUDITOR))
    with pytest.raises(NotWhatWasAsked):
        last = town.live[id].by_time[-1]
        town.give(Annul(events=(last,), reason="时钟快了一天"), id, actor=AUDITOR)

    town.give(annul, id, actor=AUDITOR)

    done = town.streams[id][-1]
    assert isinstance(done, Annulled)
    assert (done.proposed_by, done.by) == ("city", "auditor")
    assert tuple(one.version for one in done.events) == events
    with pytest.raises(NothingToAnnul):
        town.give(annul, id, actor=CITY)


def test_what_people_said_and_did_is_never_annulled() -> None:
    town = Days()
    id = town.reported()
    town.give(Supervise(reason="关注"), id, actor=SUPERVISOR)
    town.give(Escalate(reason="重要"), id, actor=DISPATCHER)
    town.dream()

    for topic in ("raised", "classified", "dispatched", "supervision_opened", "escalated"):
        named = (town.version(id, topic), *town.false(id))
        with pytest.raises(DoneByPeople):
            town.give(Annul(events=named, reason="时钟快了一天"), id, actor=CITY)
    with pytest.raises(UnknownEvents):
        town.give(Annul(events=(999,), reason="时钟快了一天"), id, actor=CITY)


def test_who_was_really_late_stays_late() -> None:
    town = Days()
    id = town.reported()
    town.now = MONDAY_TEN + 6 * HOUR
    town.sweep()
    arrival = Respond(kind="arrival", lat=HERE.lat, lon=HERE.lon)
    town.give(arrival, id, actor=handler())

    with pytest.raises(ItHappened):
        town.give(Annul(events=town.live[id].by_time, reason="不怪我们"), id, actor=CITY)


def test_who_is_still_late_gains_nothing() -> None:
    town = Days()
    id = town.reported()
    town.now = MONDAY_TEN + 6 * HOUR
    town.sweep()
    before = shown(town.live[id])

    whistle = town.annul(id, town.live[id].by_time)

    assert shown(whistle) == before


def test_what_people_do_meanwhile_stands_at_its_own_moment_and_is_in_time() -> None:
    town, twin = Days(), Days()
    id, other = town.reported(), twin.reported()
    town.dream()
    for one, whistle in ((town, id), (twin, other)):
        one.now = MONDAY_TEN + HOUR
        arrival = Respond(kind="arrival", lat=HERE.lat, lon=HERE.lon)
        one.give(arrival, whistle, actor=handler())
        one.sweep()
    answered = town.streams[id][town.version(id, "responded") - 1]
    assert answered.timestamp == MONDAY_TEN + HOUR

    whistle = town.annul(id, town.live[id].by_time)

    assert shown(whistle) == shown(twin.live[other])
    assert whistle.card == "none" and whistle.level == 1


def test_an_answer_that_an_older_version_dated_by_a_false_moment_does_not_make_it_late() -> None:
    """Then an act was never dated before a mark. Nobody knows any more when it was."""
    town = Days()
    id = town.reported()
    town.dream()
    town.now = max(event.timestamp for event in town.streams[id])
    town.give(Respond(kind="arrival", lat=HERE.lat, lon=HERE.lon), id, actor=handler())
    town.now = MONDAY_TEN + HOUR

    whistle = town.annul(id, [v for v in town.live[id].by_time if _of_respond(town, id, v)])

    assert Mark.RED not in whistle.clocks[ClockKind.RESPOND].reached
    assert whistle.card != "red" and whistle.level == 1


@pytest.mark.parametrize(
    ("command", "actor", "what"),
    [
        (Deescalate(reason="误报"), DISPATCHER, "人工升降级"),
        (Escalate(reason="重要"), DISPATCHER, "人工升降级"),
        (EndSupervision(reason="误报"), SUPERVISOR, "人工结束督办"),
        (Dispatch(lead="U02"), DISPATCHER, "因超时改派"),
    ],
)
def test_it_is_refused_while_a_persons_act_rests_on_it(
    command: Any, actor: Actor, what: str
) -> None:
    town = Days()
    id = town.reported()
    town.dream()
    town.give(command, id, actor=actor)

    with pytest.raises(SomethingRestsOnIt) as refused:
        town.give(Annul(events=town.false(id), reason="时钟快了一天"), id, actor=CITY)

    assert what in refused.value.message.say("zh", refused.value.facts)
    assert "annul" not in town.live[id].proposals


def test_it_is_refused_once_a_class_was_chosen_while_it_seemed_to_be_late() -> None:
    """What is missed is never computed again; so the miss decided about the due time."""
    town = Days()
    id = town.reported(sent=False)
    town.dream()
    town.give(Classify(category=LITTER, sla_class="E1", reason="漏油"), id, actor=INTAKE)

    with pytest.raises(SomethingRestsOnIt) as refused:
        town.give(Annul(events=town.false(id), reason="时钟快了一天"), id, actor=CITY)

    assert "等级变更" in refused.value.message.say("zh", refused.value.facts)


def test_what_followed_by_a_rule_goes_with_its_cause_and_the_cause_with_it() -> None:
    town = Days()
    id = town.reported()
    town.dream()
    missed, opened = town.version(id, "deadline_missed"), town.version(id, "supervision_opened")
    events = town.false(id)

    def ask(*named: int) -> None:
        town.give(Annul(events=named, reason="时钟快了一天"), id, actor=CITY)

    with pytest.raises(ItsCauseStays):
        whistles_own = town.streams[id][opened - 2]
        assert whistles_own.TOPIC == "whistle.deadline_missed"
        ask(*(e for e in events if e != whistles_own.originator_version))
    with pytest.raises(SomethingRestsOnIt):
        ask(missed)
    with pytest.raises(SomethingRestsOnIt):
        ask(*(e for e in events if e != events[-1]))


def test_a_mark_that_stays_keeps_what_another_one_had_brought_before() -> None:
    """The unit's control came late in truth; what the false miss had opened is opened by it."""
    town = Days()
    id = town.reported()
    town.dream(4 * HOUR)  # respond is missed, falsely; supervision and level 2 come with it
    false = town.false(id)
    town.now = MONDAY_TEN + HOUR
    town.give(Respond(kind="arrival", lat=HERE.lat, lon=HERE.lon), id, actor=handler())
    town.now = MONDAY_TEN + 3 * DAY
    town.sweep()  # resolve is missed in truth
    assert town.live[id].clocks[ClockKind.RESOLVE].missed_by(town.now)

    whistle = town.annul(id, [v for v in false if _of_respond(town, id, v)])

    assert whistle.supervised and whistle.level > 1 and whistle.card == "red"
    reopened = [e for e in town.streams[id] if e.TOPIC == "whistle.supervision_opened"][-1]
    assert reopened.basis.startswith("resolve")


def _of_respond(town: Days, id: UUID, version: int) -> bool:
    event: Any = town.streams[id][version - 1]
    return str(getattr(event, "kind", getattr(event, "basis", ""))).startswith("respond")


def test_it_is_refused_once_another_whistle_has_joined_or_taken_it() -> None:
    town = Days()
    parent, child = town.reported(), town.reported()
    town.dream()
    town.give(Merge(into=town.live[parent].number), child, actor=INTAKE)

    for id in (parent, child):
        with pytest.raises(SomethingRestsOnIt):
            town.give(Annul(events=town.false(id), reason="时钟快了一天"), id, actor=CITY)


def test_nothing_is_annulled_twice_and_a_second_dream_is_annulled_too() -> None:
    town = Days()
    id = town.reported()
    town.dream()
    first = town.false(id)
    town.annul(id)
    town.now += timedelta(minutes=1)
    town.dream()

    with pytest.raises(AnnulledBefore):
        town.give(Annul(events=first, reason="时钟快了一天"), id, actor=CITY)
    whistle = town.annul(id)

    twin = Days()
    assert shown(whistle) == shown(twin.live[twin.reported()])


def test_the_stream_folded_again_is_the_same() -> None:
    town = Days()
    id = town.reported()
    town.dream()
    live = town.annul(id)

    first, *later = town.streams[id]
    again: Any = first.mutate(None)
    for event in later:
        again = event.mutate(again)

    assert shown(again) == shown(live) and again.by_time == live.by_time


def test_the_sweep_of_the_twin_and_of_the_repaired_agree_for_ever() -> None:
    town, twin = Days(), Days()
    id, other = town.reported(), twin.reported()
    town.dream()
    town.now = twin.now = MONDAY_TEN + timedelta(minutes=5)
    town.annul(id)

    for _ in range(8):
        for one, whistle in ((town, id), (twin, other)):
            one.now += timedelta(hours=9)
            one.give(LetTimePass(), whistle, actor=SYSTEM)
        assert shown(town.live[id]) == shown(twin.live[other])
