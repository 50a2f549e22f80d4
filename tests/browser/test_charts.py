"""The map of the grids and the chart of rates: what is drawn where, on a page and on paper."""

import re
from fractions import Fraction

from api.pages.frame.look import environment
from tracker.reports.drawing.city_map import (
    BaseMap,
    GridFigures,
    Shade,
    Shape,
    label_place,
    late_map,
)
from tracker.reports.drawing.paper import drawn, looks, rgb
from tracker.reports.drawing.rates_chart import Layout, Series, rates_chart, spark

STREET = Shape("S", "文澜街道", "", 500, 400)
GRIDS = [Shape(code, code, f"M{n} 0h1v1z", n, 0) for n, code in enumerate("ABCD")]
BASE = BaseMap(100, "M0 9l9-9", GRIDS, [], [STREET])
FIGURES = {"A": GridFigures(3, 0, 0), "B": GridFigures(1, 2, 1), "C": GridFigures(0, 8, 0)}
SMALL = Layout(140, 100, right=0, marked=True)
CLASS = re.compile(r'class="([^"]+)"')
RULE = re.compile(r"\.([\w-]+) {")


def test_a_name_stands_in_the_middle_of_its_street_where_nothing_is_red():
    assert label_place(STREET, []) == (500, 400)


def test_a_name_makes_way_for_a_red_mark():
    marks = [Shape("A", "", "", 520, 390), Shape("B", "", "", 460, 395)]

    x, y = label_place(STREET, marks)

    assert all(not (abs(mark.x - x) < 56 and y - 28 < mark.y < y) for mark in marks)


def test_a_name_takes_the_only_place_that_hides_nothing():
    marks = [
        Shape(f"{x} {y}", "", "", x, y)
        for x in range(300, 701, 20)
        for y in range(200, 601, 10)
        if not (y < 320 and x > 500)
    ]

    assert label_place(STREET, marks) == (570, 295)


def test_a_shade_is_as_wide_as_the_month_needs_and_a_grid_without_a_whistle_is_silent():
    found = late_map(BASE, FIGURES)

    assert [(cell.shape.code, cell.step) for cell in found.cells] == [
        ("A", 1),
        ("B", 2),
        ("C", 5),
        ("D", 0),
    ]
    assert found.shades == [
        Shade(1, 0, 0),
        Shade(2, 1, 2),
        Shade(3, 3, 4),
        Shade(4, 5, 6),
        Shade(5, 7, None),
    ]


def test_a_line_is_broken_where_nothing_is_known():
    rates = [Fraction(9, 10), None, Fraction(1), Fraction(95, 100)]

    chart = rates_chart(SMALL, ["1", "2", "3", "4"], [Series("1", "x", rates)])

    (line,) = chart.lines
    assert line.path == "M52.5 80.0h0M102.5 12.0h0L127.5 46.0"
    assert line.marks == [(52.5, 80.0), (102.5, 12.0), (127.5, 46.0)]
    assert chart.scale == [(12.0, 100), (46.0, 95), (80.0, 90)]


def test_labels_of_equal_rates_stand_apart_and_a_rate_without_figures_has_no_line():
    same = [Series(kind, kind, [Fraction(1)]) for kind in "12"]

    chart = rates_chart(SMALL, ["1"], [*same, Series("3", "—", [None])])

    assert [line.label_y for line in chart.lines] == [12.0, 28.0, 44.0]
    assert chart.lines[2].path is None and not chart.is_empty


def test_one_figure_is_no_shape():
    assert spark([None, Fraction(1, 2)]) is None
    assert spark([]) is None


def test_the_page_and_the_paper_draw_the_same_map():
    found = late_map(BASE, FIGURES)
    on_page = str(environment("zh").get_template("macros/charts.html").module.late_map(found))

    on_paper = drawn("late_map", found, font="zh").decode()

    opening, _, rest = on_paper.partition(f' font-family="zh"><style>{looks()}</style>')
    assert f"{opening}>{rest}" == on_page.strip()


def test_paper_has_a_look_for_every_class_that_is_drawn_and_plain_colours_alone():
    rates = [Series(kind, kind, [Fraction(1)]) for kind in "123"]
    chart = rates_chart(Layout(140, 100, right=0, bars=20, marked=True), ["1"], rates, [5])
    found = late_map(BASE, FIGURES)
    svg = drawn("late_map", found, font="zh") + drawn("paper_legend", found, font="zh")
    svg += drawn("rates_chart", chart, "", font="zh")

    used = set(" ".join(CLASS.findall(svg.decode())).split()) - {"map", "trend"}
    ruled = set(RULE.findall(looks()))

    assert used <= ruled
    assert "var(" not in looks() and "px" not in looks()
    assert rgb("brand") == (13, 90, 94)


def test_the_looks_have_rules_for_one_class_alone_for_fpdf2_follows_no_others():
    selectors = re.findall(r"([^{}]+){", re.sub(r"/\*.*?\*/", "", looks(), flags=re.DOTALL))

    assert [one for one in selectors if not re.fullmatch(r"\s*\.[\w-]+\s*", one)] == []
