"""What each audience may see of a whistle's story. Only this file decides it.

A reporter sees the progress, but no other reporter and no internal note. A unit sees all that
concerns the work, with people's contacts masked. A post sees everything, with contacts masked. An
auditor sees everything unmasked.
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
    """The id of words or a picture in `contents`."""

    id: UUID
    kind: str


@dataclass(slots=True)
class StoryWords:
    """Words or a picture. `with_words` fills in `body`; None for a picture or erased words."""

    id: UUID
    kind: str
    body: Any = None
    erased_at: datetime | None = None


@dataclass(slots=True)
class TimelineRow:
    """A complete fact of the story. `story_for` removes what an audience may not see."""

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


@dataclass(frozen=True, slots=True)
class Annulment:
    """By which event of the story a fact was annulled: it never happened."""

    version: int
    at: datetime
    by: str
    proposed_by: str


@dataclass(slots=True)
class StoryLine:
    """A fact as an audience sees it. `by` is None where the audience may not know the person."""

    version: int
    at: datetime
    topic: str
    by: str | None
    role: str
    post: str | None
    state: str
    facts: dict[str, Any]
    words: list[StoryWords] = field(default_factory=list)
    annulled: "Annulment | None" = None


# A reporter sees only these events, and only these facts of them.
REPORTER_SEES: dict[str, tuple[str, ...]] = {
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
    "whistle.contact_opened": ("unit",),
    "whistle.call_attempted": ("unit",),
    "whistle.call_confirmed": ("unit", "called_at"),
    "whistle.call_denied": ("unit", "called_at"),
    "whistle.started": ("unit",),
    "whistle.hazard_controlled": ("unit",),
    "whistle.extension_granted": ("count",),
    "whistle.suspended": ("review_on",),
    "whistle.resumed": (),
    "whistle.reporter_asked": ("unit",),
    "whistle.reporter_answered": (),
    "whistle.submitted": ("unit",),
    "whistle.verification_passed": (),
    "whistle.verification_failed": (),
    "whistle.verification_waived": (),
    "whistle.followed_up": ("resolved", "rating", "method", "called_at", "declined", "remark"),
    "whistle.verdict_contradicted": ("resolved", "rating", "remark"),
    "whistle.rework_ordered": (),
    "whistle.closed": ("basis",),
    "whistle.reopened": ("cycle",),
    "whistle.reopening_refused": (),
    "whistle.raised_again": ("earlier_number",),
    "whistle.withdrawn": (),
    "whistle.voided": ("reason_code",),
    "whistle.void_overturned": (),
    "whistle.transferred_out": ("target", "reach"),
    "whistle.urged": (),
    "whistle.reporter_withdrew": (),
    "whistle.party_answered": (),
    "whistle.handed_over": ("post",),
    "whistle.emergency_began": (),
    "whistle.part_ended": ("unit",),
}

# The words of these events come from a reporter: only that reporter and the staff see them.
BY_REPORTERS = frozenset(
    {
        "whistle.raised",
        "whistle.amended",
        "whistle.reporter_answered",
        "whistle.reporter_joined",
        "whistle.followed_up",
        "whistle.verdict_contradicted",
        "whistle.call_confirmed",
        "whistle.call_denied",
        "whistle.reopened",
        "whistle.reopening_refused",
        "whistle.withdrawn",
        "whistle.reporter_withdrew",
        "whistle.urged",
    }
)

VERDICTS = frozenset({"whistle.followed_up", "whistle.verdict_contradicted"})

# Another reporter does not even see that these events happened.
ONLY_OWN = frozenset(
    {
        "whistle.amended",
        "whistle.reporter_joined",
        "whistle.reporter_withdrew",
        "whistle.party_answered",
        "whistle.call_confirmed",
        "whistle.call_denied",
    }
)

# What a merger, a void or an annulment keeps: nobody's story, and people's keys are in it.
KEPT_FOR_UNMERGING = frozenset({"before", "brought", "now", "parties", "ended", "had"})
MERGERS = frozenset(
    f"whistle.{name}"
    for name in ("child_joined", "child_left", "unmerged", "voided", "mended", "annulled")
)

# The words of these events are meant for the reporter. All other notes are for the staff only.
TO_REPORTERS = frozenset(
    {
        "whistle.self_resolved",
        "whistle.reporter_asked",
        "whistle.submitted",
        "whistle.suspended",
        "whistle.closed",
        "whistle.voided",
        "whistle.void_overturned",
        "whistle.transferred_out",
    }
)

# Only the two people who decide see these proposals; a unit sees the outcome.
NOT_FOR_UNITS = frozenset(
    {
        "whistle.void_proposed",
        "whistle.exclusion_proposed",
        "whistle.correction_proposed",
        "whistle.closure_proposed",
        "whistle.transfer_proposed",
        "whistle.annulment_asked",
    }
)

REPORTER_ROLES = frozenset({"anonymous", "resident"})
IDENTIFYING = ("reporter", "receipt")


def story_for(
    entries: Sequence[TimelineRow], audience: Audience, keys: Iterable[str] = ()
) -> list[StoryLine]:
    """The story as `audience` may see it. `keys`: a reporter's own account and receipt's hash."""
    match audience:
        case Audience.REPORTER:
            return list(_to_reporter(entries, frozenset(keys)))
        case Audience.UNIT:
            lines = [_to_staff(e) for e in entries if e.topic not in NOT_FOR_UNITS]
        case Audience.POST:
            lines = [_to_staff(entry) for entry in entries]
        case Audience.AUDITOR:
            lines = [_to_auditor(entry) for entry in entries]
    struck = _annulled(entries)
    for line in lines:
        line.annulled = struck.get(line.version)
    return lines


def _annulled(entries: Sequence[TimelineRow]) -> dict[int, Annulment]:
    """What never happened, by its version; a reporter does not hear of such events at all."""
    return {
        named["version"]: Annulment(
            entry.version, entry.at, entry.by, entry.facts.get("proposed_by", "")
        )
        for entry in entries
        if entry.topic == "whistle.annulled"
        for named in entry.facts.get("events", ())
    }


def masked_for_audience(kind: str, body: Any, audience: Audience) -> Any:
    """The words as `audience` may read them. A reporter gets here only words for the reporter."""
    if audience in (Audience.AUDITOR, Audience.REPORTER):
        return body
    if isinstance(body, dict):
        return masked_contact(body) if kind == "reporter" else body
    return masked(body) if audience is Audience.UNIT and isinstance(body, str) else body


def _to_reporter(entries: Sequence[TimelineRow], keys: frozenset[str]) -> Iterator[StoryLine]:
    alone, parties = True, _Parties(keys)
    for entry in entries:
        alone = alone and entry.topic not in ("whistle.reporter_joined", "whistle.child_joined")
        parties.count(entry)
        own = _said_by(entry, keys, alone) or parties.concerns(entry)
        visible = REPORTER_SEES.get(entry.topic)
        if visible is None or (entry.topic in ONLY_OWN and not own):
            continue
        if parties.is_anothers(entry):
            continue
        yield StoryLine(
            version=entry.version,
            at=entry.at,
            topic=entry.topic,
            by=None,
            role=entry.role,
            post=entry.post,
            state=entry.state,
            facts={name: value for name, value in _units_named(entry).items() if name in visible},
            words=_copied(entry) if own or entry.topic in TO_REPORTERS else [],
        )


class _Parties:
    """Which numbers (`Party.number`) of the reporters are the reader's own."""

    def __init__(self, keys: frozenset[str]) -> None:
        self.keys = keys
        self.counted = 0
        self.own: set[int] = set()

    def count(self, entry: TimelineRow) -> None:
        if entry.topic in ("whistle.raised", "whistle.reporter_joined"):
            self.counted += 1
            if self.keys & {entry.facts.get("reporter"), entry.facts.get("receipt")}:
                self.own.add(self.counted)
        for party in entry.facts.get("parties", ()):
            self.counted = max(self.counted, party["number"])
            if party["key"] in self.keys:
                self.own.add(party["number"])

    def concerns(self, entry: TimelineRow) -> bool:
        """Whether an answer is for the reader, or a verdict or a withdrawal his."""
        return entry.facts.get("party") in self.own

    def is_anothers(self, entry: TimelineRow) -> bool:
        """Whether it is the verdict of another reporter, which only the staff hear."""
        party = entry.facts.get("party")
        return entry.topic in VERDICTS and bool(party) and party not in self.own


