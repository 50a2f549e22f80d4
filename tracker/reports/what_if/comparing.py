"""Compares a period's figures as promised and under the other policy, and lists what changes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tracker.city_zone import city_zone
from tracker.metrics.arithmetic import Rate
from tracker.metrics.asking import Period, day_of
from tracker.metrics.cohorts import DONE_IN_TIME, IN_TIME, RESPONDED, Cohort
from tracker.metrics.ranking import points_since
from tracker.projections.rates.placing import Placing
from tracker.reports.what_if.replay import Replayed

# The rates that depend on due times: each one's cohort, and the mark of its numerator.
RATES = {
    "response_rate": (Cohort.RESPONSE, RESPONDED),
    "on_time_response_rate": (Cohort.RESPONSE, IN_TIME),
    "on_time_resolution_rate": (Cohort.RESOLUTION, DONE_IN_TIME),
}
KEPT = {Cohort.RESPONSE: IN_TIME, Cohort.RESOLUTION: DONE_IN_TIME}
PROMISE = {Cohort.RESPONSE: "respond", Cohort.RESOLUTION: "resolve"}
OUT = "not_in_period"


@dataclass
class Comparison:
    """The figures of both policies, summed up whistle by whistle.

    `categories`: those that a category's scope means; of a major, several.
    """

    scope: str
    period: Period
    categories: Sequence[str] = ()
    promised: Counter[tuple[str, str]] = field(default_factory=Counter)  # (rate, "n" or "d")
    other: Counter[tuple[str, str]] = field(default_factory=Counter)
    changes: list[dict[str, Any]] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    whistles: int = 0
    rerouted: Counter[str] = field(default_factory=Counter)

    def add(self, one: Replayed) -> None:
        counted = False
        for cohort in KEPT:
            before, after = one.promised.get(cohort), one.other.get(cohort)
            sides = self._side(cohort, before), self._side(cohort, after)
            self._count(self.promised, cohort, before)
            self._count(self.other, cohort, after)
            counted = counted or sides != (OUT, OUT)
            if sides[0] != sides[1] and before is not None and after is not None:
                self.kinds[f"{PROMISE[cohort]}: {sides[0]} → {sides[1]}"] += 1
                self.changes.append(_change(one, cohort, before, after, sides))
        self.whistles += counted
        if counted and one.leads is not None:
            self.rerouted[f"{one.leads[0]} → {one.leads[1]}"] += 1

    def _counts(self, placing: Placing | None) -> bool:
        if placing is None or not placing.marks or not self._in_scope(placing):
            return False
        return self.period.first <= day_of(placing.counted_at) < self.period.until

    def _in_scope(self, placing: Placing) -> bool:
        kind, _, code = self.scope.partition(":")
        if kind == "city":
            return True
        if kind == "category":
            return placing.category in self.categories
        return bool(getattr(placing, kind) == code)

    def _side(self, cohort: Cohort, placing: Placing | None) -> str:
        if placing is None or not self._counts(placing):
            return OUT
        return "on_time" if placing.marks & KEPT[cohort] else "late"

    def _count(
        self, sums: Counter[tuple[str, str]], cohort: Cohort, placing: Placing | None
    ) -> None:
        if placing is None or not self._counts(placing):
            return
        for name, (counted_in, mark) in RATES.items():
            if counted_in is cohort:
                sums[name, "d"] += 1
                sums[name, "n"] += bool(placing.marks & mark)

    def in_order(self) -> list[dict[str, Any]]:
        """The changes by what was promised, the earliest due first."""
        return sorted(self.changes, key=lambda one: (one["promised"]["due"], one["number"]))

    def figures(self) -> dict[str, Any]:
        return {
            "rates": {name: self._rate(name) for name in RATES},
            "whistles": self.whistles,
            "changes": len(self.changes),
            "changes_by_kind": dict(sorted(self.kinds.items())),
            "rerouted": dict(sorted(self.rerouted.items())),
        }

    def _rate(self, name: str) -> dict[str, Any]:
        promised = Rate(self.promised[name, "n"], self.promised[name, "d"])
        other = Rate(self.other[name, "n"], self.other[name, "d"])
        return {
            "promised": promised.shown(),
            "what_if": other.shown(),
            "points": points_since(other, promised),
        }


def _change(
    one: Replayed, cohort: Cohort, before: Placing, after: Placing, sides: tuple[str, str]
) -> dict[str, Any]:
    return {
        "whistle": str(one.life.whistle),
        "number": one.life.number,
        "promise": PROMISE[cohort],
        "category": one.life.category,
        "post": one.life.post,
        "promised": {"due": _shown(before.counted_at), "side": sides[0]},
        "what_if": {"due": _shown(after.counted_at), "side": sides[1]},
        "done_at": _shown(before.decided_at) if before.marks and before.decided_at else None,
    }


def _shown(moment: datetime) -> str:
    return moment.astimezone(city_zone()).isoformat()
