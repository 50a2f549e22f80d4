"""保密与并案: a parent and its children are confidential together (domain.md §4.5)."""

from uuid import UUID

import pytest

from tests.domain.city_time import MONDAY_TEN
from tests.domain.town import Town
from tests.domain.whistles import CALLER, CITY, COMMANDER, HERE, INTAKE, RESIDENT
from tracker.commands.fields import Point
from tracker.commands.whistle.confiding import MarkConfidential, UnmarkConfidential
from tracker.commands.whistle.overseeing import Correct
from tracker.commands.whistle.raising import Raise
from tracker.commands.whistle.triage import Classify, Merge
from tracker.domain.whistle.refusals.confiding import ConfidentialCategory, ParentIsConfidential

OPEN_AGAIN = UnmarkConfidential(reason="核实过")


def family() -> tuple[Town, UUID, UUID]:
    """A town, a child in it and its parent."""
    town, here = Town(MONDAY_TEN), Point(HERE.lat or 0, HERE.lon or 0)
    for _ in range(2):
        told = Raise(text="垃圾", category="E0101", location=here)
        whistle = town.open(told, actor=RESIDENT)
        town.give(Classify(category="E0101"), whistle.id, actor=INTAKE)
    child, parent = town.live
    town.give(Merge(into=town.live[parent].number), child, actor=INTAKE)
    return town, child, parent


def test_a_child_is_not_opened_while_its_parent_is_confidential() -> None:
    town, child, parent = family()
    town.give(MarkConfidential(reason="涉及个人"), child, actor=CALLER)
    assert town.live[parent].confidential and town.live[child].confidential

    with pytest.raises(ParentIsConfidential):
        town.give(OPEN_AGAIN, child, actor=COMMANDER)

    for actor in (COMMANDER, CITY):
        town.give(OPEN_AGAIN, parent, actor=actor)
    assert not town.live[parent].confidential and town.live[child].confidential

    for actor in (COMMANDER, CITY):
        town.give(OPEN_AGAIN, child, actor=actor)
    assert not town.live[child].confidential


def test_a_childs_category_that_becomes_confidential_closes_its_parent_too() -> None:
    town, child, parent = family()
    town.give(Correct(field="category", value="E0104", reason="核实"), child, actor=INTAKE)
    town.give(Correct(field="category", value="E0104", reason="核实"), child, actor=CITY)

    town.change("category", "E0104", confidential=True)

    assert town.live[child].confidential and town.live[parent].confidential

    with pytest.raises(ConfidentialCategory):
        town.give(OPEN_AGAIN, parent, actor=COMMANDER)
