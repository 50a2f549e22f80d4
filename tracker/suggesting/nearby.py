"""疑似重复: open whistles of the same kind at the same place, by the rule of merging (§4.2).

Used when somebody is about to report ("mine too"), for the suggestions, and where whistles are
merged. Confidential whistles are never in the list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tracker.domain.errors import Words
from tracker.domain.whistle.events import Place
from tracker.domain.whistle.merging import MERGE_DAYS, MERGE_METRES
from tracker.domain.whistle.place import metres_between
from tracker.eventstore.connections import Connection
from tracker.projections.board.nearby import Candidate, candidates
from tracker.routing.routing import plain

SAME_PLACE = Words("同类事项,地点名称相同", "The same kind, at a place of the same name")
SAME_GRID = Words("同类事项,同一网格", "The same kind, in the same grid")
CLOSE = Words("同类事项,相距 {metres} 米", "The same kind, {metres} m away")


@dataclass(frozen=True)
class Near:
    """`metres` None: only the addresses or the grids are the same. `score` is in (0, 1]."""

    whistle: Candidate
    metres: int | None
    same_name: bool

    @property
    def score(self) -> float:
        """1 at the same spot or address; 0.5 at the largest merge distance, or in the same grid."""
        if self.same_name:
            return 1.0
        if self.metres is None:
            return 0.5
        return round(1 - self.metres / (2 * MERGE_METRES), 3)

    def why(self, language: str) -> str:
        words = SAME_GRID if self.metres is None else CLOSE
        words = SAME_PLACE if self.same_name else words
        return words.say(language, {"metres": self.metres})


def nearby(
    connection: Connection,
    categories: Sequence[str],
    place: Place,
    *,
    at: datetime,
    address: str | None = None,
    but: UUID | None = None,
    category: str | None = None,
) -> Sequence[Near]:
    """Whistles that may be the same problem as one of `categories` there, best first.

    There: at `place` or `address`. `but` excludes the whistle itself. `category` adds those of it
    in the same grid if one of the two points is unknown: a person may look at them, but they may
    not be merged.
    """
    name = plain(address) if address else ""
    found = candidates(
        connection,
        categories,
        place,
        named=bool(name),
        metres=MERGE_METRES,
        at=at,
        within=MERGE_DAYS,
        category=category,
    )
    near = (_near(one, place, name, category) for one in found if one.id != but)
    return sorted(
        (one for one in near if one is not None),
        key=lambda one: (-one.score, one.whistle.registered_at, one.whistle.number),
    )


def _near(one: Candidate, place: Place, name: str, category: str | None) -> Near | None:
    same_name = bool(name) and plain(one.address or "") == name
    metres = metres_between(one.point, place)
    known = metres < float("inf")
    same_grid = not known and place.grid is not None and place.grid == one.grid
    if metres <= MERGE_METRES or same_name or (same_grid and one.category == category):
        return Near(one, round(metres) if known else None, same_name)
    return None
