"""Who may hear what of a whistle's story: the one definition, for the table and for the stream.

A reporter hears how far it is, and no other reporter and no internal note. A unit hears all that
concerns the work, people's contacts covered. A post hears everything, contacts covered. An auditor
hears it raw.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tracker.domain.actors import Role
from tracker.words.masking import masked, masked_contact


class Audience(StrEnum):
    REPORTER = "reporter"
    UNIT = "unit"
    POST = "post"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class WordsAt:
    """Where words or a picture stand in `contents`."""

    id: UUID
    kind: str


@dataclass(slots=True)
class SaidThen:
    """Words or a picture; `body` is what was said, once read, None for a picture or an erasure."""

    id: UUID
    kind: str
    body: Any = None
    erased_at: datetime | None = None


@dataclass(slots=True)
class Entry:
    """A fact of the story, whole: what each audience hears of it is told by `tell`."""

    whistle: UUID
    version: int
    position: int
    at: datetime
    topic: str
    by: str
    role: str
    post: str | None
    state: str
    facts: dict[str, Any]
    words: list[WordsAt]


@dataclass(slots=True)
class StoryLine:
    """A fact as an audience hears it. `by` is None where the person is not its business."""

    version: int
    at: datetime
    topic: str
    by: str | None
    role: str
    post: str | None
    state: str
    facts: dict[str, Any]
    words: list[SaidThen] = field(default_factory=list)


# What a reporter hears: these facts of these events, and nothing of any other event.
REPORTER_HEARS: dict[str, tuple[str, ...]] = {
    "whistle.raised": ("number", "category", "sla_class", "emergency"),
    "whistle.amended": (),
    "whistle.reporter_joined": (),
    "whistle.located": (),
    "whistle.classified": ("category", "sla_class"),
    "whistle.self_resolved": (),
    "whistle.self_resolution_closed": (),
    "whistle.self_resolution_overturned": (),
    "whistle.merged": ("into_number",),
    "whistle.unmerged": (),
    "whistle.pooled": (),
    "whistle.claimed": ("unit",),
    "whistle.dispatched": ("unit", "co_units"),
    "whistle.responded": ("unit", "kind"),
    "whistle.started": ("unit",),
    "whistle.hazard_controlled": ("unit",),
    "whistle.extension_granted": ("count",),
    "whistle.suspended": ("review_on",),
    "whistle.resumed": (),
    "whistle.submitted": ("unit",),
    "whistle.verification_passed": (),
    "whistle.verification_failed": (),
    "whistle.verification_waived": (),
    "whistle.followed_up": ("resolved", "rating", "method"),
    "whistle.rework_ordered": (),
    "whistle.closed": ("basis",),
    "whistle.reopened": ("cycle",),
    "whistle.withdrawn": (),
    "whistle.voided": ("reason_code",),
    "whistle.void_overturned": (),
    "whistle.transferred_out": ("target",),
    "whistle.urged": (),
    "whistle.handed_over": ("post",),
}

# Said by a reporter: for that reporter alone, and for those who work on it.
BY_REPORTERS = frozenset(
    {
        "whistle.raised",
        "whistle.amended",
        "whistle.reporter_joined",
        "whistle.followed_up",
        "whistle.reopened",
        "whistle.withdrawn",
        "whistle.urged",
    }
)

# Of these another reporter does not even hear that they happened.
ONLY_OWN = frozenset({"whistle.amended", "whistle.reporter_joined"})

# Said to the reporter by those who work on it. Every other note is theirs.
TO_REPORTERS = frozenset(
    {
        "whistle.self_resolved",
        "whistle.submitted",
        "whistle.suspended",
        "whistle.closed",
        "whistle.voided",
        "whistle.void_overturned",
        "whistle.transferred_out",
    }
)

# Proposals about a whistle's fate are between the two people who decide; a unit hears the outcome.
NOT_FOR_UNITS = frozenset(
    {
        "whistle.void_proposed",
        "whistle.exclusion_proposed",
        "whistle.correction_proposed",
        "whistle.closure_proposed",
    }
)

REPORTER_ROLES = frozenset({"anonymous", "resident"})
IDENTIFYING = ("reporter", "receipt")


def tell(entries: Sequence[Entry], audience: Audience, keys: Iterable[str] = ()) -> list[StoryLine]:
    """The story as `audience` hears it. `keys` are a reporter's own account and receipt's hash."""
    match audience:
        case Audience.REPORTER:
            return list(_to_reporter(entries, frozenset(keys)))
        case Audience.UNIT:
            return [_to_staff(e) for e in entries if e.topic not in NOT_FOR_UNITS]
        case Audience.POST:
            return [_to_staff(entry) for entry in entries]
        case Audience.AUDITOR:
            return [_to_auditor(entry) for entry in entries]


def covered(kind: str, body: Any, audience: Audience) -> Any:
    """What was said, as `audience` may read it. A reporter is only ever told his own words."""
    if audience in (Audience.AUDITOR, Audience.REPORTER):
        return body
    if isinstance(body, dict):
        return masked_contact(body) if kind == "reporter" else body
    return masked(body) if audience is Audience.UNIT and isinstance(body, str) else body


def _to_reporter(entries: Sequence[Entry], keys: frozenset[str]) -> Iterator[StoryLine]:
    alone = True
    for entry in entries:
        alone = alone and entry.topic != "whistle.reporter_joined"
        own = _said_by(entry, keys, alone)
        hears = REPORTER_HEARS.get(entry.topic)
        if hears is None or (entry.topic in ONLY_OWN and not own):
            continue
        yield StoryLine(
            version=entry.version,
            at=entry.at,
            topic=entry.topic,
            by=None,
            role=entry.role,
            post=entry.post,
            state=entry.state,
            facts={name: value for name, value in _units_named(entry).items() if name in hears},
            words=_copied(entry) if own or entry.topic in TO_REPORTERS else [],
        )


def _said_by(entry: Entry, keys: frozenset[str], alone: bool) -> bool:
    """Whether this reporter said it. Receipt holders share one account: only the key, or being the
    only reporter, tells one from another."""
    if entry.topic not in BY_REPORTERS or not keys:
        return False
    if keys & {entry.facts.get("reporter"), entry.facts.get("receipt"), entry.by}:
        return True
    return alone and entry.role in REPORTER_ROLES and entry.topic != "whistle.raised"


def _to_staff(entry: Entry) -> StoryLine:
    told = _to_auditor(entry)
    if entry.role in REPORTER_ROLES:
        told.by = None
    told.facts = {name: value for name, value in told.facts.items() if name not in IDENTIFYING}
    return told


def _to_auditor(entry: Entry) -> StoryLine:
    return StoryLine(
        version=entry.version,
        at=entry.at,
        topic=entry.topic,
        by=told_by(entry.by, entry.role),
        role=entry.role,
        post=entry.post,
        state=entry.state,
        facts=_units_named(entry),
        words=_copied(entry),
    )


def told_by(by: str, role: str) -> str:
    """Who did it. A receipt's holder signs with its hash, which proves who reported and is told
    to nobody."""
    return str(Role.ANONYMOUS) if role == Role.ANONYMOUS else by


def _units_named(entry: Entry) -> dict[str, Any]:
    """The facts, with the units that assignments name where a reader looks for them."""
    task = entry.facts.get("assignment") or entry.facts.get("lead")
    facts = {name: value for name, value in entry.facts.items() if name != "receipt"}
    if isinstance(task, dict):
        facts["unit"] = task["unit"]
    co = facts.get("co")
    if entry.topic == "whistle.dispatched" and co:
        facts["co_units"] = [part["unit"] for part in co]
    return facts


def _copied(entry: Entry) -> list[SaidThen]:
    return [SaidThen(word.id, word.kind) for word in entry.words]
