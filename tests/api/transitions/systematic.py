"""The cases that are the same for every command: the wrong state, the wrong role, another place."""

from collections.abc import Mapping
from typing import Any

from tests.api.transitions import law
from tests.api.transitions.situations import STATES
from tests.api.transitions.stage import AT_IT, FAR_GRID, GRID, Stage

# Who gives the command where it is the state that is wrong.
RIGHT: Mapping[str, str] = {
    "amend": "intake-cp04",
    "join": "intake-cp04",
    "locate": "intake-cp04",
    "classify": "intake-cp04",
    "self-resolve": f"gw-{GRID}",
    "merge": "dispatcher-cp04",
    "unmerge": "dispatcher-cp04",
    "pool": "dispatcher-cp04",
    "claim": "liaison-u02",
    "dispatch": "dispatcher-cp04",
    "acknowledge": "liaison-u02",
    "open-contact": "handler-u02",
    "confirm-call": "reporter",
    "deny-call": "reporter",
    "respond": "handler-u02",
    "start": "handler-u02",
    "control": "handler-u02",
    "return": "liaison-u02",
    "adjudicate": "city",
    "add-co": "dispatcher-cp04",
    "remove-co": "dispatcher-cp04",
    "request-extension": "handler-u02",
    "decide-extension": "city",
    "ask": "handler-u02",
    "answer": "reporter",
    "suspend": "handler-u02",
    "resume": "commander-cp04",
    "submit": "handler-u02",
    "verify": "verifier-cp04",
    "follow-up": "followup-cp04",
    "contradict": "reporter",
    "answer-party": "followup-cp04",
    "close": "followup-cp04",
    "reopen": "supervisor",
    "withdraw": "reporter",
    "void": "intake-cp04",
    "transfer-out": "intake-cp04",
    "escalate": "dispatcher-cp04",
    "deescalate": "dispatcher-cp04",
    "supervise": "supervisor",
    "end-supervision": "supervisor",
    "urge": "dispatcher-cp04",
    "exclude": "supervisor",
    "correct": "intake-cp04",
    "annul": "city",
    "mark-confidential": "intake-cp04",
    "unmark-confidential": "intake-cp04",
}
PHOTO, OTHER = "a picture", "another whistle"  # filled in by `body_of`
BODIES: Mapping[str, Mapping[str, Any]] = {
    "amend": {"text": "还在"},
    "locate": {"grid": GRID},
    "classify": {"category": "E0501"},
    "self-resolve": {"before": [PHOTO], "after": [PHOTO]},
    "merge": {"into": OTHER},
    "unmerge": {"reason": "不是一件"},
    "dispatch": {"lead": "U01"},
    "open-contact": {"reason": "电话联系"},
    "respond": AT_IT,
    "control": {"note": "关阀"},
    "return": {"reason": "not_our_duty", "basis": "三定方案"},
    "adjudicate": {"unit": "U02", "upheld": False, "reason": "是他的"},
    "add-co": {"unit": "U04", "reason": "要帮手"},
    "remove-co": {"unit": "X05", "reason": "不用了"},
    "request-extension": {"reason": "等料"},
    "decide-extension": {"granted": True, "reason": "可以"},
    "ask": {"text": "几点方便？"},
    "answer": {"text": "下午三点"},
    "suspend": {"reason": "season", "review_on": "2027-03-01", "safety_measure": "围挡"},
    "resume": {"reason": "好了"},
    "submit": {"note": "好了"},
    "verify": {"passed": True},
    "follow-up": {
        "resolved": True,
        "method": "phone",
        "called_at": "2026-03-02T10:00:00+08:00",
        "rating": "declined",
    },
    "contradict": {"resolved": False},
    "answer-party": {"party": 2, "note": "已答复"},
    "close": {"reason": "依规"},
    "reopen": {"reason": "没好"},
    "void": {"reason": "test"},
    "transfer-out": {"target": "petition", "reason": "信访事项"},
    "escalate": {"reason": "急"},
    "deescalate": {"reason": "不急"},
    "supervise": {"reason": "盯住"},
    "end-supervision": {"reason": "好了"},
    "exclude": {"reason": "force_majeure"},
    "correct": {"field": "sla_class", "value": "Q3", "reason": "核实"},
    "annul": {"events": [2], "reason": "时钟快了"},
    "mark-confidential": {"reason": "涉及未成年人"},
    "unmark-confidential": {"reason": "核实"},
}
UNITS = frozenset(
    {"acknowledge", "respond", "start", "control", "return"}
    | {"request-extension", "suspend", "submit", "ask"}
)  # given by a unit that has a part: without one, it is not its task, whatever the state
HAVE_PARTS = law.SENT | {law.SUSPENDED, law.SUBMITTED, law.VERIFIED, law.CLOSED}
# Commands that need more than a state: something pending, a level, a supervision, the overlay.
NEED_MORE = frozenset(
    {"adjudicate", "answer", "decide-extension", "control", "deescalate", "end-supervision"}
    | {"unmark-confidential", "answer-party", "close", "annul", "contradict"}
    | {"confirm-call", "deny-call"}
)


