"""The table of rights: whole, readable, and asked by everything."""

from typing import Any

import pytest

from api.door import access
from api.door.access import (
    COMMANDS,
    READING,
    ROWS,
    Person,
    Scope,
    Territory,
    holds,
    line,
    may,
    may_read,
)
from api.door.rights_in_words import right_named
from api.door.subjects import WhistleSubject
from tests.api.web import IN_CP02, LAMP, LITTER, Web
from tests.giving import a_call_in_json
from tracker.commands.whistle.commands import BY_NAME
from tracker.domain.actors import Actor, Role

IN_GRID = WhistleSubject(
    grid="G1",
    street="S1",
    post="CP01",
    lead="U01",
    units=("U01", "U02"),
    past_units=("U01", "U02", "U03"),
    pooled=False,
    category="E0101",
    confidential=False,
    reporters=("resident-1", "resident-3"),
    raised_by=("resident-1",),
)


def person(role: Role, **at: Any) -> Person:
    street = at.pop("street", None)
    whole = bool(at.pop("whole", ""))
    account = at.pop("account", "somebody")
    return Person(Actor(account, role, **at), Territory(street, frozenset(), whole))


def test_every_command_of_the_domain_has_a_row_and_a_form() -> None:
    assert set(COMMANDS) == set(BY_NAME)


def test_the_system_is_given_nothing_by_the_table() -> None:
    rows = [*COMMANDS.values(), *READING.values()]

    assert not [row for row in rows for _, roles in row if Role.SYSTEM in roles]


def test_leader_and_admin_read_and_give_no_command_and_the_auditor_confirms_alone() -> None:
    his = ["open-contact", "exclude", "annul"]  # besides what he confirms, he may look
    for role, given in ((Role.LEADER, []), (Role.ADMIN, []), (Role.AUDITOR, his)):
        assert may_read(person(role), IN_GRID)
        assert [command for command in COMMANDS if may(command, person(role), IN_GRID)] == given


def test_the_judged_unit_never_voids_merges_or_verifies() -> None:
    for role in (Role.HANDLER, Role.UNIT_LIAISON):
        for command in ("void", "merge", "verify", "follow-up", "close", "exclude"):
            assert not may(command, person(role, unit="U01"), IN_GRID)


@pytest.mark.parametrize(
    ("who", "scope", "inside"),
    [
        (person(Role.GRID_WORKER, grid="G1"), Scope.GRID, True),
        (person(Role.GRID_WORKER, grid="G2"), Scope.GRID, False),
        (person(Role.GRID_WORKER, grid="G0", parts=frozenset({"G1"})), Scope.GRID, True),
        (person(Role.GRID_WORKER, grid="G1"), Scope.SITE, False),
        (person(Role.DISPATCHER, post="CP01"), Scope.POST, True),
        (person(Role.DISPATCHER, post="CP02", street="S1"), Scope.POST, False),
        (person(Role.DISPATCHER, post="CP24", street="S1", whole="yes"), Scope.POST, True),
        (person(Role.DISPATCHER, post="CP25", street="S2", whole="yes"), Scope.POST, False),
        (person(Role.DISPATCHER, post="CP02", street="S1"), Scope.STREET, True),
        (person(Role.DISPATCHER, post="CP09", street="S2"), Scope.STREET, False),
        (person(Role.HANDLER, unit="U01"), Scope.LEAD, True),
        (person(Role.HANDLER, unit="U02"), Scope.LEAD, False),
        (person(Role.HANDLER, unit="U02"), Scope.UNIT, True),
        (person(Role.HANDLER, unit="U03"), Scope.UNIT, False),
        (person(Role.HANDLER, unit="U03"), Scope.PAST, True),
        (person(Role.HANDLER, unit="U04"), Scope.PAST, False),
        (person(Role.RESIDENT, account="resident-1"), Scope.REPORT, True),
        (person(Role.RESIDENT, account="resident-2"), Scope.REPORT, False),
        (person(Role.RESIDENT, account="resident-3"), Scope.REPORT, True),
        (person(Role.RESIDENT, account="resident-1"), Scope.RAISED, True),
        (person(Role.RESIDENT, account="resident-3"), Scope.RAISED, False),
        (person(Role.RESIDENT), Scope.CITY, True),
    ],
)
def test_a_scope_is_one_question(who: Person, scope: Scope, inside: bool) -> None:
    assert holds(scope, who, IN_GRID) is inside


