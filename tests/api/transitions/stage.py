"""Whistles in every state of domain.md §4.1, made by the real commands, and the people around them.

A story is told at moments of the past (`at`), by `Tracker.give`; what a case tries then goes over
HTTP, now. A refused command leaves nothing behind, so refused cases share one whistle a situation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from api.door.receipt_codes import Receipt
from tests.api.web import Caller, Web
from tests.giving import actor_named, command_named
from tests.made_of import CITY_LOADED, DEMO_PASSWORD
from tracker.city.credentials import OPERATOR, open_account
from tracker.commands.fields import Point
from tracker.commands.whistle.overseeing import LetTimePass
from tracker.commands.whistle.raising import Raise
from tracker.domain.actors import SYSTEM, Actor, Role
from tracker.domain.city.accounts import Account
from tracker.domain.whistle.whistle import Whistle

LAT, LON = 23.3805, 103.4015  # grid 53250300100401 of post CP04, street 532503001
AT_IT = {"kind": "arrival", "lat": LAT, "lon": LON}
GRID, NEXT_GRID, FAR_GRID = "53250300100401", "53250300100402", "53250300200101"  # the last: CP09
LITTER, HOUSING, NOISE = "E0101", "E0501", "E0602"  # Q3 poolable; G4 poolable; Q3 not poolable
WATER, GAS, PARKING = "E0502", "C0106", "C0207"  # U2; E1 of U02, X01, U13; X5 of U05
ENQUIRY, ROOMS, VIOLENCE = "E0703", "E0804", "E0802"  # C6; G4 of U04, U13, U02; E1, confidential
NOW, LONG = timedelta(minutes=10), timedelta(days=40)  # how long ago a story began
SECOND = timedelta(seconds=1)

OTHERS = {  # accounts of the roles for which the demo has none, and second ones
    "resident-1": (Role.RESIDENT, {}),
    "deputy-cp04": (Role.DEPUTY_COMMANDER, {"post": "CP04"}),
    "cadre-cp04": (Role.CADRE, {"post": "CP04"}),
    "adjudicator-cp04": (Role.ADJUDICATOR, {"post": "CP04"}),
    "chief-0401": (Role.GRID_CHIEF, {"post": "CP04", "grid": GRID}),
    "followup-cp04-b": (Role.FOLLOW_UP_AGENT, {"post": "CP04"}),
    "city-b": (Role.CITY_CENTRE, {}),
    "supervisor-b": (Role.SUPERVISOR, {}),
}


@dataclass
class Story:
    """One whistle and what was done to it, a second apart. `other`: a second one beside it."""

    web: Web
    at: datetime
    number: str = ""
    receipt: str = ""
    key: str = ""
    other: "Story | None" = None

    # --- telling it ------------------------------------------------------------------------------

    def does(self, who: str, command: str, **fields: Any) -> "Story":
        """A command by an account, or by `reporter`: who holds the receipt."""
        tracker, self.at = self.web.tracker, self.at + SECOND
        given = command_named(command, **fields)
        tracker.give(given, self.number, actor=self.actor(who), at=self.at)
        return self

    def actor(self, who: str) -> Actor:
        if who == "reporter":
            return Actor("anonymous", Role.ANONYMOUS, reporter_of=self.key)
        return actor_named(self.web.tracker, who)

    def raised(self, category: str | None = None, by: str = "", **fields: Any) -> "Story":
        """By an account, or (by nobody) with a receipt."""
        tracker = self.web.tracker
        receipt = None if by else Receipt.new(tracker.settings.secret(), None)
        self.receipt, self.key = (receipt.code, receipt.hash) if receipt else ("", "")
        told = {"text": "请来看一下", "location": Point(LAT, LON)} | fields
        actor = self.actor(by) if by else Actor("anonymous", Role.ANONYMOUS)
        done = tracker.open(
            Raise(category=category, **told), actor=actor, at=self.at, receipt=self.key or None
        )
        self.number = done.aggregate.number
        return self

    def triaged(self, category: str = HOUSING, **fields: Any) -> "Story":
        return self.raised(**fields).does("intake-cp04", "classify", category=category)

    def dispatched(self, category: str = HOUSING, lead: str = "U02", co: Any = ()) -> "Story":
        self.triaged(category)
        return self.does("dispatcher-cp04", "dispatch", lead=lead, co=co)

    def emergency(self) -> "Story":
        return self.raised(GAS)

    def responded(self, **fields: Any) -> "Story":
        return self.dispatched(**fields).comes()

    def comes(self) -> "Story":
        return self.does(self.lead, "respond", **AT_IT)

    def at_work(self, **fields: Any) -> "Story":
        return self.responded(**fields).starts()

    def starts(self) -> "Story":
        return self.does(self.lead, "start")

    def suspended(self, **fields: Any) -> "Story":
        self.at_work(**fields)
        asked = {"reason": "season", "safety_measure": "围挡", "review_on": self.day(20)}
        return self.does(self.lead, "suspend", **asked).does("commander-cp04", "suspend", **asked)

    def submitted(self, **fields: Any) -> "Story":
        return self.at_work(**fields).does(self.lead, "submit", note="好了")

    def verified(self, **fields: Any) -> "Story":
        return self.submitted(**fields).does("verifier-cp04", "verify", passed=True)

    def closed(self, **fields: Any) -> "Story":
        return self.verified(**fields).says(True)

    def says(self, resolved: bool) -> "Story":
        return self.does("reporter", "follow-up", resolved=resolved, method="online")

    def self_resolved(self, audited: bool) -> "Story":
        """One in ten is audited, by its number: so raise until one is, or is not."""
        self.triaged(LITTER)
        while self.whistle.sampled("audit") is not audited:
            self.triaged(LITTER)
        before, after = (UUID(self.web.nobody.photo()) for _ in range(2))
        worker = f"gw-{GRID}"
        return self.does(worker, "self-resolve", before=(before,), after=(after,))

    def voided(self) -> "Story":
        self.triaged().does("intake-cp04", "void", reason="test")
        return self.does("commander-cp04", "void", reason="test")

    def beside(self, told: Callable[["Story"], "Story"]) -> "Story":
        self.other = told(Story(self.web, self.at))
        return self

    def merged(self, told: Callable[["Story"], "Story"], category: str = HOUSING) -> "Story":
        """Merged into another one, which is as `told`."""
        self.beside(told).triaged(category)
        assert self.other is not None
        self.at = self.other.at = max(self.at, self.other.at)
        return self.does("dispatcher-cp04", "merge", into=self.other.number)

    # --- looking at it ---------------------------------------------------------------------------

    @property
    def whistle(self) -> Whistle:
        return self.web.tracker.whistle(self.number)

    @property
    def lead(self) -> str:
        return f"handler-{(self.whistle.lead or '').lower()}"

    def day(self, days: int) -> Any:
        return (self.at + timedelta(days=days)).date()

    def time_passes(self) -> "Story":
        """What fell due until now is recorded, as the scheduler does."""
        tracker = self.web.tracker
        tracker.give(LetTimePass(), self.number, actor=SYSTEM, at=datetime.now(UTC))
        return self


Told = Callable[[Story], Story]


@dataclass
class Stage:
    """The running application, its people, and whistles that several refusals look at."""

    web: Web
    picture: str = ""
    shared: dict[tuple[str, timedelta], Story] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, (role, scope) in OTHERS.items():
            account = Account(username=name, role=role, display_name=name, **scope)
            open_account(self.web.tracker, account, DEMO_PASSWORD, CITY_LOADED, OPERATOR)
        self.picture = self.web.nobody.photo()

    def story(self, name: str, told: Told, ago: timedelta = NOW, *, fresh: bool = True) -> Story:
        if not fresh and (name, ago) in self.shared:
            return self.shared[name, ago]
        story = told(Story(self.web, datetime.now(UTC) - ago)).time_passes()
        if not fresh:
            self.shared[name, ago] = story
        return story

    def asker(self, who: str, story: Story) -> Caller:
        return self.web.with_receipt(story.receipt) if who == "reporter" else self.web.someone(who)

    def give(self, story: Story, who: str, command: str, body: Mapping[str, Any]) -> Any:
        caller = self.asker(who, story)
        if who == "reporter":
            return caller.post(f"/receipts/current/commands/{command}", dict(body))
        return caller.give(story.number, command, dict(body))

    def seen(self, story: Story) -> dict[str, Any]:
        """The whistle as the city centre reads it."""
        answer = self.web.someone("city").get(f"/whistles/{story.number}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())
