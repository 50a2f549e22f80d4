"""The map of the grids: what its names may not hide."""

from api.pages.leader.charts import Shape, label_place

STREET = Shape("S", "文澜街道", "", 500, 400)


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
