"""吹哨报到 on the web."""

from uuid import UUID

from api.contexts.face import Face, Link, Links
from api.contexts.summons.reading import subject_of, whose, whose_of
from api.door.access import Person, may, scopes_of
from api.door.subjects import WhistleSubject
from api.pages.frame.speech import Speech
from tracker.commands.tracker import Tracker
from tracker.contexts.summons.commands import summons_of
from tracker.contexts.summons.projection import SummonsScope, find
from tracker.contexts.summons.record import Call, UnknownSummons
from tracker.domain.city.posts import CommandPost
from tracker.domain.rights import Scope
from tracker.domain.whistle.whistle import Whistle


def open_calls(tracker: Tracker, whose: SummonsScope) -> int:
    with tracker.connection() as connection:
        return len(find(connection, whose, states=[Call.OPEN]).items)


def menu(_: Speech, person: Person) -> Links:
    """The link in the menu, for people who may read all summonses of the city."""
    if Scope.CITY not in scopes_of("summonses", person.role):
        return ()
    return (Link("/summonses", _("吹哨报到")),)


def post_links(tracker: Tracker, _: Speech, post: CommandPost) -> Links:
    count = open_calls(tracker, whose_of(post))
    return (Link(f"/post/{post.code}/summonses", _("吹哨报到"), count),)


def unit_links(tracker: Tracker, _: Speech, person: Person) -> Links:
    return (Link("/unit/summonses", _("吹哨报到"), open_calls(tracker, whose(person))),)


def whistle_links(_: Speech, person: Person, whistle: Whistle) -> Links:
    """A link to call units to the whistle's place, if the person may summon."""
    post = whistle.place.post
    if post is None or whistle.is_terminal:
        return ()
    if not may("summon", person, WhistleSubject.of(whistle)):
        return ()
    return (Link(f"/post/{post}/summonses?w={whistle.number}", _("召集单位")),)


def subject_lookup(tracker: Tracker, id: UUID) -> tuple[str, WhistleSubject] | None:
    try:
        record = summons_of(tracker, id)
    except UnknownSummons:
        return None
    return record.number, subject_of(record)


FACE = Face(
    json=("json",),
    pages=("pages", "lists"),
    page_of_one="/summons",
    menu=menu,
    post_links=post_links,
    unit_links=unit_links,
    whistle_links=whistle_links,
    subject_lookup=subject_lookup,
)
