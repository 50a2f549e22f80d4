"""domain.md §4.2 over HTTP: each command by the right person, the wrong one, in the wrong state.

What is expected stands in `transitions/law.py` and `transitions/rows_*.py`, written by hand from
the law. A command, a state or a guard without its case fails the tests at the end.
"""

import pytest

from tests.api.transitions import (
    law,
    rows_above,
    rows_annul,
    rows_asking,
    rows_calls,
    rows_consequences,
    rows_done,
    rows_ends,
    rows_merge,
    rows_pausing,
    rows_raise,
    rows_triage,
    rows_work,
    systematic,
)
from tests.api.transitions.case import Case, tried
from tests.api.transitions.situations import STATES
from tests.api.transitions.stage import Stage
from tests.api.web import Web
from tracker.commands.whistle.commands import BY_NAME
from tracker.domain.whistle.states import State

ROWS = (
    *(rows_triage, rows_merge, rows_work, rows_pausing, rows_asking),
    *(rows_done, rows_calls, rows_ends, rows_above, rows_annul, rows_consequences),
)
CASES = [case for rows in ROWS for case in rows.CASES]
SITUATIONS = {**STATES, **{name: told for rows in ROWS for name, told in rows.SITUATIONS.items()}}


@pytest.fixture(scope="module")
def stage(web: Web) -> Stage:
    return Stage(web)


@pytest.mark.parametrize("report", rows_raise.REPORTS, ids=lambda report: report.id)
def test_a_report_is_raised(stage: Stage, report: rows_raise.Report) -> None:
    rows_raise.taken(stage, report)


def test_a_report_with_the_same_key_is_one_whistle(web: Web) -> None:
    key, body = {"Idempotency-Key": "the same report"}, {"text": "请来看一下"}
    first, second = (web.nobody.post("/whistles", body, headers=key) for _ in range(2))

    assert (first.status_code, first.json()) == (201, second.json())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.command}: {case.id}")
def test_a_row_of_the_table(stage: Stage, case: Case) -> None:
    tried(stage, case, stage.story(case.given, SITUATIONS[case.given], case.ago, fresh=case.done))


@pytest.mark.parametrize(("state", "command"), systematic.wrong_states())
def test_a_command_is_refused_in_every_other_state(stage: Stage, state: str, command: str) -> None:
    systematic.refuses_in(stage, state, command)


@pytest.mark.parametrize("command", sorted(law.MAY))
def test_a_command_is_refused_to_every_other_role(stage: Stage, command: str) -> None:
    systematic.refuses_roles(stage, command)


@pytest.mark.parametrize("command", sorted(systematic.AT_A_PLACE))
def test_a_command_is_refused_at_another_post_or_unit(stage: Stage, command: str) -> None:
    systematic.refuses_elsewhere(stage, command)


def test_every_command_stands_in_the_law() -> None:
    assert set(BY_NAME) == set(law.FROM) == set(law.MAY)
    assert set(law.ANY) == set(State) == set(STATES)


def test_every_command_is_tried_by_the_right_person_and_each_guard_has_its_case() -> None:
    done = {case.command for case in CASES if case.done}
    proved = {(case.command, case.guard) for case in CASES if case.guard}
    guards = {(command, one) for command, row in law.GUARDS.items() for one in row}

    assert proved == guards
    assert done == set(law.FROM)


def test_the_names_of_the_cases_are_all_different() -> None:
    assert len({(case.command, case.id) for case in CASES}) == len(CASES)
    assert len(CASES) + len(systematic.wrong_states()) + 2 * len(law.MAY) > 281
