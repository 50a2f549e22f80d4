"""A post's grids from a day on, the open whistles in them, who holds an office there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from uuid import UUID

from tracker.city.changing.at_work import open_whistles, promises_moved
from tracker.city.changing.city_change import (
    ChangeResult,
    CityChange,
    Effect,
    EntryChange,
    Preview,
    Stamp,
    must_be_ahead,
)
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.overseeing import HandOver
from tracker.directory import Directory
from tracker.domain.actors import SYSTEM, Actor
from tracker.domain.city.accounts import AccountEntry
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
class Redraw(CityChange):
    """`take` these grids from their posts and `give` those up, from the day `first` on.

    Only a special area gives up grids: below it a community's post holds them all the same.
    """

    post: str
    first: date
    take: tuple[str, ...] = ()
    give: tuple[str, ...] = ()
    hand_over: bool = True

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        must_be_ahead(self.first, stamp.today)
        post = city.post(self.post)
        if post.escalation_only:
            raise NoGridsHere(post=post.name)
        for code in (*self.take, *self.give):
            city.grid(code)
        held = post.grids(self.first)
        wanted = [code for code in held if code not in self.give]
        wanted += [code for code in self.take if code not in held]
        yield from redrawing(city, self.post, wanted, self.first, stamp)
        if self.first <= stamp.today and not post.overrides:
            yield from self._workers(city, post, stamp)

    def _losers(self, city: Directory, post: CommandPost) -> list[CommandPost]:
        return [
            other
            for other in city.posts_on(self.first)
            if other.code != post.code
            and not other.overrides
            and set(self.take) & set(other.grids(self.first))
        ]

    def _workers(self, city: Directory, post: CommandPost, stamp: Stamp) -> Iterator[EntryChange]:
        """The accounts of grid workers go with their grid, on the day itself."""
        losers = {other.code for other in self._losers(city, post)}
        for account in city.accounts.values():
            if account.grid in self.take and account.post in losers:
                moved = replace(account, post=post.code)
                yield EntryChange.revise(AccountEntry, moved, replace(stamp, today=self.first))

    def effects(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        moves = self._moves(tracker, preview)
        if self.first > preview.today:
            yield Effect(NOT_YET, {"first": self.first}, warns=bool(moves))
        elif not self.hand_over:
            yield Effect(STAY, {"n": len(moves)})
        else:
            yield from _move_effects(tracker, preview, moves)
        yield Effect(FROM_THEN, {"first": self.first})
        workers = sum(event.KIND == "account" for event in preview.events)
        if workers:
            name = preview.after.post(self.post).name
            yield Effect(WORKERS, {"n": workers, "post": name})

    def _moves(self, tracker: Tracker, preview: Preview) -> list["Move"]:
        return moves(tracker, preview.after, (*self.take, *self.give), self.first)

    def follow(self, tracker: Tracker, at: datetime, by: Actor) -> ChangeResult:
        city = tracker.directory.refresh()
        if not self.hand_over or self.first > city.policy.calendar.date_of(at):
            return ChangeResult()
        there = moves(tracker, city, (*self.take, *self.give), self.first)
        return ChangeResult([Effect(HANDED, {"n": hand_over(tracker, there, at, by)})])


def redrawing(
    city: Directory, code: str, grids: Sequence[str], first: date, stamp: Stamp
) -> list[EntryChange]:
    """The post has these grids from `first` on; the posts that had one of them lose it.

    A special post goes before the community's, which keeps its grids; a street's post covers its
    street beside them. Raises GridWithoutPost.
    """
    post = city.post(code)
    wanted = {code: tuple(grids)}
    posts = [one for one in city.posts_on(first) if not one.escalation_only]
    for other in posts:
        held = other.grids(first)
        left = tuple(grid for grid in held if grid not in grids)
        if other.code != code and left != held and not (post.overrides or other.overrides):
            wanted[other.code] = left
    covered = {grid for one in posts for grid in wanted.get(one.code, one.grids(first))}
    if homeless := [grid for grid in post.grids(first) if grid not in covered]:
        raise GridWithoutPost(first=first, count=len(homeless), grid=homeless[0])
    return [redrawn(one, held, first, stamp) for one, held in wanted.items()]


def redrawn(code: str, grids: tuple[str, ...], first: date, stamp: Stamp) -> EntryChange:
    return EntryChange.by(PostEntry.redraw, PostEntry, code, grids, first, stamp=stamp)


@dataclass(frozen=True)
class Move:
    """An open whistle of `from_post` whose grid belongs to `to_post` by now."""

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


def whistles_to_hand_over(tracker: Tracker, city: Directory, post: str, on: date) -> list[Move]:
    """The open whistles of the post whose grid belongs to another post by now."""
    with tracker.connection() as connection:
        found = open_whistles(connection, post=post)
    return moves(tracker, city, sorted({one.grid for one in found if one.grid}), on, post)


def hand_over(tracker: Tracker, there: Sequence[Move], at: datetime, by: Actor) -> int:
    """Hand each whistle over and return how many went; one that ended meanwhile stays."""
    handed = 0
    for move in there:
        try:
            tracker.give(HandOver(post=move.to_post), move.whistle, actor=by, at=at)
        except Refusal:
            continue
        handed += 1
    return handed


def _move_effects(tracker: Tracker, preview: Preview, there: Sequence[Move]) -> Iterator[Effect]:
    if not there:
        yield Effect(NONE_MOVES)
        return
    pairs: dict[tuple[str, str], list[Move]] = {}
    for move in there:
        pairs.setdefault((move.from_post, move.to_post), []).append(move)
    later = earlier = 0
    for (one, other), group in sorted(pairs.items()):
        names = {code: preview.after.post(code).name for code in (one, other)}
        facts = {"n": len(group), "from_post": names[one], "to_post": names[other]}
        yield Effect(MOVES, facts)
        decide = partial(Whistle.hand_over, post=other, actor=SYSTEM, at=preview.at)
        moved = promises_moved(tracker, [move.whistle for move in group], decide)
        later, earlier = later + moved[0], earlier + moved[1]
    if later or earlier:
        yield Effect(SHIFTS, {"later": later, "earlier": earlier}, warns=True)
    else:
        yield Effect(KEEPS, {"n": len(there)})


@dataclass(frozen=True)
class Appoint(CityChange):
    """Somebody, by a code of the roster, holds an office at the post from a day on."""

    post: str
    appointment: Appointment

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        must_be_ahead(self.appointment.first, stamp.today)
        city.post(self.post)
        if self.appointment.unit:
            city.current_unit(self.appointment.unit)
        yield EntryChange.by(PostEntry.appoint, PostEntry, self.post, self.appointment, stamp=stamp)

    def effects(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        yield commanding(preview, self.post, self.appointment.first)


@dataclass(frozen=True)
class Relieve(CityChange):
    post: str
    office: str
    holder: str
    on: date

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        must_be_ahead(self.on, stamp.today)
        city.post(self.post)
        yield EntryChange.by(
            PostEntry.relieve, PostEntry, self.post, self.office, self.holder, self.on, stamp=stamp
        )

    def effects(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        yield commanding(preview, self.post, self.on)


def commanding(preview: Preview, code: str, day: date) -> Effect:
    """Who will command at the post on that day; a warning where nobody does."""
    post = preview.after.post(code)
    acting = post.acting_commander(day)
    if acting is None:
        return Effect(VACANT, {"day": day, "post": post.name}, warns=True)
    return Effect(COMMANDS, {"day": day, "holder": acting.holder})


class GridWithoutPost(Invalid):
    """Every point of the city belongs to exactly one post (domain.md §1.2, row 24)."""

    code = "post.grid_without_post"
    field = "grids"
    message = Words(
        zh="从 {first} 起,{count} 个网格将没有指挥部,首个 {grid}",
        en="From {first} on {count} grids would have no post, the first {grid}",
    )
    remedy = Words(
        zh="请在接手的指挥部里加上这些网格,本部随之减去",
        en="Add them to the post that takes them over; they leave this one by that",
    )


class NoGridsHere(Invalid):
    """A post for escalation alone holds no grid."""

    code = "post.no_grids"
    field = "take"
    message = Words(zh="{post} 只接升级件,不分网格", en="{post} takes escalations only, no grids")
    remedy = Words(zh="请选社区或专项指挥部", en="Choose a community's or a special area's post")
