"""Who may do what, and where: one table of role × scope × command for the whole product.

A row is a command; each cell lists the roles that may give it in one scope. The domain decides
what the state of a whistle allows; only this table decides what a person may ask for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from api.door.refusals import NotAllowed, NotHere, NotYourFigures, NotYours
from api.door.rights_in_words import right_named, role_named, row_named, scopes_named
from tracker.contexts.registry import CONTEXTS
from tracker.domain.actors import Actor, Role
from tracker.domain.rights import (
    ABOVE,
    ANYBODY,
    CENTRE,
    CHECKS,
    CLOSERS,
    DESK,
    HEADS,
    JUDGES,
    ORDERS,
    PATROL,
    POSTS,
    READERS,
    REPORTERS,
    TRIAGE,
    UNITS,
    Cell,
    Row,
    Scope,
)
from tracker.domain.rights import within as _in

G, N, P, V, S, L, U, H, F, W, M, R, C = (
    Scope.GRID,
    Scope.SITE,
    Scope.POST,
    Scope.RECEIVING,
    Scope.STREET,
    Scope.LEAD,
    Scope.UNIT,
    Scope.PAST,
    Scope.POOL,
    Scope.OPEN,
    Scope.REPORT,
    Scope.RAISED,
    Scope.CITY,
)

# The one place that says who may be shown a reporter's number.
OPENERS: Row = (
    _in(P, Role.INTAKE, Role.FOLLOW_UP_AGENT),
    _in(U, *UNITS),
    _in(C, *CENTRE, Role.AUDITOR),
)
COMMANDS: Mapping[str, Row] = {
    # command             where and who (domain.md §4.2, column "Actor")
    "amend":              (_in(M, *REPORTERS), _in(P, *TRIAGE), _in(G, *PATROL), _in(C, *CENTRE)),
    "join":               (_in(P, *TRIAGE), _in(G, *PATROL), _in(C, *CENTRE)),
    "locate":             (_in(P, *TRIAGE), _in(G, *PATROL), _in(C, *CENTRE)),
    "classify":           (_in(P, *TRIAGE), _in(G, *PATROL), _in(C, *CENTRE)),
    "self-resolve":       (_in(G, *PATROL),),
    "merge":              (_in(P, *TRIAGE), _in(C, *CENTRE)),
    "unmerge":            (_in(P, *ORDERS), _in(C, *CENTRE)),
    "pool":               (_in(P, *ORDERS), _in(C, *CENTRE)),
    "claim":              (_in(F, *UNITS),),
    "dispatch":           (_in(P, *ORDERS), _in(C, *CENTRE)),
    "acknowledge":        (_in(U, *UNITS),),
    "open-contact":       OPENERS,
    "confirm-call":       (_in(M, *REPORTERS),),
    "deny-call":          (_in(M, *REPORTERS),),
    "respond":            (_in(U, *UNITS),),
    "start":              (_in(U, *UNITS),),
    "control":            (_in(U, *UNITS),),
    "return":             (_in(U, Role.UNIT_LIAISON),),
    "adjudicate":         (_in(S, *JUDGES), _in(C, *CENTRE)),
    "add-co":             (_in(L, *UNITS), _in(P, *ORDERS), _in(C, *CENTRE)),
    "remove-co":          (_in(P, *ORDERS), _in(C, *CENTRE)),
    "request-extension":  (_in(L, *UNITS),),
    "decide-extension":   (_in(S, *JUDGES), _in(C, *ABOVE)),
    "suspend":            (_in(L, *UNITS), _in(S, *JUDGES), _in(C, *CENTRE)),
    "resume":             (_in(S, *JUDGES), _in(C, *CENTRE)),
    "ask":                (_in(L, *UNITS),),
    "answer":             (_in(M, *REPORTERS),),
    "submit":             (_in(U, *UNITS),),
    "verify":             (_in(P, *CHECKS), _in(G, *PATROL), _in(C, *ABOVE)),
    "follow-up":          (_in(M, *REPORTERS), _in(P, Role.FOLLOW_UP_AGENT), _in(N, *PATROL),
                           _in(C, *CENTRE)),
    "contradict":         (_in(M, *REPORTERS),),
    "close":              (_in(P, Role.FOLLOW_UP_AGENT, *ORDERS), _in(C, *ABOVE)),
    "answer-party":       (_in(P, Role.FOLLOW_UP_AGENT, *HEADS), _in(C, *CENTRE)),
    "reopen":             (_in(M, *REPORTERS), _in(P, Role.VERIFIER), _in(C, *ABOVE)),
    "withdraw":           (_in(M, *REPORTERS),),
    "void":               (_in(P, *DESK, *HEADS), _in(C, *ABOVE)),
    "transfer-out":       (_in(P, *TRIAGE), _in(C, *CENTRE)),
    "escalate":           (_in(P, *ORDERS), _in(C, *ABOVE)),
    "deescalate":         (_in(P, *ORDERS), _in(C, *ABOVE)),
    "supervise":          (_in(C, *ABOVE),),
    "end-supervision":    (_in(C, *ABOVE),),
    "urge":               (_in(M, *REPORTERS), _in(P, *POSTS), _in(C, *ABOVE)),
    "exclude":            (_in(C, Role.SUPERVISOR, Role.AUDITOR),),
    "correct":            (_in(P, *TRIAGE), _in(V, *TRIAGE), _in(C, *ABOVE)),
    "annul":              (_in(C, *CENTRE, Role.AUDITOR),),
    "mark-confidential":  (_in(P, *CLOSERS), _in(C, *CENTRE)),
    "unmark-confidential": (_in(P, *CLOSERS), _in(C, *CENTRE)),
}  # fmt: skip

CONFIDENTIAL: Mapping[str, Row] = {
    # a confidential whistle: where another row holds than the one above (domain.md §4.4)
    "adjudicate":         (_in(C, *CENTRE),),
}  # fmt: skip

ROSTER: Mapping[str, Row] = {
    # the roster: who holds which office at a post, and who is away
    "note-absence":       (_in(P, *HEADS), _in(C, *CENTRE, Role.ADMIN)),
}  # fmt: skip

READING: Mapping[str, Row] = {
    # what                where and who
    "read":               (_in(M, *ANYBODY), _in(G, *PATROL), _in(P, *POSTS), _in(V, *TRIAGE),
                           _in(H, *UNITS), _in(W, *UNITS), _in(S, Role.ADJUDICATOR),
                           _in(C, *READERS)),
    # who must know of a confidential one, and its words; the others here see states and times alone
    "read-confidential":  (_in(M, *ANYBODY), _in(P, *CLOSERS), _in(V, Role.INTAKE, *HEADS),
                           _in(U, *UNITS), _in(C, *ABOVE, Role.AUDITOR)),
    "know-confidential":  (_in(M, *ANYBODY), _in(P, *CLOSERS), _in(V, Role.INTAKE, *HEADS),
                           _in(U, *UNITS), _in(C, *CENTRE)),
    # rates, rankings and reports of the whole city; the whistles behind them need the rows above
    "figures":            (_in(C, *READERS, *POSTS, *UNITS,
                              *PATROL),),
    # raise for somebody who reported in person or by telephone
    "raise-for-others":   (_in(C, *PATROL, *POSTS, *CENTRE),),
    # what-if: a period under another SLA policy
    "what-if":            (_in(C, *READERS),),
    # words and contact unmasked; every other reader sees them masked (§4.4)
    "hear":               (_in(R, *ANYBODY), *OPENERS),
}  # fmt: skip

ROWS: Mapping[str, Row] = {
    **COMMANDS,
    **ROSTER,
    **{right: row for context in CONTEXTS for right, row in context.rights.items()},
    **READING,
    **{right: row for context in CONTEXTS for right, row in context.reading.items()},
}
"""Every row there is: the whistle's, and those that the contexts bring."""


