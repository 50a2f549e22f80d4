"""交接班 in the demo: a few posts hand over at noon and in the evening, with that time's figures.

The log is not folded yet, so the figures are counted from the whistles, in the same way as the
board and the story will count them.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tracker.commands.tracker import Tracker
from tracker.contexts.handover.commands import OPEN, began_after
from tracker.contexts.handover.record import Handover, handover_id
from tracker.demo.agenda import Agenda, Listener
from tracker.demo.life import Life
from tracker.demo.world import World, of_post
from tracker.domain.promises.clocks import Mark
from tracker.domain.whistle.whistle import Whistle

DAYS = 30  # before the city opens
POSTS = 4  # the city's first posts hand over; the post that a guest sees is among them
MISSED = "whistle.deadline_missed"
TURNS = (("intake", "dispatcher"), ("dispatcher", "commander"))  # (outgoing, incoming), in turn
NOTES = (
    "红牌的几件已经催过,下午再盯一次",
    "桥头那件施工方明早到,到了请去看一眼",
    "回访有两位约了晚上接电话",
    None,
    "其余正常",
)
REMARKS = (None, None, None, "少一份纸质工单,已补打")


def card_of(whistle: Whistle, at: datetime) -> str:
    """The card of the most urgent promise, as `projections.board` computes it from a row."""
    promised = [c for c in whistle.clocks.values() if c.stopped_at is None and c.is_promise]
    if not promised:
        return "paused"
    first = min(promised, key=lambda clock: (clock.held_at is not None, clock.due, clock.key))
    if first.held_at is not None:
        return "paused"
    if first.due < at:
        return "red"
    return "yellow" if Mark.YELLOW in first.reached else "none"


def plan(
    tracker: Tracker, world: World, agenda: Agenda, lives: Sequence[Life], days: int
) -> Listener:
    shifts = Shifts(world, agenda, lives, world.on, signed=signed(tracker))
    shifts.plan(days)
    return shifts.count_events


# Served by no index: the demo's log is short.
SIGNED = "SELECT originator_id FROM stored_events WHERE topic = 'handover.signed'"


def signed(tracker: Tracker) -> frozenset[UUID]:
    """The notes of earlier simulations: a post may not sign a second one at the same moment."""
    with tracker.connection() as connection:
        return frozenset(id for (id,) in connection.execute(SIGNED).fetchall())


@dataclass
class Shifts:
    """Counts for each post what was done and missed since its last note."""

    world: World
    agenda: Agenda
    lives: Sequence[Life]
    until: datetime
    signed: frozenset[UUID] = frozenset()  # notes that an earlier simulation left
    done: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict, init=False)
    missed: list[tuple[datetime, UUID]] = field(default_factory=list, init=False)
    ended: dict[str, datetime] = field(default_factory=dict, init=False)
    waits: tuple[str, datetime] | None = field(default=None, init=False)  # waits to be received

    def plan(self, days: int) -> None:
        calendar = self.world.city.policy.calendar
        self.done = {post.code: [] for post in self.world.city.posts[:POSTS]}
        first = calendar.date_of(self.until) - timedelta(days=min(days, DAYS))
        for day in (first + timedelta(days=n) for n in range(min(days, DAYS) + 1)):
            for turn, (_, end) in zip(TURNS, calendar.intervals(day), strict=False):
                for post in self.done:
                    late = timedelta(seconds=self.world.random.randrange(900) + 0.5)
                    self.agenda.plan(end + late, self._signing(post, turn))
                    if post == next(iter(self.done)) and end + late <= self.until:
                        self.waits = post, end + late

    def count_events(self, events: Iterable[Any]) -> None:
        """Count a whistle's new events."""
        for event in events:
            if event.acting_post in self.done:
                self.done[event.acting_post].append((event.timestamp, event.TOPIC))
            if event.TOPIC == MISSED:
                self.missed.append((event.timestamp, event.originator_id))

    def _signing(self, post: str, turn: tuple[str, str]) -> Any:
        return lambda at: self.sign(post, turn, at)

    def sign(self, post: str, turn: tuple[str, str], at: datetime) -> Sequence[Any]:
        id, random = handover_id(post, at), self.world.random
        if id in self.signed:
            return []
        began = began_after(self.ended.get(post), at)
        self.ended[post] = at
        note = random.choice(NOTES)
        record = Handover.sign(
            post=post,
            began_at=began,
            **self.left(post, began, at),
            actor=of_post(turn[0], post),
            at=at,
            words=[self.world.say(id, "note", note)] if note else [],
        )
        if (post, at) != self.waits:
            comes_at = at + timedelta(minutes=random.randrange(3, 25))
            self.agenda.plan(comes_at, lambda then: self.receive(record, turn[1], then))
        return list(record.collect_events())

    def receive(self, record: Handover, duty: str, at: datetime) -> Sequence[Any]:
        remark = self.world.random.choice(REMARKS)
        words = [self.world.say(record.id, "note", remark)] if remark else []
        record.receive(actor=of_post(duty, record.post), at=at, words=words)
        return list(record.collect_events())

    def left(self, post: str, began: datetime, at: datetime) -> dict[str, Any]:
        """The post's figures at `at`, for a shift since `began`."""
        own = [life.it for life in self.lives if life.whistle and life.it.place.post == post]
        still_open = [whistle for whistle in own if whistle.state in OPEN]
        missed = {id for then, id in self.missed if began < then <= at}
        return {
            "open_by_state": Counter(str(whistle.state) for whistle in still_open),
            "open_by_card": Counter(card_of(whistle, at) for whistle in still_open),
            "turned_red": sorted(whistle.number for whistle in own if whistle.id in missed),
            "done": Counter(topic for then, topic in self.done[post] if began < then <= at),
        }
