"""Rates over days or months as lines, and counts as bars beneath: values for the macro to draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

LEFT, TOP, FOOT = 40, 12, 20
GAP = 20  # between the lines and the band of the bars
BETWEEN_LABELS = 16
FLOORS = (0, 20, 40, 50, 60, 70, 80, 90)
DATES = 5  # about so many are written beneath


@dataclass(frozen=True)
class Layout:
    """In units of the drawing. `right`: room for the labels of the lines; `bars`: height of their
    band, 0: there are none; `marked`: each figure has a mark on its line."""

    width: int
    height: int
    right: int
    bars: int = 0
    marked: bool = False

    @property
    def end(self) -> int:
        return self.width - self.right

    @property
    def foot(self) -> int:
        return self.height - FOOT

    @property
    def lowest(self) -> int:
        """Where the lines have their floor; the bars stand below, on a zero of their own."""
        return self.foot - (self.bars + GAP if self.bars else 0)


@dataclass(frozen=True)
class Series:
    """A rate: `kind` is its class of look, `values` one for each day or month; None: no figure."""

    kind: str
    label: str
    values: Sequence[Fraction | None]


@dataclass(frozen=True)
class Line:
    """`path`: None where the rate has no figure at all. The label stands right of the chart."""

    kind: str
    path: str | None
    marks: Sequence[tuple[float, float]]
    label: str
    label_y: float


@dataclass(frozen=True)
class Chart:
    """`scale`: percentages and where they stand; `dates`: what is written beneath, and where."""

    layout: Layout
    left: int
    scale: Sequence[tuple[float, int]]
    dates: Sequence[tuple[float, str]]
    lines: Sequence[Line]
    bars: Sequence[tuple[float, float, float, float]]  # x, y, width, height
    highest: int  # what the highest bar counts
    is_empty: bool


@dataclass(frozen=True)
class Spark:
    """The shape of one rate in a box of 100 by 32; x and y: where it stands last."""

    path: str
    x: float
    y: float


def rates_chart(
    layout: Layout, dates: Sequence[str], series: Sequence[Series], counts: Sequence[int] = ()
) -> Chart:
    """Lines in percent from a floor that is written at the axis; bars of the counts from zero.

    A date without a figure breaks the line: nothing is known there.
    """
    step = (layout.end - LEFT) / max(len(dates), 1)
    floor = _floor([value for one in series for value in one.values])
    taken: list[float] = []
    return Chart(
        layout,
        LEFT,
        [(_height(layout, floor, mark), mark) for mark in range(100, floor - 1, -_apart(floor))],
        [
            (_at(step, n), date)
            for n, date in enumerate(dates)
            if n % max(len(dates) // DATES, 1) == 0
        ],
        [_line(layout, one, step, floor, taken) for one in series],
        _bars(layout, counts, step),
        max(counts, default=0) or 1,
        all(value is None for one in series for value in one.values),
    )


def spark(values: Sequence[Fraction | None]) -> Spark | None:
    """None: fewer than two figures are no shape."""
    known = [(n, float(value)) for n, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return None
    low, high = min(v for _, v in known), max(v for _, v in known)
    room, step = (high - low) or 1, 88 / max(len(values) - 1, 1)
    points = [(4 + n * step, 26 - (value - low) / room * 20) for n, value in known]
    x, y = points[-1]
    return Spark("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points), round(x, 1), round(y, 1))


def _floor(values: Sequence[Fraction | None]) -> int:
    lowest = min((value * 100 for value in values if value is not None), default=80)
    return max(floor for floor in FLOORS if floor <= max(lowest, 0))


def _apart(floor: int) -> int:
    """Percentage points between two lines of the scale: round ones, and no more than six lines."""
    if floor >= 80:
        return 5
    return 10 if floor >= 50 else 20


def _at(step: float, n: int) -> float:
    return round(LEFT + step * (n + 0.5), 1)


def _height(layout: Layout, floor: int, percent: Fraction | int) -> float:
    share = (float(percent) - floor) / (100 - floor)
    return round(TOP + (layout.lowest - TOP) * (1 - share), 1)


def _line(layout: Layout, series: Series, step: float, floor: int, taken: list[float]) -> Line:
    """The label stands beside the last figure, out of the way of the others' (`taken`)."""
    pen, path, marks = "M", "", []
    for n, value in enumerate(series.values):
        if value is None:
            pen = "M"
            continue
        x, y = _at(step, n), _height(layout, floor, value * 100)
        # A lone figure has no neighbour to be joined to: a stroke of no length is drawn as a dot.
        path += f"{pen}{x} {y}" + ("h0" if pen == "M" else "")
        pen = "L"
        marks.append((x, y))
    label_y = marks[-1][1] if marks else float(TOP)
    while any(abs(label_y - other) < BETWEEN_LABELS for other in taken):
        label_y += 4
    taken.append(label_y)
    return Line(series.kind, path or None, marks if layout.marked else [], series.label, label_y)


def _bars(
    layout: Layout, counts: Sequence[int], step: float
) -> list[tuple[float, float, float, float]]:
    most = max(counts, default=0) or 1
    high = [layout.bars * count / most for count in counts]
    return [
        (
            round(LEFT + step * (n + 0.15), 1),
            round(layout.foot - tall, 1),
            round(step * 0.7, 1),
            round(tall, 1),
        )
        for n, tall in enumerate(high)
    ]
