"""哨友: the people who reported one problem, each with a report and a voice of his own.

domain.md §4.6. The order is that of their own reports; staff come after everybody else.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from uuid import UUID

from tracker.domain.actors import Actor, Role

OUTSIDE = frozenset({Role.ANONYMOUS, Role.RESIDENT})  # everybody else works for the city


@dataclass(frozen=True)
class Party:
    """One person's report.

    `number` counts from 1 within the whistle and never changes there; `key` is the account, or the
    keyed hash of the receipt; None: nobody can prove that it was he. `since` is when his report was
    registered. `staff`: of a post or a unit; his verdict counts nowhere. `child` is the merged
    whistle with which he came; None: he reported this one.
    """

    number: int
    key: str | None
    since: datetime
    staff: bool = False
    child: UUID | None = None

    @property
    def place_in_line(self) -> tuple[bool, datetime, int]:
        return self.staff, self.since, self.number

    def come_with(self, child: UUID, number: int) -> Self:
        return replace(self, child=child, number=number)


def arriving(own: Iterable[Party], child: UUID, after: int) -> tuple[Party, ...]:
    """The child's people as the parent counts them, whose last number is `after`."""
    here = [party for party in own if party.child is None]
    return tuple(one.come_with(child, number) for number, one in enumerate(here, after + 1))


def works_for_the_city(role: str, account: str | None) -> bool:
    """Whether a person with this role speaks for himself; a receipt belongs to somebody else."""
    return account is not None and role not in OUTSIDE


def key_of(actor: Actor) -> str:
    """How a reporter proves who he is: by a receipt, or by an account."""
    return actor.reporter_of or actor.account


def is_reporter(actor: Actor) -> bool:
    """Whether he speaks as somebody who reported it, and not by an office."""
    return actor.role in OUTSIDE or actor.reporter_of is not None
