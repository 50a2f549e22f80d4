"""Whistles per 1,000 residents, the effort index and the happiness index, of a scope and by post.

Outcomes are read from the rates, acts from the steps; the formulas are in `metrics/indices.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from math import cos, radians
from typing import Any

from tracker.city_zone import city_zone
from tracker.directory import Directory
from tracker.domain.city.areas import Area
from tracker.domain.errors import Invalid, Words
from tracker.eventstore.connections import Connection
from tracker.metrics.arithmetic import Rate, number
from tracker.metrics.asking import Question
from tracker.metrics.indices import (
    BAND_DEFINITION,
    EFFORT_DEFINITION,
    HAPPINESS_DEFINITION,
    RESIDENTS,
    RESIDENTS_ASSUMED,
    Act,
    band_of,
    happiness,
)
from tracker.metrics.steps import REPEAT_DEFINITION
from tracker.projections.rates.answer import FiguresRow, every_scope, one_moment
from tracker.projections.steps.repeats import again, repeat_rates, reported
from tracker.projections.steps.time_in_steps import heading
from tracker.routing.routing import place_of_grid

PLACES = ("city", "street", "post", "grid")


class NoIndexOfThat(Invalid):
    """A unit or a category: nobody lives in it."""

    code = "rates.no_index_of_that"
    field = "scope"
    message = Words(
        zh="{scope} 没有居民,不计人均与指数", en="{scope} has no residents, so there is no index"
    )
    remedy = Words(
        zh="写 city、street:、post: 或 grid:", en="Ask for city, street:, post: or grid:"
    )


@dataclass(frozen=True)
class Population:
    """The assumed residents of each scope: the city, streets, posts, grids."""

    by_scope: Mapping[str, Fraction]

    def of(self, scope: str) -> Fraction:
        return self.by_scope.get(scope, Fraction())


@lru_cache(maxsize=8)  # a `Directory` never changes
def population(city: Directory, on: date) -> Population:
    """RESIDENTS, divided by area among the grids of that day and added up for their posts."""
    grids = city.grids(on)
    areas = {grid.code: Fraction(round(square_metres(grid))) for grid in grids}
    whole = sum(areas.values(), Fraction())
    found: dict[str, Fraction] = defaultdict(Fraction)
    for grid in grids:
        share = RESIDENTS * areas[grid.code] / whole if whole else Fraction()
        place = place_of_grid(city, grid.code, on)
        for scope in (
            "city",
            f"street:{place.street}",
            f"post:{place.post}",
            f"grid:{grid.code}",
        ):
            found[scope] += share
    return Population(found)


def square_metres(grid: Area) -> float:
    """The area by the shoelace formula on a plane at the city's latitude, less its holes."""
    total = 0.0
    for polygon in grid.geometry:
        for n, ring in enumerate(polygon):
            area = abs(_shoelace(ring))
            total += -area if n else area
    return total


def _shoelace(ring: Sequence[tuple[float, float]]) -> float:
    if not ring:
        return 0.0
    lon0, lat0 = ring[0]
    wide = 111_195.0 * cos(radians(lat0))
    points = [((lon - lon0) * wide, (lat - lat0) * 111_195.0) for lon, lat in ring]
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs) / 2


# Served by steps_acts_at (at); rates_facts by its primary key (whistle, cohort, …).
ACTS = """
    SELECT a.kind, f.grid, f.street, f.post, count(*)::int
      FROM steps_acts a
      JOIN rates_facts f ON f.whistle = a.whistle AND f.cohort = 'raised'
     WHERE a.at >= %(first)s::timestamp AT TIME ZONE %(zone)s
       AND a.at < %(until)s::timestamp AT TIME ZONE %(zone)s
       AND a.at <= %(at)s AND a.position <= %(position)s
       AND f.marks & 3 = 3 AND f.known_at <= %(at)s AND f.position <= %(position)s
       AND NOT coalesce(f.ended_at <= %(at)s AND f.ended_position <= %(position)s, false)
     GROUP BY a.kind, f.grid, f.street, f.post
"""


