"""The rows of the tables of the rates, and the facts that they are written from."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from tracker.metrics.asking import day_of
from tracker.projections.engine.tables import Table
from tracker.projections.rates.placing import Placing


class Placed(msgspec.Struct, array_like=True):
    """A whistle's place in a cohort, and the event that put it there."""

    cohort: str
    item: int
    position: int
    known_at: datetime
    placing: Placing


class Fact(NamedTuple):
    """A place in a cohort, and its end if the batch has seen it. `new`: it is not stored yet."""

    whistle: UUID
    placed: Placed
    ended_position: int | None = None
    ended_at: datetime | None = None
    new: bool = True


@dataclass(slots=True)
class WhistleRow:
    """A row of rates_whistles. `memory`: what the fold remembers of the whistle (`Memory`)."""

    whistle: UUID
    number: str
    memory: bytes


@dataclass(slots=True)
class FactRow:
    """A row of rates_facts."""

    whistle: UUID
    cohort: str
    item: int
    position: int
    known_at: datetime
    ended_position: int | None
    ended_at: datetime | None
    counted_at: datetime
    counted_day: date
    marks: int
    reason: str
    decided_at: datetime | None
    unit: str | None
    seconds: int | None
    own_seconds: int | None
    grid: str | None
    community: str | None
    street: str | None
    post: str | None
    category: str | None
    sla_class: str


@dataclass(slots=True)
class DayRow:
    """A row of rates_days: what one day of knowledge adds to the sums of one day counted.

    `d` is how many bear the mark IN, `n1` to `n4` how many bear each of the other four marks.
    """

    scope: str
    counted_day: date
    cohort: str
    known_day: date
    d: int
    n1: int
    n2: int
    n3: int
    n4: int
    seconds: int


@dataclass(slots=True)
class MonthRow:
    """A row of rates_months: the same of whole months, by month and again by day of knowledge."""

    scope: str
    counted_month: date
    grain: str  # "month" or "day": what `known` is
    known: date
    cohort: str
    d: int
    n1: int
    n2: int
    n3: int
    n4: int
    seconds: int


@dataclass(slots=True)
class SpreadRow:
    """A row of rates_spreads: how many response times fell into a bucket, and their sum."""

    scope: str
    counted_month: date
    grain: str
    known: date
    measure: str
    bucket: int
    times: int
    seconds: int


@dataclass(slots=True)
class ValueRow:
    """A row of rates_values: how often one response time of a bucket occurred."""

    scope: str
    counted_month: date
    measure: str
    bucket: int
    seconds: int
    known_day: date
    times: int


@dataclass(slots=True)
class StockRow:
    """A row of rates_stock: by how much a day changed what is suspended and overdue."""

    scope: str
    day: date
    suspended: int
    overdue: int
    position: int


@dataclass(slots=True)
class TouchedRow:
    """A row of rates_touched: the last position that changed the sums of these two days."""

    counted_day: date
    known_day: date
    position: int


TABLES = (
    Table("rates_whistles", WhistleRow, key=("whistle",), owner="whistle"),
    Table("rates_facts", FactRow, key=("whistle", "cohort", "item", "position"), owner="whistle"),
    Table(
        "rates_days",
        DayRow,
        key=("scope", "counted_day", "cohort", "known_day"),
        owner="scope",
    ),
    Table(
        "rates_months",
        MonthRow,
        key=("scope", "counted_month", "grain", "known", "cohort"),
        owner="scope",
    ),
    Table(
        "rates_spreads",
        SpreadRow,
        key=("scope", "counted_month", "grain", "known", "measure", "bucket"),
        owner="scope",
    ),
    Table(
        "rates_values",
        ValueRow,
        key=("scope", "counted_month", "measure", "bucket", "seconds", "known_day"),
        owner="scope",
    ),
    Table("rates_stock", StockRow, key=("scope", "day"), owner="scope"),
    Table("rates_touched", TouchedRow, key=("counted_day", "known_day"), owner="counted_day"),
)


def fact_row(fact: Fact) -> FactRow:
    placed, p = fact.placed, fact.placed.placing
    return FactRow(
        fact.whistle,
        placed.cohort,
        placed.item,
        placed.position,
        placed.known_at,
        fact.ended_position,
        fact.ended_at,
        p.counted_at,
        day_of(p.counted_at),
        p.marks,
        p.reason,
        p.decided_at,
        p.unit,
        p.seconds,
        p.own_seconds,
        p.grid,
        p.community,
        p.street,
        p.post,
        p.category,
        p.sla_class,
    )
