"""一起吹哨: finds open whistles of the same kind nearby, and lets a reporter join one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import ConfigDict

from tracker.commands.command import Given
from tracker.commands.fields import (
    NOTHING_ELSE,
    Code,
    Flag,
    Line,
    Location,
    Photos,
    Reporter,
    Text,
)
from tracker.commands.spoken import Spoken
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.whistle_command import WhistleCommand
from tracker.domain.errors import NotFound, Words
from tracker.domain.whistle.whistle import Whistle
from tracker.routing import routing
from tracker.suggesting.nearby import Near
from tracker.suggesting.suggesting import duplicates


class NotNearby(NotFound):
    """Closed in the meantime, or never offered. Which of the two is not revealed."""

    code = "nearby.gone"
    message = Words(zh="这一件已不在附近的待办里", en="This one is no longer open nearby")
    remedy = Words(zh="请作为新的一件吹哨", en="Raise yours as a new one")


@dataclass(frozen=True, kw_only=True)
class NearbyQuery:
    """What is known before a report is sent, to find open whistles of the same problem."""

    __pydantic_config__: ClassVar[ConfigDict] = NOTHING_ELSE

    text: Text = ""
    category: Code | None = None
    location: Location | None = None


def near(tracker: Tracker, query: NearbyQuery, at: datetime) -> Sequence[Near]:
    """Open whistles of the chosen kind, else of the kind that the words suggest."""
    city, code = tracker.city, query.category
    suggestion = None if code else routing.suggest(city, query.text)
    code = suggestion.category if suggestion else code
    if code is None:
        return ()
    return duplicates(tracker, city.current_category(code), query.location, at)


@dataclass(frozen=True, kw_only=True)
class JoinNearby(WhistleCommand):
    """Join one of the whistles that were offered for the same place and category."""

    name = "join"
    label = Words("一起吹哨", "Join as another reporter")
    guard = Whistle.may_join

    text: Text = ""
    category: Code | None = None
    location: Location | None = None
    number: Line
    photos: Photos = ()
    reporter: Reporter | None = None
    anonymous: Flag = False

    def load(self, tracker: Tracker, number: str | UUID) -> Whistle:
        return tracker.load(Whistle, tracker.id_of(number), NotNearby(number=self.number))

    def speak(self, spoken: Spoken) -> None:
        if self.reporter is not None:
            spoken.say("reporter", self.reporter.contact)
        spoken.say("text", self.text).show(self.photos)

    def decide(self, aggregate: Whistle, given: Given) -> None:
        query = NearbyQuery(text=self.text, category=self.category, location=self.location)
        offered = near(given.tracker, query, given.at)
        if aggregate.number not in {one.whistle.number for one in offered}:
            raise NotNearby(number=self.number)
        aggregate.join(receipt=given.receipt, **given.by)
