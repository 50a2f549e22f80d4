"""A grid is divided, or several are merged: both make a new grid plan, not yet in force."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from string import ascii_uppercase

from tracker.city.changing.city_change import CityChange, Effect, EntryChange, Preview, Stamp
from tracker.city.changing.codes import NameTaken, must_be_alone, must_be_fit, next_code
from tracker.city.changing.phrases import Phrase
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.city.areas import (
    Area,
    AreaEntry,
    GridPlan,
    Level,
    MultiPolygon,
    PlanEntry,
    UnknownGrid,
)
from tracker.domain.errors import Conflict, Invalid, Words
from tracker.routing.geometry import Misfit, adjoining, misfit_of
from tracker.routing.routing import post_of_grid

DIVIDES = Words(
    zh="{whole} 分成 {n} 个网格,写进新方案“{plan}”,其余照“{base}”;还没启用,今天什么也不变",
    en='{whole} becomes {n} grids in the new plan "{plan}", the rest is as in "{base}"; it is not'
    " in force yet, nothing changes today",
)
HELD = Words(
    zh="新网格都归 {post},{whole} 的网格员看得到每一块",
    en="{post} holds the new grids, and the worker of {whole} sees each of them",
)
MERGES = Words(
    zh="{n} 个网格并为“{grid}”,写进新方案“{plan}”,其余照“{base}”;还没启用,今天什么也不变",
    en='{n} grids become "{grid}" in the new plan "{plan}", the rest is as in "{base}"; it is not'
    " in force yet, nothing changes today",
)
ANSWERS = Words(
    zh="新网格归 {post},由 {first} 的网格员负责",
    en="{post} holds the new grid, and the worker of {first} answers for all of it",
)
IDLE = Words(
    zh="启用后,并入的网格还有 {n} 个网格员账号:原来的在办仍归他们,“{grid}”里新的到不了",
    en="Once in force, {n} accounts of workers of the other grids keep what is open there; "
    'what is new in "{grid}" does not reach them',
)
SWITCH = Words(
    zh="要生效:在“网格方案”里启用;要收回:在那里停用",
    en='To put it in force: "Grid plans"; to take it back: switch it off there',
)


@dataclass(frozen=True)
class NewPlan(CityChange):
    """A grid plan like today's in which some grids are replaced by others. It is not in force."""

    plan: str
    name: str

    def replacing(
        self, city: Directory, today: date, old: Sequence[Area], new: Sequence[Area]
    ) -> Iterator[EntryChange]:
        must_be_fit(self.plan)
        standing = city.plan(today)
        for grid in new:
            must_be_alone(grid, [*city.grids(today), *new], GridNameTaken)
            yield EntryChange.add(AreaEntry, grid)
        gone = {grid.code for grid in old}
        kept = [code for code in (standing.grids if standing else ()) if code not in gone]
        grids = tuple(sorted([*kept, *(grid.code for grid in new)]))
        plan = GridPlan(code=self.plan, name=self.name, grids=grids)
        must_be_alone(plan, city.plans)
        yield EntryChange.add(PlanEntry, plan)


def standing_grid(city: Directory, code: str, today: date) -> Area:
    """A grid of today's plan. Raises UnknownGrid for one that is in no plan, or in another."""
    plan = city.plan(today)
    if plan is None or code not in plan.grids:
        raise UnknownGrid(given=code)
    return city.grid(code)


@dataclass(frozen=True)
class Part:
    """One piece of a grid. Without a name it gets the name of the whole and a letter."""

    geometry: MultiPolygon
    workers: int = 0
    name: str = ""


