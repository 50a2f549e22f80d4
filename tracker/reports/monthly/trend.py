"""The three rates over the months: a line each, told apart without colour too."""

from collections.abc import Sequence
from itertools import pairwise
from math import floor

from tracker.metrics.definitions import BY_ID, WEIGHTS
from tracker.metrics.figures import percent
from tracker.reports.monthly.content import OfMonth
from tracker.reports.monthly.sheet import BAD, BRAND, INK_2, INK_3, LINE, OCHRE, Colour, Sheet

LOOKS: tuple[tuple[Colour, float, int], ...] = (  # colour, dash, corners of the mark
    (BRAND, 0.0, 4),
    (OCHRE, 1.6, 3),
    (BAD, 0.7, 8),
)


def trend(
    sheet: Sheet, months: Sequence[OfMonth], x: float, y: float, width: float, height: float
) -> float:
    """Draw it; the y below. A month without items has no point, and the line is broken there."""
    values = {
        name: [None if (e := m.rates[name].exact) is None else float(100 * e) for m in months]
        for name in WEIGHTS
    }
    known = [value for line in values.values() for value in line if value is not None]
    least = min(90, floor(min(known, default=90) / 10) * 10)
    plot = Plot(x + 9, y + 2, width - 34, height - 10, least, len(months))
    _axes(sheet, plot, months)
    if not known:
        sheet.put(plot.x + plot.width / 2 - 12, plot.y + plot.height / 2, "本期无数据", 9, INK_3)
    labels: list[float] = []
    for (name, line), (colour, dash, corners) in zip(values.items(), LOOKS, strict=True):
        _line(sheet, plot, line, colour, dash, corners)
        _label(sheet, plot, BY_ID[name].name.zh, line, months[-1], name, colour, labels)
    return y + height


class Plot:
    """The field of the chart, in millimetres; `least` is the percentage at its foot."""

    def __init__(
        self, x: float, y: float, width: float, height: float, least: int, months: int
    ) -> None:
        self.x, self.y, self.width, self.height = x, y, width, height
        self.least, self.months = least, months

    def at(self, month: int, value: float) -> tuple[float, float]:
        across = self.width * month / max(1, self.months - 1)
        return self.x + across, self.height_of(value)

    def height_of(self, value: float) -> float:
        return self.y + self.height * (100 - value) / (100 - self.least)


def _axes(sheet: Sheet, plot: Plot, months: Sequence[OfMonth]) -> None:
    sheet.set_line_width(0.15)
    step = 10 if 100 - plot.least > 20 else 5
    if 100 - plot.least > 60:
        step = 20
    for value in range(100, plot.least - 1, -step):
        y = plot.height_of(value)
        sheet.set_draw_color(*LINE)
        sheet.line(plot.x, y, plot.x + plot.width, y)
        sheet.put(plot.x - 9, y - 1.7, str(value), 7, INK_3)
    for n, month in enumerate(months):
        x, _ = plot.at(n, 100)
        mark = "" if month.frozen else "*"
        sheet.put(x - 6, plot.y + plot.height + 1.5, month.month + mark, 7, INK_2)


def _line(
    sheet: Sheet,
    plot: Plot,
    line: Sequence[float | None],
    colour: Colour,
    dash: float,
    corners: int,
) -> None:
    sheet.set_draw_color(*colour)
    sheet.set_fill_color(*colour)
    points = [None if value is None else plot.at(n, value) for n, value in enumerate(line)]
    for one, two in pairwise(points):
        if one is not None and two is not None:
            sheet.set_line_width(0.5)
            sheet.set_dash_pattern(dash, dash)
            sheet.line(*one, *two)
    sheet.set_dash_pattern()
    for point in points:
        if point is not None:
            sheet.set_line_width(0.1)
            sheet.mark(point, corners, 2)


def _label(
    sheet: Sheet,
    plot: Plot,
    name: str,
    line: Sequence[float | None],
    last: OfMonth,
    id: str,
    colour: Colour,
    taken: list[float],
) -> None:
    """The line's name and last value beside its end, apart from the labels already there."""
    exact = last.rates[id].exact
    y = plot.height_of(line[-1]) if line[-1] is not None else plot.y + plot.height
    while any(abs(y - other) < 4 for other in taken):
        y += 1
    taken.append(y)
    shown = "—" if exact is None else percent(exact)
    sheet.put(plot.x + plot.width + 3, y - 2, f"{name} {shown}", 7.5, colour, bold=True)
