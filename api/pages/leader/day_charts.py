"""Days drawn on the server: a rate's last weeks beside its figure, thirty days as a chart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from api.pages.frame.speech import Speech
from tracker.metrics.figures import Rate

WEEK, MONTH = 7, 30
W, H, LEFT, RIGHT, TOP, BARS = 560, 384, 40, 56, 12, 92
FOOT = 20
RATES_END = H - FOOT - BARS - 20  # the lines above, the bars in a band of their own from nothing
TENTHS = (0, 20, 40, 50, 60, 70, 80, 90)


@dataclass(frozen=True)
class Day:
    """One day of a period: how many were raised, and the rates of what fell due."""

    day: str
    raised: int
    rates: Mapping[str, Rate]


@dataclass(frozen=True)
class Line:
    """A rate of the chart: its identifier, its name, and how it is drawn."""

    metric: str
    name: str
    kind: str


def weekly(days: Sequence[Day], metric: str) -> list[Fraction | None]:
    """For each day but the first six, the rate of the seven days that end with it."""
    sums = [days[i - WEEK + 1 : i + 1] for i in range(WEEK - 1, len(days))]
    return [
        Rate(sum(d.rates[metric].n for d in week), sum(d.rates[metric].d for d in week)).exact
        for week in sums
    ]


def spark(values: Sequence[Fraction | None]) -> Markup | None:
    """The shape of a rate's last weeks, and a dot where it stands. None: too little to draw."""
    known = [(i, float(value)) for i, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return None
    low, high = min(v for _, v in known), max(v for _, v in known)
    room, step = (high - low) or 1, 88 / max(len(values) - 1, 1)
    points = [(4 + i * step, 26 - (v - low) / room * 20) for i, v in known]
    drawn = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    x, y = points[-1]
    return Markup(
        '<svg class="spark" viewBox="0 0 100 32" aria-hidden="true"><path class="s1" d="M{}"/>'
        '<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="3"/></svg>'
    ).format(drawn, x, y)


def trend(_: Speech, days: Sequence[Day], lines: Sequence[Line]) -> Markup:
    """Lines: rates in percent, from a tenth that is written at the axis; no day is bridged that
    has no figure. Bars: raised a day, from nothing, in a band of their own."""
    step = (W - LEFT - RIGHT) / max(len(days), 1)
    floor = _floor([day.rates[line.metric] for day in days for line in lines])
    parts = [
        Markup('<svg class="trend" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
            W, H, _("每日各率与登记件数，数字见下表")
        ),
        *_grid(floor),
        *_bars(days, step),
    ]
    taken: list[float] = []
    for line in lines:
        parts.append(_line(days, line, step, floor, taken))
    for i in range(0, len(days), max(len(days) // 5, 1)):
        parts.append(
            Markup('<text class="ax mid" x="{:.1f}" y="{}">{}</text>').format(
                LEFT + step * (i + 0.5), H - 4, days[i].day[5:]
            )
        )
    return Markup("").join([*parts, Markup("</svg>")])


def _floor(rates: Sequence[Rate]) -> int:
    lowest = min((rate.exact * 100 for rate in rates if rate.exact is not None), default=80)
    return max(tenth for tenth in TENTHS if tenth <= max(lowest, 0))


def _at(percent: Fraction | float, floor: int) -> float:
    return TOP + (RATES_END - TOP) * (1 - (float(percent) - floor) / (100 - floor))


def _grid(floor: int) -> list[Markup]:
    marks = sorted({floor, (floor + 100) // 2, 100})
    return [
        Markup(
            '<path class="gl" d="M{} {:.1f}H{}"/><text class="ax end" x="{}" y="{:.1f}">{}</text>'
        ).format(LEFT, y, W - RIGHT, LEFT - 5, y + 4, mark)
        for mark in marks
        for y in (_at(mark, floor),)
    ]


def _bars(days: Sequence[Day], step: float) -> list[Markup]:
    most = max((day.raised for day in days), default=0) or 1
    base = H - FOOT
    drawn = [
        Markup('<rect class="bars" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
            LEFT + step * (i + 0.15), base - tall, step * 0.7, tall
        )
        for i, day in enumerate(days)
        for tall in (BARS * day.raised / most,)
    ]
    top = Markup('<text class="ax end" x="{}" y="{}">{}</text>').format(
        LEFT - 5, base - BARS + 10, most
    )
    return [*drawn, top]


def _line(days: Sequence[Day], line: Line, step: float, floor: int, taken: list[float]) -> Markup:
    """The line, and its last figure at its end, out of the way of the others' (`taken`)."""
    pen, path, last = "M", "", None
    for i, day in enumerate(days):
        exact = day.rates[line.metric].exact
        if exact is None:
            pen = "M"
            continue
        x, y = LEFT + step * (i + 0.5), _at(exact * 100, floor)
        # A lone day has no neighbour to be joined to: a stroke of no length is drawn as a dot.
        path += f"{pen}{x:.1f} {y:.1f}" + ("h0" if pen == "M" else "")
        pen, last = "L", (y, exact)
    if last is None:
        return Markup("")
    y, exact = last
    while any(abs(y - other) < 16 for other in taken):
        y += 4
    taken.append(y)
    return Markup(
        '<path class="{0}" d="{1}"/><text class="lab {0}" x="{2}" y="{3:.1f}">{4:.1f}</text>'
    ).format(line.kind, path, W - RIGHT + 8, y + 4, float(exact * 100))
