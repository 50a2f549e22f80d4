"""吹哨报到 in the demo: posts call the units of a whistle to its place; most come, some do not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tracker.commands.tracker import Tracker
from tracker.contexts.summons.record import CITY_AFTER, Summons, summons_id
from tracker.demo.agenda import Agenda, Listener, ignore_events
from tracker.demo.life import JUST_AFTER, Life
from tracker.demo.world import World, of_post
from tracker.domain.city.units import UnitKind
from tracker.domain.promises.working_time import WorkCalendar
from tracker.domain.whistle.events import State

EVERY = 2  # days, about, between two summonses in the whole city
AT_WORK = (State.DISPATCHED, State.RESPONDED, State.IN_PROGRESS)
LIMIT = 30  # minutes after the meeting
MOST = 4  # units
CANCELLED = 0.08
LATE = 0.2
NEVER = 0.08

REASONS = (
    "{what},请到现场会商处置",
    "{what}反复出现,现场联合整治",
    "{what}涉及几家,到场定责任、定时限",
)
OUTCOMES = (
    "现场已定:主办牵头,三日内处置完毕",
    "联合整治完毕,当场签了承诺",
    "责任已分清,各自领回办理",
)
CORNERS = ("路口东侧", "小区南门口", "菜市场后门", "公交站台旁", "社区服务站门前")
EXCUSES = ("路上堵车,晚到", "先处置了另一处紧急情况")


@dataclass(frozen=True)
class Course:
    """A summons' times in minutes: `meets` after the call; each unit `comes` after the meeting,
    None: never; it `ends` after the meeting, None: it is still open."""

    meets: int
    comes: Sequence[int | None]
    ends: int | None = None
    cancelled: bool = False


# By the minutes before the demo starts at which they were called: one is in progress, in one a unit
# is missing, one is in the future.
PRESENT = (
    (55, Course(meets=42, comes=(6, None, None, None))),
    (150, Course(meets=50, comes=(8, 43, None, None))),
    (25, Course(meets=20 * 60, comes=(None,) * MOST)),
)


def course(world: World) -> Course:
    """A random course of a past summons."""
    random = world.random

    def comes() -> int | None:
        chance = random.random()
        if chance < NEVER:
            return None
        late = chance < NEVER + LATE
        return random.randrange(LIMIT + 2, LIMIT + 25) if late else random.randrange(-15, LIMIT)

    return Course(
        meets=random.randrange(30, 150),
        comes=[comes() for _ in range(MOST)],
        ends=random.randrange(LIMIT + 40, LIMIT + 100),
        cancelled=random.random() < CANCELLED,
    )


def moments(
    world: World, days: int, until: datetime
) -> Iterator[tuple[datetime, Course, str | None]]:
    """Each call's time, its course, and its post; None: any post."""
    home = world.city.posts[0].code
    for ago, present in PRESENT:
        yield until - timedelta(minutes=ago), present, home
    for _ in range(days // EVERY):
        found = in_office_hours(world, days, until - timedelta(days=1))
        if found is not None:
            yield found, course(world), home if world.random.random() < 0.3 else None


def in_office_hours(world: World, days: int, until: datetime) -> datetime | None:
    """A random office hour of a random day before `until`; None if that is not a working day."""
    calendar: WorkCalendar = world.city.policy.calendar
    day = calendar.date_of(until - timedelta(days=world.random.uniform(0, days - 1)))
    stretches = calendar.intervals(day)
    if not stretches:
        return None
    start, end = world.random.choice(stretches)
    span = (end - start).total_seconds()
    found = start + timedelta(seconds=world.random.randrange(int(span)))
    return found if found < until else None


def plan(
    tracker: Tracker, world: World, agenda: Agenda, lives: Sequence[Life], days: int
) -> Listener:
    """Plan all summonses, numbered in the order in which they are called."""
    planned = sorted(moments(world, days, world.on), key=lambda one: one[0])
    for at, course, post in planned:
        number = tracker.next_number("S", "summons_number", 4, at)
        agenda.plan(at, Calling(world, agenda, lives, number, course, post).call)
    return ignore_events


@dataclass
class Calling:
    """One summons of a simulation, from the call to its end."""

    world: World
    agenda: Agenda
    lives: Sequence[Life]
    number: str
    course: Course
    post: str | None
    made: Summons | None = field(default=None, init=False)

    @property
    def record(self) -> Summons:
        assert self.made is not None
        return self.made

    def call(self, at: datetime) -> Sequence[Any]:
        life = self._about()
        if life is None:
            return []
        world, course, id = self.world, self.course, summons_id(self.number)
        place, at_work = life.it.place, life.it.state in AT_WORK
        reason = world.random.choice(REASONS).format(what=life.category.name)
        corner = world.random.choice(CORNERS)
        words = [world.say(id, "reason", reason), world.say(id, "address", corner)]
        post = world.city.post(place.post or "")
        self.made = Summons.call(
            self.number,
            self._units(life),
            post=post.code,
            street=post.street,
            place=place,
            meet_at=at + timedelta(minutes=course.meets),
            minutes=LIMIT,
            actor=of_post("dispatcher", post.code),
            at=at,
            whistle=life.number if at_work else None,
            words=words,
        )
        self._plan()
        return self._happened()

    def _about(self) -> Life | None:
        """A whistle in work that has a point. If `post` is given, one no longer in work will do."""
        met = [life for life in self.lives if life.whistle is not None and self._fits(life)]
        at_work = [life for life in met if life.it.state in AT_WORK]
        return self.world.random.choice(at_work or met) if at_work or (met and self.post) else None

    def _fits(self, life: Life) -> bool:
        place = life.it.place
        if place.lat is None or place.post is None or life.it.confidential:
            return False
        return self.post in (None, place.post)

    def _units(self, life: Life) -> list[str]:
        """The category's units first, then others until they are enough for a summons."""
        city, random = self.world.city, self.world.random
        of_category = [life.category.lead_unit, *life.category.co_units]
        others = [unit.code for unit in random.sample(city.units, MOST)]
        fit = [code for code in of_category if city.unit(code).kind is not UnitKind.MEMBER]
        return list(dict.fromkeys([*fit, *others]))[: random.randrange(3, MOST + 1)]

    def _plan(self) -> None:
        record, course, plan = self.record, self.course, self.agenda.plan
        if course.cancelled:
            plan(record.meet_at - timedelta(minutes=10), self.cancel)
            return
        for unit, comes in zip(record.attendance, course.comes, strict=False):
            if comes is not None:
                plan(record.meet_at + timedelta(minutes=comes), self._coming(unit))
        for due in (record.arrive_by, record.arrive_by + CITY_AFTER):
            plan(due + JUST_AFTER, self.let_time_pass)
        if course.ends is not None:
            plan(record.meet_at + timedelta(minutes=course.ends), self.end)

    def _coming(self, unit: str) -> Any:
        return lambda at: self.come(unit, at)

    def come(self, unit: str, at: datetime) -> Sequence[Any]:
        """A unit arrives, with a point or a photo; a late one gives a reason."""
        world, record = self.world, self.record
        record.elapse(at)
        by_photo = world.random.random() < 0.35
        words = [world.show(record.id, "photo")] if by_photo else []
        if at > record.arrive_by:
            words.append(world.say(record.id, "note", world.random.choice(EXCUSES)))
        point = None if by_photo else world.near(record.place, at)
        record.arrive(actor=world.of_unit("handler", unit), at=at, point=point, words=words)
        return self._happened()

    def let_time_pass(self, at: datetime) -> Sequence[Any]:
        self.record.elapse(at)
        return self._happened()

    def end(self, at: datetime) -> Sequence[Any]:
        self.record.elapse(at)
        outcome = self.world.random.choice(OUTCOMES)
        words = [self.world.say(self.record.id, "note", outcome)]
        self.record.end(actor=of_post("dispatcher", self.record.post), at=at, words=words)
        return self._happened()

    def cancel(self, at: datetime) -> Sequence[Any]:
        words = [self.world.say(self.record.id, "reason", "下雨,改期")]
        self.record.cancel(actor=of_post("commander", self.record.post), at=at, words=words)
        return self._happened()

    def _happened(self) -> Sequence[Any]:
        return list(self.record.collect_events())
