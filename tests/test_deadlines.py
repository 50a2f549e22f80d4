"""`tracker deadlines`, as a dispatcher or a script asks it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tracker.schedule.calculator import deadlines

FIXTURES = Path(__file__).parent / "data" / "sla_fixtures.json"


def ask(*words: str, given: str | bytes = "") -> Result:
    return CliRunner().invoke(deadlines, words, input=given)


def answers(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_example_of_the_rules_is_answered_in_city_time():
    result = ask("--class", "G4", "--at", "2026-03-06T17:00", "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "respond": "2026-03-09T12:00:00+08:00",
        "resolve": "2026-03-13T17:30:00+08:00",
        "follow_up": "2026-03-18T17:30:00+08:00",
        "provisional": False,
    }


def test_an_emergency_also_says_when_the_hazard_must_be_controlled():
    result = ask("--class", "E1", "--at", "2026-10-03T00:10", "--json")

    assert json.loads(result.stdout) == {
        "respond": "2026-10-03T00:40:00+08:00",
        "control": "2026-10-03T02:10:00+08:00",
        "resolve": "2026-10-04T00:10:00+08:00",
        "follow_up": "2026-10-05T00:10:00+08:00",
        "provisional": False,
    }


def test_a_question_has_no_follow_up_of_its_own():
    result = ask("--class", "C6", "--at", "2026-03-02T10:00", "--json")

    assert json.loads(result.stdout)["follow_up"] is None


def test_a_year_without_a_calendar_is_named_and_the_answer_is_provisional():
    result = ask("--class", "G4", "--at", "2026-12-28T10:00", "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "respond": "2026-12-28T16:00:00+08:00",
        "resolve": "2027-01-04T17:30:00+08:00",
        "follow_up": "2027-01-07T17:30:00+08:00",
        "provisional": True,
        "missing_years": [2027],
    }


def test_pauses_and_extensions_move_the_resolve_deadline():
    result = ask(
        *("--class", "X5", "--at", "2026-03-02T10:00", "--extensions", "2", "--json"),
        *("--pause", "2026-03-03T09:00/2026-03-05T09:00"),
        *("--pause", "2026-03-04T09:00/2026-03-06T09:00"),
    )

    assert json.loads(result.stdout)["resolve"] == "2026-05-12T17:30:00+08:00"


def test_a_time_with_an_offset_is_that_moment():
    there = ask("--class", "Q3", "--at", "2026-03-02T02:00Z", "--json")
    here = ask("--class", "Q3", "--at", "2026-03-02T10:00", "--json")

    assert there.stdout == here.stdout


def test_a_person_gets_a_table():
    result = ask("--class", "X5", "--at", "2026-12-24T10:00")

    assert result.stdout.splitlines() == [
        "X5 复杂(紫), raised 2026-12-24 10:00 (Asia/Shanghai)",
        "  respond    2026-12-25 17:30",
        "  resolve    2027-01-14 17:30  provisional",
        "  follow_up  2027-01-21 17:30  provisional",
        "No calendar for 2027: weekdays are taken as working until it is published.",
    ]


def test_the_table_says_why_a_question_has_no_follow_up():
    result = ask("--class", "C6", "--at", "2026-03-02T10:00")

    assert result.stdout.splitlines()[-1] == "  follow_up  only a sample is asked"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (
            ["--class", "G9"],
            "--class: there is no class 'G9'. Choose one of E1, U2, Q3, G4, X5, C6.",
        ),
        (["--at", "noon"], "--at: 'noon' is not a time. Give it as 2026-03-06T17:00"),
        (["--at", "0001-01-01T00:00"], "--at: '0001-01-01T00:00' is out of range."),
        (["--pause", "2026-03-03T09:00"], "--pause: 2026-03-03T09:00 is not a pause."),
        (["--pause", "2026-03-03T09:00/later"], "--pause: 'later' is not a time."),
        (["--pause", "2026-03-04T09:00/2026-03-03T09:00"], "ends before it starts."),
        (["--extensions", "2"], "--extensions: 2 for class G4. It grants 0 to 1."),
        (["--extensions", "-1"], "--extensions: -1 for class G4."),
        (["--batch", "-"], "--batch takes its cases from the file alone."),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_name_with_a_remedy(words, complaint):
    result = ask("--class", "G4", "--at", "2026-03-02T10:00", *words)

    assert result.exit_code == 2
    assert complaint in result.stderr


def test_asking_for_nothing_says_what_to_give():
    result = ask()

    assert result.exit_code == 2
    assert "Give --class and --at, or --batch FILE." in result.stderr


def test_a_batch_gives_one_answer_for_each_of_the_citys_examples(tmp_path):
    cases = [
        (case, sla_class)
        for case in json.loads(FIXTURES.read_text())["cases"]
        for sla_class in case["deadlines"]
    ]
    batch = tmp_path / "cases.jsonl"
    batch.write_text(
        "\n".join(
            json.dumps({"class": sla_class, "at": case["raised_at"], "pauses": case["pauses"]})
            for case, sla_class in cases
        )
    )

    result = ask("--batch", str(batch))

    assert result.exit_code == 0
    for (case, sla_class), answer in zip(cases, answers(result), strict=True):
        for kind, due in case["deadlines"][sla_class].items():
            if due == "ERROR calendar missing for 2027":
                assert (answer["provisional"], answer["missing_years"]) == (True, [2027])
            else:
                assert answer[kind] == f"{due}:00+08:00"


def test_a_bad_line_in_a_batch_is_named_and_the_others_are_answered():
    good = b'{"class": "Q3", "at": "2026-03-02T10:00", "name": "first", "pauses": null}'
    bad = [
        b"not json",
        b"[1]",
        b"\xff",
        b'{"class": "Q3"}',
        b'{"class": ["Q3"], "at": "2026-03-02T10:00"}',
        b'{"class": "Q3", "at": "2026-03-02T10:00", "pause": []}',
        b'{"class": "Q3", "at": "2026-03-02T10:00", "pauses": "never"}',
        b'{"class": "Q3", "at": "2026-03-02T10:00", "pauses": [[1, 2]]}',
        b'{"class": "Q3", "at": "2026-03-02T10:00", "extensions": true}',
        b'{"class": "Q3", "at": "2026-03-02T10:00", "extensions": "1"}',
    ]

    result = ask("--batch", "-", given=b"\n".join([good, *bad, b"", good]))

    shown = answers(result)
    assert result.exit_code == 1
    assert shown[0] == shown[-1]
    assert [answer.get("line") for answer in shown] == [None, *range(2, 12), None]
    assert [answer["error"].split(":")[0] for answer in shown[1:-1]] == [
        "not JSON",
        'not a case. Write {"class"',
        "not JSON",
        "at",
        "class",
        "pause",
        "pauses",
        "pauses",
        "extensions",
        "extensions",
    ]


def test_an_empty_batch_has_nothing_to_answer():
    result = ask("--batch", "-")

    assert (result.exit_code, result.stdout) == (0, "")


def test_another_city_has_its_own_hours(tmp_path, monkeypatch):
    pack = {
        "sla_classes": [
            {
                "code": "G4",
                "name": "general",
                "respond": {"value": 8, "unit": "working_hours"},
                "resolve": {"value": 1, "unit": "working_days"},
                "pausable": True,
            }
        ],
        "working_hours": {"timezone": "Europe/Berlin", "intervals": [["09:00", "17:00"]]},
        "calendar": {"years": [2026], "exceptions": []},
    }
    (tmp_path / "city.json").write_text(json.dumps(pack))
    monkeypatch.setenv("TRACKER_CITY", str(tmp_path / "city.json"))

    result = ask("--class", "G4", "--at", "2026-03-27T09:00", "--json")

    assert json.loads(result.stdout) == {
        "respond": "2026-03-27T17:00:00+01:00",
        "resolve": "2026-03-30T17:00:00+02:00",
        "follow_up": None,
        "provisional": False,
    }


@pytest.mark.parametrize("content", [None, "{}", "not json", "[]"])
def test_a_city_pack_that_cannot_be_read_says_how_to_name_another(tmp_path, monkeypatch, content):
    city = tmp_path / "city.json"
    if content is not None:
        city.write_text(content)
    monkeypatch.setenv("TRACKER_CITY", str(city))

    result = ask("--class", "G4", "--at", "2026-03-02T10:00")

    assert result.exit_code == 1
    assert "TRACKER_CITY" in result.stderr


@pytest.mark.parametrize("sla_class", ["E1", "U2"])
def test_pauses_of_a_class_that_may_not_pause_are_said_to_move_nothing(sla_class: str) -> None:
    case = ("--class", sla_class, "--at", "2026-03-02T10:00", "--json")

    paused = ask(*case, "--pause", "2026-03-02T11:00/2026-03-05T09:00")

    assert paused.stdout == ask(*case).stdout
    assert paused.stderr == f"Class {sla_class} is not pausable: the pauses move no deadline.\n"
    assert ask(*case).stderr == ""