def test_a_grid_worker_goes_and_looks_where_nobody_can_be_called() -> None:
    anonymous = WhistleSubject(**{**vars(IN_GRID), "wants_site_check": True})

    assert may("follow-up", person(Role.GRID_WORKER, grid="G1"), anonymous)
    assert not may("follow-up", person(Role.GRID_WORKER, grid="G2"), anonymous)
    assert not may("follow-up", person(Role.GRID_WORKER, grid="G1"), IN_GRID)


def test_nobody_is_not_the_reporter_of_what_nobody_raised() -> None:
    by_nobody = WhistleSubject(**{**vars(IN_GRID), "reporters": ("anonymous",)})

    assert not holds(Scope.REPORT, person(Role.ANONYMOUS, account="anonymous"), by_nobody)


def test_a_whistle_without_a_place_is_every_desks() -> None:
    nowhere = WhistleSubject(**{**vars(IN_GRID), "post": None, "street": None, "grid": None})

    assert may("locate", person(Role.INTAKE, post="CP17"), nowhere)
    assert not may("locate", person(Role.GRID_WORKER, grid="G1"), nowhere)


def test_a_line_of_the_table_can_be_read_aloud() -> None:
    assert line("return") == "单位联络员(承办单位)"
    assert line("self-resolve") == "网格长、网格员(本网格)"


def test_a_refusal_names_those_who_may(web: Web) -> None:
    number = web.nobody.raises(location=IN_CP02)["number"]

    answer = web.someone("handler-u01").give(number, "dispatch", {"lead": "U01"})

    assert (answer.status_code, answer.json()["code"]) == (403, "access.not_allowed")
    assert answer.json()["facts"] == {
        "command": "dispatch",
        "role": "handler",
        "who": line("dispatch"),
    }


def test_it_says_so_in_the_words_of_one_language_without_identifiers(web: Web) -> None:
    number = web.nobody.raises(location=IN_CP02)["number"]
    handler, english = web.someone("handler-u01"), {"Accept-Language": "en"}

    zh = handler.give(number, "dispatch", {"lead": "U01"}).json()
    en = handler.give(number, "dispatch", {"lead": "U01"}, headers=english).json()

    assert zh["detail"] == "您的岗位(承办人)不能办“派单”"
    assert zh["remedy"].startswith("可以办理的有:")
    assert en["detail"] == "“Dispatch” is not open to your role (handler)"
    assert en["remedy"].startswith("Those who may: commander") and en["remedy"].isascii()


@pytest.mark.parametrize(
    ("account", "command", "body", "where"),
    [
        ("dispatcher-cp09", "pool", {}, "本指挥部"),
        ("handler-u09", "respond", a_call_in_json(), "承办单位"),
        ("gw-53250300100101", "locate", {"grid": "53250300100201"}, "本网格"),
    ],
)
def test_somebody_of_the_right_role_elsewhere_is_told_that_it_is_the_place(
    web: Web, account: str, command: str, body: dict[str, object], where: str
) -> None:
    number = web.nobody.raises(location=IN_CP02, category="E0101")["number"]

    answer = web.someone(account).give(number, command, body)

    assert (answer.status_code, answer.json()["code"]) == (403, "access.not_allowed")
    assert "可以办" in answer.json()["detail"]
    assert answer.json()["detail"].endswith(f"但这一件不在您的范围({where})")


def test_every_row_of_the_table_has_words(web: Web) -> None:
    unnamed = [right for right in ROWS if right_named(right).words.zh == right]

    assert unnamed == ["read", "read-confidential", "figures", "what-if"]  # they have their own


@pytest.mark.parametrize(
    ("account", "offered"),
    [
        (
            "intake-cp02",
            {"amend", "join", "locate", "classify", "void", "transfer-out", "urge", "correct"}
            | {"mark-confidential", "open-contact"},
        ),
        ("gw-53250300100201", {"amend", "join", "locate", "classify", "self-resolve"}),
        ("leader", set()),
        ("supervisor", {"escalate", "supervise", "exclude", "urge", "correct"}),
    ],
)
def test_what_is_offered_is_what_table_and_state_both_allow(
    web: Web, account: str, offered: set[str]
) -> None:
    number = web.nobody.raises(location=IN_CP02)["number"]

    answer = web.someone(account).get(f"/whistles/{number}/commands")

    assert {item["command"] for item in answer.json()["items"]} == offered


