"""What each SLA class promises: limits in their own units, and which warnings come when.

Rules: domain.md §5, the table of classes and "Warnings".
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction
from math import ceil
from typing import Any, Literal, TypeAlias, get_args

from tracker.domain.errors import Invalid, Words

PackObject: TypeAlias = Mapping[str, Any]  # an object of a city pack, as its JSON is read
DurationUnit: TypeAlias = Literal[
    "natural_minutes", "natural_hours", "working_hours", "working_days"
]


class ClockKind(StrEnum):
    """Those of PROMISES are promises; the others are windows in which somebody may act.

    VERIFY is both: see `Clock.is_promise`. AUDIT is in old logs only.
    """

    RESPOND = "respond"
    CONTROL = "control"
    RESOLVE = "resolve"
    FOLLOW_UP = "follow_up"
    ADJUDICATE = "adjudicate"
    REVIEW = "review"
    POOL = "pool"
    VERIFY = "verify"
    AUDIT = "audit"
    DECIDE = "decide"
    APPROVE = "approve"
    ANSWER = "answer"


OF_THE_POST = (ClockKind.VERIFY, ClockKind.FOLLOW_UP)  # the post owes these, and no unit
PROMISES = (ClockKind.RESPOND, ClockKind.CONTROL, ClockKind.RESOLVE, *OF_THE_POST)


class Mark(StrEnum):
    """Moments of a clock at which something is recorded, in the order in which they come."""

    HALF = "half"
    YELLOW = "yellow"
    RED = "red"
    CITY = "city"
    OVER_150 = "over_150"
    OVER_200 = "over_200"


@dataclass(frozen=True)
class Duration:
    """A limit in its own unit: five working days are not thirty-five working hours."""

    value: int
    unit: DurationUnit

    def __post_init__(self) -> None:
        if not isinstance(self.value, int) or self.value < 1:
            raise ValueError(f"a limit is a whole number from 1, not {self.value!r}")
        if self.unit not in get_args(DurationUnit):
            raise ValueError(f"a limit is in {get_args(DurationUnit)}, not in {self.unit!r}")

    @classmethod
    def from_pack(cls, limit: PackObject) -> "Duration":
        return cls(limit["value"], limit["unit"])

    @property
    def natural(self) -> bool:
        """Whether it runs day and night, holidays included."""
        return self.unit in ("natural_minutes", "natural_hours")

    @property
    def amount(self) -> timedelta:
        """Its length on the clock. ValueError for working days, whose length is not fixed."""
        match self.unit:
            case "natural_minutes":
                return timedelta(minutes=self.value)
            case "natural_hours" | "working_hours":
                return timedelta(hours=self.value)
            case "working_days":
                raise ValueError(f"{self.value} working days have no fixed length")

    def part(self, share: Fraction) -> "Duration":
        """That share of it, rounded up in its own unit: half of 7 working hours is 4."""
        return replace(self, value=ceil(self.value * share))

    def extended(self, times: int, each: "Duration | None") -> "Duration":
        """The whole limit after so many extensions, counted from the original start."""
        if times == 0:
            return self
        if each is None or each.unit != self.unit:
            raise ValueError(f"a limit in {self.unit} cannot be extended by {each}")
        return replace(self, value=self.value + times * each.value)


class UnknownSlaClass(Invalid):
    """The policy has no class of that code."""

    code = "sla.unknown_class"
    field = "sla_class"
    message = Words(zh="没有“{sla_class}”这一办理时限类别", en="There is no SLA class {sla_class}")
    remedy = Words(zh="请从 {known} 中选择", en="Choose one of {known}")


EMERGENCY = "E1"
NATURAL_CLASSES = frozenset({EMERGENCY, "U2"})  # their limits run day and night
# domain.md §5, "Order of classes": not the order in which a pack lists them.
STRICTEST_FIRST = (EMERGENCY, "U2", "Q3", "C6", "G4", "X5")
POOLABLE_CLASSES = frozenset({"Q3", "C6", "G4", "X5"})
HALF_OF_CLASS = Fraction(1, 2)  # the resolve limit after a reopening; the window of the pool
SHARES = {Mark.HALF: 0.5, Mark.YELLOW: 0.75, Mark.OVER_150: 1.5, Mark.OVER_200: 2.0}
EMERGENCY_SHARES = {Mark.YELLOW: 0.5, Mark.OVER_150: 1.5, Mark.OVER_200: 2.0}
CITY_AFTER_RED = timedelta(minutes=15)  # E1: the city is told of a missed limit
TO_CITY_AFTER_RED = (ClockKind.RESPOND, ClockKind.CONTROL)  # E1's other clocks climb by share
A_WORKING_DAY = Duration(1, "working_days")
CHECK_LIMITS = {
    EMERGENCY: Duration(2, "natural_hours"),
    "U2": Duration(2, "natural_hours"),
    "C6": Duration(2, "working_hours"),
}  # of verify-by, from the submission; the other classes have a working day


def stricter(one: str, other: str) -> bool:
    """Whether class `one` promises more than class `other` (domain.md §5, "Order of classes")."""
    return _strictness(one) < _strictness(other)


def _strictness(code: str) -> int:
    """A class that the order does not name is milder than all that it names."""
    return STRICTEST_FIRST.index(code) if code in STRICTEST_FIRST else len(STRICTEST_FIRST)


@dataclass(frozen=True)
class SlaClass:
    """What one class promises. `rank` 0 is the most urgent.

    `control` only for E1; `follow_up` None where only a sample (`follow_up_sampling`) is asked.
    """

    code: str
    name: str
    respond: Duration
    resolve: Duration
    control: Duration | None
    follow_up: Duration | None
    follow_up_sampling: float | None
    extension_max: int
    extension_each: Duration | None
    extension_approver: str | None
    pausable: bool
    rank: int

    def __post_init__(self) -> None:
        if self.extension_max and self.extension_each is None:
            raise ValueError(f"class {self.code}: how long is each extension?")
        if self.extension_each and self.extension_each.unit != self.resolve.unit:
            raise ValueError(f"class {self.code}: extensions are not in the unit of its limit")

    @classmethod
    def from_pack(cls, entry: PackObject, rank: int) -> "SlaClass":
        """From one entry of `sla_classes` of a city pack, which stand in order of urgency."""

        def limit(found: PackObject | None) -> Duration | None:
            return Duration.from_pack(found) if found else None

        extension = entry.get("extension") or {}
        return cls(
            code=entry["code"],
            name=entry["name"],
            respond=Duration.from_pack(entry["respond"]),
            resolve=Duration.from_pack(entry["resolve"]),
            control=limit(entry.get("control")),
            follow_up=limit(entry.get("follow_up")),
            follow_up_sampling=entry.get("follow_up_sampling"),
            extension_max=extension.get("max_times", 0),
            extension_each=limit(extension.get("each")),
            extension_approver=extension.get("approver"),
            pausable=bool(entry["pausable"]),
            rank=rank,
        )

    def limit(self, kind: ClockKind, cycle: int = 1) -> Duration:
        """What the class promises for that clock; ValueError for a clock that it does not have.

        After a reopening (cycle 2 and on) half of the resolve limit, rounded up.
        """
        match kind:
            case ClockKind.RESPOND:
                return self.respond
            case ClockKind.RESOLVE:
                return self.resolve if cycle == 1 else self.resolve.part(HALF_OF_CLASS)
            case ClockKind.CONTROL if self.control:
                return self.control
            case ClockKind.FOLLOW_UP if self.follow_up:
                return self.follow_up
            case ClockKind.FOLLOW_UP if self.follow_up_sampling:
                return A_WORKING_DAY
            case ClockKind.VERIFY:
                return CHECK_LIMITS.get(self.code, A_WORKING_DAY)
        raise ValueError(f"class {self.code} has no {kind} clock")

    @property
    def shares(self) -> Mapping[Mark, float]:
        """At which share of a clock each warning comes, besides the red card at its end."""
        return EMERGENCY_SHARES if self.code == EMERGENCY else SHARES
