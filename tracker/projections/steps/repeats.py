"""Whistles that repeat an earlier one, and the places from which most whistles come."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from tracker.city_zone import city_zone
from tracker.domain.whistle.events import Place
from tracker.domain.whistle.place import metres_between
from tracker.eventstore.connections import Connection
from tracker.metrics.arithmetic import Rate
from tracker.metrics.asking import CITY, Question, day_of
from tracker.metrics.steps import AGAIN_WITHIN, NEAR_METRES
from tracker.projections.rates.answer import one_moment, within_question
from tracker.projections.steps.time_in_steps import heading

DAY = timedelta(days=1)
METRES_PER_DEGREE = 111_195.0  # of latitude
LEAST_METRES_EAST = 60_000.0  # of longitude, as far north as 57°
LISTED = 200  # at most so many repeats and places in one answer


@dataclass(frozen=True)
class Reported:
    """A valid whistle and its place. `address` as the reporter gave it; None: none, or erased."""

    whistle: UUID
    number: str
    counted_at: datetime
    category: str | None
    grid: str | None
    post: str | None
    street: str | None
    unit: str | None
    lat: float | None
    lon: float | None
    address: str | None

    @property
    def point(self) -> Place:
        return Place(lat=self.lat, lon=self.lon)

    @property
    def named(self) -> tuple[str, str] | None:
        """Its grid and address, without spaces and letter case; None without one of the two."""
        plain = "".join((self.address or "").split()).casefold()
        return (self.grid, plain) if self.grid and plain else None


@dataclass(frozen=True)
class Again:
    """A repeat. `earlier`: of the whistles that it repeats, the latest one."""

    reported: Reported
    earlier: Reported


@dataclass
class Spot:
    """A place and what was reported there, the earliest first."""

    reports: list[Reported] = field(default_factory=list)

    @property
    def again(self) -> bool:
        """More than one whistle was reported here."""
        return len(self.reports) > 1


# Served by rates_facts_counted (cohort, counted_day, …); the others by their primary keys.
# Marks 1 and 2 of the cohort: counted, and valid (merged ones are not).
REPORTED = """
    SELECT f.whistle, w.number, f.counted_at, f.category, f.grid, f.post, f.street, f.unit,
           s.lat, s.lon, c.body #>> '{}' AS address
      FROM rates_facts f
      JOIN rates_whistles w ON w.whistle = f.whistle
      JOIN steps_whistles s ON s.whistle = f.whistle
      LEFT JOIN contents c ON c.id = s.address
     WHERE f.cohort = 'raised' AND f.marks & 3 = 3 AND NOT s.confidential
       AND f.counted_day >= %(first)s AND f.counted_day < %(until)s
       AND f.known_at <= %(at)s AND f.position <= %(position)s
       AND NOT coalesce(f.ended_at <= %(at)s AND f.ended_position <= %(position)s, false)
     ORDER BY f.counted_at, w.number
"""


def reported(connection: Connection, question: Question) -> list[Reported]:
    """Valid whistles of the whole city, from before the period too: a repeat may repeat those."""
    asked = question.parameters() | {"first": question.period.first - AGAIN_WITHIN - DAY}
    with connection.cursor(row_factory=class_row(Reported)) as cursor:
        return cursor.execute(REPORTED, asked).fetchall()


class Nearby:
    """Finds what was reported within NEAR_METRES, or under the same named place."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[Reported]] = defaultdict(list)
        self._named: dict[tuple[str, str], list[Reported]] = defaultdict(list)

    def add(self, one: Reported) -> None:
        if (cell := _cell(one)) is not None:
            self._cells[cell].append(one)
        if one.named is not None:
            self._named[one.named].append(one)

    def of(self, one: Reported) -> list[Reported]:
        found = list(self._named[one.named]) if one.named is not None else []
        if (cell := _cell(one)) is not None:
            row, column = cell
            found += [
                other
                for r in (row - 1, row, row + 1)
                for c in (column - 1, column, column + 1)
                for other in self._cells.get((r, c), ())
                if metres_between(one.point, other.point) <= NEAR_METRES
            ]
        return found


