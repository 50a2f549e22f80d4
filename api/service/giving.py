"""Gives a command for a caller; JSON routes and pages both use it."""

from uuid import UUID

from api.door import access
from api.door.access import Person, Subject
from api.door.callers import now
from api.door.once import Once, actor_key
from api.door.subjects import WhistleSubject
from api.reading.reading import readable
from tracker.commands.command import A, Command, Done, Opening
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.commands import WHISTLE_COMMANDS, lets
from tracker.commands.whistle.whistle_command import WhistleCommand, worked_on
from tracker.domain.errors import Refusal, UnknownWhistle
from tracker.domain.whistle.whistle import Whistle


def give(
    tracker: Tracker,
    command: Command[A],
    number: str | UUID,
    person: Person,
    once: Once,
    *,
    subject: Subject | None,
    expected_version: int | None = None,
    receipt: str | None = None,
) -> Done[A]:
    """Give a command to an existing record. `subject` None: everybody may give it.

    An earlier answer to the same key comes first, because the caller may have lost the right since.
    When a request is sent twice at once, the second can be refused because the first has just done
    it. So the key is checked once more before a refusal is returned.
    """
    key = once.record(actor_key(person))
    earlier = tracker.answered_before(command, key, number)
    if earlier is not None:
        return earlier
    try:
        if subject is not None:
            access.must(command.right or command.name, person, subject)
        return tracker.give(
            command,
            number,
            actor=person.actor,
            at=now(),
            receipt=receipt,
            once=key,
            expected_version=expected_version,
        )
    except Refusal:
        earlier = tracker.answered_before(command, key, number)
        if earlier is None:
            raise
        return earlier


def begin(
    tracker: Tracker,
    command: Opening[A],
    person: Person,
    once: Once,
    *,
    subject: Subject | None,
    receipt: str | None = None,
) -> Done[A]:
    """Give a command that creates a new record."""
    key = once.record(actor_key(person))
    earlier = tracker.answered_before(command, key, None)
    if earlier is not None:
        return earlier
    try:
        if subject is not None:
            access.must(command.right or command.name, person, subject)
        return tracker.open(command, actor=person.actor, at=now(), receipt=receipt, once=key)
    except Refusal:
        earlier = tracker.answered_before(command, key, None)
        if earlier is None:
            raise
        return earlier


def give_whistle(
    tracker: Tracker,
    command: WhistleCommand,
    number: str | UUID,
    person: Person,
    once: Once,
    expected_version: int | None = None,
) -> Done[Whistle]:
    """Give a command on a whistle if the access table allows it.

    Other whistles that it names must be the person's to read.
    """
    try:
        subject = WhistleSubject.of(tracker.whistle(number))
    except UnknownWhistle:
        access.must_not_learn(command.right or command.name, person)
        raise
    if command.names:
        access.must(command.right or command.name, person, subject)
    for name in command.names:
        readable(tracker, getattr(command, name), person)
    return give(
        tracker,
        command,
        number,
        person,
        once,
        subject=subject,
        expected_version=expected_version,
    )


def open_to(tracker: Tracker, whistle: Whistle, person: Person) -> list[type[WhistleCommand]]:
    """The commands that both the access table and the whistle's state allow this person now.

    Deadlines that passed by now are taken into account, though only a command or the sweep records
    them.
    """
    at, subject = now(), WhistleSubject.of(whistle)
    parent = worked_on(tracker, whistle)
    for each in (whistle,) if parent is whistle else (whistle, parent):
        each.elapse(max(at, each.told_until), tracker.city.policy)
    granted = [one for one in WHISTLE_COMMANDS if access.may(one.name, person, subject)]

    def guarded(command: type[WhistleCommand]) -> Whistle:
        return parent if command.on_parent else whistle

    return [one for one in granted if lets(one, guarded(one), person.actor, at)]