def _said_by(entry: TimelineRow, keys: frozenset[str], alone: bool) -> bool:
    """Whether this reporter said it. Receipt holders share one account, so only a matching receipt,
    or being the only reporter, shows it."""
    if entry.topic not in BY_REPORTERS or not keys:
        return False
    if keys & {entry.facts.get("reporter"), entry.facts.get("receipt"), entry.by}:
        return True
    return alone and entry.role in REPORTER_ROLES and entry.topic != "whistle.raised"


def _to_staff(entry: TimelineRow) -> StoryLine:
    line = _to_auditor(entry)
    if entry.role in REPORTER_ROLES:
        line.by = None
    line.facts = {name: value for name, value in line.facts.items() if name not in IDENTIFYING}
    return line


def _to_auditor(entry: TimelineRow) -> StoryLine:
    return StoryLine(
        version=entry.version,
        at=entry.at,
        topic=entry.topic,
        by=shown_account(entry.by, entry.role),
        role=entry.role,
        post=entry.post,
        state=entry.state,
        facts=_units_named(entry),
        words=_copied(entry),
    )


def shown_account(by: str, role: str) -> str:
    """The account to show. A receipt's holder acts under the receipt's hash, which is never shown:
    it proves who reported."""
    return str(Role.ANONYMOUS) if role == Role.ANONYMOUS else by


def _units_named(entry: TimelineRow) -> dict[str, Any]:
    """The facts, with the units of assignments also as `unit` and `co_units`."""
    task = entry.facts.get("assignment") or entry.facts.get("lead")
    hidden = {"receipt", *(KEPT_FOR_UNMERGING if entry.topic in MERGERS else ())}
    facts = {name: value for name, value in entry.facts.items() if name not in hidden}
    if isinstance(task, dict):
        facts["unit"] = task["unit"]
    co = facts.get("co")
    if entry.topic == "whistle.dispatched" and co:
        facts["co_units"] = [part["unit"] for part in co]
    return facts


def _copied(entry: TimelineRow) -> list[StoryWords]:
    return [StoryWords(word.id, word.kind) for word in entry.words]
