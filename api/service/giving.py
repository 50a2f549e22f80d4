"""A command given by somebody over HTTP, by JSON or by a page's form: one way for both."""

from uuid import UUID

from api.door import access
from api.door.access import Person, Subject
from api.door.callers import now
from api.door.once import Once, actor_key
from api.door.subjects import WhistleSubject
from tracker.commands.command import A, Command, Done, Opening
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.commands import WHISTLE_COMMANDS, lets
from tracker.commands.whistle.whistle_command import WhistleCommand
from tracker.domain.errors import Refusal
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
    """Give a command to what is there already. `subject` None: everybody may give it.

    An earlier answer to the same key comes first: by now the caller may have lost the right. And a
    request that is sent twice at once can be refused because of itself: what it asks for has just
    been done. So the key is looked at once more before a refusal is believed.
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
    """The same for a command that begins something new."""
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
    """Give a command on a whistle, if the access table lets this person."""
    subject = WhistleSubject.of(tracker.whistle(number))
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
    """The commands that both the table and the whistle's state would let this person begin.

    What fell due by now is taken into account, though only a command or the sweep records it.
    """
    at, subject = now(), WhistleSubject.of(whistle)
    whistle.elapse(max(at, whistle.modified_on), tracker.city.policy)
    granted = [one for one in WHISTLE_COMMANDS if access.may(one.name, person, subject)]
    return [one for one in granted if lets(one, whistle, person.actor, at)]
