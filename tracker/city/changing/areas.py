"""An area's name, its border, of a grid also how many work there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from tracker.city.amending import Foreseen, Step
from tracker.city.changing.at_work import open_whistles
from tracker.city.changing.codes import must_be_alone
from tracker.city.changing.proposal import Change, Effect
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.actors import Actor
from tracker.domain.city.areas import Area, AreaEntry, Level
from tracker.domain.city.city import CityEntry
from tracker.domain.errors import Invalid, Words
from tracker.routing.geometry import shape_of

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
        yield Step(AreaEntry, before.code, lambda entry: entry.revise(self.area, today, at, by))
        if before.level is Level.CITY:
            named = replace(city.city, name=self.area.name)
            yield Step(CityEntry, named.code, lambda entry: entry.revise(named, today, at, by))

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


def grids_within(city: Directory, code: str) -> list[str]:
    """The grids of any plan in the area, itself if it is one."""
    found, level = {code}, city.area(code).level
    areas = city.shelves["area"].values()
    for _ in range(level.rank - 1):
        found |= {area.code for area in areas if area.parent in found}
    return sorted(one for one in found if city.area(one).level is Level.COMPOUND)


class BorderCrossesItself(Invalid):
    """Nobody could say which points lie inside."""

    code = "area.border_crosses"
    field = "border"
    message = Words(zh="{area} 的边界自己相交", en="The border of {area} crosses itself")
    remedy = Words(
        zh="请在制图软件里修正后再粘贴", en="Mend it in the mapping program, then paste it again"
    )