def _cell(one: Reported) -> tuple[int, int] | None:
    """A square whose sides are at least NEAR_METRES long, so that neighbours are enough."""
    if one.lat is None or one.lon is None:
        return None
    row = one.lat * METRES_PER_DEGREE // NEAR_METRES
    return int(row), int(one.lon * LEAST_METRES_EAST // NEAR_METRES)


def again(every: Sequence[Reported]) -> list[Again]:
    """Each whistle that repeats an earlier one of its category, in order of time."""
    seen: dict[str, Nearby] = defaultdict(Nearby)
    found = []
    for one in every:
        if one.category is None:
            continue
        nearby = seen[one.category]
        earlier = [e for e in nearby.of(one) if one.counted_at - e.counted_at <= AGAIN_WITHIN]
        if earlier:
            found.append(Again(one, max(earlier, key=lambda e: (e.counted_at, e.number))))
        nearby.add(one)
    return found


def spots(every: Iterable[Reported]) -> list[Spot]:
    """Group them by place: each joins the place of the earliest one near it, or begins a place."""
    anchors, of_anchor, found = Nearby(), dict[UUID, Spot](), list[Spot]()
    for one in every:
        near = anchors.of(one)
        if near:
            first = min(near, key=lambda e: (e.counted_at, e.number))
            of_anchor[first.whistle].reports.append(one)
        elif one.lat is not None or one.named is not None:
            of_anchor[one.whistle] = spot = Spot([one])
            found.append(spot)
            anchors.add(one)
    return sorted(found, key=lambda spot: (-len(spot.reports), spot.reports[0].number))


def repeat_rates(
    every: Sequence[Reported], found: Sequence[Again], question: Question
) -> dict[str, Rate]:
    """Repeats among valid whistles with a category, for the city and each of its places."""
    d, n = Counter[str](), Counter[str]()
    for one in every:
        if one.category is not None and in_period(one, question):
            d.update(_places_of(one))
    for two in found:
        if in_period(two.reported, question):
            n.update(_places_of(two.reported))
    return {scope: Rate(n[scope], d[scope]) for scope in d}


def _places_of(one: Reported) -> tuple[str, ...]:
    return CITY, f"street:{one.street}", f"post:{one.post}", f"grid:{one.grid}"


def in_period(one: Reported, question: Question) -> bool:
    return question.period.first <= day_of(one.counted_at) < question.period.until


def _counts(one: Reported, question: Question, categories: Collection[str]) -> bool:
    """Whether it is in the question's scope and period. `categories`: of a category's scope."""
    kind, _, code = question.scope.partition(":")
    if kind == CITY:
        return in_period(one, question)
    codes = categories if kind == "category" else (code,)
    return getattr(one, kind) in codes and in_period(one, question)


Readable = Callable[[Collection[UUID]], Collection[UUID]]


def repeats(
    connection: Connection,
    question: Question,
    readable: Readable = lambda whistles: whistles,
) -> dict[str, Any]:
    """The whole answer, as HTTP gives it. A whistle that is not `readable` counts unnamed."""
    with one_moment(connection):
        every = reported(connection, question)
        answer = heading(connection, question)
        codes = within_question(connection, question)["categories"] or ()
    here = [one for one in every if _counts(one, question, codes)]
    found = [one for one in again(every) if _counts(one.reported, question, codes)]
    places = [spot for spot in spots(here) if spot.again]
    named = set(readable(_listed(found, places)))
    d = sum(one.category is not None for one in here)
    answer["repeat_rate"] = Rate(len(found), d).shown()
    answer["repeats"] = [_again(one, named) for one in found[:LISTED]]
    answer["places"] = [_spot(spot, named) for spot in places[:LISTED]]
    answer["truncated"] = max(len(found), len(places)) > LISTED
    return answer


def _listed(found: Sequence[Again], places: Sequence[Spot]) -> set[UUID]:
    """The whistles that the answer would name."""
    pairs = {w.whistle for one in found[:LISTED] for w in (one.reported, one.earlier)}
    return pairs | {one.whistle for spot in places[:LISTED] for one in spot.reports}


def _again(one: Again, named: Collection[UUID]) -> dict[str, Any]:
    metres = metres_between(one.reported.point, one.earlier.point)
    return {
        "number": _number(one.reported, named),
        "registered_at": one.reported.counted_at.astimezone(city_zone()).isoformat(),
        "category": one.reported.category,
        "grid": one.reported.grid,
        "post": one.reported.post,
        "repeats": _number(one.earlier, named),
        "metres": round(metres, 1) if metres < float("inf") else None,
    }


def _number(one: Reported, named: Collection[UUID]) -> str | None:
    return one.number if one.whistle in named else None


def _spot(spot: Spot, named: Collection[UUID]) -> dict[str, Any]:
    """The point is shown only to readers of a whistle there: an address can be a home."""
    first = spot.reports[0]
    categories = Counter(one.category or "" for one in spot.reports)
    numbers = [one.number for one in spot.reports if one.whistle in named]
    return {
        "grid": first.grid,
        "post": first.post,
        "lat": first.lat if numbers else None,
        "lon": first.lon if numbers else None,
        "whistles": len(spot.reports),
        "categories": dict(sorted(categories.items(), key=lambda pair: (-pair[1], pair[0]))),
        "numbers": numbers[:LISTED],
    }
