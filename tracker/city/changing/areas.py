"""An area's name, its border, of a grid also the number of its workers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tracker.city.changing.at_work import open_whistles
from tracker.city.changing.city_change import CityChange, Effect, EntryChange, Preview, Stamp
from tracker.city.changing.codes import must_be_alone
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
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
class AmendArea(CityChange):
    """Another name or border, of a grid also another number of workers."""

    area: Area

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        before = city.area(self.area.code)
        if self.area.name != before.name:
            alike = [one for one in city.areas_of(before.level) if one.parent == before.parent]
            must_be_alone(self.area, alike)
        if self.area.geometry and not shape_of(self.area).is_valid:
            raise BorderCrossesItself(area=self.area.name)
        yield EntryChange.revise(AreaEntry, self.area, stamp)
        if before.level is Level.CITY:
            named = replace(city.city, name=self.area.name)
            yield EntryChange.revise(CityEntry, named, stamp)

    def effects(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        before, wanted = preview.before.area(self.area.code), self.area
        if wanted.name != before.name:
            grids = grids_within(preview.after, before.code)
            with tracker.connection() as connection:
                n = len(open_whistles(connection, grids=grids))
            yield Effect(SHOWN, {"name": wanted.name, "n": n})
            named = [post for post in preview.after.posts if before.name in post.name]
            if named:
                yield Effect(POSTS, {"n": len(named), "was": before.name}, warns=True)
        if wanted.workers != before.workers:
            yield Effect(WORKERS, {"was": before.workers, "now": wanted.workers})
        if wanted.geometry != before.geometry:
            yield Effect(BORDER)
        yield Effect(UNDO)


def grids_within(city: Directory, code: str) -> list[str]:
    """The codes of the grids of every plan in the area; of a grid its own."""
    found, level = {code}, city.area(code).level
    areas = city.registers["area"].values()
    for _ in range(level.rank - 1):
        found |= {area.code for area in areas if area.parent in found}
    return sorted(one for one in found if city.area(one).level is Level.COMPOUND)


class BorderCrossesItself(Invalid):
    """A border that crosses itself does not say which points lie inside."""

    code = "area.border_crosses"
    field = "border"
    message = Words(zh="{area} 的边界自己相交", en="The border of {area} crosses itself")
    remedy = Words(
        zh="请在制图软件里修正后再粘贴", en="Mend it in the mapping program, then paste it again"
    )
