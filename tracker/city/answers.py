"""答复模板 (answer templates): those of the product, and those that units add for themselves."""

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import cache
from pathlib import Path

from eventsourcing.persistence import RecordConflictError

from tracker.city.registering import amend
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.actors import Actor
from tracker.domain.city.answers import (
    LONGEST_NAME,
    LONGEST_TEXT,
    STEPS,
    Answer,
    AnswerEntry,
    AnswerNotWhole,
    NotYourAnswer,
    UnknownStep,
)


@cache
def packaged() -> tuple[Answer, ...]:
    """The templates that every unit has; their `unit` is empty."""
    file = json.loads(Path(__file__).with_name("answers.json").read_text(encoding="utf-8"))
    return tuple(
        Answer(code=f"S{n:02d}", unit="", **one) for n, one in enumerate(file["answers"], 1)
    )


def answers_of(city: Directory, unit: str) -> Sequence[Answer]:
    """The unit's own templates, the newest first, then those of the product."""
    own = [a for a in city.registers["answer"].values() if a.unit == unit and a.ended_on is None]
    return [*reversed(own), *packaged()]


def keep_answer(tracker: Tracker, answer: Answer, at: datetime, actor: Actor) -> None:
    """Add the template to its unit's. A code that is there already adds nothing.

    Raises AnswerNotWhole, UnknownStep or UnknownCategory.
    """
    if not 0 < len(answer.name) <= LONGEST_NAME or not 0 < len(answer.text) <= LONGEST_TEXT:
        raise AnswerNotWhole(name=LONGEST_NAME, text=LONGEST_TEXT)
    if answer.step not in STEPS:
        raise UnknownStep(given=answer.step)
    if answer.category and answer.category not in tracker.city.registers["major"]:
        tracker.city.category(answer.category)
    with suppress(RecordConflictError):  # the same form arrived twice
        tracker.save(AnswerEntry.add(answer, at, actor))
    tracker.directory.refresh()


def end_answer(tracker: Tracker, code: str, at: datetime, today: date, actor: Actor) -> None:
    """Offer the template no longer from today on. Raises NotYourAnswer for another unit's."""
    found = tracker.directory.refresh().registers["answer"].get(code)
    if found is None or found.unit != actor.unit:
        raise NotYourAnswer(given=code)
    amend(tracker, AnswerEntry, code, lambda entry: entry.end(today, at, actor))
