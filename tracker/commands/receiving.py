"""Receiving a whistle: raise, amend, join; where it is, what it is, whether it is one of many.

See `application` for what all commands have in common.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Unpack
from uuid import UUID

from tracker.commands.deciding import Common, Deciding, Done, WordsNeeded
from tracker.domain.actors import Actor
from tracker.domain.city.catalogue import Category
from tracker.domain.errors import Invalid, Words
from tracker.domain.whistle.events import Place, Suggestion
from tracker.domain.whistle.raising import Report
from tracker.domain.whistle.refusals.merging import CannotMerge
from tracker.domain.whistle.whistle import Whistle, whistle_id
from tracker.eventstore.contents import read_words
from tracker.eventstore.idempotency import IdempotencyRecord
from tracker.routing import routing

DEFAULT_CLASS = "G4"  # domain.md §4.2: until the category is known


@dataclass(frozen=True)
class Point:
    """A point from a phone; `crs` is WGS84 or GCJ02. `address` is what the person adds to it."""

    lat: float
    lon: float
    accuracy_m: float | None = None
    crs: str = "WGS84"
    address: str | None = None


@dataclass(frozen=True)
class GridRef:
    grid: str
    address: str | None = None


@dataclass(frozen=True)
class Address:
    address: str


Location = Point | GridRef | Address


class UnknownUrgency(Invalid):
    """What a reporter may choose are the codes of the SLA classes."""

    code = "whistle.unknown_urgency"
    field = "urgency"
    message = Words(zh="没有紧急程度 {urgency}", en="There is no urgency {urgency}")
    remedy = Words(zh="可选:{known}", en="Choose one of: {known}")


# Served by no index: a sequence hands out numbers, and nobody waits for anybody.
NEXT_NUMBER = "SELECT nextval('whistle_number')"


class Receiving(Deciding):
    """From the first word to the end of triage."""

    def raise_whistle(
        self,
        *,
        actor: Actor,
        at: datetime,
        text: str | None = None,
        title: str | None = None,
        category: str | None = None,
        urgency: str | None = None,
        location: Location | None = None,
        photos: Sequence[UUID] = (),
        reporter: dict[str, str] | None = None,
        anonymous: bool = False,
        occurred_at: datetime | None = None,
        source: str | None = None,
        receipt_hash: str | None = None,
        idempotency: IdempotencyRecord | None = None,
    ) -> Done:
        """Register a report; an emergency goes to its units at once. No account is needed."""
        number = self.next_number(at)
        said = self.spoken(number).say("text", text).say("title", title).show(photos)
        if not anonymous:
            said.say("reporter", reporter)
        if location is not None:
            said.say("address", location.address)
        report = self._report(
            number,
            text=f"{title or ''}\n{text or ''}",
            category=category,
            urgency=urgency,
            place=self.place(location, at),
            source=source or actor.role,
            anonymous=anonymous,
            reporter=None if receipt_hash else actor.account,
            receipt=receipt_hash,
            occurred_at=occurred_at,
        )
        whistle = Whistle.raise_(
            report,
            id=whistle_id(number),
            actor=actor,
            policy=self.city.policy,
            at=at,
            words=said.refs,
            emergency_units=self._emergency_units(report.category) if report.emergency else (),
        )
        return Done(whistle, self._append(whistle, said=said, idempotency=idempotency))

    def next_number(self, at: datetime) -> str:
        """A new number such as W-261123-000123: the city's date, then a running count."""
        with self.connection() as connection:
            row = connection.execute(NEXT_NUMBER).fetchone()
        assert row is not None
        day = at.astimezone(self.city.policy.calendar.timezone)
        return f"W-{day:%y%m%d}-{row[0]:06d}"

    def _report(
        self,
        number: str,
        *,
        text: str,
        category: str | None,
        urgency: str | None,
        place: Place,
        **facts: Any,
    ) -> Report:
        """What is reported, with its category: chosen by a person, or suggested by its words."""
        city = self.city
        if urgency and urgency not in city.policy.classes:
            raise UnknownUrgency(urgency=urgency, known=", ".join(city.policy.classes))
        suggestion = None if category else routing.suggest(city, text)
        found = city.current_category(category) if category else self._suggested(suggestion)
        by_default = found.sla if found else DEFAULT_CLASS
        suggested = "suggested" if found else None
        return Report(
            number=number,
            place=place,
            category=found.code if found else None,
            category_source="chosen" if category else suggested,
            suggestion=suggestion,
            sla_class=urgency or by_default,
            urgency=urgency,
            confidential=found.confidential if found else False,
            **facts,
        )

    def _suggested(self, suggestion: Suggestion | None) -> Category | None:
        return self.city.category(suggestion.category) if suggestion else None

    def _emergency_units(self, category: str | None) -> list[str]:
        """Every default unit, the lead first; without a category the city's own choice."""
        if category is None:
            lead, co = self.city.emergency_default
        else:
            found = self.city.current_category(category)
            lead, co = found.lead_unit, found.co_units
        return list(dict.fromkeys([lead, *co]))

    def place(self, location: Location | None, at: datetime) -> Place:
        """Where that is, in the plan of the day; unknown when only an address is given."""
        on = at.astimezone(self.city.policy.calendar.timezone).date()
        match location:
            case Point(lat=lat, lon=lon, accuracy_m=accuracy, crs=crs):
                found = routing.locate(self.city, lat, lon, crs, on)
                return replace(found, accuracy_m=accuracy)
            case GridRef(grid=grid):
                return routing.place_of_grid(self.city, grid, on)
        return Place()

    def amend(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        text: str | None = None,
        photos: Sequence[UUID] = (),
        **common: Unpack[Common],
    ) -> Done:
        said = self.spoken(number).say("text", text).show(photos)
        return self._do(number, Whistle.amend, actor=actor, at=at, said=said, **common)

    def join(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        reporter: dict[str, str] | None = None,
        text: str | None = None,
        photos: Sequence[UUID] = (),
        receipt_hash: str | None = None,
        **common: Unpack[Common],
    ) -> Done:
        """`receipt_hash` for somebody without an account, who gets a receipt of their own."""
        said = self.spoken(number).say("reporter", reporter).say("text", text).show(photos)
        too = partial(Whistle.join, receipt=receipt_hash)
        return self._do(number, too, actor=actor, at=at, said=said, **common)

    def locate(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        lat: float | None = None,
        lon: float | None = None,
        crs: str = "WGS84",
        grid: str | None = None,
        **common: Unpack[Common],
    ) -> Done:
        """By point or by grid; the plan of the day on which it was registered answers."""
        where: Location
        if grid is not None:
            where = GridRef(grid)
        elif lat is not None and lon is not None:
            where = Point(lat, lon, crs=crs)
        else:
            raise WordsNeeded(name="lat, lon / grid")
        return self._act(
            number,
            lambda w, t: w.locate(self.place(where, w.registered_at), actor=actor, at=t),
            at=at,
            **common,
        )

    def classify(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        category: str,
        sla_class: str | None = None,
        reason: str | None = None,
        **common: Unpack[Common],
    ) -> Done:
        policy = self.city.policy
        chosen = policy.sla_class(sla_class).code if sla_class else None
        said = self.spoken(number).say("reason", reason)
        fix = partial(Whistle.classify, policy=policy, sla_class=chosen)
        found = self.city.current_category(category)
        return self._do(number, fix, found, actor=actor, at=at, said=said, **common)

    def self_resolve(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        before: Sequence[UUID],
        after: Sequence[UUID],
        note: str | None = None,
        **common: Unpack[Common],
    ) -> Done:
        said = self.spoken(number).show(before, "photo_before").show(after, "photo_after")
        said.say("note", note)
        policy = self.city.policy
        return self._act(
            number,
            lambda w, t: w.self_resolve(
                self.category_of(w), actor=actor, at=t, policy=policy, words=said.refs
            ),
            at=at,
            said=said,
            **common,
        )

    def merge(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        into: str | UUID,
        **common: Unpack[Common],
    ) -> Done:
        """Both streams change in one transaction, and those of the child's own children."""

        def decide(child: Whistle, moment: datetime) -> list[Whistle]:
            parent = self.whistle(into)
            if parent.id == child.id:
                raise CannotMerge(number=child.number, into=parent.number, why="itself")
            policy = self.city.policy
            parent.elapse(moment, policy)
            grandchildren = [self.whistle(id) for id in child.children]
            child.merge(parent, actor=actor, at=moment, policy=policy, **self._same(child, parent))
            for grandchild in grandchildren:
                grandchild.follow_new_parent(parent, actor=actor, at=moment)
                parent.adopt(grandchild, actor=actor, at=moment, policy=policy)
            return [parent, *grandchildren]

        return self._act(number, decide, at=at, **common)

    def may_merge(self, child: Whistle, parent: Whistle, actor: Actor, at: datetime) -> None:
        """Refuses as `merge` would; for those who still compare the two."""
        child.may_merge_into(parent, actor, at, **self._same(child, parent))

    def _same(self, child: Whistle, parent: Whistle) -> dict[str, bool]:
        return {
            "same_family": self._same_family(child, parent),
            "same_named_place": self._same_named_place(child, parent),
        }

    def _same_family(self, one: Whistle, other: Whistle) -> bool:
        first, second = self.category_of(one), self.category_of(other)
        return first is not None and second is not None and first.major == second.major

    def _same_named_place(self, one: Whistle, other: Whistle) -> bool:
        """Both say the same address, leaving out spaces and letter case."""
        name = self._address(one)
        return name is not None and name == self._address(other)

    def _address(self, whistle: Whistle) -> str | None:
        ids = [said.id for said in whistle.words if said.kind == "address"]
        if not ids:
            return None
        with self.connection() as connection:
            kept = read_words(connection, ids).get(ids[-1])
        return routing.plain(str(kept.body)) if kept and kept.body else None

    def unmerge(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        reason: str,
        **common: Unpack[Common],
    ) -> Done:
        said = self.spoken(number).say("reason", self._must_say("reason", reason))

        def decide(child: Whistle, moment: datetime) -> list[Whistle]:
            child.may_unmerge(actor, moment)
            assert child.merged_into is not None
            parent, policy = self.whistle(child.merged_into), self.city.policy
            child.unmerge(parent, actor=actor, at=moment, policy=policy, words=said.refs)
            return [parent]

        return self._act(number, decide, at=at, said=said, **common)
