"""What became known of a month after its freeze: which whistles count differently now, and why.

A frozen figure never changes. The frozen figure and these changes together give the figure now.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row

from tracker.city_zone import city_zone
from tracker.domain.errors import Words
from tracker.eventstore.connections import Connection
from tracker.metrics.asking import AsOf, Period
from tracker.metrics.cohorts import Cohort
from tracker.projections.rates.lists import ListedWhistle
from tracker.projections.rates.plan import PERIODICAL

LATE = Words(zh="{happened} 发生,冻结后才记入", en="happened {happened}, recorded after the freeze")
SINCE = Words(zh="{happened} 起,在冻结之后", en="since {happened}, after the freeze")

# The count in which a whistle is different now.
WHERE: dict[str, Words] = {
    Cohort.RAISED: Words(zh="吹哨量", en="raised"),
    Cohort.RESPONSE: Words(zh="响应", en="responses"),
    Cohort.ASSIGNED_RESPONSE: Words(zh="单位响应", en="responses of units"),
    Cohort.RESOLUTION: Words(zh="办结", en="resolutions"),
    Cohort.LED_RESOLUTION: Words(zh="单位办结", en="resolutions of units"),
    Cohort.FOLLOW_UP: Words(zh="回访", en="follow-ups"),
    Cohort.VERIFICATION: Words(zh="核查", en="checks"),
    Cohort.CONTACT: Words(zh="回访结果", en="outcomes of follow-ups"),
    Cohort.SUBMISSION: Words(zh="提交", en="submissions"),
    Cohort.CLOSED: Words(zh="结案", en="closed"),
    Cohort.ASSIGNMENT: Words(zh="派单", en="assignments"),
    Cohort.RETURN: Words(zh="退单", en="returns"),
    Cohort.REWORK: Words(zh="重办", en="second cycles"),
}


@dataclass(frozen=True)
class ListedThenAndNow(ListedWhistle):
    """A place of a whistle in a cohort, and whether it held at the freeze and holds now."""

    ended_at: datetime | None
    at_freeze: bool
    now: bool


@dataclass(frozen=True)
class Adjustment:
    """One whistle in one cohort, at the freeze (`before`) and now (`after`); None: not in it.

    `late`: it had happened before the freeze, but was recorded only after it.
    """

    before: ListedThenAndNow | None
    after: ListedThenAndNow | None
    happened: datetime
    late: bool

    @property
    def line(self) -> ListedThenAndNow:
        """The newer of the two."""
        found = self.after or self.before
        assert found is not None
        return found

    def where(self, language: str) -> str:
        """The name of the count in which it is different."""
        return WHERE[self.line.cohort].say(language, {})

    def reason(self, language: str) -> str:
        """Its sentence now, or that it no longer counts here; and since when."""
        moment = f"{self.happened.astimezone(city_zone()):%Y-%m-%d %H:%M}"
        when = (LATE if self.late else SINCE).say(language, {"happened": moment})
        why = self.after.sentence(language) if self.after else _gone(language)
        return f"{why} ({when})" if language == "en" else f"{why}({when})"

    def shown(self) -> dict[str, Any]:
        return {
            "whistle": str(self.line.whistle),
            "number": self.line.number,
            "cohort": self.line.cohort,
            "unit": self.line.unit,
            "post": self.line.post,
            "category": self.line.category,
            "frozen": _sentences(self.before),
            "now": _sentences(self.after),
            "happened_at": self.happened.astimezone(city_zone()).isoformat(),
            "late": self.late,
            "reason": {"zh": self.reason("zh"), "en": self.reason("en")},
        }


def _gone(language: str) -> str:
    words = Words(zh="不再计入本月", en="No longer counted in this month")
    return words.say(language, {})


def _sentences(line: ListedThenAndNow | None) -> dict[str, str] | None:
    return None if line is None else {"zh": line.sentence("zh"), "en": line.sentence("en")}


# Served by rates_facts_counted (cohort, counted_day, …); rates_whistles by its primary key.
CHANGED = """
    SELECT f.whistle, w.number, f.item, f.cohort, f.counted_at, f.known_at, f.decided_at,
           f.position, f.marks, f.reason, f.unit, f.post, f.category, f.ended_at,
           f.known_at <= %(at)s AND f.position <= %(position)s
             AND NOT coalesce(f.ended_at <= %(at)s AND f.ended_position <= %(position)s, false)
             AS at_freeze,
           f.known_at <= %(now)s AND NOT coalesce(f.ended_at <= %(now)s, false) AS now
      FROM rates_facts f
      JOIN rates_whistles w ON w.whistle = f.whistle
     WHERE f.cohort = ANY(%(cohorts)s)
       AND f.counted_day >= %(first)s AND f.counted_day < %(until)s
       AND (f.known_at > %(at)s OR f.position > %(position)s
            OR f.ended_at > %(at)s OR f.ended_position > %(position)s)
     ORDER BY f.counted_at, f.whistle, f.cohort, f.item, f.position
"""


def adjustments(
    connection: Connection, period: Period, frozen: AsOf, now: datetime
) -> list[Adjustment]:
    """Every whistle of the period that counts differently now than at the freeze."""
    asked = {
        "at": frozen.at,
        "position": frozen.position,
        "now": now,
        "first": period.first,
        "until": period.until,
        "cohorts": PERIODICAL,
    }
    placed: dict[Any, list[ListedThenAndNow]] = defaultdict(list)
    with connection.cursor(row_factory=class_row(ListedThenAndNow)) as cursor:
        for line in cursor.execute(CHANGED, asked, prepare=False):
            placed[line.whistle, line.cohort, line.item].append(line)
    found = (_changed(lines, frozen.at) for lines in placed.values())
    return sorted(
        (one for one in found if one is not None), key=lambda one: (one.happened, one.line.number)
    )


def _changed(lines: Iterable[ListedThenAndNow], frozen_at: datetime) -> Adjustment | None:
    before = after = None
    for line in lines:
        before = line if line.at_freeze else before
        after = line if line.now else after
    if _counted(before) == _counted(after):
        return None
    # What no longer counts here has no place now; the end of the older one says since when.
    happened = after.known_at if after else before.ended_at if before else None
    assert happened is not None
    return Adjustment(before, after, happened, happened <= frozen_at)


def _counted(line: ListedThenAndNow | None) -> tuple[Any, ...] | None:
    """What has to differ for an adjustment. Left out is the same as not there: None."""
    if line is None or not line.marks:
        return None
    return line.marks, line.unit, line.post, line.category
