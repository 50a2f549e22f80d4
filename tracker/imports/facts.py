"""One line of an import: what an older system knows of one whistle, checked and in city time.

The format is docs/import-format.md. A line that contradicts itself is refused with a sentence
(BadFact); nothing is guessed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.directory import Directory
from tracker.domain.errors import Invalid, Refusal, Words

NAME = re.compile(r"[\w.\-]{1,64}")
FIELDS = frozenset(
    "id registered_at sla_class post grid category text note anonymous lead_unit responded_at"
    " resolved_at first_submitted_at first_followup closed_at reworks reopens assignments"
    " respond_due original_resolve_due resolve_due suspensions extensions_granted withdrawn_at"
    " excluded self_resolved".split()
)
KINDS = ("merged_child", "void", "test", "transferred_out", "scoring")
METHODS = ("phone", "site", "online", "unreachable_x3")
NOTHING: Mapping[str, Any] = {}


class BadFact(Invalid):
    """A line that cannot be imported; `why` is a sentence without its full stop."""

    code = "import.bad_fact"
    message = Words(zh="{why}", en="{why}")
    remedy = Words(zh="更正该行后重新导入", en="Correct the line and import the file again")

    def __init__(self, why: str) -> None:
        super().__init__(why=why)
        self.why = why


@dataclass(frozen=True)
class Turn:
    """A unit's assignment, with its return if it asked for one. `where`: its place in the line."""

    unit: str
    lead: bool
    assigned_at: datetime
    respond_due: datetime | None
    responded_at: datetime | None
    returned_at: datetime | None = None
    upheld: bool | None = None  # None: not decided
    decided_at: datetime | None = None
    where: str = "lead_unit"


@dataclass(frozen=True)
class Verdict:
    at: datetime
    resolved: bool | None
    rating: int | None
    method: str


@dataclass(frozen=True)
class Exclusion:
    kind: str
    at: datetime
    into: str | None
    reason: str | None
    target: str | None


@dataclass(frozen=True)
class Facts:
    """A line that was read. Unknown times are None."""

    id: str
    registered_at: datetime
    sla_class: str
    post: str
    grid: str | None
    category: str | None
    text: str | None
    anonymous: bool
    turns: tuple[Turn, ...]
    responded_at: datetime | None
    respond_due: datetime | None
    original_resolve_due: datetime | None
    resolve_due: datetime | None
    suspensions: tuple[tuple[datetime, datetime | None], ...]
    extensions: int
    first_submitted_at: datetime | None
    reworks: tuple[datetime, ...]
    resolved_at: datetime | None
    verdict: Verdict | None
    closed_at: datetime | None
    reopens: tuple[datetime, ...]
    withdrawn_at: datetime | None
    excluded: Exclusion | None
    self_resolved: bool

    @property
    def number(self) -> str:
        return f"I-{self.id}"


def read(line: Mapping[str, Any], city: Directory) -> Facts:
    """The facts of a line. Raises BadFact with what is wrong with it."""
    return Reading(line, city).facts()


