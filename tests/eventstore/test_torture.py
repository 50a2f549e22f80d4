"""Readers at the tail of the log, while sixteen writers do their worst. See torture.py."""

import os
from collections import Counter, defaultdict

import pytest

from tests.eventstore.torture import HOT, Outcome, torture

SECONDS = 18.0
SOAKING = 300.0


@pytest.fixture(scope="module")
def outcome(module_database: str) -> Outcome:
    return torture(module_database, SECONDS, seed=1)


def test_a_reader_sees_every_event_once_and_in_order(outcome: Outcome) -> None:
    assert_saw_all(outcome, "polling")


def test_the_events_of_one_aggregate_stand_in_the_order_of_their_versions(outcome: Outcome) -> None:
    assert_versions_in_order(outcome)


def test_the_writers_were_hard_enough_on_the_log(outcome: Outcome) -> None:
    assert len(outcome.ledger) > 1_000
    assert outcome.conflicts > 20
    assert outcome.rollbacks > 20


def test_a_reader_that_ignores_the_horizon_is_caught_losing_events(outcome: Outcome) -> None:
    assert lost(outcome, "wrong: without horizon")


def test_a_reader_that_orders_by_a_sequence_is_caught_losing_events(outcome: Outcome) -> None:
    assert lost(outcome, "wrong: ordered by sequence")


@pytest.mark.soak
def test_the_same_for_five_minutes(database: str) -> None:
    seed = int(os.environ.get("SEED", "2"))

    outcome = torture(database, SOAKING, seed)

    print(f"{len(outcome.ledger):,} events, {outcome.conflicts:,} conflicts, seed {seed}")
    for reader in outcome.seen:
        print(f"  {reader}: {len(lost(outcome, reader)):,} lost")
    assert_saw_all(outcome, "polling")
    assert_versions_in_order(outcome)


def assert_saw_all(outcome: Outcome, reader: str) -> None:
    seen = outcome.seen[reader]
    assert lost(outcome, reader) == []
    assert [position for position, times in Counter(seen).items() if times > 1] == []
    assert seen == outcome.positions


def assert_versions_in_order(outcome: Outcome) -> None:
    versions = defaultdict(list)
    for _, aggregate, version in outcome.ledger:
        versions[aggregate].append(version)

    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())
    assert all(len(versions[hot]) > 1 for hot in HOT)


def lost(outcome: Outcome, reader: str) -> list[int]:
    return sorted(set(outcome.positions) - set(outcome.seen[reader]))