@dataclass(frozen=True)
class Territory:
    """The area of a post: its grids and its street. `whole_street`: the street's own post, which
    has all posts of the street."""

    street: str | None = None
    grids: frozenset[str] = frozenset()
    whole_street: bool = False


@dataclass(frozen=True)
class Person:
    """The person who asks, the territory of his post, and what his unit may claim."""

    actor: Actor
    territory: Territory = Territory()
    claimable: frozenset[str] = frozenset()  # category codes

    @property
    def role(self) -> Role:
        return self.actor.role


class Subject(Protocol):
    """What the access table must know of a whistle; made from the aggregate or from a board row."""

    @property
    def grid(self) -> str | None: ...
    @property
    def street(self) -> str | None: ...
    @property
    def post(self) -> str | None: ...
    @property
    def lead(self) -> str | None: ...
    @property
    def units(self) -> Sequence[str]: ...  # units with an assignment now, the lead included
    @property
    def past_units(self) -> Sequence[str]: ...  # units that have or had an assignment
    @property
    def pooled(self) -> bool: ...
    @property
    def category(self) -> str | None: ...
    @property
    def confidential(self) -> bool: ...
    @property
    def reporters(self) -> Sequence[str]: ...
    @property
    def wants_site_check(self) -> bool: ...
    @property
    def receiving_post(self) -> str | None: ...  # of a correction that waits for approval
    @property
    def raised_by(self) -> Sequence[str]: ...  # keys of the first reporter


def _own_post(person: Person, whistle: Subject) -> bool:
    """Own post, or the street of a street's post; without a place a whistle is every desk's, but a
    confidential one is the city centre's alone."""
    own, territory = person.actor.post, person.territory
    if own is None:
        return False
    if whistle.post is None:
        return not whistle.confidential
    if whistle.post == own:
        return True
    return territory.whole_street and whistle.street == territory.street


def _own_street(person: Person, whistle: Subject) -> bool:
    street = person.territory.street
    return _own_post(person, whistle) or (street is not None and whistle.street == street)


def _among(person: Person, reporters: Sequence[str]) -> bool:
    keys = {person.actor.account, person.actor.reporter_of} - {None, "anonymous"}
    return not keys.isdisjoint(reporters)


