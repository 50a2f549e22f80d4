"""What is new in the city's registers can be used at once, and says how it is taken back."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely.geometry
from shapely import box

from tests.api.web import projecting
from tests.browser.people import GRID, HELP
from tests.city.test_changing import ADMIN, AT, NOBODY, TODAY, done, raised, shown
from tests.conftest import NewDatabase
from tests.giving import actor_named
from tracker.city.changing import (
    areas,
    catalogue,
    grids,
    majors,
    plans,
    posts,
    promises,
    units,
)
from tracker.city.changing.catalogue import CATEGORIES
from tracker.city.changing.codes import CodeUnfit, NameTaken, next_code
from tracker.city.changing.items import ITEMS
from tracker.city.changing.majors import MAJORS
from tracker.city.changing.recording import EntryTaken, preview
from tracker.city.changing.units import UNITS, CloseUnit
from tracker.city.pack.citypack import multi_polygon, read_bytes
from tracker.city.pack.loading import load_city
from tracker.city.pack.writing import written
from tracker.commands.fields import GridRef
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.raising import Raise
from tracker.domain.city.areas import Area, MultiPolygon
from tracker.domain.city.catalogue import Category, Claimable, Major, ServiceItem
from tracker.domain.city.entries import Event
from tracker.domain.city.posts import Appointment
from tracker.domain.city.units import Unit, UnitKind
from tracker.routing.geometry import adjoining
from tracker.routing.routing import locate, post_of_grid, suggest
from tracker.settings import Settings

PARKS = Unit(
    code="U26",
    name="蒙自市公园管理中心",
    short="公园中心",
    kind=UnitKind.UNIT,
    whistle_duty=True,
    contact="0873-1234567",
)
LAKE = Category(
    code="C0499",
    name="湖面漂浮物",
    major="C04",
    lead_unit="U02",
    co_units=("U01",),
    sla="G4",
    self_resolvable=False,
    photo_required=True,
    poolable=True,
    confidential=False,
    keywords=("湖面漂浮", "水葫芦"),
    claimable_by=Claimable(units=("U01",)),
)


def halves(geometry: MultiPolygon) -> tuple[MultiPolygon, MultiPolygon]:
    """Its western and its eastern half, by width."""
    shape = polygons(geometry)
    west, south, east, north = shape.bounds
    middle = (west + east) / 2
    return (
        rings_of(shape.intersection(box(west, south, middle, north))),
        rings_of(shape.intersection(box(middle, south, east, north))),
    )


def polygons(geometry: MultiPolygon) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([(rings[0], rings[1:]) for rings in geometry])


def rings_of(shape: Any) -> MultiPolygon:
    return multi_polygon(shapely.geometry.mapping(shape))


def inside(geometry: MultiPolygon) -> tuple[float, float]:
    point = polygons(geometry).representative_point()
    return point.x, point.y


@pytest.fixture
def tracker(city_settings: Settings) -> Iterator[Tracker]:
    with Tracker(city_settings) as tracker, projecting(tracker, city_settings):
        yield tracker


def test_a_new_unit_stands_in_the_directory_and_its_preview_says_what_is_missing(
    tracker: Tracker,
) -> None:
    change = UNITS.add(PARKS)

    told = shown(tracker, change)
    done(tracker, change)

    assert tracker.city.unit("U26") == PARKS
    assert PARKS in tracker.city.units
    claimed = sum(tracker.city.may_claim("U26", one.code) for one in tracker.city.categories)
    assert told == [
        "公园中心 may be sent as lead or co-handler from now on",
        f"It may claim whistles of {claimed} categories from the pool",
        "No category names it yet: choose it when dispatching, or make it a lead in Categories",
        "It has no account yet: open a liaison's and a handler's, or nobody takes what is sent",
        'To take it back: "Close a unit" in the list; the code U26 is never given again',
    ]


def test_a_unit_may_help_without_duty_and_a_member_needs_its_sector(tracker: Tracker) -> None:
    helper = replace(PARKS, code="X11", kind=UnitKind.RESPONDER, whistle_duty=False)
    member = replace(helper, code="AM999", kind=UnitKind.MEMBER)

    assert "never as lead" in shown(tracker, UNITS.add(helper))[0]
    with pytest.raises(units.MemberWithoutSector):
        preview(tracker, UNITS.add(member), AT, ADMIN)
    placed = replace(member, sector="学校", community="532503001001")
    done(tracker, UNITS.add(placed))
    assert tracker.city.unit("AM999") == placed


@pytest.mark.parametrize(
    ("unit", "refusal"),
    [
        (replace(PARKS, code="U01"), EntryTaken),
        (replace(PARKS, code="公园"), CodeUnfit),
        (replace(PARKS, code="u26"), CodeUnfit),
        (replace(PARKS, name="蒙自市教育体育局"), NameTaken),
    ],
)
def test_a_code_is_plain_and_belongs_to_one_and_so_does_a_name(
    tracker: Tracker, unit: Unit, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        preview(tracker, UNITS.add(unit), AT, ADMIN)


def test_numbers_go_on_and_one_that_ended_is_never_given_again(tracker: Tracker) -> None:
    done(tracker, UNITS.add(PARKS))
    done(tracker, UNITS.end("U26"))

    assert next_code(tracker.city, "unit", "U") == "U27"
    assert next_code(tracker.city, "item", "U01-S") == "U01-S04"
    assert next_code(tracker.city, "category", "X09") == "X0901"


def test_a_unit_that_closes_is_offered_nowhere_from_today_until_it_is_restored(
    tracker: Tracker,
) -> None:
    done(tracker, UNITS.add(PARKS))
    done(tracker, ITEMS.add(item := ServiceItem(
        code="U26-S01", name="公园场地借用", unit="U26", handling="社区协助", limit_working_days=3
    )))  # fmt: skip

    told = shown(tracker, CloseUnit("U26"))
    done(tracker, CloseUnit("U26"))

    assert told == [
        "Nobody takes it over: its 0 open whistles go back to be dispatched; their clocks run on",
        "Its 1 service items stay in the directory: give them to another unit, or end them",
        'To take it back: "Restore" in the list of units',
    ]
    assert PARKS not in tracker.city.units
    assert tracker.city.unit("U26").ended_on == TODAY
    done(tracker, UNITS.restore("U26"))
    assert PARKS in tracker.city.units
    assert item in tracker.city.service_items


def test_a_service_item_is_listed_given_to_another_unit_ended_and_listed_again(
    tracker: Tracker,
) -> None:
    item = ServiceItem(
        code="U01-S04", name="户外广告备案", unit="U01", handling="社区协助", limit_working_days=5
    )
    moved = replace(item, unit="U02", limit_working_days=7)
    one, two = tracker.city.unit("U01").short, tracker.city.unit("U02").short

    told = shown(tracker, ITEMS.add(item))
    done(tracker, ITEMS.add(item))
    gives = shown(tracker, ITEMS.amend(moved))
    done(tracker, ITEMS.amend(moved))
    done(tracker, ITEMS.end("U01-S04"))

    assert told[0] == f"{one} has 4 service items in place of 3"
    assert gives[:2] == [
        f"{one} has 3 service items in place of 4",
        f"{two} has 4 service items in place of 3",
    ]
    assert "U01-S04" not in [one.code for one in tracker.city.service_items]
    done(tracker, ITEMS.restore("U01-S04"))
    assert moved in tracker.city.service_items
    with pytest.raises(NameTaken):
        preview(tracker, ITEMS.add(replace(moved, code="U02-S09")), AT, ADMIN)


def test_a_new_category_says_which_waiting_whistles_its_words_would_lead_there(
    tracker: Tracker,
) -> None:
    raised(tracker)
    tracker.open(Raise(text="南湖水葫芦很多", location=GridRef(GRID)), actor=NOBODY, at=AT)

    told = shown(tracker, CATEGORIES.add(LAKE))
    done(tracker, CATEGORIES.add(LAKE))

    unit = tracker.city.unit("U02").short
    assert told == [
        f'Whoever raises or classifies may choose "湖面漂浮物" from now on; {unit} is suggested'
        " to lead",
        told[1],
        "1 units and members of the alliance may claim it",
        "Keywords tried out: 2 of 2 would lead to this category",
        "2 open whistles wait to be classified. Read again, 1 would be suggested this category"
        " and 0 no longer; what was suggested stays",
        'To take it back: "Stop offering" in the list; the code C0499 is never given again',
    ]
    assert told[1].startswith("Later whistles of this category are promised G4: respond")
    found = suggest(tracker.city, "南湖水葫芦很多")
    assert found is not None and found.category == "C0499"


@pytest.mark.parametrize(
    ("category", "refusal"),
    [
        (replace(LAKE, code="E0999"), catalogue.CodeNotOfMajor),
        (replace(LAKE, code="C04"), catalogue.CodeNotOfMajor),
        (replace(LAKE, code="C040A"), catalogue.CodeNotOfMajor),
        (replace(LAKE, code="C0401"), EntryTaken),
        (replace(LAKE, name="公园广场设施破损"), NameTaken),
        (replace(LAKE, lead_unit="X01"), catalogue.LeadWithoutDuty),
    ],
)
def test_a_category_stands_in_its_family_and_is_led_by_a_unit_with_duty(
    tracker: Tracker, category: Category, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        preview(tracker, CATEGORIES.add(category), AT, ADMIN)


def test_a_retired_category_keeps_its_whistles_and_gives_its_words_away(tracker: Tracker) -> None:
    number = raised(tracker, category=HELP)

    told = shown(tracker, CATEGORIES.end(HELP))
    done(tracker, CATEGORIES.end(HELP))

    assert told == [
        "Of 1 open whistles neither category, units nor promised deadlines change",
        "For 1 of them, not yet classified, another category has to be chosen",
        f"These are {number}",
        "1 open whistles wait to be classified. Read again, 0 would be suggested this category"
        " and 0 no longer; what was suggested stays",
        'To take it back: "Restore" in the list of categories',
    ]
    assert tracker.whistle(number).category == HELP
    assert HELP not in [one.code for one in tracker.city.categories]
    done(tracker, CATEGORIES.restore(HELP))
    assert HELP in [one.code for one in tracker.city.categories]


def test_a_family_is_added_renamed_and_ends_only_when_it_is_empty(tracker: Tracker) -> None:
    done(tracker, MAJORS.add(water := Major(code="E09", name="湖泊水面", type="event")))
    done(tracker, CATEGORIES.add(replace(LAKE, code="E0901", major="E09")))

    told = shown(tracker, MAJORS.amend(replace(water, name="湖泊河道")))
    with pytest.raises(majors.MajorNotEmpty):
        preview(tracker, MAJORS.end("E09"), AT, ADMIN)

    assert told[0].startswith('1 categories stand under "湖泊河道" from now on')
    done(tracker, CATEGORIES.end("E0901"))
    done(tracker, MAJORS.end("E09"))
    assert "E09" not in [major.code for major in tracker.city.majors]


def test_a_renamed_community_says_what_still_carries_its_old_name(tracker: Tracker) -> None:
    raised(tracker)
    community = tracker.city.area("532503001001")

    told = shown(tracker, areas.AmendArea(replace(community, name="银河湾社区")))
    done(tracker, areas.AmendArea(replace(community, name="银河湾社区")))

    assert told == [
        'Pages say "银河湾社区" from now on; 1 open whistles here do not change',
        '1 posts still have "银河社区" in their name, which does not change by this',
        "To take it back: change it again",
    ]
    assert tracker.city.area("532503001001").name == "银河湾社区"


def test_the_citys_own_name_is_that_of_its_area(tracker: Tracker) -> None:
    whole = tracker.city.area("532503")

    done(tracker, areas.AmendArea(replace(whole, name="蒙自城区")))

    assert (tracker.city.area("532503").name, tracker.city.city.name) == ("蒙自城区", "蒙自城区")


def test_a_grid_is_divided_in_a_plan_of_its_own_and_each_half_has_its_post_once_it_holds(
    tracker: Tracker,
) -> None:
    whole = tracker.city.grid(GRID)
    west, east = halves(whole.geometry)
    change = grids.Divide("PLAN-HALVES", "对半", GRID, [grids.Part(west, 1), grids.Part(east, 1)])

    told = shown(tracker, change)
    done(tracker, change)
    today = len(tracker.city.grids(TODAY))
    done(tracker, plans.Switch("PLAN-HALVES", TODAY))

    assert told[0].startswith(f'{whole.name} becomes 2 grids in the new plan "对半"')
    assert (today, len(tracker.city.grids(TODAY))) == (187, 188)
    half = tracker.city.grid(GRID + "A")
    assert half.name == f"{whole.name}A"
    assert post_of_grid(tracker.city, half, TODAY)[0] == tracker.city.post("CP01")
    lon, lat = inside(west)
    assert locate(tracker.city, lat, lon, "WGS84", TODAY).grid == GRID + "A"


def test_parts_that_leave_a_gap_or_overlap_are_refused(tracker: Tracker) -> None:
    geometry = tracker.city.grid(GRID).geometry
    west, east = halves(geometry)

    with pytest.raises(grids.TooFewParts):
        preview(tracker, grids.Divide("P", "坏的", GRID, [grids.Part(geometry)]), AT, ADMIN)
    for parts in ([west, west], [west, geometry], [west, halves(east)[0]]):
        change = grids.Divide("P", "坏的", GRID, [grids.Part(part) for part in parts])
        with pytest.raises(grids.PartsDoNotFit):
            preview(tracker, change, AT, ADMIN)


def test_grids_that_adjoin_merge_in_a_plan_and_are_apart_again_when_it_is_switched_off(
    tracker: Tracker,
) -> None:
    second = neighbour(tracker, GRID)
    change = grids.Merge("PLAN-MERGED", "合并", "银河社区中片", GRID, (second.code,))
    lon, lat = inside(second.geometry)

    told = shown(tracker, change)
    done(tracker, change)
    done(tracker, plans.Switch("PLAN-MERGED", TODAY))

    assert [line for line in told if "accounts" in line] == [
        "Once in force, 1 accounts of workers of the other grids keep what is open there; "
        'what is new in "银河社区中片" does not reach them'
    ]
    assert len(tracker.city.grids(TODAY)) == 186
    place = locate(tracker.city, lat, lon, "WGS84", TODAY)
    assert (place.grid, place.post) == (f"{GRID}M1", "CP01")
    whole = tracker.city.grid(GRID)
    assert tracker.city.grid(f"{GRID}M1").workers == whole.workers + second.workers
    assert actor_named(tracker, f"gw-{GRID}").holds(f"{GRID}M1")
    done(tracker, plans.Switch("PLAN-MERGED", TODAY + timedelta(days=1), off=True))
    assert locate(tracker.city, lat, lon, "WGS84", TODAY + timedelta(days=1)).grid == second.code


def test_grids_apart_or_of_two_posts_do_not_merge(tracker: Tracker) -> None:
    alone = grids.Merge("P", "坏的", "一片", GRID, ())
    far = next(
        one for one in tracker.city.grids(TODAY)
        if one.parent == tracker.city.grid(GRID).parent
        and post_of_grid(tracker.city, one, TODAY)[0] == tracker.city.post("CP01")
        and not adjoining([one, tracker.city.grid(GRID)])
    )  # fmt: skip

    for others, refusal in (
        ((), grids.TooFewToMerge),
        ((GRID,), grids.TooFewToMerge),
        (("53250300200101",), grids.OfSeveralPosts),
        ((far.code,), grids.NotAdjoining),
    ):
        with pytest.raises(refusal):
            preview(tracker, replace(alone, others=others), AT, ADMIN)


def neighbour(tracker: Tracker, code: str) -> Area:
    """Another grid of its post and community that lies beside it."""
    grid, city = tracker.city.grid(code), tracker.city
    post, _ = post_of_grid(city, grid, TODAY)
    return next(
        one
        for one in city.grids(TODAY)
        if one.code != code
        and one.parent == grid.parent
        and post_of_grid(city, one, TODAY)[0] == post
        and adjoining([grid, one])
    )


def test_the_city_written_as_a_pack_changes_nothing_when_it_is_loaded(tracker: Tracker) -> None:
    assert written_again(tracker) == ()
    second = neighbour(tracker, GRID)
    done(tracker, UNITS.add(PARKS))
    done(tracker, UNITS.add(replace(PARKS, code="X11", kind=UnitKind.RESPONDER, short="园")))
    done(tracker, MAJORS.add(Major(code="E09", name="湖泊水面", type="event")))
    done(tracker, CATEGORIES.add(replace(LAKE, code="E0901", major="E09", lead_unit="U26")))
    done(tracker, CATEGORIES.end(HELP))
    done(tracker, grids.Merge("PLAN-MERGED", "合并", "中片", GRID, (second.code,)))
    done(tracker, plans.Switch("PLAN-MERGED", TODAY))
    done(tracker, posts.Redraw("CP02", TODAY, take=(GRID,)))
    for held in tracker.city.post("CP03").appointments:
        done(tracker, posts.Relieve("CP03", held.role, held.holder, TODAY))
    done(tracker, posts.Appoint("CP03", Appointment("commander", "secretary-new", "", TODAY)))
    sla = tracker.city.policy.sla_class("G4")
    done(tracker, promises.RevisePolicy((replace(sla, resolve=replace(sla.resolve, value=4)),)))

    assert written_again(tracker) == ()


def test_a_written_city_fills_an_empty_store(
    tracker: Tracker, new_database: NewDatabase, tmp_path: Path
) -> None:
    city = tracker.directory.refresh()
    file = json.dumps(written(city, TODAY)).encode()
    elsewhere = Settings(database_url=new_database(), var=tmp_path)

    with Tracker(elsewhere, name="test", pool_size=2) as other:
        same = load_city(other, read_bytes(file), False, AT).city

    for kind in ("area", "plan", "unit", "post", "major", "category", "item", "policy"):
        assert set(same.registers[kind]) == set(city.registers[kind])
    assert same.grids(TODAY) == city.grids(TODAY)
    assert same.sla_classes == city.sla_classes


def written_again(tracker: Tracker) -> tuple[Event, ...]:
    """What a load of the city's own pack, through a file, would record."""
    file = json.dumps(written(tracker.directory.refresh(), TODAY)).encode()
    return load_city(tracker, read_bytes(file), False, AT, dry_run=True).events
