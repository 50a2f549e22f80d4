"""What a context shows to the web: its routes, and its links on the pages of others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from api.door.access import Person
from api.pages.frame.speech import Speech
from api.reading.tail import SubjectLookup
from tracker.commands.tracker import Tracker
from tracker.domain.city.posts import CommandPost
from tracker.domain.whistle.whistle import Whistle


@dataclass(frozen=True)
class Link:
    """An address, what it is called, and how many wait behind it; `count` None: nobody counts."""

    href: str
    label: str
    count: int | None = None


Links = Sequence[Link]


@dataclass(frozen=True)
class Face:
    """`json` and `pages` name the modules of the context's folder that have a `router`."""

    json: Sequence[str] = ()
    pages: Sequence[str] = ()
    page_of_one: str = ""  # the address under which one record has its page
    menu: Callable[[Speech, Person], Links] = lambda _, person: ()
    post_links: Callable[[Tracker, Speech, CommandPost], Links] = lambda tracker, _, post: ()
    unit_links: Callable[[Tracker, Speech, Person], Links] = lambda tracker, _, person: ()
    whistle_links: Callable[[Speech, Person, Whistle], Links] = lambda _, person, whistle: ()
    # Of the stream of a record its number, and who may hear of it; None for an unknown one.
    subject_lookup: SubjectLookup | None = None
