"""The guards that commands of several themes share: the state, the part, the second person."""

from tracker.domain.actors import Actor, Role
from tracker.domain.whistle.assignment import Assignment
from tracker.domain.whistle.memory import Memory, Proposal
from tracker.domain.whistle.refusals.lifecycle import (
    AlreadyMerged,
    AlreadyTerminal,
    NotInState,
    NotTheLead,
    NotYourTask,
    SecondPersonNeeded,
)
from tracker.domain.whistle.states import State


class Guarding(Memory):
    """Each guard lets pass or raises its refusal."""

    def _must_be_in(self, *states: State) -> None:
        if self.state is State.MERGED and State.MERGED not in states:
            raise AlreadyMerged(number=self.number, into=self.merged_into_number)
        if self.is_terminal and self.state not in states:
            raise AlreadyTerminal(number=self.number, state=self.state)
        if self.state not in states:
            raise NotInState(number=self.number, state=self.state, wanted=states, lead=self.lead)

    def _must_be_open(self) -> None:
        if self.state is State.MERGED:
            raise AlreadyMerged(number=self.number, into=self.merged_into_number)
        if self.is_terminal:
            raise AlreadyTerminal(number=self.number, state=self.state)

    def _must_lead(self, actor: Actor) -> Assignment:
        """The part of the actor's unit, which leads."""
        part = self.assignment_of(actor.unit)
        if part is None or not part.leads:
            raise NotTheLead(number=self.number, lead=self.lead, unit=actor.unit)
        return part

    def _must_be_assigned(self, actor: Actor) -> Assignment:
        """The part of the actor's unit, which leads or helps."""
        part = self.assignment_of(actor.unit)
        if part is None:
            raise NotYourTask(number=self.number, lead=self.lead, unit=actor.unit)
        return part

    def _confirms(self, command: str, actor: Actor) -> Proposal | None:
        """The proposal that this call confirms, or None when it is the first to ask.

        Raises SecondPersonNeeded when the same account asks twice.
        """
        proposal = self.proposals.get(command)
        if proposal is not None and proposal.by == actor.account:
            raise SecondPersonNeeded(number=self.number, by=proposal.by, command=command)
        return proposal


def is_city(actor: Actor) -> bool:
    return actor.role is Role.CITY_CENTRE
