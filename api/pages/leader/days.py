"""The last thirty days of a scope: the weekly rates beside a figure, and the daily chart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tracker.metrics.arithmetic import Rate
from tracker.reports.drawing.rates_chart import Chart, Layout, Series, rates_chart

WEEK, MONTH = 7, 30
LAYOUT = Layout(560, 384, right=56, bars=92)


@dataclass(frozen=True)
class Day:
    """One day of a period: whistles raised, and the rates of those due that day."""

    day: str
    raised: int
    rates: Mapping[str, Rate]


@dataclass(frozen=True)
class Line:
    """One line of the chart: the rate's identifier, its name, its line style."""

    metric: str
    name: str
    kind: str


def weekly(days: Sequence[Day], metric: str) -> list[Fraction | None]:
    """For each day except the first six, the rate of the seven days up to it."""
    sums = [days[i - WEEK + 1 : i + 1] for i in range(WEEK - 1, len(days))]
    return [
        Rate(sum(d.rates[metric].n for d in week), sum(d.rates[metric].d for d in week)).exact
        for week in sums
    ]


def chart_of(days: Sequence[Day], lines: Sequence[Line]) -> Chart:
    """The chart. Each line is labelled with its last figure, in percent."""
    return rates_chart(
        LAYOUT,
        [day.day[5:] for day in days],
        [_series(days, line) for line in lines],
        [day.raised for day in days],
    )


def _series(days: Sequence[Day], line: Line) -> Series:
    values = [day.rates[line.metric].exact for day in days]
    known = [value for value in values if value is not None]
    label = f"{float(known[-1] * 100):.1f}" if known else ""
    return Series(line.kind, label, values)
