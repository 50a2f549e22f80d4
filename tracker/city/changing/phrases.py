"""Facts that a sentence says in the reader's language: a limit, working hours."""

from collections.abc import Mapping
from dataclasses import dataclass

from tracker.domain.city.policy import WorkingHours
from tracker.domain.errors import Words
from tracker.domain.promises.sla_classes import Duration


@dataclass(frozen=True)
class Phrase:
    """A fact with words of its own in both languages; `Words.say` puts them in."""

    words: Words


UNITS: Mapping[str, Words] = {
    "natural_minutes": Words("分钟", "minutes"),
    "natural_hours": Words("小时", "hours"),
    "working_hours": Words("工作小时", "working hours"),
    "working_days": Words("工作日", "working days"),
}


def limit_in_words(limit: Duration) -> Phrase:
    unit = UNITS[limit.unit]
    return Phrase(Words(f"{limit.value} {unit.zh}", f"{limit.value} {unit.en}"))


def hours_in_words(hours: WorkingHours) -> str:
    return " ".join(f"{start}–{end}" for start, end in hours.intervals)
