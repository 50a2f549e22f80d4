"""Each consequence is needed: switched off, a short history breaks a rule of domain.md §4.3.

At length the random city finds it by itself.
"""

from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.domain.city_time import MONDAY_TEN
from tests.domain.holding import Held
from tests.domain.test_invariants import City
from tests.domain.town import Town
from tests.domain.whistles import CALLER, CITY, DISPATCHER, HERE, INTAKE, RESIDENT
from tracker.commands.fields import Point
from tracker.commands.whistle.confiding import MarkConfidential
from tracker.commands.whistle.dispatching import Dispatch, Pool
from tracker.commands.whistle.overseeing import Correct
from tracker.commands.whistle.raising import Raise
from tracker.commands.whistle.triage import Classify
from tracker.domain.whistle.consequences import Consequences
from tracker.domain.whistle.soundness import Unsound

Story = Callable[[Town, UUID], None]


def by_two(town: Town, whistle: UUID, field: str, value: str) -> None:
    for actor in (INTAKE, CITY):
        town.give(Correct(field=field, value=value, reason="核实"), whistle, actor=actor)


def it_becomes_domestic_violence(town: Town, whistle: UUID) -> None:
    town.give(Dispatch(lead="U01"), whistle, actor=DISPATCHER)
    by_two(town, whistle, "category", "E0803")


def its_unit_ends(town: Town, whistle: UUID) -> None:
    town.give(Dispatch(lead="U01"), whistle, actor=DISPATCHER)
    town.change("unit", "U01", ended_on=town.now.date(), successor="U02")


def it_is_confidential_in_the_pool(town: Town, whistle: UUID) -> None:
    town.give(Pool(), whistle, actor=DISPATCHER)
    town.give(MarkConfidential(reason="涉及个人"), whistle, actor=CALLER)


def its_class_changes_at_work(town: Town, whistle: UUID) -> None:
    town.give(Dispatch(lead="U01"), whistle, actor=DISPATCHER)
    by_two(town, whistle, "sla_class", "U2")


def it_becomes_an_emergency(town: Town, whistle: UUID) -> None:
    by_two(town, whistle, "sla_class", "E1")


STORIES: dict[str, Story] = {
    "_draw_confidentiality": it_becomes_domestic_violence,
    "_draw_ended_units": its_unit_ends,
    "_draw_pool": it_is_confidential_in_the_pool,
    "_draw_class": its_class_changes_at_work,
    "_draw_emergency": it_becomes_an_emergency,
}


def told(story: Story) -> None:
    """The story happens to litter that was classified; after it all rules are looked at."""
    held = Held()
    town = Town(MONDAY_TEN, watch=held.see)
    where = Point(HERE.lat or 0, HERE.lon or 0)
    whistle = town.open(Raise(text="垃圾", category="E0101", location=where), actor=RESIDENT)
    town.give(Classify(category="E0101"), whistle.id, actor=INTAKE)
    story(town, whistle.id)
    held.after(town)


def switched_off(patch: pytest.MonkeyPatch, consequence: str) -> None:
    patch.setattr(Consequences, consequence, lambda whistle, city, at: None)


def test_there_is_a_story_for_each_consequence() -> None:
    assert set(STORIES) == {name for name in vars(Consequences) if name.startswith("_draw_")}


@pytest.mark.parametrize("consequence", STORIES)
def test_without_one_consequence_a_rule_is_broken(
    consequence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(STORIES[consequence])
    switched_off(monkeypatch, consequence)

    with pytest.raises((Unsound, AssertionError)):
        told(STORIES[consequence])


@pytest.mark.soak
@pytest.mark.parametrize("consequence", STORIES)
def test_without_one_consequence_the_random_city_breaks(
    consequence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    switched_off(monkeypatch, consequence)
    at_length = settings(
        max_examples=2000,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        report_multiple_bugs=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    with pytest.raises((Unsound, AssertionError)):
        run_state_machine_as_test(City, settings=at_length)