def test_what_is_offered_comes_with_its_label_and_form(web: Web) -> None:
    number = web.nobody.raises(location=IN_CP02)["number"]
    items = web.someone("city").get(f"/whistles/{number}/commands").json()["items"]

    classify = next(item for item in items if item["command"] == "classify")

    assert classify["label"] == {"zh": "分类立案", "en": "Classify"}
    assert classify["schema"]["required"] == ["category"]
    assert set(classify["schema"]["properties"]) == {"category", "sla_class", "reason"}
    assert classify["schema"]["additionalProperties"] is False


def test_what_is_not_offered_is_refused(web: Web) -> None:
    number = web.nobody.raises(location=IN_CP02)["number"]
    intake = web.someone("intake-cp02")
    items = intake.get(f"/whistles/{number}/commands").json()["items"]
    offered = {item["command"] for item in items}
    bodies = {
        "merge": {"into": number},
        "unmerge": {"reason": "x"},
        "dispatch": {"lead": "U01"},
        "reopen": {"reason": "x"},
        "resume": {"reason": "x"},
        "exclude": {"reason": "force_majeure"},
        "supervise": {"reason": "x"},
        "escalate": {"reason": "x"},
        "verify": {"passed": True},
        "submit": {"note": "x"},
    }

    for command, body in bodies.items():
        assert command not in offered
        assert intake.give(number, command, body).status_code in (403, 409), command


def test_each_demo_account_of_a_post_and_unit_can_do_its_part(web: Web) -> None:
    number = web.nobody.raises("垃圾", location=IN_CP02, category=LITTER)["number"]
    web.someone("commander-cp02").give(number, "classify", {"category": LITTER})

    pooled = web.someone("commander-cp02").give(number, "pool")
    claimed = web.someone("handler-u01").give(number, "claim")
    back = web.someone("liaison-u01").give(
        number, "return", {"reason": "not_our_duty", "basis": "三定方案"}
    )

    assert (pooled.status_code, claimed.status_code) == (200, 200)
    assert back.status_code == 409  # what was claimed of one's own will is not returned


def test_a_return_is_judged_by_the_street_and_a_second_one_by_the_city(web: Web) -> None:
    number = web.nobody.raises(location=IN_CP02)["number"]
    city = web.someone("city")
    city.give(number, "classify", {"category": LAMP})
    city.give(number, "dispatch", {"lead": "U01"})
    asked = web.someone("liaison-u01").give(
        number, "return", {"reason": "not_our_duty", "basis": "三定方案"}
    )
    verdict = {"unit": "U01", "upheld": False, "reason": "属本单位职责"}

    elsewhere = web.someone("dispatcher-cp09").give(number, "adjudicate", verdict)
    street = web.someone("dispatcher-cp24").give(number, "adjudicate", verdict)

    assert asked.status_code == 200, asked.text
    assert (elsewhere.status_code, street.status_code) == (403, 200)


def test_two_people_void_a_whistle(web: Web) -> None:
    number = web.nobody.raises(location=IN_CP02)["number"]

    first = web.someone("intake-cp02").give(number, "void", {"reason": "test"})
    same = web.someone("intake-cp02").give(number, "void", {"reason": "test"})
    second = web.someone("commander-cp02").give(number, "void", {"reason": "test"})

    assert (first.status_code, first.json()["state"]) == (202, "RAISED")
    assert same.status_code == 409
    assert (second.status_code, second.json()["state"]) == (200, "VOID")


def test_the_table_is_plain_data_too() -> None:
    assert access.everything()["claim"] == {"pool": ["handler", "unit_liaison"]}


def test_what_became_confidential_in_the_pool_is_no_units_to_claim(web: Web) -> None:
    intake, unit = web.someone("intake-cp02"), web.someone("liaison-u01")
    number = web.nobody.raises("垃圾没人收", location=IN_CP02, category=LITTER)["number"]
    intake.give(number, "classify", {"category": LITTER})
    web.someone("dispatcher-cp02").give(number, "pool")
    for category in ("E0803", LITTER):  # it stays confidential under every category that follows
        intake.give(number, "classify", {"category": category})
    state = web.tracker.whistle(number)

    answer = unit.give(number, "claim")

    assert (state.state, state.confidential, state.category) == ("TRIAGED", True, LITTER)
    assert answer.status_code == 403, answer.text
    after = web.tracker.whistle(number)
    assert (after.state, after.lead, after.version) == ("TRIAGED", None, state.version)