def acts(connection: Connection, question: Question) -> dict[str, Counter[str]]:
    """How often each kind of act was done, by scope: the city, and every street, post and grid."""
    asked = question.parameters() | {
        "first": question.period.first.isoformat(),
        "until": question.period.until.isoformat(),
        "zone": city_zone().key,
    }
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, grid, street, post, count in connection.execute(ACTS, asked):
        for scope in ("city", f"grid:{grid}", f"street:{street}", f"post:{post}"):
            found[scope][kind] += count
    return found


def indices(connection: Connection, city: Directory, question: Question) -> dict[str, Any]:
    """The scope's own figures, and a row for each post that has residents."""
    if question.scope.partition(":")[0] not in PLACES:
        raise NoIndexOfThat(scope=question.scope)
    residents = population(city, question.period.first)
    posts = [s for s in residents.by_scope if s.startswith("post:")]
    scopes = list(dict.fromkeys((question.scope, *posts)))
    rows = dict(zip(scopes, every_scope(connection, question, scopes), strict=True))
    with one_moment(connection):
        every = reported(connection, question)
        done = acts(connection, question)
        answer = heading(connection, question)
    sources = IndexSources(residents, rows, repeat_rates(every, again(every), question), done)
    rates = sorted(rate for post in posts if (rate := sources.per_thousand(post)) is not None)
    median = rates[(len(rates) - 1) // 2] if rates else None
    answer["posts_median_per_1000"] = None if median is None else number(median)
    answer |= sources.figures(question.scope, median)
    answer["items"] = [
        {"key": post.partition(":")[2], **sources.figures(post, median)} for post in sorted(posts)
    ]
    answer["next"] = None
    answer["definitions"] = definitions()
    return answer


@dataclass(frozen=True)
class IndexSources:
    """What the indices of every scope are computed from."""

    residents: Population
    rows: Mapping[str, FiguresRow]
    repeats: Mapping[str, Rate]
    done: Mapping[str, Counter[str]]

    def per_thousand(self, scope: str) -> Fraction | None:
        """Valid whistles per 1,000 residents; None where nobody is assumed to live."""
        residents = self.residents.of(scope)
        raised = self.rows[scope].metrics["raised_valid"]
        return 1000 * raised / residents if residents else None

    def figures(self, scope: str, median: Fraction | None) -> dict[str, Any]:
        row, residents = self.rows[scope], self.residents.of(scope)
        rate = self.per_thousand(scope)
        repeats = self.repeats.get(scope, Rate(0, 0))
        happy = happiness(row.rates["resolution_rate"], row.rates["satisfaction_rate"], repeats)
        done = self.done.get(scope, Counter())
        effort = Fraction(1000 * sum(done.values())) / residents if residents else None
        banded = rate is not None and median and scope.startswith("post:")
        return {
            "residents": round(residents),
            "raised_valid": row.metrics["raised_valid"],
            "per_1000": None if rate is None else number(rate),
            "band": band_of(rate, median) if banded and rate is not None and median else None,
            "effort_index": None if effort is None else number(effort),
            "acts": {str(act): done[act] for act in Act},
            "happiness_index": None if happy is None else number(happy.exact),
            "happiness_parts": list(happy.parts) if happy else [],
            "resolution_rate": row.rates["resolution_rate"].shown(),
            "satisfaction_rate": row.rates["satisfaction_rate"].shown(),
            "repeat_rate": repeats.shown(),
        }


def definitions() -> dict[str, dict[str, str]]:
    """What each figure is, in both languages, as the page shows it."""
    facts = {"residents": RESIDENTS}
    found = {
        "residents": RESIDENTS_ASSUMED,
        "band": BAND_DEFINITION,
        "effort_index": EFFORT_DEFINITION,
        "happiness_index": HAPPINESS_DEFINITION,
        "repeat_rate": REPEAT_DEFINITION,
    }
    return {
        name: {language: words.say(language, facts) for language in ("zh", "en")}
        for name, words in found.items()
    }