def wrong_states() -> list[tuple[str, str]]:
    return [
        (state, command)
        for command in sorted(law.FROM)
        for state in STATES
        if state not in law.FROM[command] or command in NEED_MORE
    ]


def refuses_in(stage: Stage, state: str, command: str) -> None:
    story = stage.story(state, STATES[state], fresh=False)
    before = story.whistle.version

    answer = stage.give(story, RIGHT[command], command, body_of(stage, command))

    no_part = command in UNITS and state not in HAVE_PARTS
    assert answer.status_code == (403 if no_part else 409), answer.text
    says_what_to_do(answer)
    assert (story.whistle.state, story.whistle.version) == (state, before)


def body_of(stage: Stage, command: str) -> Mapping[str, Any]:
    known = {PHOTO: lambda: stage.picture, OTHER: lambda: stage.story(
        law.TRIAGED, STATES[law.TRIAGED], fresh=False).number}  # fmt: skip

    def fill(value: Any) -> Any:
        if isinstance(value, list):
            return [fill(one) for one in value]
        return known[value]() if value in known else value

    return {name: fill(value) for name, value in BODIES.get(command, {}).items()}


def says_what_to_do(answer: Any) -> None:
    problem = answer.json()
    assert problem["detail"] and problem["remedy"] and problem["code"]


# --- the wrong role ------------------------------------------------------------------------------

NOT_HERE = "不在您的范围"  # said to the right role at the wrong place, and to nobody else
AT_POST = {  # every role at the whistle's own post, grid or unit, or above
    law.RESIDENT: "resident-1",
    law.WORKER: f"gw-{GRID}",
    law.CHIEF: "chief-0401",
    law.INTAKE: "intake-cp04",
    law.DISPATCHER: "dispatcher-cp04",
    law.CADRE: "cadre-cp04",
    law.COMMANDER: "commander-cp04",
    law.DEPUTY: "deputy-cp04",
    law.LIAISON: "liaison-u02",
    law.HANDLER: "handler-u02",
    law.ADJUDICATOR: "adjudicator-cp04",
    law.VERIFIER: "verifier-cp04",
    law.AGENT: "followup-cp04",
    law.SUPERVISOR: "supervisor",
    law.CITY: "city",
    law.LEADER: "leader",
    law.AUDITOR: "auditor",
    law.ADMIN: "admin",
}
# The state in which each command is tried: one from which it may begin.
TRIED_IN: Mapping[str, str] = {
    command: next(state for state in (law.IN_PROGRESS, *STATES) if state in states)
    for command, states in law.FROM.items()
}


def refuses_roles(stage: Stage, command: str) -> None:
    state = TRIED_IN[command]
    story = stage.story(state, STATES[state], fresh=False)
    before = story.whistle.version
    found = {}

    for role, account in AT_POST.items():
        if role not in law.MAY[command]:
            answer = stage.give(story, account, command, body_of(stage, command))
            found[role] = answer.status_code
            says_what_to_do(answer)
            assert command in law.OWN or NOT_HERE not in answer.json()["detail"]

    assert found == dict.fromkeys(found, 403)
    assert story.whistle.version == before
    assert stage.web.nobody.give(story.number, command, body_of(stage, command)).status_code == 401


# --- another place -------------------------------------------------------------------------------

ELSEWHERE: Mapping[str, str] = {
    law.WORKER: f"gw-{FAR_GRID}",
    law.INTAKE: "intake-cp09",
    law.DISPATCHER: "dispatcher-cp09",
    law.COMMANDER: "commander-cp09",
    law.VERIFIER: "verifier-cp09",
    law.AGENT: "followup-cp09",
    law.LIAISON: "liaison-u24",
    law.HANDLER: "handler-u24",
}
EVERYWHERE = frozenset({"supervise", "end-supervision", "exclude", "annul"})  # of the city alone
IN_POOL = frozenset({"claim"})  # any unit may try; whether it is capable is a guard
REPORTERS_ALONE = frozenset({"answer", "confirm-call", "contradict", "deny-call", "withdraw"})
AT_A_PLACE = frozenset(law.MAY) - EVERYWHERE - IN_POOL - REPORTERS_ALONE


def refuses_elsewhere(stage: Stage, command: str) -> None:
    state = TRIED_IN[command]
    story = stage.story(state, STATES[state], fresh=False)
    before, found = story.whistle.version, {}

    for role, account in ELSEWHERE.items():
        if role in law.MAY[command]:
            answer = stage.give(story, account, command, body_of(stage, command))
            found[account] = answer.status_code
            says_what_to_do(answer)
            assert NOT_HERE in answer.json()["detail"]

    assert found and found == dict.fromkeys(found, 403)
    assert story.whistle.version == before