def holds(scope: Scope, person: Person, whistle: Subject) -> bool:
    """Whether the whistle is in this scope of the person."""
    actor = person.actor
    match scope:
        case Scope.GRID:
            return actor.holds(whistle.grid)
        case Scope.SITE:
            return actor.holds(whistle.grid) and whistle.wants_site_check
        case Scope.POST:
            return _own_post(person, whistle)
        case Scope.RECEIVING:
            return actor.post is not None and actor.post == whistle.receiving_post
        case Scope.STREET:
            return _own_street(person, whistle)
        case Scope.LEAD:
            return actor.unit is not None and actor.unit == whistle.lead
        case Scope.UNIT:
            return actor.unit is not None and actor.unit in whistle.units
        case Scope.PAST:
            return actor.unit is not None and actor.unit in whistle.past_units
        case Scope.POOL:
            return actor.unit is not None and not whistle.confidential
        case Scope.OPEN:
            return whistle.pooled and whistle.category in person.claimable
        case Scope.REPORT:
            return _among(person, whistle.reporters)
        case Scope.RAISED:
            return _among(person, whistle.raised_by)
        case Scope.CITY:
            return True


def _granted(row: Iterable[Cell], person: Person, whistle: Subject) -> bool:
    return any(person.role in roles and holds(scope, person, whistle) for scope, roles in row)


def may(command: str, person: Person, whistle: Subject) -> bool:
    """Whether this person may give the command; the domain decides whether it is possible now.

    What is confidential is handled by those alone who must know of it, or by its own reporter.
    """
    row = ROWS.get(command, ())
    if not whistle.confidential:
        return _granted(row, person, whistle)
    own = [cell for cell in row if cell[0] in OWN]
    return _granted(own, person, whistle) or (
        _granted(CONFIDENTIAL.get(command, row), person, whistle)
        and _granted(_by_office(READING["read-confidential"]), person, whistle)
    )


OWN = frozenset({Scope.REPORT, Scope.RAISED})  # scopes of a reporter, not of an office


def _by_office(row: Row) -> Row:
    return tuple(cell for cell in row if cell[0] not in OWN)


def scopes_of(right: str, role: Role) -> frozenset[Scope]:
    """The scopes in which a role has a right."""
    return frozenset(scope for scope, roles in ROWS[right] if role in roles)


def may_read(person: Person, whistle: Subject) -> bool:
    return _granted(
        READING["read-confidential" if whistle.confidential else "read"], person, whistle
    )


def reads_every_one(person: Person) -> bool:
    """Whether no whistle is hidden from this person, so that an absent one may be called absent."""
    return Scope.CITY in scopes_of("read-confidential", person.role)


def may_know(person: Person, whistle: Subject) -> bool:
    """Whether this person may read words of it, masked or not; else states and times alone."""
    row = READING["know-confidential" if whistle.confidential else "read"]
    return _granted(row, person, whistle)


def may_hear(person: Person, whistle: Subject) -> bool:
    """Whether this person may read words and contact unmasked."""
    return may_read(person, whistle) and _granted(READING["hear"], person, whistle)


def must_hear(person: Person, whistle: Subject) -> None:
    """Raises NotAllowed if this person may not read words and contact unmasked."""
    if not may_hear(person, whistle):
        raise _not_allowed("hear", person)


def must_raise_for_others(person: Person) -> None:
    """Raises NotAllowed if this person may not raise for others."""
    if not scopes_of("raise-for-others", person.role):
        raise _not_allowed("raise-for-others", person)


def must_read_figures(person: Person, right: str = "figures") -> None:
    """Raises NotYourFigures if this person may not read figures."""
    if not scopes_of(right, person.role):
        raise NotYourFigures(role=role_named(person.role), who=row_named(ROWS[right]))


def must(command: str, person: Person, whistle: Subject) -> None:
    """Raises NotAllowed with the table's row in words; NotHere if only the place is in the way."""
    if not may(command, person, whistle):
        raise _not_allowed(command, person)


def must_not_learn(command: str, person: Person) -> None:
    """There is no such whistle. Raises what `must` raises for one that this person may not read, so
    that nobody learns by commands which numbers exist; nothing for who reads every one."""
    if not reads_every_one(person):
        raise _not_allowed(command, person)


def _not_allowed(right: str, person: Person) -> NotAllowed:
    row = ROWS.get(right, ())
    facts = {
        "command": right_named(right),
        "role": role_named(person.role),
        "who": row_named(row),
    }
    held = [scope for scope, roles in row if person.role in roles]
    return NotHere(**facts, where=scopes_named(held)) if held else NotAllowed(**facts)


def must_read(person: Person, whistle: Subject) -> None:
    if not may_read(person, whistle):
        raise NotYours(role=role_named(person.role))


def line(command: str) -> str:
    """The table's row of a command in words, e.g. `网格员(本网格); …`."""
    return row_named(ROWS.get(command, ())).words.zh


def everything() -> Mapping[str, Any]:
    """The whole table as plain data."""
    return {
        right: {str(scope): sorted(roles) for scope, roles in row} for right, row in ROWS.items()
    }
