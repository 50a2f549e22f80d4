"""Suggests category, lead unit and possible duplicates from words and a place. Decides nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.commands.fields import Location
from tracker.commands.places import reported_place
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.raising import DEFAULT_CLASS
from tracker.directory import Directory
from tracker.domain.city.catalogue import Category
from tracker.domain.errors import Words
from tracker.routing import routing
from tracker.suggesting.nearby import Near, nearby
from tracker.words.masking import masked

BEST = 3
DUPLICATES = 10
BY_WORDS = Words(
    "类别 {category} → 主责 {lead}；词“{words}”",
    "Category {category} → lead {lead}; words “{words}”",
)
BY_CATEGORY = Words("类别 {category} → 主责 {lead}", "Category {category} → lead {lead}")
BY_RETURN = Words("退单裁定建议 → 主责 {lead}", "Suggested with the return → lead {lead}")


@dataclass(frozen=True)
class Scored:
    """A category, and its share of all keyword characters in the text. The shares of the best ones
    add up to 1 at most."""

    code: str
    score: float


@dataclass(frozen=True)
class Suggested:
    """Suggestions only, nothing is decided. `lead_unit` None: the text has no keyword."""

    categories: Sequence[Scored]
    lead_unit: str | None
    urgency: str
    duplicates: Sequence[Near]
    masked_text: str


def suggest(tracker: Tracker, text: str, location: Location | None, at: datetime) -> Suggested:
    """Refuses a point outside the city, as `raise` does."""
    city = tracker.city
    matches = routing.ranked(city, text)
    whole = sum(match.characters for match in matches)
    scored = [Scored(match.code, round(match.characters / whole, 3)) for match in matches[:BEST]]
    best = city.category(scored[0].code) if scored else None
    return Suggested(
        scored,
        best.lead_unit if best else None,
        best.sla if best else DEFAULT_CLASS,
        duplicates(tracker, best, location, at) if best else (),
        masked(text),
    )


def duplicates(
    tracker: Tracker, category: Category, location: Location | None, at: datetime
) -> Sequence[Near]:
    """Open whistles of the same kind at the place. None for a confidential category."""
    if location is None or category.confidential:
        return ()
    place, address = reported_place(tracker.city, location, at), location.address
    with tracker.connection() as connection:
        family = tracker.city.minors_of(category.major)
        found = nearby(connection, family, place, at=at, address=address, category=category.code)
    return found[:DUPLICATES]


def why(
    city: Directory, language: str, category: Category, keywords: Sequence[str], lead: str
) -> str:
    """Why this unit is suggested as lead, in one line: category and keywords, or a return."""
    facts = {
        "category": f"{category.code} {category.name}",
        "lead": city.unit(lead).short,
        "words": "、".join(keywords),
    }
    if lead != category.lead_unit:
        return BY_RETURN.say(language, facts)
    return (BY_WORDS if keywords else BY_CATEGORY).say(language, facts)
