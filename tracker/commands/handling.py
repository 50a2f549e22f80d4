"""Handling a whistle: from pool and dispatch to its closing, and what others add on the way.

See `application` for what all commands have in common.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Unpack
from uuid import UUID

from tracker.commands.deciding import Common, Done
from tracker.commands.receiving import Point, Receiving
from tracker.domain.actors import Actor
from tracker.domain.whistle.refusals.returning import NoReturnPending
from tracker.domain.whistle.whistle import Whistle

RETURN_REASONS = ("not_our_duty", "wrong_place", "needs_other_lead", "duplicate", "no_authority")
SUSPEND_REASONS = (
    "season",
    "procurement",
    "litigation",
    "third_party_permission",
    "multi_year_project",
    "waiting_for_reporter",
)


class Handling(Receiving):
    """Posts dispatch, units handle, others check, the reporter decides."""

    # --- to its units ------------------------------------------------------------------------

    def pool(
        self, number: str | UUID, *, actor: Actor, at: datetime, **common: Unpack[Common]
    ) -> Done:
        policy = self.city.policy
        return self._act(
            number,
            lambda w, t: w.pool(self.category_of(w), actor=actor, at=t, policy=policy),
            at=at,
            **common,
        )

    def claim(
        self, number: str | UUID, *, actor: Actor, at: datetime, **common: Unpack[Common]
    ) -> Done:
        """For the actor's unit; of several at once the log keeps the first."""
        city, unit = self.city, actor.unit or ""

        def decide(whistle: Whistle, moment: datetime) -> None:
            capable = whistle.category is not None and city.may_claim(unit, whistle.category)
            whistle.claim(unit, capable=capable, actor=actor, at=moment, policy=city.policy)

        return self._act(number, decide, at=at, **common)

    def dispatch(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        lead: str,
        co: Sequence[str] = (),
        reason: str | None = None,
        **common: Unpack[Common],
    ) -> Done:
        city = self.city
        said = self.spoken(number).say("reason", reason)
        units = (city.current_unit(lead), tuple(city.current_unit(unit) for unit in co))
        send = partial(Whistle.dispatch, policy=city.policy)
        return self._act(
            number,
            lambda w, t: send(w, *units, actor=actor, at=t, words=said.refs),
            at=at,
            said=said,
            **common,
        )

    def acknowledge(
        self, number: str | UUID, *, actor: Actor, at: datetime, **common: Unpack[Common]
    ) -> Done:
        return self._do(number, Whistle.acknowledge, actor=actor, at=at, **common)

    def add_co(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        unit: str,
        reason: str,
        **common: Unpack[Common],
    ) -> Done:
        add = partial(Whistle.add_co, policy=self.city.policy)
        found = self.city.current_unit(unit)
        return self._because(reason, number, add, found, actor=actor, at=at, **common)

    def remove_co(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        unit: str,
        reason: str,
        **common: Unpack[Common],
    ) -> Done:
        return self._because(reason, number, Whistle.remove_co, unit, actor=actor, at=at, **common)

    # --- the unit's own steps ------------------------------------------------------------------

    def respond(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        kind: str,
        lat: float | None = None,
        lon: float | None = None,
        crs: str = "WGS84",
        note: str | None = None,
        **common: Unpack[Common],
    ) -> Done:
        """An arrival is measured against the whistle's place, a call is taken at its word."""
        said = self.spoken(number).say("note", note)
        point = None
        if lat is not None and lon is not None:
            point = self.place(Point(lat, lon, crs=crs), at)
        respond = partial(Whistle.respond, point=point)
        return self._do(number, respond, kind, actor=actor, at=at, said=said, **common)

    def start(
        self, number: str | UUID, *, actor: Actor, at: datetime, **common: Unpack[Common]
    ) -> Done:
        return self._do(number, Whistle.start, actor=actor, at=at, **common)

    def control(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        note: str | None = None,
        **common: Unpack[Common],
    ) -> Done:
        said = self.spoken(number).say("note", note)
        return self._do(number, Whistle.control, actor=actor, at=at, said=said, **common)

    def return_(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        reason: str,
        basis: str,
        suggested_unit: str | None = None,
        **common: Unpack[Common],
    ) -> Done:
        """`reason` is one of RETURN_REASONS or, for what the list lacks, a sentence."""
        said = self.spoken(number).say("reason", self._must_say("reason", reason))
        said.say("basis", self._must_say("basis", basis))
        back = partial(
            Whistle.return_,
            policy=self.city.policy,
            reason_code=reason if reason in RETURN_REASONS else None,
            suggested_unit=self.city.current_unit(suggested_unit).code if suggested_unit else None,
        )
        return self._do(number, back, actor=actor, at=at, said=said, **common)

    def adjudicate(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        unit: str,
        upheld: bool,
        reason: str,
        lead: str | None = None,
        **common: Unpack[Common],
    ) -> Done:
        """Decide the return that `unit` asked for."""
        city = self.city
        said = self.spoken(number).say("reason", self._must_say("reason", reason))

        def decide(whistle: Whistle, moment: datetime) -> None:
            whistle.may_adjudicate(actor, moment)
            pending = whistle.pending_return
            if pending is None or pending.unit != unit:
                raise NoReturnPending(number=whistle.number, lead=whistle.lead, unit=unit)
            new_lead = lead or (whistle.suggested_unit if upheld else None)
            whistle.adjudicate(
                upheld,
                city.current_unit(new_lead) if new_lead else None,
                actor=actor,
                at=moment,
                policy=city.policy,
                words=said.refs,
            )

        return self._act(number, decide, at=at, said=said, **common)

    def request_extension(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        reason: str,
        **common: Unpack[Common],
    ) -> Done:
        ask = partial(Whistle.request_extension, policy=self.city.policy)
        return self._because(reason, number, ask, actor=actor, at=at, **common)

    def decide_extension(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        granted: bool,
        reason: str,
        **common: Unpack[Common],
    ) -> Done:
        decide = partial(Whistle.decide_extension, policy=self.city.policy)
        return self._because(reason, number, decide, granted, actor=actor, at=at, **common)

    def suspend(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        reason: str,
        review_on: date,
        safety_measure: str,
        **common: Unpack[Common],
    ) -> Done:
        """`reason` is one of SUSPEND_REASONS or a sentence; the second caller confirms."""
        said = self.spoken(number).say("reason", self._must_say("reason", reason))
        said.say("note", self._must_say("safety_measure", safety_measure))
        hold = partial(
            Whistle.suspend,
            policy=self.city.policy,
            reason_code=reason if reason in SUSPEND_REASONS else None,
        )
        return self._do(number, hold, review_on, actor=actor, at=at, said=said, **common)

    def resume(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        reason: str,
        **common: Unpack[Common],
    ) -> Done:
        go_on = partial(Whistle.resume, policy=self.city.policy)
        return self._because(reason, number, go_on, actor=actor, at=at, **common)

    # --- done, checked, heard, closed ------------------------------------------------------------

    def submit(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        note: str,
        photos: Sequence[UUID] = (),
        **common: Unpack[Common],
    ) -> Done:
        said = self.spoken(number).say("note", self._must_say("note", note)).show(photos)
        policy = self.city.policy
        return self._act(
            number,
            lambda w, t: w.submit(
                self.category_of(w), actor=actor, at=t, policy=policy, words=said.refs
            ),
            at=at,
            said=said,
            **common,
        )

    def verify(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        passed: bool,
        note: str | None = None,
        photos: Sequence[UUID] = (),
        **common: Unpack[Common],
    ) -> Done:
        said = self.spoken(number).say("note", note).show(photos)
        check = partial(Whistle.verify, policy=self.city.policy)
        return self._do(number, check, passed, actor=actor, at=at, said=said, **common)

    def follow_up(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        method: str,
        resolved: bool | None = None,
        rating: int | None = None,
        note: str | None = None,
        reasonable: bool = True,
        **common: Unpack[Common],
    ) -> Done:
        said = self.spoken(number).say("note", note)
        hear = partial(
            Whistle.follow_up, method=method, reasonable=reasonable, policy=self.city.policy
        )
        return self._do(number, hear, resolved, rating, actor=actor, at=at, said=said, **common)

    def close_whistle(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        reason: str | None = None,
        **common: Unpack[Common],
    ) -> Done:
        """The command `close`; the library keeps that name for closing the application."""
        said = self.spoken(number).say("reason", reason)
        return self._do(number, Whistle.close, actor=actor, at=at, said=said, **common)

    def reopen(
        self,
        number: str | UUID,
        *,
        actor: Actor,
        at: datetime,
        reason: str,
        **common: Unpack[Common],
    ) -> Done:
        again = partial(Whistle.reopen, policy=self.city.policy)
        return self._because(reason, number, again, actor=actor, at=at, **common)
