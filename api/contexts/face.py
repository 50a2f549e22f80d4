"""What a context adds to the web: its routes, and its links on the house's pages."""

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
    """A link with its label. `count`: how many items wait there; None: not counted."""

    href: str
    label: str
    count: int | None = None


Links = Sequence[Link]


@dataclass(frozen=True)
class Face:
    """`json` and `pages` name the modules in the context's folder that define a `router`."""

    json: Sequence[str] = ()
    pages: Sequence[str] = ()
    page_of_one: str = ""  # prefix of the address of one record's page
    menu: Callable[[Speech, Person], Links] = lambda _, person: ()
    post_links: Callable[[Tracker, Speech, CommandPost], Links] = lambda tracker, _, post: ()
    unit_links: Callable[[Tracker, Speech, Person], Links] = lambda tracker, _, person: ()
    whistle_links: Callable[[Speech, Person, Whistle], Links] = lambda _, person, whistle: ()
    # From a record's stream id: its number and the subject for the access table; None: unknown.
    subject_lookup: SubjectLookup | None = None
