"""The figures once more, the slow way: from the words of the formulas, one whistle at a time.

It looks through a whistle's whole history for each question anew, and knows nothing of counters,
days or deltas. It shares no code with the tracker but the events themselves and their states.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import Any
from zoneinfo import ZoneInfo

from tests.domain.city_time import PACK
from tests.rates.oracle_history import History, Part, gives_back, kind

SHANGHAI = ZoneInfo("Asia/Shanghai")
NATURAL = ("E1", "U2")
OPEN = "RAISED TRIAGED POOLED CLAIMED DISPATCHED RESPONDED IN_PROGRESS SUBMITTED".split()


class Oracle:
    """Answers for all histories known at a moment (and position)."""

    def __init__(
        self,
        log: Iterable[tuple[int, Any]],
        at: datetime,
        position: int | None = None,
        moves: Iterable[tuple[int, Any]] = (),
    ) -> None:
        """`moves`: events that moved a category to another major."""
        streams: dict[Any, list[Any]] = {}
        for where, event in log:
            if event.timestamp <= at and (position is None or where <= position):
                streams.setdefault(event.originator_id, []).append(event)
        self.at = at
        self.histories = [History(events) for events in streams.values()]
        self.majors = dict(FIRST_MAJORS)
        for where, move in moves:
            if move.timestamp <= at and (position is None or where <= position):
                self.majors[move.code] = move.major

    def figures(self, scope: str, first: date, until: date) -> dict[str, Any]:
        count = Counting(self.at, first, until, scope, self.majors)
        for history in self.histories:
            count.whistle(history)
        return count.metrics()


FIRST_MAJORS = {
    minor["code"]: major["code"] for major in PACK["categories"] for minor in major["children"]
}


def belongs(place: Any, category: str | None, scope: str, majors: dict[str, str]) -> bool:
    name, _, code = scope.partition(":")
    match name:
        case "city" | "unit":
            return True
        case "category":
            return category is not None and code in (category, majors.get(category))
        case _:
            return bool(getattr(place, name) == code)


class Counting:
    """n and d by identifier, while whistles pass by."""

    def __init__(
        self, at: datetime, first: date, until: date, scope: str, majors: dict[str, str]
    ) -> None:
        self.at, self.first, self.until, self.scope, self.majors = at, first, until, scope, majors
        self.unit = scope.removeprefix("unit:") if scope.startswith("unit:") else None
        self.n: dict[str, int] = {}
        self.d: dict[str, int] = {}
        self.minutes: list[Fraction] = []
        self.own_natural: list[Fraction] = []
        self.own_working: list[Fraction] = []
        self.hours: list[Fraction] = []
        self.suspended = self.overdue = 0

    def put(self, name: str, counts: bool = True) -> None:
        self.d[name] = self.d.get(name, 0) + 1
        self.n[name] = self.n.get(name, 0) + counts

    def inside(self, moment: datetime | None) -> bool:
        return moment is not None and self.first <= moment.astimezone(SHANGHAI).date() < self.until

    def mine(self, unit: str | None) -> bool:
        return self.unit is None or unit == self.unit

    def here(self, h: History, missed: datetime | None = None) -> bool:
        """In the scope: where it is now, or for a due that was missed, where it was then."""
        place = h.place if missed is None else h.place_at(missed)
        return belongs(place, h.category, self.scope, self.majors)

    def stays_in(self, h: History, due: datetime, done: datetime | None, cycle: int = 1) -> bool:
        """Whether that due counts: the whistle is counted, or left after it had missed the due."""
        if not (h.excluded or (h.self_resolved and cycle == 1)):
            return True
        left = h.left_by(cycle)
        missed = done is None or done > due
        return left is not None and due < left and missed

    def whistle(self, h: History) -> None:
        led = self.mine(h.lead(1)) and self.here(h)
        if led and not h.is_test and self.inside(h.raised.timestamp):
            self.put("merge_rate", h.merged)
            if not h.excluded:
                self.put("self_resolution_rate", h.self_resolved)
        self._later_cycles(h)
        if not h.excluded and self.unit is None and self.here(h):
            for due, checked_at in h.checks:
                if self.inside(due):
                    in_time = checked_at is not None and checked_at <= due
                    self.put("on_time_verification_rate", in_time)
        if not h.excluded and self.here(h):
            self._stocks(h)
        if self.unit is None:
            self._response(h)
        for part in h.parts:
            if self.mine(part.unit):
                self._part(h, part)
        if self.mine(h.lead(1)):
            self._resolution(h)
        if h.out or not self.here(h):
            return
        for unit, asked_at, decision in h.returns:
            if self.mine(unit) and decision is not None and self.inside(asked_at):
                self.put("improper_return_rate", decision == "refused")
        if led:
            self._words_and_ends(h)

    def _response(self, h: History) -> None:
        due, answered_at = h.due("respond", 1), h.response
        if due is None or not self.inside(due):
            return
        if h.withdrawn_by(due, answered_at) or not self.stays_in(h, due, answered_at):
            return
        if not self.here(h, missed=due if answered_at is None or answered_at > due else None):
            return
        self._answered(h, due, answered_at, h.start_by(answered_at) if answered_at else None)

    def _answered(
        self, h: History, due: datetime, at: datetime | None, since: datetime | None
    ) -> None:
        self.put("response_rate", at is not None)
        self.put("on_time_response_rate", at is not None and at <= due)
        if at is None or since is None:
            return
        self.minutes.append(Fraction(floor((at - since).total_seconds()), 60))
        if h.sla_class in NATURAL:
            self.own_natural.append(self.minutes[-1])
        else:
            self.own_working.append(Fraction(floor(working_time(since, at).total_seconds()), 60))

    def _part(self, h: History, part: Part) -> None:
        if self.inside(part.assigned_at) and not h.out and self.here(h):
            self.put("return_rate", part.returned)
        if self.unit is None or not self.inside(part.due):
            return
        if part.returned and part.asked_at is not None and part.asked_at <= part.due:
            return
        waived = part.removed_at is not None and part.removed_at <= part.due
        if waived and part.responded_at is None:
            return
        if not self.stays_in(h, part.due, part.responded_at):
            return
        self._answered(h, part.due, part.responded_at, part.assigned_at)

    def _resolution(self, h: History) -> None:
        due = h.due("resolve", 1)
        if self.unit is not None:
            own = [p for p in h.parts if p.leads and p.unit == self.unit][-1]
            due = max(d for d in (due, own.resolve_due) if d is not None)
        done = h.standing(1)
        if due is None or not self.inside(due) or h.suspended(1) or h.withdrawn_by(due, done):
            return
        if not self.stays_in(h, due, done):
            return
        if not self.here(h, missed=due if done is None or done > due else None):
            return
        self.put("on_time_resolution_rate", done is not None and done <= due)
        self.put("extension_rate", bool(h.of("ExtensionGranted", among=h.first)))

    def _words_and_ends(self, h: History) -> None:
        calls = h.of("FollowedUp", among=h.first)
        heard = [e for e in calls if e.counted and (e.resolved is not None or e.rating is not None)]
        if heard and self.inside(heard[0].timestamp):
            word = h.contradicted(heard[0]) or heard[0]
            if word.resolved is not None:
                self.put("resolution_rate", word.resolved)
            if word.rating is not None and not h.raised.anonymous:
                self.put("satisfaction_rate", word.rating >= 3)
        self._outcome(h, calls, heard)
        submitted = h.of("Submitted", among=h.first)
        if submitted and self.inside(submitted[0].timestamp):
            back = h.of("VerificationFailed", "ReworkOrdered", among=h.first)
            self.put("rework_rate", bool(back))
        closed = h.of("Closed", among=h.first)
        if closed and self.inside(closed[0].timestamp):
            end = closed[0].timestamp
            self.put("reopen_rate", bool(h.of("Reopened")))
            self.put("lowest_level_rate", h.highest_level <= 2)
            paused = timedelta()
            since = None
            for event in h.of("Suspended", "Resumed", "VoidOverturned", among=h.first):
                if gives_back(event):
                    continue
                if kind(event) == "Suspended":
                    since = event.timestamp
                elif since is not None:
                    paused += timedelta(seconds=floor((event.timestamp - since).total_seconds()))
                    since = None
            worked = floor((end - h.start_by(end)).total_seconds()) - paused.total_seconds()
            self.hours.append(Fraction(int(worked), 3600))

    def _outcome(self, h: History, calls: list[Any], heard: list[Any]) -> None:
        """Heard, declined to rate, or never reached."""
        asked = [e for e in calls if e.counted]
        in_vain = [e for e in h.of("Closed", among=h.first) if e.basis == "unreachable"]
        if heard and self.inside(heard[0].timestamp):
            by_phone = heard[0].method == "phone" and not h.raised.anonymous
            own = h.contradicted(heard[0])
            self.put("unheard_rate", by_phone and heard[0].rating is None and own is None)
        elif not heard and in_vain and asked and self.inside(asked[0].timestamp):
            self.put("unheard_rate")

    def _later_cycles(self, h: History) -> None:
        for cycle in range(2, len(h.cycles) + 1):
            due, done = h.due("resolve", cycle), h.standing(cycle)
            if not self.mine(h.lead(cycle)) or h.suspended(cycle) or not self.inside(due):
                continue
            assert due is not None
            missed = due if done is None or done > due else None
            if h.withdrawn_by(due, done) or not self.here(h, missed=missed):
                continue
            if self.stays_in(h, due, done, cycle):
                self.put("rework_on_time", missed is None)

    def _stocks(self, h: History) -> None:
        cycle = len(h.cycles)
        if not self.mine(h.lead(cycle)):
            return
        if h.self_resolved and cycle == 1:
            return
        if h.state == "SUSPENDED":
            self.suspended += 1
        due = h.due("resolve", cycle)
        if h.state not in OPEN or due is None or not due < self.at:
            return
        sent = h.of("Submitted", among=h.cycles[cycle - 1])
        if h.state != "SUBMITTED" or sent[-1].timestamp > due:
            self.overdue += 1

    # --- as shown

    def metrics(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "raised_gross": self.d.get("merge_rate", 0),
            "raised_valid": self.d.get("self_resolution_rate", 0),
            "suspended_stock": self.suspended,
            "overdue_stock": self.overdue,
            "mean_handling_time": mean(self.hours),
        }
        for name in RATES:
            shown[name] = rate(self.n.get(name, 0), self.d.get(name, 0))
        for name, of in (
            ("overdue_rate", "on_time_resolution_rate"),
            ("dispatch_accuracy", "return_rate"),
        ):
            d = self.d.get(of, 0)
            shown[name] = rate(d - self.n.get(of, 0), d)
        for suffix, times in (
            ("", self.minutes),
            ("_natural_classes", self.own_natural),
            ("_working_classes", self.own_working),
        ):
            shown[f"mean_response_time{suffix}"] = mean(times)
            shown[f"median_response_time{suffix}"] = nearest(times, Fraction(1, 2))
            shown[f"p90_response_time{suffix}"] = nearest(times, Fraction(9, 10))
        shown["composite_score"] = self._score()
        return shown

    def _score(self) -> float | int | None:
        parts = {"on_time_response_rate": 30, "resolution_rate": 35, "satisfaction_rate": 35}
        known = {name: weight for name, weight in parts.items() if self.d.get(name)}
        if not known:
            return None
        total = sum(weight * Fraction(self.n[name], self.d[name]) for name, weight in known.items())
        return shown_number(100 * total / sum(known.values()))


RATES = (
    "response_rate on_time_response_rate on_time_resolution_rate resolution_rate satisfaction_rate "
    "rework_rate reopen_rate return_rate improper_return_rate extension_rate self_resolution_rate "
    "merge_rate lowest_level_rate rework_on_time on_time_verification_rate unheard_rate"
).split()


def rate(n: int, d: int) -> dict[str, Any] | None:
    if d == 0:
        return None
    hundredths = floor(Fraction(n, d) * 10_000 + Fraction(1, 2))
    return {"n": n, "d": d, "pct": f"{hundredths // 100}.{hundredths % 100:02d}"}


def shown_number(exact: Fraction) -> float | int:
    if exact.denominator == 1:
        return int(exact)
    return floor(exact * 100 + Fraction(1, 2)) / 100


def mean(values: list[Fraction]) -> float | int | None:
    return shown_number(sum(values, Fraction()) / len(values)) if values else None


def nearest(values: list[Fraction], share: Fraction) -> float | int | None:
    """The smallest value with at least that share of all at or below it."""
    if not values:
        return None
    return shown_number(sorted(values)[max(ceil(share * len(values)), 1) - 1])


HOURS = [
    (time.fromisoformat(a), time.fromisoformat(b)) for a, b in PACK["working_hours"]["intervals"]
]
OWN = {day["date"]: day["kind"] for day in PACK["calendar"]["exceptions"]}


def working_time(start: datetime, end: datetime) -> timedelta:
    """Day by day, from the pack's own list of holidays and make-up days."""
    total, day = timedelta(), start.astimezone(SHANGHAI).date()
    while day <= end.astimezone(SHANGHAI).date():
        own = OWN.get(day.isoformat())
        assert own in (None, "holiday_weekday_off", "holiday_weekend", "makeup_workday")
        if own == "makeup_workday" or (own is None and day.weekday() < 5):
            for opens, closes in HOURS:
                begin = max(start, datetime.combine(day, opens, SHANGHAI))
                finish = min(end, datetime.combine(day, closes, SHANGHAI))
                total += max(finish - begin, timedelta())
        day += timedelta(days=1)
    return total
