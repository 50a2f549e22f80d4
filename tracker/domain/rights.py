"""Who may do what, and where, as plain data: rows of the access table (domain.md §4.2, "Actor").

A row is read off by `api/door/access.py`, which alone decides. The whistle's rows stand there;
each context brings its own.
"""

from enum import StrEnum

from tracker.domain.actors import Role


class Scope(StrEnum):
    """Where a right holds."""

    GRID = "grid"  # the grid worker's own grid, and its parts in a finer plan
    SITE = "site"  # the own grid's, where nobody can be called: somebody goes and looks
    POST = "post"  # the whistle's post; a street's post has its whole street
    RECEIVING = "receiving"  # the post to which a correction that waits would move it
    STREET = "street"  # any post of the whistle's street
    LEAD = "lead"  # the unit that leads
    UNIT = "unit"  # a unit with a part in it now
    PAST = "past"  # a unit that has or had a part in it
    POOL = "pool"  # any unit: whether it may claim this, and still can, the domain decides
    OPEN = "open"  # lying in the pool now, and the unit may claim it
    REPORT = "report"  # who raised it or joined, by account or receipt
    RAISED = "raised"  # who raised it, the first: its fate is not for those who joined
    CITY = "city"  # everywhere


Cell = tuple[Scope, frozenset[Role]]
Row = tuple[Cell, ...]


def within(scope: Scope, *roles: Role) -> Cell:
    """A cell of a row: these roles, within this scope."""
    return scope, frozenset(roles)


REPORTERS = (
    Role.ANONYMOUS,
    Role.RESIDENT,
    Role.GRID_WORKER,
    Role.GRID_CHIEF,
    Role.UNIT_LIAISON,
    Role.HANDLER,
    Role.CADRE,
)
PATROL = (Role.GRID_WORKER, Role.GRID_CHIEF)
DESK = (Role.INTAKE,)
HEADS = (Role.COMMANDER, Role.DEPUTY_COMMANDER)
ORDERS = (Role.DISPATCHER, *HEADS)
TRIAGE = (*DESK, *ORDERS)
JUDGES = (Role.ADJUDICATOR, Role.DISPATCHER, *HEADS)
CHECKS = (Role.VERIFIER, *HEADS, Role.CADRE)
CLOSERS = (*DESK, *HEADS, Role.FOLLOW_UP_AGENT)  # who may make a whistle confidential
UNITS = (Role.UNIT_LIAISON, Role.HANDLER)
POSTS = (*TRIAGE, Role.CADRE, Role.VERIFIER, Role.FOLLOW_UP_AGENT, Role.ADJUDICATOR)
CENTRE = (Role.CITY_CENTRE,)
ABOVE = (Role.CITY_CENTRE, Role.SUPERVISOR)
READERS = (*ABOVE, Role.LEADER, Role.AUDITOR, Role.ADMIN)  # of the whole city
ANYBODY = tuple(role for role in Role if role is not Role.SYSTEM)
