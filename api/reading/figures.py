"""Figures for somebody: read as fresh as asked for, lists within the caller's rights.

HTTP and the pages both come here, so that a number on a page is that of the interface.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from api.door.access import Person, may_read, must_read_figures
from api.door.callers import now
from api.door.subjects import WhistleSubject
from api.reading.reading import wait_until
from tracker.commands.tracker import Tracker
from tracker.metrics.asking import ZONE, Period, Question, ask
from tracker.metrics.freezing import period_of
from tracker.projections.board import board
from tracker.projections.engine.log_moments import LogMoments
from tracker.projections.rates.why import Line, Part, lines
from tracker.reports.months import NotFrozen, Report, frozen_report
from tracker.reports.tables import HIDDEN

FROZEN = "frozen"
WHOLE_PAGE = 500  # lines of a list read at a time when it is taken out whole
PLUS_LOST = re.compile(r"(\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?) (\d{2}:?\d{2})$")


@contextmanager
def reading(tracker: Tracker, person: Person, position: int = 0) -> Iterator[Connection[Any]]:
    """A connection for a caller who may read figures, when they have what he has seen."""
    must_read_figures(person)
    with tracker.connection() as connection:
        wait_until(connection, "rates", position)
        yield connection


def question_of(
    tracker: Tracker,
    connection: Connection[Any],
    *,
    scope: str,
    from_: str,
    to: str,
    as_of: str | None = None,
    by: str | None = None,
    at: datetime | None = None,
) -> Question:
    """What was asked, or the refusal that names the field. `at`: the moment of asking.

    `as_of` may be FROZEN too: as the month that is exactly the period was frozen.
    """
    question = ask(
        tracker.city,
        LogMoments(connection),
        at or now(),
        scope=scope,
        from_=from_,
        to=to,
        as_of=None if as_of == FROZEN else plus_restored(as_of),
        by=by,
    )
    if as_of != FROZEN:
        return question
    report = report_of_period(tracker, question.period)
    if report is None:
        raise NotFrozen(month=f"{from_}/{to}")
    return replace(question, as_of=report.as_of)


def report_of_period(tracker: Tracker, period: Period) -> Report | None:
    """The frozen month that the period is; None if it is no month, or not frozen."""
    month = month_of(period)
    return frozen_report(tracker, month) if month else None


def month_of(period: Period) -> str | None:
    """The month that the period is exactly, if it is one."""
    month = f"{period.first:%Y-%m}"
    return month if period_of(month) == period else None


def plus_restored(as_of: str | None) -> str | None:
    """In an address a bare `+` means a space: `17:00 08:00` was written `17:00+08:00`."""
    if not as_of:
        return None
    return PLUS_LOST.sub(r"\1+\2", as_of)


@dataclass(frozen=True)
class Seen:
    """A line of a list, and whether this reader may open its whistle."""

    line: Line
    open: bool

    def shown(self) -> dict[str, Any]:
        """The line counts for everybody; of what it counts, only its reader is told."""
        told = self.line.shown()
        if self.open:
            return told
        secret = ("whistle", "number", "unit", "post", "category", "reason")
        return told | dict.fromkeys(secret) | {"sentence": {"zh": HIDDEN.zh, "en": HIDDEN.en}}

    def cells(self, language: str) -> list[str | None]:
        line = self.line
        counted = line.counted_at.astimezone(ZONE).isoformat()
        if not self.open:
            return [None, None, None, None, counted, HIDDEN.say(language, {})]
        told = line.sentence(language)
        return [line.number, line.unit, line.post, line.category, counted, told]


def may_open(connection: Connection[Any], person: Person, whistles: Iterable[UUID]) -> set[UUID]:
    """Those among the whistles that the table of rights lets this person read."""
    rows = board.by_ids(connection, list(set(whistles)))
    return {id for id, row in rows.items() if may_read(person, WhistleSubject.of_row(row))}


def seen_by(connection: Connection[Any], person: Person, found: Sequence[Line]) -> list[Seen]:
    """Each line, and whether this person may open its whistle."""
    readable = may_open(connection, person, (line.whistle for line in found))
    return [Seen(line, line.whistle in readable) for line in found]


def whole_list(
    tracker: Tracker, person: Person, question: Question, metric: str, part: Part
) -> Iterator[list[Seen]]:
    """The list of a figure, page by page, on a connection that is given back between them.

    The question's moment is fixed, so what is recorded meanwhile changes no page.
    """
    cursor: str | None = None
    while True:
        with tracker.connection() as connection:
            found = lines(connection, question, metric, part, cursor, WHOLE_PAGE)
            yield seen_by(connection, person, found)
        if len(found) < WHOLE_PAGE:
            return
        cursor = found[-1].cursor
