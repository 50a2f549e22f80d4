"""The grid plan in force: one event switches a finer one on or off."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from tracker.city.changing.at_work import open_whistles
from tracker.city.changing.city_change import (
    CityChange,
    Effect,
    EntryChange,
    Preview,
    Stamp,
    must_be_ahead,
)
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.city.areas import PlanEntry
from tracker.domain.errors import NotFound, Words
from tracker.routing.routing import post_of_grid

DIVIDES = Words(
    zh="{first} 起全市 {was} 个网格变为 {now} 个,网格员 {workers_was} → {workers} 人",
    en="From {first} on the city has {now} grids in place of {was}, "
    "{workers} grid workers in place of {workers_was}",
)
KEEP = Words(
    zh="在 {n} 个换掉的网格里有 {open} 件在办:仍按登记时的网格办,指挥部和时限不变",
    en="{open} whistles are open in the {n} grids that are replaced: they stay in the grid of "
    "their day, with their post and deadlines",
)
POSTS = Words(zh="新网格中 {n} 个换指挥部", en="Of the new grids {n} change their post")
NOBODY = Words(
    zh="{n} 个网格没有自己的网格员账号", en="{n} grids have no grid worker's account of their own"
)


@dataclass(frozen=True)
class Switch(CityChange):
    """In force from `first` until before `until`; with `off` no longer from `first` on."""

    plan: str
    first: date
    until: date | None = None
    off: bool = False

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        must_be_ahead(self.first, stamp.today)
        if self.plan not in city.registers["plan"]:
            raise UnknownPlan(plan=self.plan)
        if self.off:
            yield EntryChange.by(
                PlanEntry.switch_off, PlanEntry, self.plan, self.first, stamp=stamp
            )
        else:
            yield EntryChange.by(
                PlanEntry.switch_on, PlanEntry, self.plan, self.first, self.until, stamp=stamp
            )

    def effects(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        was, now = (city.grids(self.first) for city in (preview.before, preview.after))
        yield Effect(
            DIVIDES,
            {
                "first": self.first,
                "was": len(was),
                "now": len(now),
                "workers_was": sum(grid.workers for grid in was),
                "workers": sum(grid.workers for grid in now),
            },
        )
        gone = sorted({grid.code for grid in was} - {grid.code for grid in now})
        with tracker.connection() as connection:
            found = open_whistles(connection, grids=gone)
        yield Effect(KEEP, {"n": len(gone), "open": len(found)})
        yield Effect(POSTS, {"n": self._moved(preview)})
        served = {account.grid for account in preview.after.accounts.values() if account.active}
        bare = [grid for grid in now if not {grid.code, grid.split_from} & served]
        if bare:
            yield Effect(NOBODY, {"n": len(bare)}, warns=True)

    def _moved(self, preview: Preview) -> int:
        """The new grids whose post is not that of the grid which lay there before."""
        city, moved = preview.after, 0
        was = {grid.code for grid in preview.before.grids(self.first)}
        for grid in city.grids(self.first):
            if grid.code in was or not grid.split_from:
                continue
            one, _ = post_of_grid(city, grid, self.first)
            other, _ = post_of_grid(preview.before, city.grid(grid.split_from), self.first)
            moved += one != other
        return moved


class UnknownPlan(NotFound):
    """No grid plan has that code."""

    code = "plan.unknown"
    message = Words(zh="没有网格方案 {plan}", en="There is no grid plan {plan}")
    remedy = Words(zh="请在方案列表中选择", en="Choose one from the list of plans")
