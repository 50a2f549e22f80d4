"""A post's grids from a day on, with what is open in them; who holds an office there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from uuid import UUID

from tracker.city.amending import Foreseen, Step, redrawing
from tracker.city.changing.at_work import open_whistles, promises_moved
from tracker.city.changing.proposal import Change, Done, Effect, must_be_ahead
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.overseeing import HandOver
from tracker.directory import Directory
from tracker.domain.actors import SYSTEM, Actor
from tracker.domain.city.accounts import Account, AccountEntry
from tracker.domain.city.posts import Appointment, CommandPost, PostEntry
from tracker.domain.errors import Invalid, Refusal, Words
from tracker.domain.whistle.whistle import Whistle
from tracker.routing.routing import post_of_grid

MOVES = Words(
    zh="{n} 件在办换指挥部:{from_post} → {to_post}",
    en="{n} open whistles change post: {from_post} → {to_post}",
)
NONE_MOVES = Words(zh="没有在办的吹哨换指挥部", en="No open whistle changes post")
KEEPS = Words(
    zh="已承诺的时限不变:{n} 件里没有一个时限移动",
    en="No promised deadline moves, of any of the {n}",
)
SHIFTS = Words(
    zh="{later} 件的时限后移,{earlier} 件提前",
    en="The deadlines of {later} move later, of {earlier} earlier",
)
STAY = Words(zh="{n} 件在办留在原指挥部办完", en="{n} open whistles are finished where they are")
FROM_THEN = Words(
    zh="{first} 起登记的吹哨归新指挥部;此前登记的,统计仍归原指挥部",
    en="What is registered from {first} on belongs to the new post; figures of earlier "
    "whistles stay with the old one",
)
NOT_YET = Words(
    zh="{first} 还没到:到时在本页移交当时在办的吹哨",
    en="{first} is still ahead: hand over what is open then, on this page",
)
WORKERS = Words(
    zh="{n} 个网格员账号随网格换到 {post}", en="{n} accounts of grid workers move to {post}"
)
COMMANDS = Words(zh="{day} 起由 {holder} 指挥", en="From {day} on {holder} commands")
VACANT = Words(zh="{day} 起 {post} 没有指挥长", en="From {day} on {post} has no commander")
HANDED = Words(zh="已移交 {n} 件在办", en="{n} open whistles were handed over")


@dataclass(frozen=True)
class Redraw(Change):
    """`take` these grids from their posts and `give` those up, from the day `first` on.

    Only a special area gives up grids: below it a community's post holds them all the same.
    """

    post: str
    first: date
    take: tuple[str, ...] = ()
    give: tuple[str, ...] = ()
    hand_over: bool = True

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        must_be_ahead(self.first, today)
        post = city.post(self.post)
        if post.escalation_only:
            raise NoGridsHere(post=post.name)
        for code in (*self.take, *self.give):
            city.grid(code)
        held = post.grids(self.first)
        wanted = [code for code in held if code not in self.give]
        wanted += [code for code in self.take if code not in held]
        yield from redrawing(city, self.post, wanted, self.first, at, by)
        if self.first <= today and not post.overrides:
            yield from self._workers(city, post, at, by)

    def _losers(self, city: Directory, post: CommandPost) -> list[CommandPost]:
        return [
            other
            for other in city.posts_on(self.first)
            if other.code != post.code
            and not other.overrides
            and set(self.take) & set(other.grids(self.first))
        ]

    def _workers(
        self, city: Directory, post: CommandPost, at: datetime, by: Actor
    ) -> Iterator[Step]:
        losers = {other.code for other in self._losers(city, post)}
        for account in city.accounts.values():
            if account.grid in self.take and account.post in losers:
                yield self._moved(replace(account, post=post.code), at, by)

    def _moved(self, wanted: Account, at: datetime, by: Actor) -> Step:
        return Step(
            AccountEntry,
            wanted.username,
            lambda entry: entry.revise(wanted, self.first, at, by),
        )

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        moves = self._moves(tracker, foreseen)
        if self.first > foreseen.today:
            yield Effect(NOT_YET, {"first": self.first}, warns=bool(moves))
        elif not self.hand_over:
            yield Effect(STAY, {"n": len(moves)})
        else:
            yield from _moving(tracker, foreseen, moves)
        yield Effect(FROM_THEN, {"first": self.first})
        workers = sum(event.KIND == "account" for event in foreseen.events)
        if workers:
            name = foreseen.after.post(self.post).name
            yield Effect(WORKERS, {"n": workers, "post": name})

    def _moves(self, tracker: Tracker, foreseen: Foreseen) -> list["Move"]:
        return moves(tracker, foreseen.after, (*self.take, *self.give), self.first)

    def follow(self, tracker: Tracker, at: datetime, by: Actor) -> Done:
        city = tracker.directory.refresh()
        if not self.hand_over or self.first > city.policy.calendar.date_of(at):
            return Done()
        there = moves(tracker, city, (*self.take, *self.give), self.first)
        return Done([Effect(HANDED, {"n": hand_over(tracker, there, at, by)})])


@dataclass(frozen=True)
class Move:
    """An open whistle that lies with one post and whose grid is another's by now."""

    whistle: UUID
    number: str
    from_post: str
    to_post: str


