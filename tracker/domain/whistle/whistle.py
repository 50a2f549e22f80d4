"""吹哨事项: one problem at one place, from the first word to the last.

The aggregate is the sum of its themes, listed in the order of a whistle's life. Each theme is a
file with its events, its commands and their guards, and inherits `Lifecycle` alone.
"""

from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate
from eventsourcing.utils import register_topic

from tracker.domain.numbers import number_as_typed
from tracker.domain.whistle.annulling import Annulling
from tracker.domain.whistle.asking import Asking
from tracker.domain.whistle.confiding import Confiding
from tracker.domain.whistle.consequences import Consequences
from tracker.domain.whistle.contacting import Contacting
from tracker.domain.whistle.contradicting import Contradicting
from tracker.domain.whistle.correcting import Correcting
from tracker.domain.whistle.dispatching import Dispatching
from tracker.domain.whistle.ending import Ending
from tracker.domain.whistle.following_up import FollowingUp
from tracker.domain.whistle.mending import Mending
from tracker.domain.whistle.merging import Merging
from tracker.domain.whistle.overseeing import Overseeing
from tracker.domain.whistle.passing_time import PassingTime
from tracker.domain.whistle.pausing import Pausing
from tracker.domain.whistle.raising import Raising
from tracker.domain.whistle.recomputing import Recomputing
from tracker.domain.whistle.reopening import Reopening
from tracker.domain.whistle.resolving import Resolving
from tracker.domain.whistle.responding import Responding
from tracker.domain.whistle.returning import Returning
from tracker.domain.whistle.triage import Triage

WHISTLES = UUID("8a9d2a3e-6b0f-5c55-9d0e-2f6b7a1f4c10")  # the namespace of whistle numbers
LETTER, DIGITS = "W", 6  # a number is W-, the day, and a count of at least six digits


def whistle_id(number: str) -> UUID:
    """The aggregate's id follows from its number, as typed, so that a number needs no look-up."""
    return uuid5(WHISTLES, number_as_typed(number, LETTER, DIGITS))


# Its body holds no annotation: the library would write an `__init__` for it, in place of the one
# by which a whistle begins with an empty memory.
class Whistle(
    Raising,
    Triage,
    Merging,
    Dispatching,
    Contacting,
    Responding,
    Returning,
    Pausing,
    Asking,
    Resolving,
    FollowingUp,
    Contradicting,
    Reopening,
    Ending,
    Overseeing,
    Correcting,
    PassingTime,
    Recomputing,
    Confiding,
    Consequences,
    Mending,
    Annulling,
    Aggregate,
):
    """The aggregate root; `state` is decided here and nowhere else (domain.md §4)."""


# The name that every stored `Raised` gives its aggregate: where the class stood on the first day.
# It stays, wherever the class stands now. Set here, and not in the class body, where the library
# would ask its own `Created` event, which no stream uses, for a name too.
Whistle.TOPIC = "tracker.domain.whistle:Whistle"
register_topic(Whistle.TOPIC, Whistle)
