"""Why merging or unmerging is refused."""

from tracker.domain.errors import Conflict, Words


class CannotMerge(Conflict):
    code = "whistle.cannot_merge"
    message = Words(
        zh="{number} 不能并入 {into}:{why}",
        en="{number} cannot be merged into {into}: {why}",
    )
    remedy = Words(
        zh="只合并同类、50 米内或同名地点、30 天内、未结束的事项",
        en="Only the same family, within 50 m or at the same named place, within 30 days, open",
    )


class ParentIsAChild(CannotMerge):
    """The other one was merged itself; `parent` is the number that it follows."""

    remedy = Words(
        zh="请并入 {parent}",
        en="Merge it into {parent}",
    )


class TooLateToUnmerge(Conflict):
    code = "whistle.too_late_to_unmerge"
    message = Words(
        zh="{into} 结案已超过 15 天",
        en="{into} was closed more than 15 days ago",
    )
    remedy = Words(
        zh="请重新吹哨",
        en="Raise a new whistle",
    )