class Reading:
    """Reads one line. Each method names the wrong field when it raises BadFact."""

    def __init__(self, line: Mapping[str, Any], city: Directory) -> None:
        if not isinstance(line, dict):
            raise BadFact("the line is not a JSON object")
        unknown = sorted(set(line) - FIELDS)
        if unknown:
            raise BadFact(f"unknown field {', '.join(unknown)}")
        self.line, self.city = line, city

    def facts(self) -> Facts:
        name = self.line.get("id")
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise BadFact("id must be 1 to 64 letters, digits, dots, hyphens or underscores")
        facts = Facts(
            id=name,
            registered_at=self.must_time("registered_at"),
            sla_class=self.known("sla_class", self.city.policy.sla_class, must=True) or "",
            post=self.known("post", self.city.post, must=True) or "",
            grid=self.known("grid", self.city.grid),
            category=self.known("category", self.city.category),
            text=self.text("text") or self.text("note"),
            anonymous=self.flag("anonymous"),
            turns=self.turns(),
            responded_at=self.time("responded_at"),
            respond_due=self.time("respond_due"),
            original_resolve_due=self.time("original_resolve_due"),
            resolve_due=self.time("resolve_due"),
            suspensions=self.suspensions(),
            extensions=self.count("extensions_granted"),
            first_submitted_at=self.time("first_submitted_at"),
            reworks=self.times("reworks"),
            resolved_at=self.time("resolved_at"),
            verdict=self.verdict(),
            closed_at=self.time("closed_at"),
            reopens=self.times("reopens"),
            withdrawn_at=self.time("withdrawn_at"),
            excluded=self.exclusion(),
            self_resolved=self.flag("self_resolved"),
        )
        return facts

    # --- parts -----------------------------------------------------------------------------------

    def turns(self) -> tuple[Turn, ...]:
        given = self.objects("assignments")
        if not given and self.line.get("lead_unit") is not None:
            lead = self.known("lead_unit", self.city.unit)
            at = self.must_time("registered_at")
            return (Turn(lead or "", True, at, None, self.time("responded_at")),)
        turns = [self.turn(entry, f"assignments[{n}]") for n, entry in enumerate(given)]
        return tuple(sorted(turns, key=lambda turn: (turn.assigned_at, not turn.lead)))

    def turn(self, entry: Mapping[str, Any], where: str) -> Turn:
        only(entry, where, "unit role assigned_at responded_at respond_due return")
        role, back = entry.get("role", "lead"), entry.get("return") or NOTHING
        if role not in ("lead", "co"):
            raise BadFact(f"{where}.role must be lead or co")
        if not isinstance(back, dict) and back is not NOTHING:
            raise BadFact(f"{where}.return must be an object")
        only(back, f"{where}.return", "requested_at outcome decided_at")
        if back and back.get("outcome") not in ("upheld", "rejected", None):
            raise BadFact(f"{where}.return.outcome must be upheld, rejected or null")
        decided = self.time("decided_at", back, f"{where}.return")
        if back and (back.get("outcome") is None) != (decided is None):
            raise BadFact(f"{where}.return has an outcome without a time, or a time without one")
        return Turn(
            unit=self.known("unit", self.city.unit, entry, where, must=True) or "",
            lead=role == "lead",
            assigned_at=self.must_time("assigned_at", entry, where),
            respond_due=self.time("respond_due", entry, where),
            responded_at=self.time("responded_at", entry, where),
            returned_at=self.must_time("requested_at", back, f"{where}.return") if back else None,
            upheld=back["outcome"] == "upheld" if decided else None,
            decided_at=decided,
            where=where,
        )

    def verdict(self) -> Verdict | None:
        entry, where = self.object("first_followup"), "first_followup"
        if entry is None:
            return None
        only(entry, where, "at resolved rating method")
        resolved, rating, method = entry.get("resolved"), entry.get("rating"), entry.get("method")
        if resolved not in (True, False, None):
            raise BadFact(f"{where}.resolved must be true, false or null")
        if rating is not None and (type(rating) is not int or not 1 <= rating <= 5):
            raise BadFact(f"{where}.rating must be 1 to 5 or null")
        if method not in METHODS:
            raise BadFact(f"{where}.method must be one of {', '.join(METHODS)}")
        if method == "unreachable_x3" and (resolved is not None or rating is not None):
            raise BadFact(f"{where} is unreachable and yet has a verdict")
        return Verdict(self.must_time("at", entry, where), resolved, rating, method)

    def exclusion(self) -> Exclusion | None:
        entry, where = self.object("excluded"), "excluded"
        if entry is None:
            return None
        only(entry, where, "kind at into reason target")
        if entry.get("kind") not in KINDS:
            raise BadFact(f"{where}.kind must be one of {', '.join(KINDS)}")
        into = self.text("into", entry, where)
        if (entry["kind"] == "merged_child") != (into is not None):
            raise BadFact(f"{where}.into names the parent of a merged child, and of nothing else")
        at = self.must_time("at", entry, where)
        reason, target = self.text("reason", entry, where), self.text("target", entry, where)
        return Exclusion(entry["kind"], at, into, reason, target)

    def suspensions(self) -> tuple[tuple[datetime, datetime | None], ...]:
        given = self.line.get("suspensions") or []
        if not isinstance(given, list) or any(
            not isinstance(pair, list) or len(pair) != 2 for pair in given
        ):
            raise BadFact("suspensions must be a list of pairs [from, to or null]")
        return tuple(
            (moment(a, f"suspensions[{n}]", self.zone), self.maybe(b, f"suspensions[{n}]"))
            for n, (a, b) in enumerate(given)
        )

    # --- values ----------------------------------------------------------------------------------

    @property
    def zone(self) -> Any:
        return self.city.policy.calendar.timezone

    def maybe(self, value: Any, where: str) -> datetime | None:
        return None if value is None else moment(value, where, self.zone)

    def time(
        self, name: str, entry: Mapping[str, Any] | None = None, where: str = ""
    ) -> datetime | None:
        value = (self.line if entry is None else entry).get(name)
        return self.maybe(value, f"{where}.{name}".lstrip("."))

    def must_time(
        self, name: str, entry: Mapping[str, Any] | None = None, where: str = ""
    ) -> datetime:
        found = self.time(name, entry, where)
        if found is None:
            raise BadFact(f"{where}.{name}".lstrip(".") + " is missing")
        return found

    def times(self, name: str) -> tuple[datetime, ...]:
        given = self.line.get(name) or []
        if not isinstance(given, list):
            raise BadFact(f"{name} must be a list of times")
        return tuple(moment(value, name, self.zone) for value in given)

    def text(
        self, name: str, entry: Mapping[str, Any] | None = None, where: str = ""
    ) -> str | None:
        value = (self.line if entry is None else entry).get(name)
        if value is not None and (not isinstance(value, str) or "\0" in value):
            raise BadFact(f"{where}.{name}".lstrip(".") + " must be a text")
        return value or None

    def known(
        self,
        name: str,
        find: Any,
        entry: Mapping[str, Any] | None = None,
        where: str = "",
        *,
        must: bool = False,
    ) -> str | None:
        code = self.text(name, entry, where)
        if code is None:
            if must:
                raise BadFact(f"{where}.{name}".lstrip(".") + " is missing")
            return None
        try:
            find(code)
        except Refusal as refusal:
            raise BadFact(refusal.message.say("en", refusal.facts)) from refusal
        return code

    def flag(self, name: str) -> bool:
        value = self.line.get(name) or False
        if not isinstance(value, bool):
            raise BadFact(f"{name} must be true or false")
        return value

    def count(self, name: str) -> int:
        value = self.line.get(name) or 0
        if type(value) is not int or not 0 <= value <= 9:
            raise BadFact(f"{name} must be a count")
        return value

    def object(self, name: str) -> Mapping[str, Any] | None:
        value = self.line.get(name)
        if value is not None and not isinstance(value, dict):
            raise BadFact(f"{name} must be an object")
        return value

    def objects(self, name: str) -> list[Mapping[str, Any]]:
        value = self.line.get(name) or []
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            raise BadFact(f"{name} must be a list of objects")
        return value


def moment(value: Any, where: str, zone: Any) -> datetime:
    """A time; without an offset it is the city's."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadFact(f"{where} is no time: {value!r}") from None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def only(entry: Mapping[str, Any], where: str, names: str) -> None:
    unknown = sorted(set(entry) - set(names.split()))
    if unknown:
        raise BadFact(f"unknown field {', '.join(unknown)} in {where}")
