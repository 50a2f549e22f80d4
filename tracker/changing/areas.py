"""An area's name, grid workers and border; a grid divided into parts, as a plan of its own."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from string import ascii_uppercase

from tracker.amending import Foreseen, Step
from tracker.application import Tracker
from tracker.changing.at_work import open_whistles
from tracker.changing.codes import must_be_alone, must_be_fit
from tracker.changing.proposal import Change, Effect
from tracker.directory import Directory
from tracker.domain.actors import Actor
from tracker.domain.areas import (
    Area,
    AreaEntry,
    GridPlan,
    Level,
    MultiPolygon,
    PlanEntry,
    UnknownGrid,
)
from tracker.domain.errors import Conflict, Invalid, Words
from tracker.policies.geometry import Misfit, misfit_of, shape_of
from tracker.policies.routing import post_of_grid

SHOWN = Words(
    zh="各页从现在起显示“{name}”;这里 {n} 件在办不变",
    en='Pages say "{name}" from now on; {n} open whistles here do not change',
)
POSTS = Words(
    zh="{n} 个指挥部的名称里还是“{was}”,它们不随之改",
    en='{n} posts still have "{was}" in their name, which does not change by this',
)
WORKERS = Words(
    zh="网格员 {was} → {now} 人,以后的统计按它算",
    en="{now} grid workers in place of {was}, for figures from now on",
)
BORDER = Words(
    zh="从现在起按新边界落格;已登记的留在原网格",
    en="Points are placed by the new border from now on; what is registered keeps its grid",
)
UNDO = Words(zh="要收回:再改一次", en="To take it back: change it again")
DIVIDES = Words(
    zh="{whole} 分成 {n} 个网格,写进新方案“{plan}”,其余照“{base}”;还没启用,今天什么也不变",
    en='{whole} becomes {n} grids in the new plan "{plan}", the rest is as in "{base}"; it is not'
    " in force yet, nothing changes today",
)
HELD = Words(
    zh="新网格都归 {post},{whole} 的网格员看得到每一块",
    en="{post} holds the new grids, and the worker of {whole} sees each of them",
)
SWITCH = Words(
    zh="要生效:在“网格方案”里启用;要收回:在那里停用",
    en='To put it in force: "Grid plans"; to take it back: switch it off there',
)


@dataclass(frozen=True)
class Amend(Change):
    """A name, a border, of a grid also its workers; `area` is as it is to stand."""

    area: Area

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        before = city.area(self.area.code)
        if self.area.name != before.name:
            alike = [one for one in city.areas_of(before.level) if one.parent == before.parent]
            must_be_alone(self.area, alike)
        if self.area.geometry and not shape_of(self.area).is_valid:
            raise BorderCrossesItself(area=self.area.name)
        yield Step(AreaEntry, before.code, lambda entry: entry.keep(self.area, today, at, by))

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        before, wanted = foreseen.before.area(self.area.code), self.area
        if wanted.name != before.name:
            grids = grids_within(foreseen.after, before.code)
            with tracker.connection() as connection:
                n = len(open_whistles(connection, grids=grids))
            yield Effect(SHOWN, {"name": wanted.name, "n": n})
            named = [post for post in foreseen.after.posts if before.name in post.name]
            if named:
                yield Effect(POSTS, {"n": len(named), "was": before.name}, warns=True)
        if wanted.workers != before.workers:
            yield Effect(WORKERS, {"was": before.workers, "now": wanted.workers})
        if wanted.geometry != before.geometry:
            yield Effect(BORDER)
        yield Effect(UNDO)


@dataclass(frozen=True)
class Part:
    """One piece of a grid: its border, its workers; without a name it gets the whole's and a
    letter."""

    geometry: MultiPolygon
    workers: int = 0
    name: str = ""


@dataclass(frozen=True)
class Divide(Change):
    """The grid `whole` in `parts`, everything else as it is divided today: a plan, not in force."""

    plan: str
    name: str
    whole: str
    parts: Sequence[Part]

    def steps(self, city: Directory, today: date, at: datetime, by: Actor) -> Iterable[Step]:
        must_be_fit(self.plan)
        standing, whole = city.plan(today), city.grid(self.whole)
        if standing is None or whole.code not in standing.grids:
            raise UnknownGrid(given=self.whole)
        if len(self.parts) < 2:
            raise TooFewParts(whole=whole.name)
        parts = self.areas(city, whole, today)
        if misfit := misfit_of(whole, parts):
            raise PartsDoNotFit(whole=whole.name, misfit=SAID[misfit])
        for part in parts:
            must_be_alone(part, [*city.grids(today), *parts])
            yield Step(AreaEntry, part.code, new=part)
        kept = [code for code in standing.grids if code != whole.code]
        grids = tuple(sorted([*kept, *(part.code for part in parts)]))
        plan = GridPlan(code=self.plan, name=self.name, grids=grids)
        must_be_alone(plan, city.plans)
        yield Step(PlanEntry, self.plan, new=plan)

    def areas(self, city: Directory, whole: Area, today: date) -> list[Area]:
        """The parts as grids: the whole's code and a letter that no other plan has taken."""
        free = (
            letter for letter in ascii_uppercase if whole.code + letter not in city.shelves["area"]
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

    def effects(self, tracker: Tracker, foreseen: Foreseen) -> Iterator[Effect]:
        whole, today = foreseen.before.grid(self.whole), foreseen.today
        base = foreseen.before.plan(today)
        facts = {"whole": whole.name, "n": len(self.parts), "plan": self.name}
        yield Effect(DIVIDES, {**facts, "base": base.name if base else ""})
        post, _ = post_of_grid(foreseen.before, whole, today)
        if post:
            yield Effect(HELD, {"post": post.name, "whole": whole.name})
        yield Effect(SWITCH)


def grids_within(city: Directory, code: str) -> list[str]:
    """The grids of any plan in the area, itself if it is one."""
    found, level = {code}, city.area(code).level
    areas = city.shelves["area"].values()
    for _ in range(level.rank - 1):
        found |= {area.code for area in areas if area.parent in found}
    return sorted(one for one in found if city.area(one).level is Level.COMPOUND)


@dataclass(frozen=True)
class Said:
    """What is wrong with them, in the reader's language."""

    words: Words


SAID = {
    Misfit.CROSSES: Said(Words("有一块的边界自己相交", "the border of one crosses itself")),
    Misfit.OVERLAP: Said(Words("有两块互相重叠", "two of them overlap")),
    Misfit.NOT_THE_WHOLE: Said(Words("合起来不是原来的范围", "together they are not the whole")),
}


class BorderCrossesItself(Invalid):
    """Nobody could say which points lie inside."""

    code = "area.border_crosses"
    field = "border"
    message = Words(zh="{area} 的边界自己相交", en="The border of {area} crosses itself")
    remedy = Words(
        zh="请在制图软件里修正后再粘贴", en="Mend it in the mapping program, then paste it again"
    )


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
