"""一线指挥部: command posts, the grids they hold, who is appointed there, and who acts today."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from tracker.domain.actors import Actor
from tracker.domain.city.entries import (
    Added,
    Changed,
    CodedValue,
    Ended,
    EndingEntry,
    Event,
    Restored,
)
from tracker.domain.errors import Conflict, Invalid, Words

COMMANDER = "commander"
DEPUTIES = ("deputy_subdistrict", "deputy_bureau")  # the order in which they stand in
CADRE = "cadre"


class PostKind(StrEnum):
    """A SUBDISTRICT post takes what is escalated; a SPECIAL_AREA post goes before its community."""

    COMMUNITY = "community"
    SUBDISTRICT = "subdistrict"
    SPECIAL_AREA = "special_area"


@dataclass(frozen=True)
class Territory:
    """The grids of a post from that day on, until a later territory begins."""

    first: date
    grids: tuple[str, ...]


@dataclass(frozen=True)
class Appointment:
    """`holder` is a code of the roster or of an office, never a person's name."""

    role: str
    holder: str
    unit: str  # that sent the holder; "" for one of the post's own
    first: date
    until: date | None = None  # the first day no longer in office

    def holds(self, on: date) -> bool:
        return self.first <= on and (self.until is None or on < self.until)


@dataclass(frozen=True)
class Absence:
    """The holder is away from `first` until before `until`."""

    holder: str
    first: date
    until: date


@dataclass(frozen=True, kw_only=True)
class CommandPost(CodedValue):
    kind: PostKind
    street: str
    valid_from: date
    community: str = ""
    overrides: bool = False  # its grids are taken from the community's post
    escalation_only: bool = False  # never gets a grid
    deputies: tuple[str, ...] = DEPUTIES
    territories: tuple[Territory, ...] = ()
    appointments: tuple[Appointment, ...] = ()
    absences: tuple[Absence, ...] = ()

    def stands(self, on: date) -> bool:
        return self.valid_from <= on and (self.ended_on is None or on < self.ended_on)

    def grids(self, on: date) -> tuple[str, ...]:
        """The grids it holds on that day; of two that begin on one day, those recorded last."""
        begun = [found for found in reversed(self.territories) if found.first <= on]
        return max(begun, key=lambda territory: territory.first).grids if begun else ()

    def acting_commander(self, on: date) -> Appointment | None:
        """The commander, or the first deputy in order who is in office and not away."""
        for role in (COMMANDER, *self.deputies):
            for appointment in self.appointments:
                if appointment.role == role and self._on_duty(appointment, on):
                    return appointment
        return None

    def away(self, holder: str, on: date) -> Absence | None:
        """The absence that keeps the holder from office on that day."""
        return next(
            (a for a in self.absences if a.holder == holder and a.first <= on < a.until), None
        )

    def absences_from(self, day: date) -> tuple[Absence, ...]:
        """The absences that are not over on that day, future ones included."""
        return tuple(a for a in self.absences if a.until > max(day, a.first))

    def _on_duty(self, appointment: Appointment, on: date) -> bool:
        return appointment.holds(on) and self.away(appointment.holder, on) is None


class PostAdded(Added[CommandPost]):
    TOPIC: ClassVar[str] = "city.post_added"
    entry: CommandPost


class PostChanged(Changed[CommandPost]):
    TOPIC: ClassVar[str] = "city.post_changed"
    name: str | None = None
    kind: PostKind | None = None
    street: str | None = None
    community: str | None = None
    valid_from: date | None = None
    overrides: bool | None = None
    escalation_only: bool | None = None
    deputies: tuple[str, ...] | None = None


class PostRedrawn(Event[CommandPost]):
    """Other grids from the day `first`; whistles of earlier days keep the post of their day."""

    TOPIC: ClassVar[str] = "city.post_redrawn"
    first: date
    grids: tuple[str, ...]

    def change(self, before: CommandPost) -> CommandPost:
        territory = Territory(self.first, self.grids)
        return replace(before, territories=(*before.territories, territory))


class PostAppointed(Event[CommandPost]):
    """Somebody holds an office of the post."""

    TOPIC: ClassVar[str] = "city.post_appointed"
    appointment: Appointment

    def change(self, before: CommandPost) -> CommandPost:
        return replace(before, appointments=(*before.appointments, self.appointment))


class PostRelieved(Event[CommandPost]):
    """The holder's office ends before the day `on`."""

    TOPIC: ClassVar[str] = "city.post_relieved"
    office: str
    holder: str
    on: date

    def change(self, before: CommandPost) -> CommandPost:
        return replace(
            before,
            appointments=tuple(
                replace(held, until=self.on)
                if (held.role, held.holder, held.until) == (self.office, self.holder, None)
                else held
                for held in before.appointments
            ),
        )


class PostAbsenceNoted(Event[CommandPost]):
    """Somebody of the post is away; meanwhile the deputies stand in, in their order."""

    TOPIC: ClassVar[str] = "city.post_absence_noted"
    absence: Absence

    def change(self, before: CommandPost) -> CommandPost:
        return replace(before, absences=(*before.absences, self.absence))


