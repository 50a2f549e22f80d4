"""What holds of every whistle after every command (domain.md §4.3, invariants 1, 2, 11 and 13).

A decision that would break one of these is refused and told, never stored: a defect of the product
must not become a fact of the city.
"""

from collections.abc import Iterator

from tracker.domain.city.catalogue import Category
from tracker.domain.errors import Conflict, Words
from tracker.domain.promises.clocks import EMERGENCY, ClockKind
from tracker.domain.promises.sla_classes import POOLABLE_CLASSES
from tracker.domain.whistle.assignment import Assignment
from tracker.domain.whistle.consequences import DONE, CityFacts, Consequences
from tracker.domain.whistle.states import State, from_to

LEADERLESS = from_to(State.RAISED, State.POOLED)
LED = (*from_to(State.CLAIMED, State.IN_PROGRESS), State.SUSPENDED)


class Unsound(Conflict):
    """The product would have broken one of its own rules; nothing was recorded."""

    code = "whistle.unsound"
    message = Words(
        zh="系统自检未通过，{number} 没有改动（{rules}）",
        en="The tracker refused its own result and left {number} as it was ({rules})",
    )
    remedy = Words(
        zh="请把编号和这句话告诉管理员",
        en="Tell the administrator the number and this sentence",
    )


def broken_rules(whistle: Consequences, city: CityFacts) -> list[str]:
    """The names of the rules that do not hold of it, in a fixed order; none: it is sound."""
    return list(_broken(whistle, city))


def assert_sound(whistle: Consequences, city: CityFacts, before: list[str]) -> None:
    """Raises Unsound for a rule that held before: the rules that did not hold are `before`."""
    newly = [rule for rule in broken_rules(whistle, city) if rule not in before]
    if newly:
        raise Unsound(number=whistle.number, rules=", ".join(newly))


def _broken(whistle: Consequences, city: CityFacts) -> Iterator[str]:
    category = city.category(whistle.category) if whistle.category else None
    if category is not None and category.confidential and not whistle.confidential:
        yield "confidential_category"
    if whistle.is_terminal:
        if any(clock.running for clock in whistle.clocks.values()):
            yield "ended_with_running_clock"
        return
    if not any(clock.running for clock in whistle.clocks.values()):
        yield "silent"
    if whistle.state not in (State.SUSPENDED, *DONE) and _held_for_nothing(whistle):
        yield "held_for_nothing"
    if whistle.state is State.POOLED and not _may_lie_in_the_pool(whistle, category):
        yield "pooled_though_barred"
    if not _emergency_is_answered(whistle):
        yield "emergency_unanswered"
    leads = sum(part.leads for part in whistle.assignments)
    if (whistle.state in LED and leads != 1) or (whistle.state in LEADERLESS and leads):
        yield "one_lead"
    yield from _broken_of_units(whistle, city)


def _held_for_nothing(whistle: Consequences) -> bool:
    """Whether the resolve clock stands still although nobody is waited for."""
    resolve, answer = whistle.clocks[ClockKind.RESOLVE], whistle.clocks.get(ClockKind.ANSWER)
    waits = answer is not None and answer.running
    return resolve.stopped_at is None and resolve.held_at is not None and not waits


def _may_lie_in_the_pool(whistle: Consequences, category: Category | None) -> bool:
    poolable = category is not None and category.poolable
    return poolable and not whistle.confidential and whistle.sla_class in POOLABLE_CLASSES


def _emergency_is_answered(whistle: Consequences) -> bool:
    if whistle.sla_class != EMERGENCY or whistle.state in DONE:
        return True
    control = whistle.clocks.get(ClockKind.CONTROL)
    runs = control is not None and control.running
    return whistle.lead is not None and (runs or whistle.controlled_at is not None)


def _broken_of_units(whistle: Consequences, city: CityFacts) -> Iterator[str]:
    current = [part for part in whistle.assignments if part.current]
    if any(city.unit(part.unit).ended_on is not None for part in current):
        yield "unit_has_ended"
    remembered = (whistle.pool_lead, *whistle.pool_co) if whistle.state is State.POOLED else ()
    if any(unit and city.unit(unit).ended_on is not None for unit in remembered):
        yield "pool_unit_has_ended"
    if any(_of_another_class(whistle, part) for part in current):
        yield "unit_clock_of_another_class"


def _of_another_class(whistle: Consequences, part: Assignment) -> bool:
    clock = whistle.clocks.get(f"{ClockKind.RESPOND}:{part.unit}")
    counts = clock is not None and clock.running and not clock.missed_by(whistle.modified_on)
    return counts and part.sla_class not in (None, whistle.sla_class)
