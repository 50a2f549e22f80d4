"""吹哨报到, the commands: call units, arrive, let them go, call it off, let time pass."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from psycopg import Connection

from tracker.commands.application import Tracker
from tracker.commands.deciding import Deciding
from tracker.commands.post_records import append, change, load
from tracker.commands.receiving import Location, Point
from tracker.commands.spoken import Spoken
from tracker.contexts.summons.record import Summons, SummonsNeedsPlace, UnknownSummons, summons_id
from tracker.domain.actors import Actor
from tracker.domain.whistle.events import Place
from tracker.eventstore.idempotency import IdempotencyRecord

# The numbers of summonses count by themselves, beside those of the whistles.
NEXT_NUMBER = "SELECT nextval('summons_number')"


def summons_of(tracker: Deciding, number: str | UUID) -> Summons:
    """Folded from its stream, never stale. Raises UnknownSummons."""
    id = number if isinstance(number, UUID) else summons_id(number)
    return load(tracker, Summons, id, UnknownSummons(number=str(number)))


# Served by stored_events_position.
APPENDED_AT = "SELECT originator_id FROM stored_events WHERE position = %(position)s"


def called_at(tracker: Deciding, connection: Connection[Any], position: int) -> Summons:
    """The summons of which an event stands at that position of the log."""
    row = connection.execute(APPENDED_AT, {"position": position}).fetchone()
    assert row is not None
    return summons_of(tracker, row[0])


def next_number(tracker: Deciding, at: datetime) -> str:
    """A new number such as S-261123-0007: the city's date, then a running count."""
    with tracker.connection() as connection:
        row = connection.execute(NEXT_NUMBER).fetchone()
    assert row is not None
    day = at.astimezone(tracker.city.policy.calendar.timezone)
    return f"S-{day:%y%m%d}-{row[0]:04d}"


def summon(
    tracker: Tracker,
    *,
    actor: Actor,
    at: datetime,
    post: str,
    units: Sequence[str],
    meet_at: datetime,
    minutes: int,
    reason: str,
    address: str | None = None,
    location: Location | None = None,
    whistle: str | None = None,
    idempotency: IdempotencyRecord | None = None,
) -> tuple[Summons, int]:
    """Call the units for the post. The place: a point, a whistle's, or the address in words."""
    city = tracker.city
    found = city.post(post)
    place = _place(tracker, location, whistle, at)
    if place.lat is None and not (address or "").strip():
        raise SummonsNeedsPlace
    number = next_number(tracker, at)
    said = Spoken(tracker.recorder.pool, summons_id(number))
    said.say("reason", tracker._must_say("reason", reason)).say("address", address)
    record = Summons.call(
        number,
        [city.current_unit(code).code for code in units],
        post=found.code,
        street=found.street,
        place=place,
        meet_at=meet_at,
        minutes=minutes,
        actor=actor,
        at=at,
        whistle=tracker.whistle(whistle).number if whistle else None,
        words=said.refs,
    )
    return record, append(tracker, record, said, idempotency)


def _place(tracker: Tracker, location: Location | None, whistle: str | None, at: datetime) -> Place:
    if location is not None:
        return tracker.place(location, at)
    return tracker.whistle(whistle).place if whistle else Place()


def arrive(
    tracker: Tracker,
    number: str,
    *,
    actor: Actor,
    at: datetime,
    point: Point | None = None,
    photos: Sequence[UUID] = (),
    note: str | None = None,
    idempotency: IdempotencyRecord | None = None,
) -> tuple[Summons, int]:
    """The actor's unit is on site. Its evidence may be a point anywhere: the domain measures."""
    said = _spoken(tracker, number).show(photos).say("note", note)
    here = tracker.place(point, at) if point else None

    def decide(record: Summons, moment: datetime) -> None:
        record.elapse(moment)
        record.arrive(actor=actor, at=moment, point=here, words=said.refs)

    return _change(tracker, number, decide, at, said, idempotency)


def end(
    tracker: Tracker,
    number: str,
    *,
    actor: Actor,
    at: datetime,
    note: str,
    idempotency: IdempotencyRecord | None = None,
) -> tuple[Summons, int]:
    """Let the units go, with what came of it."""
    said = _spoken(tracker, number).say("note", tracker._must_say("note", note))

    def decide(record: Summons, moment: datetime) -> None:
        record.elapse(moment)
        record.end(actor=actor, at=moment, words=said.refs)

    return _change(tracker, number, decide, at, said, idempotency)


def cancel(
    tracker: Tracker,
    number: str,
    *,
    actor: Actor,
    at: datetime,
    reason: str,
    idempotency: IdempotencyRecord | None = None,
) -> tuple[Summons, int]:
    said = _spoken(tracker, number).say("reason", tracker._must_say("reason", reason))

    def decide(record: Summons, moment: datetime) -> None:
        record.elapse(moment)
        record.cancel(actor=actor, at=moment, words=said.refs)

    return _change(tracker, number, decide, at, said, idempotency)


def let_time_pass(tracker: Deciding, id: UUID, at: datetime) -> int:
    """Record who was missing before `at`; the position reached, 0 when nobody was."""
    said = Spoken(tracker.recorder.pool, id)
    find = partial(summons_of, tracker, id)
    _, position = change(
        tracker, find, lambda record, moment: record.elapse(moment), at=at, said=said
    )
    return position


def _spoken(tracker: Deciding, number: str) -> Spoken:
    return Spoken(tracker.recorder.pool, summons_id(number))


def _change(
    tracker: Deciding,
    number: str,
    decide: Callable[[Summons, datetime], None],
    at: datetime,
    said: Spoken,
    idempotency: IdempotencyRecord | None,
) -> tuple[Summons, int]:
    find = partial(summons_of, tracker, number)
    return change(tracker, find, decide, at=at, said=said, idempotency=idempotency)