class PostAbsenceEnded(Event[CommandPost]):
    """Back in office from the day `on`, as was noted or earlier."""

    TOPIC: ClassVar[str] = "city.post_absence_ended"
    holder: str
    on: date

    def change(self, before: CommandPost) -> CommandPost:
        return replace(
            before,
            absences=tuple(
                replace(away, until=self.on) if _cut_short(away, self.holder, self.on) else away
                for away in before.absences
            ),
        )


def _cut_short(away: Absence, holder: str, on: date) -> bool:
    return away.holder == holder and away.first <= on < away.until


class PostEnded(Ended[CommandPost]):
    TOPIC: ClassVar[str] = "city.post_ended"


class PostRestored(Restored[CommandPost]):
    TOPIC: ClassVar[str] = "city.post_restored"


class PostEntry(EndingEntry[CommandPost]):
    TOPIC = "city.post"
    kind = "post"
    added, changed, ended, restored = PostAdded, PostChanged, PostEnded, PostRestored

    def revise(self, wanted: CommandPost, today: date, at: datetime, actor: Actor) -> None:
        """Its grids and offices change too, from today on; the former ones stay readable."""
        super().revise(wanted, today, at, actor)
        self.redraw(wanted.grids(today), today, at, actor)
        self.staff(wanted.appointments, today, at, actor)

    def redraw(self, grids: tuple[str, ...], first: date, at: datetime, actor: Actor) -> None:
        """Give it these grids from the day `first` on."""
        if self.entry.grids(first) != grids:
            self.record(PostRedrawn, at, actor, first=first, grids=grids)

    def appoint(self, appointment: Appointment, at: datetime, actor: Actor) -> None:
        """Put somebody into an office; one who holds it already is not appointed twice."""
        if not any(
            (held.role, held.holder) == (appointment.role, appointment.holder)
            and held.holds(appointment.first)
            for held in self.entry.appointments
        ):
            self.record(PostAppointed, at, actor, appointment=appointment)

    def relieve(self, office: str, holder: str, on: date, at: datetime, actor: Actor) -> None:
        """End somebody's office before the day `on`."""
        if not any(
            (held.role, held.holder, held.until) == (office, holder, None)
            for held in self.entry.appointments
        ):
            raise NotInOffice(post=self.entry.name, office=office, holder=holder)
        self.record(PostRelieved, at, actor, office=office, holder=holder, on=on)

    def note_absence(self, absence: Absence, at: datetime, actor: Actor) -> None:
        if not any(held.holder == absence.holder for held in self.entry.appointments):
            raise NotInOffice(post=self.entry.name, office="", holder=absence.holder)
        if absence.until <= absence.first:
            raise AbsenceEndsBeforeItBegins(first=absence.first, until=absence.until)
        self.record(PostAbsenceNoted, at, actor, absence=absence)

    def end_absence(self, holder: str, on: date, at: datetime, actor: Actor) -> None:
        """Back from the day `on`. Raises NotAway for somebody who is not away then."""
        if not any(_cut_short(away, holder, on) for away in self.entry.absences):
            raise NotAway(post=self.entry.name, holder=holder)
        self.record(PostAbsenceEnded, at, actor, holder=holder, on=on)

    def staff(self, wanted: Iterable[Appointment], today: date, at: datetime, actor: Actor) -> None:
        """Bring the offices to the roster: appoint who is new on it, relieve who is not on it."""
        roster = {(held.role, held.holder): held for held in wanted}
        for held in self.entry.appointments:
            if held.until is None and (held.role, held.holder) not in roster:
                self.relieve(held.role, held.holder, today, at, actor)
        for appointment in roster.values():
            self.appoint(appointment, at, actor)


class NotInOffice(Invalid):
    """Only somebody who holds an office can be relieved of it or be away from it."""

    code = "post.not_in_office"
    field = "holder"
    message = Words(zh="{holder} 不在 {post} 任职", en="{holder} holds no office at {post}")
    remedy = Words(zh="请核对任职名册", en="Check the roster of the post")


class NotAway(Conflict):
    """Only somebody who is away can come back."""

    code = "post.not_away"
    message = Words(zh="{holder} 当天没有离岗记录", en="{holder} is not away on that day")
    remedy = Words(zh="请刷新值守表再看", en="Reload the roster and look again")


class AbsenceEndsBeforeItBegins(Invalid):
    code = "post.absence_ends_before_it_begins"
    field = "until"
    message = Words(
        zh="回岗日 {until} 不能早于离岗日 {first}", en="Back on {until}, before {first}"
    )
    remedy = Words(zh="回岗日须晚于离岗日", en="Choose a later day")


class UnknownPost(Invalid):
    """No command post has that code."""

    code = "post.unknown"
    field = "post"
    message = Words(zh="没有代码为 {given} 的指挥部", en="No command post has the code {given}")
    remedy = Words(zh="请在指挥部目录中选择", en="Choose one from the directory of posts")
