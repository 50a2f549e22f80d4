"""What an older system knows of its whistles, and what becomes of it in the log."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from tests.giving import actor_named
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.responding import Start
from tracker.domain.whistle.assignment import AssignmentState
from tracker.domain.whistle.events import State
from tracker.domain.whistle.following_up import FollowedUp
from tracker.domain.whistle.whistle import Whistle
from tracker.eventstore.contents import read_words
from tracker.imports.command import Imported, import_, import_file
from tracker.settings import Settings

FIXTURE = Path(__file__).parent / "data" / "metrics_fixture.json"
FACTS = json.loads(FIXTURE.read_text(encoding="utf-8"))["facts"]
FORMAT = Path(__file__).parents[1] / "docs" / "import-format.md"
CITY = ZoneInfo("Asia/Shanghai")
Lines = Callable[..., Path]


@pytest.fixture
def tracker(city_settings: Settings) -> Iterator[Tracker]:
    with Tracker(city_settings, name="test", pool_size=3) as made:
        yield made


@pytest.fixture
def lines(tmp_path: Path) -> Lines:
    def write(*given: Any) -> Path:
        file = tmp_path / "facts.jsonl"
        told = [line if isinstance(line, str) else json.dumps(line) for line in given]
        file.write_text("".join(line + "\n" for line in told), encoding="utf-8")
        return file

    return write


def fact(**changes: Any) -> dict[str, Any]:
    """An answered whistle of the post CP01, led by U01."""
    told: dict[str, Any] = {
        "id": "A1",
        "registered_at": "2026-09-01T09:00",
        "sla_class": "G4",
        "post": "CP01",
        "lead_unit": "U01",
        "responded_at": "2026-09-01T10:00",
        "assignments": [
            {
                "unit": "U01",
                "role": "lead",
                "assigned_at": "2026-09-01T09:20",
                "responded_at": "2026-09-01T10:00",
                "respond_due": "2026-09-01T15:20",
            }
        ],
    }
    return {name: value for name, value in (told | changes).items() if value is not None}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CITY)


def story(tracker: Tracker, number: str) -> list[str]:
    """The names of its events, less the cards and escalations of passing time."""
    passing = {"DeadlineNeared", "DeadlineOverrun", "Escalated", "SupervisionOpened"}
    events = list(tracker.events.get(tracker.id_of(number)))
    names = [type(event).__name__ for event in events]
    return [name for name in names if name not in passing]


def test_every_fact_of_the_fixture_comes_into_the_state_that_it_tells(
    tracker: Tracker, lines: Lines
) -> None:
    done = import_file(tracker, lines(*FACTS))

    assert (done.whistles, done.known, done.bad) == (len(FACTS), 0, [])
    states = {f"F{n:02d}": tracker.whistle(f"I-F{n:02d}").state for n in range(1, 23)}
    assert states == {f"F{n:02d}": State.CLOSED for n in range(1, 23)} | {
        "F04": State.DISPATCHED,
        "F05": State.SELF_RESOLVED_CLOSED,
        "F06": State.MERGED,
        "F08": State.WITHDRAWN,
        "F09": State.WITHDRAWN,
        "F10": State.SUSPENDED,
        "F16": State.VOID,
        "F17": State.VOID,
        "F19": State.DISPATCHED,
    }


def test_due_times_and_answers_are_those_of_the_facts(tracker: Tracker, lines: Lines) -> None:
    import_file(tracker, lines(*FACTS))

    for told in FACTS:
        whistle = tracker.whistle(f"I-{told['id']}")
        if whistle.cycle > 1 or "resolve_due" not in told:
            continue
        answered = told.get("responded_at")
        assert whistle.clocks["respond"].due == at(told["respond_due"]), told["id"]
        assert whistle.clocks["resolve"].due == at(told["resolve_due"]), told["id"]
        assert whistle.responded_at == (at(answered) if answered else None), told["id"]
        for part in told.get("assignments", ()):
            found = [a for a in whistle.assignments if a.unit == part["unit"]]
            assert [a.respond_due for a in found] == [at(part["respond_due"])], told["id"]
            said = part["responded_at"]
            assert [a.responded_at for a in found] == [at(said) if said else None], told["id"]


def test_a_false_completion_is_submitted_heard_and_done_again(
    tracker: Tracker, lines: Lines
) -> None:
    import_file(tracker, lines(*FACTS))

    assert story(tracker, "I-F03") == [
        "Raised",
        "Dispatched",
        "Responded",
        "Started",
        "Submitted",
        "VerificationPassed",
        "FollowedUp",
        "ReworkOrdered",
        "DeadlineMissed",
        "Submitted",
        "VerificationPassed",
        "Closed",
    ]


def test_a_late_return_is_upheld_as_late_and_the_miss_is_dated_at_its_due_time(
    tracker: Tracker, lines: Lines
) -> None:
    import_file(tracker, lines(*FACTS))

    events = list(tracker.events.get(tracker.id_of("I-F14")))
    upheld = [e for e in events if type(e).__name__ == "ReturnUpheld"]
    missed = [e for e in events if type(e).__name__ == "DeadlineMissed"]
    assert [(e.unit, e.late) for e in upheld] == [("U02", True)]
    assert [(e.kind, e.unit, e.timestamp) for e in missed] == [
        ("respond", None, at("2026-09-16T15:00")),
        ("respond", "U02", at("2026-09-16T15:10")),
        ("resolve", None, at("2026-09-22T17:30")),
    ]


def test_a_silent_co_handler_stays_without_an_answer(tracker: Tracker, lines: Lines) -> None:
    import_file(tracker, lines(*FACTS))

    silent = [a for a in tracker.whistle("I-F15").assignments if a.unit == "U05"]

    assert [(a.state, a.responded_at) for a in silent] == [(AssignmentState.ASSIGNED, None)]


def test_a_duplicate_follows_a_parent_that_stands_below_it_in_the_file(
    tracker: Tracker, lines: Lines
) -> None:
    import_file(tracker, lines(*FACTS))

    parent, child = tracker.whistle("I-F07"), tracker.whistle("I-F06")

    assert parent.children == {child.id: "I-F06"}
    assert child.merged_into == parent.id


def test_three_calls_that_nobody_answered_close_without_a_verdict(
    tracker: Tracker, lines: Lines
) -> None:
    import_file(tracker, lines(*FACTS))

    events = list(tracker.events.get(tracker.id_of("I-F21")))
    calls = [e for e in events if type(e).__name__ == "FollowedUp"]

    assert [(e.method, e.resolved, e.attempt) for e in calls] == [
        ("unreachable", None, 1),
        ("unreachable", None, 2),
        ("unreachable", None, 3),
    ]
    assert events[-1].basis == "unreachable"  # type: ignore[attr-defined]


def test_no_history_ends_with_a_clock_that_a_closed_whistle_should_not_have(
    tracker: Tracker, lines: Lines
) -> None:
    import_file(tracker, lines(*FACTS))

    for n in range(1, 23):
        whistle = tracker.whistle(f"I-F{n:02d}")
        running = [clock.key for clock in whistle.clocks.values() if clock.stopped_at is None]
        assert not (whistle.is_terminal and running), whistle.number


def test_the_same_file_twice_adds_nothing(tracker: Tracker, lines: Lines) -> None:
    import_file(tracker, lines(*FACTS))
    before = tracker.recorder.max_notification_id()

    again = import_file(tracker, lines(*FACTS))

    assert again == Imported(whistles=0, events=0, known=len(FACTS), bad=[])
    assert tracker.recorder.max_notification_id() == before


def test_a_dry_run_says_what_would_be_and_writes_nothing(tracker: Tracker, lines: Lines) -> None:
    before = tracker.recorder.max_notification_id()

    done = import_file(tracker, lines(*FACTS), dry_run=True)

    assert (done.whistles, done.bad) == (len(FACTS), [])
    assert tracker.recorder.max_notification_id() == before


def test_a_known_whistle_with_other_facts_is_refused(tracker: Tracker, lines: Lines) -> None:
    import_file(tracker, lines(fact()))

    done = import_file(tracker, lines(fact(post="CP02")))

    assert done.bad == [(1, "A1 was imported already, with other facts")]
    assert tracker.whistle("I-A1").place.post == "CP01"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("{", "the line is no JSON"),
        ("[]", "the line is not a JSON object"),
        (fact(text="a\0b"), "a text holds the character NUL"),
        (fact(id=""), "id must be 1 to 64 letters, digits, dots, hyphens or underscores"),
        (fact(colour="red"), "unknown field colour"),
        (fact(registered_at=None), "registered_at is missing"),
        (fact(registered_at="soon"), "registered_at is no time: 'soon'"),
        (fact(sla_class="Z9"), "There is no SLA class Z9"),
        (fact(post="CP99"), "CP99"),
        (fact(lead_unit="U99", assignments=[], responded_at=None), "U99"),
        (fact(category="Q0000"), "Q0000"),
        (fact(closed_at="2026-09-03T09:00"), "closed_at without resolved_at"),
        (fact(responded_at="2026-09-01T10:01"), "no response of a lead"),
        (fact(registered_at="2026-09-01T09:30"), "[0].assigned_at is before it was registered"),
        (fact(resolved_at="2026-09-03T09:00", closed_at="2026-09-02T09:00"), "out of order"),
        (fact(excluded={"kind": "gone", "at": "2026-09-02T09:00"}), "excluded.kind must be"),
        (
            fact(excluded={"kind": "merged_child", "at": "2026-09-02T09:00", "into": "NONE"}),
            "no whistle NONE to follow",
        ),
    ],
)
def test_a_bad_line_is_told_with_its_number_and_the_others_go_in(
    tracker: Tracker, lines: Lines, bad: Any, reason: str
) -> None:
    done = import_file(tracker, lines(fact(id="B1"), bad, fact(id="B2")))

    assert [number for number, _ in done.bad] == [2]
    assert reason in done.bad[0][1]
    assert done.whistles == 2
    assert tracker.whistle("I-B2").state is State.RESPONDED


NEW_YEAR = datetime(2027, 1, 1, 9, tzinfo=CITY)
FUTURE = "2027-01-01T09:01"
OF_THE_FUTURE = [
    ("registered_at", {"registered_at": FUTURE, "responded_at": None, "assignments": []}),
    ("resolved_at", {"first_submitted_at": FUTURE, "resolved_at": FUTURE}),
    ("withdrawn_at", {"withdrawn_at": FUTURE}),
    ("excluded.at", {"excluded": {"kind": "void", "at": FUTURE}}),
    ("suspensions[0]", {"suspensions": [[FUTURE, None]]}),
    (
        "assignments[1].assigned_at",
        {
            "assignments": [
                *fact()["assignments"],
                {"unit": "U02", "role": "co", "assigned_at": FUTURE},
            ]
        },
    ),
    (
        "first_followup.at",
        {
            "first_submitted_at": "2026-09-02T09:00",
            "resolved_at": "2026-09-02T09:00",
            "first_followup": {"at": FUTURE, "resolved": True, "rating": 5, "method": "phone"},
        },
    ),
]


@pytest.mark.parametrize("dry_run", [True, False], ids=["dry run", "for real"])
@pytest.mark.parametrize(("field", "changes"), OF_THE_FUTURE, ids=[f for f, _ in OF_THE_FUTURE])
def test_what_has_not_happened_yet_is_refused_by_line_and_field(
    tracker: Tracker, lines: Lines, field: str, changes: dict[str, Any], dry_run: bool
) -> None:
    file = lines(fact(id="B1"), fact(id="B2") | changes)

    done = import_file(tracker, file, dry_run=dry_run, now=NEW_YEAR)

    [(line, why)] = done.bad
    assert (line, done.whistles) == (2, 1)
    assert why.startswith(("first_submitted_at", field))
    assert why.endswith("is in the future: 2027-01-01T09:01")


def test_what_happens_this_very_second_is_taken(tracker: Tracker, lines: Lines) -> None:
    done = import_file(tracker, lines(fact()), now=at("2026-09-01T10:00"))

    assert (done.bad, done.whistles) == ([], 1)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"respond_due": "2026-09-01T08:59"}, "respond_due is before its clock began"),
        ({"resolve_due": "2026-08-31T09:00"}, "resolve_due is before its clock began"),
        ({"first_submitted_at": "2026-09-01T09:59", "resolved_at": "2026-09-01T09:59"},
         "responded_at, first_submitted_at"),
        ({"withdrawn_at": "2026-09-01T09:59"}, "assignments[0].responded_at is after withdrawn_at"),
        ({"sla_class": "E1", "suspensions": [["2026-09-02T09:00", None]]}, "cannot be suspended"),
        ({"extensions_granted": 2}, "class G4 grants 1"),
    ],
)  # fmt: skip
def test_a_line_that_would_make_a_figure_wrong_is_refused(
    tracker: Tracker, lines: Lines, changes: dict[str, Any], reason: str
) -> None:
    done = import_file(tracker, lines(fact() | changes), dry_run=True, now=NEW_YEAR)

    [(line, why)] = done.bad
    assert (line, reason in why) == (1, True), why


@pytest.mark.parametrize("method", ["phone", "site", "online"])
def test_an_anonymous_reporter_has_a_verdict_and_his_rating_is_a_remark(
    tracker: Tracker, lines: Lines, method: str
) -> None:
    seen = {"at": "2026-09-03T09:00", "resolved": True, "rating": 5, "method": method}
    done = {"first_submitted_at": "2026-09-02T09:00", "resolved_at": "2026-09-02T09:00"}

    import_file(tracker, lines(fact(anonymous=True, first_followup=seen, **done)))

    [told] = [
        event
        for event in tracker.events.get(tracker.whistle("I-A1").id)
        if isinstance(event, FollowedUp)
    ]
    assert (told.resolved, told.rating, told.remark) == (True, None, 5)


def test_a_duplicate_may_come_in_a_later_file_than_its_parent(
    tracker: Tracker, lines: Lines
) -> None:
    import_file(tracker, lines(fact()))
    gone = {"kind": "merged_child", "at": "2026-09-01T11:00", "into": "A1"}

    import_file(tracker, lines(fact(id="A2", excluded=gone), fact(id="A3", excluded=gone)))

    assert sorted(tracker.whistle("I-A1").children.values()) == ["I-A2", "I-A3"]
    assert tracker.whistle("I-A2").state is State.MERGED


def test_text_is_said_as_that_of_any_whistle_and_the_line_itself_to_nobody(
    tracker: Tracker, lines: Lines
) -> None:
    import_file(tracker, lines(fact(text="路灯不亮")))

    words = tracker.whistle("I-A1").words
    with tracker.connection() as connection:
        kept = read_words(connection, [word.id for word in words])

    assert {word.kind: kept[word.id].body for word in words} == {"text": "路灯不亮"}


def test_an_imported_whistle_that_is_open_goes_on_under_the_rules(
    tracker: Tracker, lines: Lines
) -> None:
    import_file(tracker, lines(fact()))
    handler = actor_named(tracker, "handler-u01")

    done = tracker.give(Start(), "I-A1", actor=handler, at=at("2026-09-01T11:00"))

    assert done.aggregate.state is State.IN_PROGRESS


def test_the_command_tells_bad_lines_and_exits_with_1(
    city_settings: Settings, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", city_settings.database_url or "")
    file = lines(fact(), "{")

    asked = CliRunner().invoke(import_, [str(file)])
    as_json = CliRunner().invoke(import_, [str(file), "--json"])

    assert (asked.exit_code, as_json.exit_code) == (1, 1)
    assert "line 2: the line is no JSON" in asked.stderr
    assert json.loads(as_json.stdout)["bad"] == [{"line": 2, "reason": "the line is no JSON"}]
    assert json.loads(as_json.stdout)["known"] == 1


def test_the_example_in_the_docs_goes_in(tracker: Tracker, tmp_path: Path) -> None:
    example = FORMAT.read_text(encoding="utf-8").split("```json\n")[1].split("```")[0]
    file = tmp_path / "example.jsonl"
    file.write_text("".join(line + "\n" for line in example.splitlines() if line.strip()))

    done = import_file(tracker, file)

    assert done.bad == []
    assert done.whistles == 2


def test_many_lines_go_in_by_batches_and_memory_holds_one(tracker: Tracker, lines: Lines) -> None:
    first = at("2026-09-01T09:00")
    many = [
        fact(id=f"M{n}", registered_at=(first - timedelta(minutes=n)).isoformat())
        for n in range(900)
    ]

    done = import_file(tracker, lines(*many))

    assert (done.whistles, done.bad) == (900, [])
    assert isinstance(tracker.whistle("I-M899"), Whistle)