def moves(
    tracker: Tracker, city: Directory, grids: Sequence[str], on: date, post: str | None = None
) -> list[Move]:
    """The open whistles in these grids, their halves included, that are with another post."""
    wanted = set(grids)
    parts = [area.code for area in city.areas if area.split_from in wanted]
    with tracker.connection() as connection:
        found = open_whistles(connection, grids=[*wanted, *parts], post=post)
    there = []
    for whistle in found:
        if whistle.grid is None or whistle.post is None:
            continue
        now, _ = post_of_grid(city, city.grid(whistle.grid), on)
        if now is not None and now.code != whistle.post:
            there.append(Move(whistle.id, whistle.number, whistle.post, now.code))
    return there


def lying_elsewhere(tracker: Tracker, city: Directory, post: str, on: date) -> list[Move]:
    """What the post still has open although its grid is another post's by now."""
    with tracker.connection() as connection:
        found = open_whistles(connection, post=post)
    return moves(tracker, city, sorted({one.grid for one in found if one.grid}), on, post)


def hand_over(tracker: Tracker, there: Sequence[Move], at: datetime, by: Actor) -> int:
    """Each to its new post; one that ended meanwhile stays where it ended."""
    handed = 0
    for move in there:
        try:
            tracker.give(HandOver(post=move.to_post), move.whistle, actor=by, at=at)
        except Refusal:
            continue
        handed += 1
    return handed


def _moving(tracker: Tracker, foreseen: Foreseen, there: Sequence[Move]) -> Iterator[Effect]:
    if not there:
        yield Effect(NONE_MOVES)
        return
    pairs: dict[tuple[str, str], list[Move]] = {}
    for move in there:
        pairs.setdefault((move.from_post, move.to_post), []).append(move)
    later = earlier = 0
    for (one, other), group in sorted(pairs.items()):
        names = {code: foreseen.after.post(code).name for code in (one, other)}
        facts = {"n": len(group), "from_post": names[one], "to_post": names[other]}
        yield Effect(MOVES, facts)
        decide = partial(Whistle.hand_over, post=other, actor=SYSTEM, at=foreseen.at)
        moved = promises_moved(tracker, [move.whistle for move in group], decide)
        later, earlier = later + moved[0], earlier + moved[1]
    if later or earlier:
        yield Effect(SHIFTS, {"later": later, "earlier": earlier}, warns=True)
    else:
        yield Effect(KEEPS, {"n": len(there)})


@dataclass(frozen=True)
class Appoint(Change):
    """Somebody, by a code of the roster, holds an office at the post from a day on."""

    post: str
    appointment: Appointment

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        must_be_ahead(self.appointment.first, today)
        city.post(self.post)
        if self.appointment.unit:
            city.current_unit(self.appointment.unit)
        yield Step(PostEntry, self.post, lambda entry: entry.appoint(self.appointment, at, by))

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        yield commanding(foreseen, self.post, self.appointment.first)


@dataclass(frozen=True)
class Relieve(Change):
    post: str
    office: str
    holder: str
    on: date

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        must_be_ahead(self.on, today)
        city.post(self.post)
        yield Step(
            PostEntry,
            self.post,
            lambda entry: entry.relieve(self.office, self.holder, self.on, at, by),
        )

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        yield commanding(foreseen, self.post, self.on)


def commanding(foreseen: Foreseen, code: str, day: date) -> Effect:
    """Who commands at the post on that day, once it is so; a warning where nobody does."""
    post = foreseen.after.post(code)
    acting = post.acting_commander(day)
    if acting is None:
        return Effect(VACANT, {"day": day, "post": post.name}, warns=True)
    return Effect(COMMANDS, {"day": day, "holder": acting.holder})


class NoGridsHere(Invalid):
    """A post for escalation alone holds no grid."""

    code = "post.no_grids"
    field = "take"
    message = Words(zh="{post} 只接升级件,不分网格", en="{post} takes escalations only, no grids")
    remedy = Words(zh="请选社区或专项指挥部", en="Choose a community's or a special area's post")
