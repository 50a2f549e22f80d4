"""Makes the access table's subject from a whistle's aggregate or from a board row."""

from collections.abc import Sequence
from dataclasses import dataclass

from tracker.domain.whistle.events import State
from tracker.domain.whistle.whistle import Whistle
from tracker.projections.board.row import BoardRow


@dataclass(frozen=True)
class WhistleSubject:
    """See `access.Subject`."""

    grid: str | None
    street: str | None
    post: str | None
    lead: str | None
    units: Sequence[str]
    past_units: Sequence[str]
    pooled: bool
    category: str | None
    confidential: bool
    reporters: Sequence[str]
    raised_by: Sequence[str] = ()
    wants_site_check: bool = False
    receiving_post: str | None = None

    @classmethod
    def of(cls, whistle: Whistle) -> "WhistleSubject":
        place, lead = whistle.place, whistle.lead
        first = [key for key in (whistle.reporter, whistle.receipt) if key]
        here = [one.key for one in whistle.parties if one.child is None and one.key]
        return cls(
            grid=place.grid,
            street=place.street,
            post=place.post,
            lead=lead,
            units=[*([lead] if lead else []), *whistle.co],
            past_units=[task.unit for task in whistle.assignments],
            pooled=whistle.state is State.POOLED,
            category=whistle.category,
            confidential=whistle.confidential,
            reporters=list(dict.fromkeys([*first, *here, *whistle.left])),
            raised_by=first,
            wants_site_check=whistle.wants_site_check,
            receiving_post=whistle.receiving_post,
        )

    @classmethod
    def of_row(cls, row: BoardRow) -> "WhistleSubject":
        return cls(
            grid=row.grid,
            street=row.street,
            post=row.post,
            lead=row.lead,
            units=[*([row.lead] if row.lead else []), *row.co],
            past_units=row.units,
            pooled=row.state == State.POOLED,
            category=row.category,
            confidential=row.confidential,
            reporters=row.reporters,
            raised_by=row.reporters[:1],
            wants_site_check=row.anonymous,  # the board does not hold failed calls
        )


def subject_of_post(post: str, street: str | None, units: Sequence[str] = ()) -> WhistleSubject:
    """The subject of a post's own record, e.g. a summons: that post and street, those units."""
    return WhistleSubject(
        grid=None,
        street=street,
        post=post,
        lead=None,
        units=units,
        past_units=units,
        pooled=False,
        category=None,
        confidential=False,
        reporters=(),
        raised_by=(),
    )
