"""Checks that one line of an import is consistent: order of times, facts that need others."""

from collections.abc import Iterable
from datetime import datetime

from tracker.imports.facts import BadFact, Facts


def check(facts: Facts) -> None:
    """Raises BadFact if times are out of order, or a fact lacks another that it needs."""
    first = min(_times(facts), default=facts.registered_at)
    if first < facts.registered_at:
        raise BadFact(f"something happened at {first:%Y-%m-%dT%H:%M}, before it was registered")
    _check_turns(facts)
    _check_work(facts)
    _check_end(facts)


def in_order(what: str, *times: datetime | None) -> None:
    known = [time for time in times if time is not None]
    if known != sorted(known):
        raise BadFact(f"out of order: {what}")


def _check_turns(facts: Facts) -> None:
    led_until: datetime | None = facts.registered_at
    for turn in facts.turns:
        in_order("assigned_at, responded_at", turn.assigned_at, turn.responded_at)
        in_order("assigned_at, requested_at, decided_at", turn.assigned_at, turn.returned_at,
                 turn.decided_at)  # fmt: skip
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
        if max(_times(facts)) > facts.withdrawn_at:
            raise BadFact("something happened after withdrawn_at")


def _times(facts: Facts) -> list[datetime]:
    """All times at which something happened. Due times are promises, so they are not in it."""
    turns: Iterable[datetime | None] = (
        time
        for turn in facts.turns
        for time in (turn.assigned_at, turn.responded_at, turn.returned_at, turn.decided_at)
    )
    suspensions = (time for pair in facts.suspensions for time in pair)
    singles = (
        facts.responded_at,
        facts.first_submitted_at,
        facts.resolved_at,
        facts.verdict.at if facts.verdict else None,
        facts.closed_at,
        facts.withdrawn_at,
        facts.excluded.at if facts.excluded else None,
    )
    every = (*turns, *suspensions, *singles, *facts.reworks, *facts.reopens)
    return [time for time in every if time is not None]
