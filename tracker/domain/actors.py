"""Who acts: the roles of the glossary, and the account behind a command."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The roles of the glossary; `system` is the tracker itself, acting by a rule."""

    ANONYMOUS = "anonymous"
    RESIDENT = "resident"
    GRID_WORKER = "grid_worker"
    GRID_CHIEF = "grid_chief"
    INTAKE = "intake"
    COMMANDER = "commander"
    DEPUTY_COMMANDER = "deputy_commander"
    CADRE = "cadre"
    DISPATCHER = "dispatcher"
    UNIT_LIAISON = "unit_liaison"
    HANDLER = "handler"
    ADJUDICATOR = "adjudicator"
    VERIFIER = "verifier"
    FOLLOW_UP_AGENT = "follow_up_agent"
    SUPERVISOR = "supervisor"
    CITY_CENTRE = "city_centre"
    LEADER = "leader"
    AUDITOR = "auditor"
    ADMIN = "admin"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """The account that acts, in one role, for one post, unit or grid (codes), where it has one.

    `reporter_of` is the keyed hash of a receipt, for a reporter without an account. `parts` are
    the grids into which a finer plan splits the actor's grid; the actor works in them too.
    """

    account: str
    role: Role
    post: str | None = None
    unit: str | None = None
    grid: str | None = None
    reporter_of: str | None = None
    parts: frozenset[str] = frozenset()

    def holds(self, grid: str | None) -> bool:
        """Whether it is the actor's own grid, or a part of it."""
        return grid is not None and (grid == self.grid or grid in self.parts)


SYSTEM = Actor("system", Role.SYSTEM)
