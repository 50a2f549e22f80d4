"""The commands on a summons, shared by the JSON routes and the pages."""

from dataclasses import replace

from api.contexts.summons.reading import subject_of
from api.door.access import Person
from api.door.once import Once
from api.door.subjects import subject_of_post
from api.reading.reading import readable
from api.service.giving import begin, give
from tracker.commands.tracker import Tracker
from tracker.contexts.summons.commands import Summon, SummonsCommand, summons_of
from tracker.contexts.summons.record import Summons


def summon(tracker: Tracker, command: Summon, person: Person, once: Once) -> Summons:
    """Call units for a post. A summons for a whistle needs the right to read that whistle."""
    post = tracker.city.post(command.post or person.actor.post or "")
    if command.whistle:
        readable(tracker, command.whistle, person)
    about = subject_of_post(post.code, post.street)
    asked = replace(command, post=post.code)
    return begin(tracker, asked, person, once, subject=about).aggregate


def give_summons(
    tracker: Tracker, command: SummonsCommand, number: str, person: Person, once: Once
) -> Summons:
    about = subject_of(summons_of(tracker, number))
    return give(tracker, command, number, person, once, subject=about).aggregate
