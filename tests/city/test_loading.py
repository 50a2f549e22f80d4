"""A city pack becomes events once; a changed pack becomes exactly the events of its changes."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.mengzi import LOADED_AT, PACK, a_pack
from tracker.city import credentials as accounts
from tracker.city.pack.checking import PackBroken, ZoneIsFixed
from tracker.city.pack.citypack import PackUnreadable
from tracker.city.pack.loading import PackMoved, give_demo_passwords, load_city, load_city_command
from tracker.city.registering import amend
from tracker.commands.tracker import Tracker
from tracker.domain.actors import Role
from tracker.domain.city.areas import AreaChanged, PlanEntry, PlanSwitchedOn
from tracker.domain.city.catalogue import CategoryAdded, CategoryChanged, CategoryEnded
from tracker.domain.city.entries import Changed, Event, entry_id
from tracker.domain.city.policy import CalendarAmended, CalendarPublished, PolicyRevised
from tracker.domain.city.posts import PostAppointed, PostRedrawn, PostRelieved
from tracker.domain.city.units import UnitChanged, UnitEnded, UnitEntry, UnitRestored
from tracker.settings import Settings

LATER = LOADED_AT + timedelta(days=20)  # 2026-11-22, 09:00 in the city


@pytest.fixture
def tracker(settings: Settings) -> Iterator[Tracker]:
    with Tracker(settings, name="test", pool_size=2) as tracker:
        yield tracker


def loaded(tracker: Tracker, pack: dict[str, Any] = PACK, demo_accounts: bool = False) -> None:
    load_city(tracker, pack, demo_accounts, LOADED_AT)


def facts(events: tuple[Event, ...]) -> list[tuple[type[Event], str, dict[str, Any]]]:
    """Class, code and own fields of each event."""
    common = {"originator_id", "originator_version", "timestamp", "code", "by", "role"}
    return [
        (type(event), event.code, event.changes())
        if isinstance(event, Changed)
        else (
            type(event),
            event.code,
            {name: value for name, value in vars(event).items() if name not in common},
        )
        for event in events
    ]


def test_the_whole_city_with_its_demo_accounts_is_there_after_one_load(tracker: Tracker) -> None:
    changes = load_city(tracker, PACK, True, LOADED_AT)

    city = tracker.city
    counts = Counter(event.TOPIC for event in changes.events)
    assert counts == {
        "city.city_added": 1,
        "city.area_added": 1 + 1 + 4 + 23 + 187 + 18,
        "city.plan_added": 2,
        "city.unit_added": 25 + 10 + 216,
        "city.post_added": 28,
        "city.major_added": 12,
        "city.category_added": 77,
        "city.item_added": 75,
        "city.policy_issued": 1,
        "city.calendar_published": 2,
        "city.account_opened": 187 + 28 * 5 + (25 + 10) * 2 + 216 + 5,
    }
    assert city.account("gw-53250300100101").grid == "53250300100101"
    assert city.account("gw-53250300100101").post == "CP28"
    assert city.account("dispatcher-cp24").street == "532503001"
    assert city.account("liaison-u01").role is Role.UNIT_LIAISON
    assert city.account("admin").role is Role.ADMIN


def test_a_second_load_of_the_same_pack_records_nothing(tracker: Tracker) -> None:
    loaded(tracker, demo_accounts=True)

    changes = load_city(tracker, a_pack(), True, LATER)

    assert changes.events == ()


def test_a_second_load_finds_nothing_to_do_after_changes_and_after_people_acted(
    tracker: Tracker,
) -> None:
    loaded(tracker)
    pack = a_pack()
    pack["units"][0]["short"] = "城管"
    pack["sla_classes"][3]["respond"]["value"] = 3
    pack["command_posts"][0]["grid_codes"].pop()
    load_city(tracker, pack, False, LATER)
    amend(
        tracker,
        PlanEntry,
        "plan-epidemic",
        lambda plan: plan.switch_on(date(2026, 12, 1), None, LATER, accounts.OPERATOR),
    )

    again = load_city(tracker, pack, False, LATER + timedelta(days=1))

    assert again.events == ()
    assert tracker.city.plan(date(2026, 12, 1)).code == "plan-epidemic"  # type: ignore[union-attr]


def test_a_changed_pack_becomes_events_that_carry_only_what_changed(tracker: Tracker) -> None:
    loaded(tracker)
    pack = a_pack()
    pack["communities"][0]["name"] = "银河新社区"
    pack["units"][2]["accepts_emergency_24x7"] = True
    pack["categories"][0]["children"][2]["sla"] = "Q3"
    pack["categories"][0]["children"][2]["keywords"].append("路灯坏了")

    changes = load_city(tracker, pack, False, LATER)

    assert facts(changes.events) == [
        (AreaChanged, "532503001001", {"name": "银河新社区"}),
        (UnitChanged, "U03", {"accepts_emergency_24x7": True}),
        (
            CategoryChanged,
            "C0103",
            {"sla": "Q3", "keywords": ("路灯", "不亮", "灯杆", "路灯坏了")},
        ),
    ]
    assert tracker.city.category("C0103").sla == "Q3"
    assert tracker.city.catalogue_version == 2


def test_what_a_pack_no_longer_names_is_ended_and_stays_readable(tracker: Tracker) -> None:
    loaded(tracker)
    pack = a_pack()
    gone = pack["extra_responders"].pop(6)  # X07, whom no category names
    new = {**pack["categories"][0]["children"][0], "code": "C0109"}
    pack["categories"][0]["children"].append(new)
    del pack["categories"][0]["children"][6]  # C0107

    changes = load_city(tracker, pack, False, LATER)
    back = load_city(tracker, a_pack(), False, LATER + timedelta(days=1))

    assert [(type(event), event.code) for event in changes.events] == [
        (UnitEnded, gone["code"]),
        (CategoryAdded, "C0109"),
        (CategoryEnded, "C0107"),
    ]
    assert changes.events[0].on == date(2026, 11, 22)  # type: ignore[attr-defined]
    assert changes.city.unit(gone["code"]).name == gone["name"]
    assert gone["code"] not in [unit.code for unit in changes.city.responders]
    assert UnitRestored in [type(event) for event in back.events]
    assert tracker.city.unit(gone["code"]).ended_on is None


def test_a_post_gets_other_grids_from_today_and_other_people_by_appointment(
    tracker: Tracker,
) -> None:
    loaded(tracker)
    pack = a_pack()
    given = pack["command_posts"][1]["grid_codes"].pop()
    pack["command_posts"][2]["grid_codes"].append(given)
    pack["sunk_staff"][6]["roles"] = [{"post": "CP08", "role": "deputy_bureau"}]

    changes = load_city(tracker, pack, False, LATER)

    assert [(type(event), event.code) for event in changes.events] == [
        (PostRedrawn, "CP02"),
        (PostRedrawn, "CP03"),
        (PostRelieved, "CP07"),
        (PostAppointed, "CP08"),
    ]
    assert given in tracker.city.post("CP02").grids(date(2026, 11, 21))
    assert given in tracker.city.post("CP03").grids(date(2026, 11, 22))


def test_a_changed_policy_is_its_next_version_with_the_changed_class_alone(
    tracker: Tracker,
) -> None:
    loaded(tracker)
    pack = a_pack()
    pack["sla_classes"][3]["resolve"]["value"] = 4

    changes = load_city(tracker, pack, False, LATER)

    [event] = changes.events
    assert isinstance(event, PolicyRevised)
    assert (event.version, [found.code for found in event.classes]) == (2, ["G4"])
    assert (event.removed, event.hours) == ((), None)
    assert tracker.city.policy.version == 2
    assert tracker.city.policy.classes["G4"].resolve.value == 4


def test_a_missing_year_arrives_as_an_event_of_its_own(tracker: Tracker) -> None:
    loaded(tracker)
    pack = a_pack()
    pack["calendar"]["years"].append(2027)
    pack["calendar"]["exceptions"].append({"date": "2027-01-01", "kind": "holiday_weekday_off"})
    pack["calendar"]["exceptions"].remove({"date": "2026-10-10", "kind": "makeup_workday"})

    changes = load_city(tracker, pack, False, LATER)

    assert [(type(event), event.code) for event in changes.events] == [
        (CalendarAmended, "2026"),
        (CalendarPublished, "2027"),
    ]
    calendar = tracker.city.policy.calendar
    assert 2027 in calendar.years
    assert not calendar.is_working(date(2027, 1, 1))
    assert not calendar.is_working(date(2026, 10, 10))


def test_a_pack_with_a_reference_into_nothing_is_refused_whole(tracker: Tracker) -> None:
    pack = a_pack()
    pack["categories"][0]["children"][0]["lead_unit"] = "U99"

    with pytest.raises(PackBroken) as refusal:
        load_city(tracker, pack, False, LOADED_AT)

    assert refusal.value.facts == {"first": "category C0101: unit U99", "count": 1}
    assert tracker.directory.refresh().version == 0


def test_a_pack_without_working_hours_is_refused(tracker: Tracker) -> None:
    pack = a_pack()
    del pack["working_hours"]

    with pytest.raises(PackUnreadable) as refusal:
        load_city(tracker, pack, False, LOADED_AT)

    assert refusal.value.facts == {"reason": "'working_hours' is missing"}


def test_two_loads_at_the_same_moment_record_the_city_once(settings: Settings) -> None:
    def load(_: int) -> int:
        with Tracker(settings, name="test", pool_size=2) as tracker:
            return len(load_city(tracker, PACK, False, LOADED_AT).events)

    with ThreadPoolExecutor(2) as both:
        recorded = sorted(both.map(load, range(2)))

    assert recorded == [0, 683]


def test_demo_accounts_share_the_password_that_was_given(tracker: Tracker) -> None:
    loaded(tracker, demo_accounts=True)

    made_up = give_demo_passwords(tracker, tracker.city, "one for all", LOADED_AT)

    with tracker.connection() as connection:
        assert made_up is None
        assert accounts.verify_password(connection, "gw-53250300100101", "one for all")
        assert accounts.verify_password(connection, "liaison-am001", "one for all")
        assert not accounts.verify_password(connection, "city", "another")


def test_a_password_is_made_up_once_for_demo_accounts_that_have_none(tracker: Tracker) -> None:
    loaded(tracker, demo_accounts=True)

    made_up = give_demo_passwords(tracker, tracker.city, None, LOADED_AT)
    again = give_demo_passwords(tracker, tracker.city, None, LATER)

    assert made_up is not None
    assert again is None
    with tracker.connection() as connection:
        assert accounts.verify_password(connection, "admin", made_up)


def test_the_surge_plan_comes_into_force_by_one_event(tracker: Tracker) -> None:
    loaded(tracker)
    first, until = date(2022, 1, 1), date(2022, 12, 31)

    city = amend(
        tracker,
        PlanEntry,
        "plan-epidemic",
        lambda plan: plan.switch_on(first, until, LATER, accounts.OPERATOR),
    )

    assert [len(city.grids(day)) for day in (date(2021, 12, 31), first, until)] == [187, 196, 187]
    events = list(tracker.events.get(entry_id("plan", "plan-epidemic")))
    assert [type(event) for event in events][1:] == [PlanSwitchedOn]


def test_the_command_says_what_it_did_and_the_second_time_that_there_was_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", settings.database_url or "")
    monkeypatch.setenv("TRACKER_VAR", str(settings.var))
    monkeypatch.delenv("TRACKER_DEMO_PASSWORD", raising=False)

    first = CliRunner().invoke(load_city_command, ["--demo-accounts"])
    second = CliRunner().invoke(load_city_command, ["--demo-accounts", "--json"])

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "area added: 234\n" in first.output
    assert "蒙自市: 1301 events recorded.\n" in first.output
    assert "Password of the demo accounts, shown this once: " in first.output
    assert json.loads(second.output) == {"changes": [], "password": None}


def test_the_same_pack_at_every_start_leaves_what_an_administrator_changed_since(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", settings.database_url or "")
    monkeypatch.setenv("TRACKER_VAR", str(settings.var))
    start = ["--demo-accounts", "--once", "--json"]
    CliRunner().invoke(load_city_command, start)
    with Tracker(settings, name="test", pool_size=2) as tracker:
        unit = replace(tracker.city.unit("U01"), code="U26", name="公园管理中心", short="公园")
        kept = UnitEntry.add(unit, LATER, accounts.OPERATOR)
        tracker.save(kept)
    changed = tmp_path / "changed.json"
    pack = a_pack()
    pack["units"][0]["short"] = "新名"
    changed.write_text(json.dumps(pack))

    again = CliRunner().invoke(load_city_command, start)
    other = CliRunner().invoke(load_city_command, [str(changed), *start])

    assert json.loads(again.output)["changes"] == []
    assert [one["event"] for one in json.loads(other.output)["changes"]] == [
        "city.unit_changed",
        "city.unit_ended",
        "city.account_renamed",
        "city.account_renamed",
    ]


def test_a_border_and_a_new_community_come_with_a_pack(tracker: Tracker) -> None:
    loaded(tracker)
    pack = a_pack()
    grid, community = pack["grids"][0], pack["communities"][0]
    grid["geometry"] = {
        "type": "Polygon",
        "coordinates": [[[103.1, 23.1], [103.2, 23.1], [103.2, 23.2], [103.1, 23.1]]],
    }
    pack["communities"].append(community | {"code": "532503001099", "name": "南湖社区"})

    changes = load_city(tracker, pack, False, LATER)

    assert [(event.TOPIC, event.code) for event in changes.events] == [
        ("city.area_added", "532503001099"),
        ("city.area_changed", grid["code"]),
    ]
    ring = ((103.1, 23.1), (103.2, 23.1), (103.2, 23.2), (103.1, 23.1))
    assert changes.city.grid(grid["code"]).geometry == ((ring,),)


def test_a_dry_run_tells_what_a_changed_pack_would_record_and_records_nothing(
    tracker: Tracker,
) -> None:
    loaded(tracker)
    before = tracker.directory.refresh().version
    changed = a_pack()
    changed["units"][0]["short"] = "新名"

    found = load_city(tracker, changed, False, LATER, dry_run=True)

    assert tracker.directory.refresh().version == before
    assert facts(found.events) == facts(load_city(tracker, changed, False, LATER).events)


def test_a_pack_that_was_agreed_to_is_not_loaded_once_it_would_change_something_else(
    tracker: Tracker,
) -> None:
    loaded(tracker)
    changed = a_pack()
    changed["units"][0]["short"] = "新名"
    seen = load_city(tracker, changed, False, LATER, dry_run=True).digest
    other = a_pack()
    other["units"][0]["short"] = "别名"
    load_city(tracker, other, False, LATER)
    before = tracker.directory.refresh().version

    with pytest.raises(PackMoved):
        load_city(tracker, changed, False, LATER, agreed=seen)

    assert tracker.directory.refresh().version == before


def test_a_city_that_is_loaded_keeps_its_zone(tracker: Tracker) -> None:
    loaded(tracker)
    moved = {**PACK, "working_hours": {**PACK["working_hours"], "timezone": "Europe/Paris"}}

    with pytest.raises(ZoneIsFixed) as refusal:
        load_city(tracker, moved, False, LATER)

    assert refusal.value.facts == {"zone": "Asia/Shanghai", "given": "Europe/Paris"}
    assert tracker.directory.refresh().zone.key == "Asia/Shanghai"