@dataclass(frozen=True)
class Divide(NewPlan):
    """The grid `whole` in `parts`, for which its post and its worker answer as they did."""

    whole: str
    parts: Sequence[Part]

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        whole, today = standing_grid(city, self.whole, stamp.today), stamp.today
        if len(self.parts) < 2:
            raise TooFewParts(whole=whole.name)
        parts = self.areas(city, whole, today)
        if misfit := misfit_of(whole, parts):
            raise PartsDoNotFit(whole=whole.name, misfit=MISFITS[misfit])
        yield from self.replacing(city, today, [whole], parts)

    def areas(self, city: Directory, whole: Area, today: date) -> list[Area]:
        """The parts as grids: the whole's code and a letter that no other plan has taken."""
        free = (
            letter
            for letter in ascii_uppercase
            if whole.code + letter not in city.registers["area"]
        )
        return [
            Area(
                code=whole.code + letter,
                name=part.name or whole.name + letter,
                level=Level.COMPOUND,
                parent=whole.parent,
                valid_from=today,
                geometry=part.geometry,
                workers=part.workers,
                split_from=whole.split_from or whole.code,
            )
            for part, letter in zip(self.parts, free, strict=False)
        ]

    def effects(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        whole, today = preview.before.grid(self.whole), preview.today
        facts = {"whole": whole.name, "n": len(self.parts), "plan": self.name}
        yield Effect(DIVIDES, {**facts, "base": standing_name(preview)})
        post, _ = post_of_grid(preview.before, whole, today)
        if post:
            yield Effect(HELD, {"post": post.name, "whole": whole.name})
        yield Effect(SWITCH)


@dataclass(frozen=True)
class Merge(NewPlan):
    """Several grids of one post as one; who works in `first` answers for all of it."""

    grid: str  # name of the merged one
    first: str
    others: tuple[str, ...]

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        today = stamp.today
        old = [standing_grid(city, code, today) for code in (self.first, *self.others)]
        if len({grid.code for grid in old}) < 2:
            raise TooFewToMerge(first=old[0].name)
        if len({(grid.parent, post_of_grid(city, grid, today)[0]) for grid in old}) > 1:
            raise OfSeveralPosts
        if not adjoining(old):
            raise NotAdjoining
        first = old[0]
        merged = Area(
            code=next_code(city, "area", f"{first.code}M", digits=1),
            name=self.grid,
            level=Level.COMPOUND,
            parent=first.parent,
            valid_from=today,
            geometry=tuple(polygon for grid in old for polygon in grid.geometry),
            workers=sum(grid.workers for grid in old),
            split_from=first.split_from or first.code,
        )
        yield from self.replacing(city, today, old, [merged])

    def effects(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        city, today = preview.before, preview.today
        first = city.grid(self.first)
        facts = {"n": len(self.others) + 1, "grid": self.grid, "plan": self.name}
        yield Effect(MERGES, {**facts, "base": standing_name(preview)})
        post, _ = post_of_grid(city, first, today)
        if post:
            yield Effect(ANSWERS, {"post": post.name, "first": first.name})
        idle = [one for one in city.accounts.values() if one.active and one.grid in self.others]
        if idle:
            yield Effect(IDLE, {"n": len(idle), "grid": self.grid}, warns=True)
        yield Effect(SWITCH)


def standing_name(preview: Preview) -> str:
    plan = preview.before.plan(preview.today)
    return plan.name if plan else ""


MISFITS = {
    Misfit.CROSSES: Phrase(Words("有一块的边界自己相交", "the border of one crosses itself")),
    Misfit.OVERLAP: Phrase(Words("有两块互相重叠", "two of them overlap")),
    Misfit.NOT_THE_WHOLE: Phrase(Words("合起来不是原来的范围", "together they are not the whole")),
}


class GridNameTaken(NameTaken):
    """A new grid has the name of a grid that is there today."""

    field = "grid"


class TooFewParts(Invalid):
    """One grid is divided into two at least."""

    code = "grid.too_few_parts"
    field = "parts"
    message = Words(zh="{whole} 至少要分成两块", en="{whole} is divided into two parts at least")
    remedy = Words(zh="请粘贴每一块的边界", en="Paste the border of each part")


class PartsDoNotFit(Conflict):
    """Every point of a grid lies in exactly one of its parts."""

    code = "grid.parts_do_not_fit"
    field = "parts"
    message = Words(
        zh="这些块拼不成 {whole}:{misfit}", en="The parts do not make up {whole}: {misfit}"
    )
    remedy = Words(
        zh="请对照原网格的边界重画", en="Draw them again along the border of the whole grid"
    )


class TooFewToMerge(Invalid):
    """A grid is merged with another one."""

    code = "grid.too_few_to_merge"
    field = "others"
    message = Words(zh="{first} 要与别的网格合并", en="{first} is merged with another grid")
    remedy = Words(zh="请至少再选一个网格", en="Choose one more at least")


class OfSeveralPosts(Conflict):
    """One grid belongs to one community and one post."""

    code = "grid.of_several_posts"
    field = "others"
    message = Words(
        zh="这些网格不属同一个社区和指挥部", en="These grids are not of one community and post"
    )
    remedy = Words(
        zh="请只选同一个社区、同一个指挥部的网格", en="Choose grids of one community and one post"
    )


class NotAdjoining(Conflict):
    """A grid is one piece of land."""

    code = "grid.not_adjoining"
    field = "others"
    message = Words(zh="这些网格不相连", en="These grids do not adjoin")
    remedy = Words(zh="请选彼此相邻的网格", en="Choose grids that lie side by side")
