"""One whistle's life in the demo: the steps of its scenario, done by the commands of the product.

Between the steps time passes as the scheduler does it: what falls due is recorded at its own
moment.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from tracker.demo.scenarios import Scenario
from tracker.demo.world import TEXTS, World
from tracker.domain.actors import Actor
from tracker.domain.city.catalogue import Category
from tracker.domain.errors import Refusal
from tracker.domain.promises.clocks import SlaPolicy
from tracker.domain.whistle.events import Place, Said, State
from tracker.domain.whistle.raising import Report
from tracker.domain.whistle.whistle import Whistle, whistle_id

JUST_AFTER = timedelta(microseconds=1)
RESPOND_MINUTES = {"E1": 30, "U2": 120, "Q3": 120, "G4": 240, "X5": 420, "C6": 120}
RESOLVE_MINUTES = {"E1": 1440, "U2": 1440, "Q3": 420, "G4": 2100, "X5": 6300, "C6": 420}


@dataclass
class Life:
    """`moments`: when the steps of an unfinished scenario happen. Else each step has its delay."""

    world: World
    scenario: Scenario
    category: Category
    raised_at: datetime
    number: str = ""
    moments: list[datetime] = field(default_factory=list)
    reported_together: list["Life"] = field(
        default_factory=list
    )  # duplicates of one problem, the oldest first
    near: "Life | None" = None
    whistle: Whistle | None = None
    reporter: Actor | None = None
    turn: int = 0
    place: Place = field(default_factory=Place)  # where it really is
    due_at: datetime | None = None  # when the next step happens
    wakes_at: datetime | None = None

    @property
    def it(self) -> Whistle:
        assert self.whistle is not None
        return self.whistle

    @property
    def id(self) -> UUID:
        return whistle_id(self.number)

    @property
    def policy(self) -> SlaPolicy:
        return self.world.city.policy

    @property
    def natural(self) -> bool:
        return self.it.is_emergency_class

    # --- its steps ---------------------------------------------------------------------------

    def wake(self, at: datetime) -> None:
        """Raise the whistle; or let time pass, and take the next step if it is due."""
        if self.whistle is None:
            self._begin(at)
        else:
            self.whistle.elapse(at, self.policy)
            if self.due_at is not None and at >= self.due_at:
                self._take_step(at)
        self.plan_waking()

    def plan_waking(self) -> None:
        passing = self.it.next_moment()
        times = [passing[0] + JUST_AFTER] if passing else []
        if self.due_at is not None:
            times.append(self.due_at)
        self.wakes_at = min(times, default=None)

    @property
    def family(self) -> list["Life"]:
        """The whistles that a step of this one may change, itself included."""
        return self.reported_together or [self]

    def collect(self) -> list[Any]:
        """The events since the last call."""
        return list(self.whistle.collect_events()) if self.whistle is not None else []

    def _take_step(self, at: datetime) -> None:
        name = self.scenario.steps[self.turn]
        step = STEPS[name]
        if not step.states or self.it.state in step.states:
            try:
                step.act(self, at)
                for one in self.family:
                    if one.whistle is not None:
                        one.whistle.draw(self.world.city, at=max(at, one.whistle.modified_on))
            except Refusal as refusal:
                self.world.refusals.append((self.scenario.name, name, refusal.code))
        self.turn += 1
        self._plan_step(at)

    def _plan_step(self, at: datetime) -> None:
        if self.turn >= len(self.scenario.steps):
            self.due_at = None
        elif self.moments:
            self.due_at = max(at, self.moments[self.turn])
        else:
            self.due_at = max(at + timedelta(seconds=20), self._next_time(at))

    def _next_time(self, at: datetime) -> datetime:
        step = STEPS[self.scenario.steps[self.turn]]
        if step.states and self.it.state not in step.states:
            return at
        return step.when(self, at)

    # --- its beginning -----------------------------------------------------------------------

    def _begin(self, at: datetime) -> None:
        first = self.scenario.steps[0] if self.scenario.steps else ""
        by_worker = first == "self_resolve" or self.world.random.random() < 0.3
        place = self._place(at)
        self.reporter = self.world.grid_worker(place) if by_worker else self.world.resident()
        reported = Place() if first in ("locate", "nowhere") else place
        text = self.world.random.choice(TEXTS[self.category.code])
        self.whistle = Whistle.raise_(
            self._report(text, reported, by_worker, at),
            id=self.id,
            actor=self.reporter,
            policy=self.policy,
            at=at,
            words=self._words(text, reported),
            emergency_units=self._emergency_units(),
        )
        self.place = place
        self._plan_step(at)

    def _place(self, at: datetime) -> Place:
        other = self.near.it.place if self.near is not None else None
        return self.world.near(other, at) if other else self.world.somewhere(at)

    def _report(self, text: str, place: Place, by_worker: bool, at: datetime) -> Report:
        random, found = self.world.random, self.category
        chosen = by_worker or found.sla in ("E1", "U2") or random.random() < 0.5
        suggestion = None if chosen else self.world.suggest(text)
        if suggestion is not None:
            found = self.world.city.category(suggestion.category)
        known = chosen or suggestion is not None
        assert self.reporter is not None
        receipt = self.reporter.reporter_of
        offline = random.random() < 0.05
        return Report(
            number=self.number,
            place=place,
            category=found.code if known else None,
            category_source="chosen" if chosen else ("suggested" if known else None),
            suggestion=suggestion,
            sla_class=found.sla if known else "G4",
            confidential_basis="category" if known and found.confidential else None,
            source=str(self.reporter.role),
            anonymous=not by_worker and random.random() < 0.25,
            reporter=None if receipt else self.reporter.account,
            receipt=receipt,
            occurred_at=at - timedelta(minutes=random.randrange(5, 300)) if offline else None,
        )

    def _words(self, text: str, place: Place) -> list[Said]:
        random = self.world.random
        words = [self.world.say(self.id, "text", text)]
        if random.random() < 0.3:
            words.append(self.world.say(self.id, "title", self.category.name))
        if place.post is None:
            words.append(self.world.say(self.id, "address", "菜市场后门往里走那条巷子"))
        if random.random() < 0.35:
            words.append(self.world.show(self.id, "photo"))
        return words

    def _emergency_units(self) -> Sequence[str]:
        return list(dict.fromkeys([self.category.lead_unit, *self.category.co_units]))

    # --- for its steps -----------------------------------------------------------------------

    def say(self, kind: str, *choices: str) -> Said:
        return self.world.say(self.id, kind, self.world.random.choice(choices))

    def by(self, duty: str) -> Actor:
        return self.world.at_post(duty, self.it)

    def unit(self, duty: str = "handler") -> Actor:
        return self.world.of_unit(duty, self.it.lead)


Act: TypeAlias = Callable[[Life, datetime], None]
When: TypeAlias = Callable[[Life, datetime], datetime]


@dataclass(frozen=True)
class LifeStep:
    act: Act
    when: When
    states: tuple[State, ...]  # in which it is possible; empty: in all


STEPS: dict[str, LifeStep] = {}


def step(when: When, *states: State) -> Callable[[Act], Act]:
    """Register a function as a step, under its own name."""

    def named(act: Act) -> Act:
        STEPS[act.__name__.removesuffix("_")] = LifeStep(act, when, states)
        return act

    return named


def minutes(low: float, high: float) -> When:
    """So many minutes of office hours later; in an emergency a third of them, day or night."""

    def when(life: Life, at: datetime) -> datetime:
        amount = life.world.random.uniform(low, high)
        return life.world.worked(at, amount / 3 if life.natural else amount, natural=life.natural)

    return when


def share(limits: dict[str, int], low: float, high: float) -> When:
    """Later by a share of the class's limit."""

    def when(life: Life, at: datetime) -> datetime:
        amount = life.world.random.uniform(low, high) * limits[life.it.sla_class]
        return life.world.worked(at, amount, natural=life.natural)

    return when


def after(kind: str) -> When:
    """Just after the end of a window that nobody used."""

    def when(life: Life, at: datetime) -> datetime:
        ends = [clock.due for clock in life.it.clocks.values() if clock.kind == kind]
        return max([at, *ends]) + timedelta(minutes=2)

    return when
