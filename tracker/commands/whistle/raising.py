"""上报、补充、一起吹哨: the words with which a whistle begins, and those that are added to it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from tracker.commands.command import Given, Opening, kept_as
from tracker.commands.fields import (
    Code,
    Flag,
    Line,
    Location,
    Moment,
    Photos,
    Reporter,
    Text,
)
from tracker.commands.places import reported_place
from tracker.commands.spoken import Spoken
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.whistle_command import OnTheParent, WhistleCommand, worked_on
from tracker.directory import Directory
from tracker.domain.actors import Actor
from tracker.domain.city.catalogue import Category
from tracker.domain.errors import Invalid, Words
from tracker.domain.whistle.consequences import default_units
from tracker.domain.whistle.events import Suggestion
from tracker.domain.whistle.raising import Report
from tracker.domain.whistle.whistle import DIGITS, LETTER, Whistle, whistle_id
from tracker.routing import routing

DEFAULT_CLASS = "G4"  # domain.md §4.2: until the category is known


class UnknownUrgency(Invalid):
    """A reporter may choose only the codes of the SLA classes."""

    code = "whistle.unknown_urgency"
    field = "urgency"
    message = Words(zh="没有紧急程度 {urgency}", en="There is no urgency {urgency}")
    remedy = Words(zh="可选:{known}", en="Choose one of: {known}")


@dataclass(frozen=True, kw_only=True)
class Raise(Opening[Whistle]):
    """A report. `occurred_at` is the phone's own time, kept as evidence; `source` is on whose
    behalf a person with a duty raises it, None: on his own. `confidential`: the reporter asks that
    only those who must know read it. `again_of` is the number of a whistle that the same person
    reported and that is not solved."""

    name = "raise"
    label = Words("吹哨", "Raise a whistle")

    text: Text = ""
    title: Line | None = None
    category: Code | None = None
    urgency: Code | None = None
    location: Location | None = None
    photos: Photos = ()
    reporter: Reporter | None = None
    anonymous: Flag = False
    confidential: Flag = False
    occurred_at: Moment | None = None
    source: Literal["resident", "merchant", "property"] | None = None
    again_of: Line | None = None

    def stream(self, tracker: Tracker, number: str | UUID) -> UUID:
        return tracker.id_of(number)

    def name_stream(self, tracker: Tracker, actor: Actor, at: datetime) -> tuple[str, UUID]:
        number = tracker.next_number(LETTER, "whistle_number", DIGITS, at)
        return number, whistle_id(number)

    def speak(self, spoken: Spoken) -> None:
        spoken.say("text", self.text).say("title", self.title).show(self.photos)
        if self.reporter is not None and not self.anonymous:
            spoken.say("reporter", self.reporter.contact)
        if self.location is not None:
            spoken.say("address", self.location.address)

    def begin(self, number: str, given: Given) -> Whistle:
        """An emergency goes to its units at once. No account is needed."""
        whistle = self._raised(number, given)
        if self.again_of is not None:
            earlier = given.tracker.whistle(self.again_of)
            unsolved = worked_on(given.tracker, earlier)
            whistle.come_after(earlier, unsolved, actor=given.actor, at=given.at)
        return whistle

    def _raised(self, number: str, given: Given) -> Whistle:
        report = self._report(number, given)
        whistle: Whistle = Whistle.raise_(
            report,
            id=whistle_id(number),
            actor=given.actor,
            policy=given.policy,
            at=given.at,
            words=given.words,
            emergency_units=_emergency_units(given.city, report) if report.emergency else (),
        )
        return whistle

    def _closed_by(self, category: Category | None, given: Given) -> str | None:
        """Why it is confidential from the first moment (domain.md §4.4); None: it is not."""
        if category is not None and category.confidential:
            return "category"
        if self.confidential:
            return "reporter"
        return "words" if given.sensitive else None

    def _report(self, number: str, given: Given) -> Report:
        """The report, with its category: chosen by a person, or suggested from its words."""
        city = given.city
        if self.urgency and self.urgency not in city.policy.classes:
            raise UnknownUrgency(urgency=self.urgency, known=", ".join(city.policy.classes))
        words = f"{self.title or ''}\n{self.text}"
        suggestion = None if self.category else routing.suggest(city, words)
        category = _category(city, self.category, suggestion)
        suggested = "suggested" if category else None
        return Report(
            number=number,
            place=reported_place(city, self.location, given.at),
            category=category.code if category else None,
            category_source="chosen" if self.category else suggested,
            suggestion=suggestion,
            sla_class=self.urgency or (category.sla if category else DEFAULT_CLASS),
            urgency=self.urgency,
            confidential_basis=self._closed_by(category, given),
            source=self.source or given.actor.role,
            anonymous=self.anonymous,
            reporter=None if given.receipt else given.actor.account,
            receipt=given.receipt,
            occurred_at=self.occurred_at,
        )


def _category(city: Directory, chosen: str | None, guess: Suggestion | None) -> Category | None:
    if chosen:
        return city.current_category(chosen)
    return city.category(guess.category) if guess else None


def _emergency_units(city: Directory, report: Report) -> list[str]:
    """All default units, the lead first; without a category the units that the city chose."""
    return default_units(city, city.category(report.category) if report.category else None)


@dataclass(frozen=True, kw_only=True)
class Amend(OnTheParent):
    """Add words or photos. Earlier words stay as they are."""

    name = "amend"
    label = Words("补充", "Add words or photos")
    said = kept_as(text="text", photos="photo")
    guard = Whistle.may_amend

    text: Text | None = None
    photos: Photos = ()

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.amend(**given.by)


@dataclass(frozen=True, kw_only=True)
class Join(WhistleCommand):
    """One more reporter of the same problem."""

    name = "join"
    label = Words("一起吹哨", "Join as another reporter")
    guard = Whistle.may_join

    text: Text | None = None
    photos: Photos = ()
    reporter: Reporter | None = None

    def speak(self, spoken: Spoken) -> None:
        if self.reporter is not None:
            spoken.say("reporter", self.reporter.contact)
        spoken.say("text", self.text).show(self.photos)

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.join(receipt=given.receipt, **given.by)


COMMANDS = (Amend, Join)
