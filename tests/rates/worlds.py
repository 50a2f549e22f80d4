"""Random cities: many whistles, lived through the real commands, and questions about them."""

import random
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.domain.city_time import MONDAY_TEN, SHANGHAI
from tests.projections.histories import KINDS, Step, Street
from tracker.domain.whistle.events import Event

MINUTES = (1, 5, 30, 120, 600, 1440, 4000)
CATEGORIES = [category for category in KINDS if category]  # they move from major to major
MAJORS = ["C01", "E01", "E05", "E06"]


def streets(chance: random.Random, count: int, first: int) -> list[list[Event]]:
    """That many histories of up to three whistles each, begun on different days."""
    made = []
    for n in range(count):
        size = chance.randint(1, 3)
        start = MONDAY_TEN + timedelta(minutes=chance.randrange(40 * 1440))
        kinds = [chance.randrange(5) for _ in range(size)]
        steps = [
            Step(
                chance.randrange(size),
                chance.choice(MINUTES),
                chance.randrange(1000),
                chance.randrange(60),
            )
            for _ in range(chance.randint(8, 40))
        ]
        made.append(Street(kinds, start, first=first + 10 * n).live(steps))
    return made


def log_of(chance: random.Random, lives: list[list[Event]]) -> list[Event]:
    """In order of time, but for a few histories that arrive late, as an import's do."""
    late = [life for life in lives if chance.random() < 0.2]
    soon = [life for life in lives if life not in late]
    order = []
    for group in (soon, late):
        together = [pair for life in group for pair in _in_order(life)]
        order += [event for _, event in sorted(together, key=lambda pair: pair[0])]
    return order


def _in_order(life: list[Event]) -> list[tuple[datetime, Event]]:
    """Each event with its moment, or with a later one that its own stream has told before it: what
    an annulment brings anew stands behind it."""
    told: dict[UUID, datetime] = {}
    found = []
    for event in life:
        latest = max(event.timestamp, told.get(event.originator_id, event.timestamp))
        told[event.originator_id] = latest
        found.append((latest, event))
    return found


def scopes(log: list[tuple[int, Any]]) -> list[str]:
    """Everything that the histories name, and something that they do not."""
    found = {"city", "post:CP28", "unit:U09", *(f"category:{major}" for major in MAJORS)}
    for _, event in log:
        place, category = getattr(event, "place", None), getattr(event, "category", None)
        if place is not None:
            found |= {f"street:{place.street}", f"post:{place.post}", f"grid:{place.grid}"}
        if category:
            found |= {f"category:{category}", f"category:{category[:-2]}"}
        for task in (getattr(event, "lead", None), getattr(event, "assignment", None)):
            if hasattr(task, "unit"):
                found.add(f"unit:{task.unit}")
    return sorted(found)


def period(chance: random.Random) -> tuple[date, date]:
    """Whole months, which counters of months answer, or any days."""
    first = MONDAY_TEN.date() + timedelta(days=chance.randrange(-3, 60))
    if chance.random() < 0.5:
        return first.replace(day=1), _first_of_month(first, chance.choice((1, 1, 1, 3)))
    return first, first + timedelta(days=chance.choice((1, 2, 7, 31, 90)))


def _first_of_month(day: date, months_later: int) -> date:
    return date(day.year, day.month + months_later, 1)


def moment(chance: random.Random, log: list[tuple[int, Any]]) -> tuple[str, datetime, int | None]:
    """As people write it, as a moment, and as a position of the log where it is one."""
    position, event = chance.choice(log)
    match chance.randrange(4):
        case 0:
            return event.timestamp.isoformat(), event.timestamp, None
        case 1:
            day = event.timestamp.astimezone(SHANGHAI).date()
            start = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
            return day.isoformat(), start, None
        case 2:
            at = max((e.timestamp, p) for p, e in log)[0] + timedelta(days=1)
            return at.isoformat(), at, None
    return str(position), event.timestamp, position
