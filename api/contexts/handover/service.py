"""The commands on a handover, shared by the JSON routes and the pages."""

from uuid import UUID

from api.door.access import Person
from api.door.once import Once
from api.door.subjects import subject_of_post
from api.service.giving import begin, give
from tracker.commands.command import Done
from tracker.commands.tracker import Tracker
from tracker.contexts.handover.commands import Receive, Sign
from tracker.contexts.handover.record import Handover


def sign(tracker: Tracker, command: Sign, person: Person, once: Once) -> Done[Handover]:
    """Sign the handover of the caller's post with the present figures."""
    post = tracker.city.post(command.post_of(tracker, person.actor))
    about = subject_of_post(post.code, post.street)
    return begin(tracker, command, person, once, subject=about)


def receive(
    tracker: Tracker, command: Receive, id: UUID, person: Person, once: Once
) -> Done[Handover]:
    """Receive the handover. The record itself checks who may receive it."""
    return give(tracker, command, id, person, once, subject=None)
