"""Checks that one line of an import is consistent: order of times, facts that need others.

Another system's history need not have followed this city's rules. Held are those without which a
figure would be wrong: nothing is of the future, in the wrong order, or granted where the class
grants nothing.
"""

from collections.abc import Iterator
from datetime import datetime

from tracker.domain.promises.clocks import EMERGENCY, SlaPolicy
from tracker.imports.facts import BadFact, Facts, Turn


def check(facts: Facts, policy: SlaPolicy, now: datetime) -> None:
    """Raises BadFact if times are of the future or out of order, or a fact lacks another that it
    needs. `now` is the database's time."""
    for field, at in [("registered_at", facts.registered_at), *_times(facts)]:
        if at > now:
            raise BadFact(f"{field} is in the future: {at:%Y-%m-%dT%H:%M}")
        if at < facts.registered_at:
            raise BadFact(f"{field} is before it was registered: {at:%Y-%m-%dT%H:%M}")
    _check_promises(facts)
    _check_turns(facts)
    _check_work(facts)
    _check_class(facts, policy)
    _check_end(facts)


def in_order(what: str, *times: datetime | None) -> None:
    known = [time for time in times if time is not None]
    if known != sorted(known):
        raise BadFact(f"out of order: {what}")


def _check_promises(facts: Facts) -> None:
    """A promise may be of the future, and never ends before it begins."""
    promised = [
        ("respond_due", facts.registered_at, facts.respond_due),
        ("original_resolve_due", facts.registered_at, facts.original_resolve_due),
        ("resolve_due", facts.registered_at, facts.resolve_due),
        *((f"{t.where}.respond_due", t.assigned_at, t.respond_due) for t in facts.turns),
    ]
    for field, begins, due in promised:
        if due is not None and due < begins:
            raise BadFact(f"out of order: {field} is before its clock began to run")


def _check_turns(facts: Facts) -> None:
    led_until: datetime | None = facts.registered_at
    for turn in facts.turns:
        where = turn.where
        in_order(f"{where}.assigned_at, responded_at", turn.assigned_at, turn.responded_at)
        in_order(f"{where}.assigned_at, return.requested_at, decided_at", turn.assigned_at,
                 turn.returned_at, turn.decided_at)  # fmt: skip
        if turn.lead:
            if led_until is None or turn.assigned_at < led_until:
                raise BadFact(f"{turn.unit} leads while another unit still does")
            led_until = turn.decided_at if turn.upheld else None
    leads = [turn.responded_at for turn in facts.turns if turn.lead and turn.responded_at]
    if facts.responded_at is not None and facts.responded_at not in leads:
        raise BadFact("responded_at is no response of a lead in assignments")
    if facts.responded_at is None and leads:
        raise BadFact("a lead in assignments has responded, but responded_at is missing")


def _check_work(facts: Facts) -> None:
    begun = facts.first_submitted_at or facts.resolved_at
    in_order("responded_at, first_submitted_at", facts.responded_at, begun)
    in_order("first_submitted_at, reworks, resolved_at", facts.first_submitted_at, *facts.reworks,
             facts.resolved_at)  # fmt: skip
    if facts.reworks and facts.first_submitted_at is None:
        raise BadFact("reworks without first_submitted_at")
    if not facts.reworks and facts.resolved_at is not None and begun != facts.resolved_at:
        raise BadFact("first_submitted_at and resolved_at differ, but there is no rework")
    ends = [time for pair in facts.suspensions for time in pair]
    in_order("suspensions", *ends)
    if None in ends[:-1]:
        raise BadFact("only the last of the suspensions may be open")
    if None in ends and facts.resolved_at is not None:
        raise BadFact("resolved_at, and yet still suspended")
    work = [turn for turn in facts.turns if turn.lead]
    if (begun or facts.suspensions or facts.extensions) and not work:
        raise BadFact("work without a lead: assignments or lead_unit is missing")


def _check_class(facts: Facts, policy: SlaPolicy) -> None:
    """What the class does not grant would move a due time that counts."""
    sla = policy.sla_class(facts.sla_class)
    if facts.suspensions and not sla.pausable:
        raise BadFact(f"suspensions: class {sla.code} cannot be suspended")
    if facts.extensions > sla.extension_max:
        raise BadFact(f"extensions_granted: class {sla.code} grants {sla.extension_max}")
    for turn in facts.turns:
        if sla.code == EMERGENCY and turn.upheld:
            raise BadFact(f"{turn.where}.return: an emergency is not returned")


def _check_end(facts: Facts) -> None:
    verdict = facts.verdict.at if facts.verdict else None
    in_order("first_submitted_at, first_followup", facts.first_submitted_at, verdict)
    in_order("first_followup, closed_at", verdict, facts.closed_at)
    in_order("resolved_at, closed_at, reopens", facts.resolved_at, facts.closed_at, *facts.reopens)
    if facts.closed_at is not None and facts.resolved_at is None and not facts.self_resolved:
        raise BadFact("closed_at without resolved_at")
    if verdict is not None and facts.first_submitted_at is None and facts.resolved_at is None:
        raise BadFact("first_followup without a submission")
    if facts.reopens and facts.closed_at is None:
        raise BadFact("reopens without closed_at")
    if facts.withdrawn_at is not None:
        if facts.resolved_at or facts.closed_at or facts.self_resolved:
            raise BadFact("withdrawn_at, and yet resolved or closed")
        for field, at in _times(facts):
            if at > facts.withdrawn_at:
                raise BadFact(f"{field} is after withdrawn_at")


def _times(facts: Facts) -> Iterator[tuple[str, datetime]]:
    """All times at which something happened, each with its field. Due times are promises, so they
    are not among them."""
    for turn in facts.turns:
        yield from _of_turn(turn)
    for n, pair in enumerate(facts.suspensions):
        yield from ((f"suspensions[{n}]", time) for time in pair if time is not None)
    singles = {
        "responded_at": facts.responded_at,
        "first_submitted_at": facts.first_submitted_at,
        "resolved_at": facts.resolved_at,
        "first_followup.at": facts.verdict.at if facts.verdict else None,
        "closed_at": facts.closed_at,
        "withdrawn_at": facts.withdrawn_at,
        "excluded.at": facts.excluded.at if facts.excluded else None,
    }
    yield from ((field, time) for field, time in singles.items() if time is not None)
    yield from (("reworks", time) for time in facts.reworks)
    yield from (("reopens", time) for time in facts.reopens)


def _of_turn(turn: Turn) -> Iterator[tuple[str, datetime]]:
    known = {
        "assigned_at": turn.assigned_at,
        "responded_at": turn.responded_at,
        "return.requested_at": turn.returned_at,
        "return.decided_at": turn.decided_at,
    }
    yield from ((f"{turn.where}.{name}", time) for name, time in known.items() if time is not None)
