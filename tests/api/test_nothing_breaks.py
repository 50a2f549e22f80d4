"""Whatever is sent to whatever route by whomever: refused or done, never a fault of ours.

Requests are made up by schemathesis from the interface's own description, half of them against it.
`SHAODAO_FUZZ=50` makes fifty of each kind for each route in place of two.
"""

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import cycle

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode

from tests.api.web import IN_CP02, LAMP, LITTER, VIOLENCE, Caller, Web

EACH = int(os.environ.get("SHAODAO_FUZZ", "2"))
# Answers that do not end; test_stream.py and test_summonses.py read them.
ENDLESS = {"GET /api/v1/stream", "GET /api/v1/stream/summonses"}
SIGNS_OUT = "DELETE /api/v1/sessions/current"
ROLES = [
    "nobody",
    "a reporter",
    "gw-53250300100201",
    "intake-cp02",
    "dispatcher-cp02",
    "commander-cp24",
    "verifier-cp02",
    "followup-cp02",
    "liaison-u01",
    "handler-u01",
    "city",
    "supervisor",
    "leader",
    "auditor",
    "admin",
]


@pytest.fixture(scope="module")
def cases(web: Web) -> Sequence[schemathesis.Case]:
    """Made once, sent by every role."""
    schema = schemathesis.openapi.from_dict(web.app.openapi())
    found = [result.ok() for result in schema.get_all_operations()]
    operations = [operation for operation in found if operation.label not in ENDLESS]
    assert len(operations) > 60
    operations.sort(key=lambda operation: operation.label == SIGNS_OUT)
    return [case for operation in operations for case in drawn(operation)]


def drawn(operation: schemathesis.APIOperation) -> list[schemathesis.Case]:
    made: list[schemathesis.Case] = []
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

        @seed(1)
        @settings(
            max_examples=EACH,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def draw(case: schemathesis.Case) -> None:
            made.append(case)

        with warnings.catch_warnings(), suppress(Unsatisfiable):
            warnings.simplefilter("ignore")
            draw()  # unsatisfiable: a route without parameters has nothing to send wrongly
    assert made, operation.label
    return made


@pytest.fixture(scope="module")
def numbers(web: Web) -> list[str]:
    """Whistles in several states, which commands that were made up may meet."""
    city = web.someone("city")
    raised = [web.nobody.raises(location=IN_CP02)["number"] for _ in range(3)]
    city.give(raised[0], "classify", {"category": LAMP})
    city.give(raised[0], "dispatch", {"lead": "U01"})
    city.give(raised[1], "classify", {"category": LITTER})
    city.give(raised[1], "pool")
    return [*raised, web.nobody.raises(location=IN_CP02, category=VIOLENCE)["number"]]


@pytest.fixture(scope="module")
def callers(web: Web) -> dict[str, Caller]:
    """Signed in before wrong passwords are guessed, which would make the right ones wait."""
    reporter = web.with_receipt(web.nobody.raises(location=IN_CP02)["receipt"])
    accounts = {name: web.someone(name) for name in ROLES[2:]}
    return {"nobody": web.nobody, "a reporter": reporter, **accounts}


@pytest.mark.parametrize("role", ROLES)
def test_no_request_makes_the_tracker_fail(
    web: Web,
    callers: dict[str, Caller],
    cases: Sequence[schemathesis.Case],
    numbers: list[str],
    role: str,
) -> None:
    known: Iterator[str | None] = cycle([*numbers, None])
    failed = []
    for case in cases:
        answer = send(web, callers[role], case, next(known))
        if answer >= 500:
            failed.append((case.operation.label, answer, case.as_curl_command()))

    assert failed == []


def send(web: Web, caller: Caller, case: schemathesis.Case, number: str | None) -> int:
    if number is not None and "number" in case.path_parameters:
        case.path_parameters["number"] = number
    given = case.as_transport_kwargs(base_url="http://testserver")
    prepared = requests.Request(**given).prepare()
    body = prepared.body if prepared.body is not None else b""
    headers = {**prepared.headers, **caller.headers}
    headers = {name: value for name, value in headers.items() if sendable(value)}
    answer = web.client.request(
        prepared.method or "GET", prepared.url or "", headers=headers, content=body
    )
    web.client.cookies.clear()
    if not answer.is_success and not answer.is_redirect:
        assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code


def sendable(value: str | bytes) -> bool:
    """What the client itself would refuse to put on the wire."""
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return text.isascii() and text.isprintable()
