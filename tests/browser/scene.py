"""A city with something in every state that the pages show: what `View.at` and its steps name."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from api.door.access import Person
from api.service.photos import keep
from tests.api.web import jpeg
from tests.browser.people import (
    GRID,
    HELP,
    NOBODY,
    classified,
    dispatched,
    gives,
    pooled,
    raised,
    shown,
    somewhere,
)
from tests.browser.site import Site
from tests.giving import a_call, actor_named
from tests.rates.asked import imported
from tests.waiting import until_folded
from tracker.commands.fields import Address
from tracker.commands.whistle.raising import Raise
from tracker.contexts.handover.commands import Sign
from tracker.contexts.summons.commands import Arrive, End, LetTimePass, Summon
from tracker.domain.actors import SYSTEM
from tracker.projections.engine.log_moments import LogMoments

DATA = Path(__file__).parents[1] / "data"
FACTS = json.loads((DATA / "metrics_fixture.json").read_text())["facts"]
PLACE = "天马路与人民中路交叉口"
NOT_OURS = {"reason": "not_our_duty", "basis": "属于物业管理范围,附合同照片"}


@dataclass(frozen=True)
class Scene:
    """Numbers of whistles by their state; `fresh` and `solved` are receipt codes.

    `summons` is under way, one unit there and one missing; `ahead` is to come; `handover` is
    signed and not yet received.
    """

    classified: str
    pooled: str
    dispatched: str
    returned: str
    submitted: str
    solvable: str
    hostile: str
    fresh: str
    solved: str
    summons: str
    ahead: str
    handover: str
    list: str = "metric=on_time_response_rate&part=missing&from=2026-09-01&to=2026-10-01"


def whistles() -> list[dict[str, Any]]:
    """The corpus of what people say, hostile texts among it; the one without words has no page."""
    told = [json.loads(line) for line in (DATA / "whistles.jsonl").read_text().splitlines()]
    return [one for one in told if one["description"].strip()]


def tagged(tag: str) -> str:
    """What was said in the whistle of the corpus that carries this tag."""
    return str(next(one["description"] for one in whistles() if tag in one["tags"]))


def set_scene(site: Site, folder: Path) -> Scene:
    """Raised to solved, by the real commands, beside the months of an older system."""
    imported(site.tracker, FACTS, folder)
    at = datetime.now(UTC)
    site.tracker.open(
        Raise(text="花箱倒在路边", category=HELP, location=Address(PLACE)), actor=NOBODY, at=at
    )
    stalls = dispatched(site, "沿街商户占道经营,行人只能走到机动车道上,上下学时段最严重")
    over(site, "油烟扰民联合检查")
    scene = Scene(
        classified=classified(site, "单元门口堆放杂物,老人出入不便"),
        pooled=pooled(site, "绿化带里有白色垃圾"),
        dispatched=stalls,
        returned=returned(site),
        submitted=submitted(site, dispatched(site, "公厕门锁脱落")),
        solvable=raised(site, "墙角一袋装修垃圾", category="E0101"),
        hostile=dispatched(site, tagged("injection_xss")),
        fresh=receipt(site, tagged("very_long"))[1],
        solved=solved(site),
        summons=under_way(site, stalls),
        ahead=called(site, at, "老旧小区消防通道会商", timedelta(hours=1)),
        handover=handed_over(site),
    )
    with site.tracker.connection() as connection:
        newest = LogMoments(connection).newest()
        until_folded(connection, newest, "rates", "board", "timeline", "summonses", "handovers")
    return scene


def returned(site: Site) -> str:
    number = dispatched(site, "小区内路灯不亮")
    gives(site, "liaison-u01", "return_", number, **NOT_OURS)
    return number


def submitted(site: Site, number: str) -> str:
    gives(site, "liaison-u01", "respond", number, **a_call(), note="已联系")
    gives(site, "handler-u01", "start", number)
    gives(site, "handler-u01", "submit", number, note="已修好,请核查")
    return number


def solved(site: Site) -> str:
    """Done and checked: its reporter is asked for a verdict. The receipt code."""
    number, code = receipt(site, "人行道地砖松动,下雨溅水")
    gives(site, "intake-cp01", "classify", number, category=HELP)
    gives(site, "dispatcher-cp01", "dispatch", number, lead="U01")
    submitted(site, number)
    if site.tracker.whistle(number).state == "SUBMITTED":
        gives(site, "verifier-cp01", "verify", number, passed=True)
    return code


def receipt(site: Site, text: str) -> tuple[str, str]:
    """Raised over HTTP with a photo, by somebody who keeps the receipt: number and code."""
    with httpx.Client(base_url=f"{site.base}/api/v1") as web:
        photo = web.post("/photos", files={"file": ("a.jpg", jpeg(640, 480))}).json()["id"]
        said = {"text": text, "location": {"grid": GRID}, "photos": [photo]}
        told = web.post("/whistles", json=said)
        assert told.status_code == 201, told.text
    shown(site, told.json()["position"])
    return str(told.json()["number"]), str(told.json()["receipt"])


def called(
    site: Site, at: datetime, reason: str, ahead: timedelta, whistle: str | None = None
) -> str:
    """Called at `at` by the dispatcher, to meet `ahead` of it; the number of the summons."""
    asked = Summon(
        units=("U01", "U02", "U03"),
        meet_at=at + ahead,
        minutes=30,
        reason=reason,
        address="人民中路农贸市场东门",
        location=somewhere(site),
        whistle=whistle,
    )
    dispatcher = actor_named(site.tracker, "dispatcher-cp01")
    return str(site.tracker.open(asked, actor=dispatcher, at=at).aggregate.number)


def under_way(site: Site, whistle: str) -> str:
    """Two are there, one by its point, one late and by a photo; the third is missing.

    Since yesterday, at whatever hour this runs: no other day has a longer name.
    """
    at = datetime.now(UTC) - timedelta(days=1)
    number = called(site, at, "占道烧烤联合整治,请各带执法记录仪", timedelta(0), whistle)
    by_point, by_photo = (actor_named(site.tracker, f"handler-{unit}") for unit in ("u01", "u02"))
    soon, late = at + timedelta(minutes=12), at + timedelta(minutes=40)
    here = somewhere(site)
    site.tracker.give(Arrive(lat=here.lat, lon=here.lon), number, actor=by_point, at=soon)
    photo = UUID(keep(site.tracker, jpeg(640, 480), Person(by_photo), None)["id"])
    note = "车辆调度晚了十分钟"
    site.tracker.give(Arrive(photos=(photo,), note=note), number, actor=by_photo, at=late)
    site.tracker.give(LetTimePass(), number, actor=SYSTEM, at=datetime.now(UTC))
    return number


def over(site: Site, reason: str) -> str:
    at = datetime.now(UTC) - timedelta(days=1)
    number = called(site, at, reason, timedelta(0))
    actor = actor_named(site.tracker, "dispatcher-cp01")
    ended = at + timedelta(hours=1)
    site.tracker.give(End(note="已责令三家整改,明日复查"), number, actor=actor, at=ended)
    return number


def handed_over(site: Site) -> str:
    """A shift's note, signed a moment ago by the dispatcher; its id."""
    at = datetime.now(UTC)
    asked = Sign(
        began_at=at - timedelta(hours=8),
        note="桥头那件盯紧,施工方明早到;占道烧烤的集结还缺一家。",
    )
    dispatcher = actor_named(site.tracker, "dispatcher-cp01")
    return str(site.tracker.open(asked, actor=dispatcher, at=at).aggregate.id)
