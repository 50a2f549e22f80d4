"""Figures for a reader: a fresh connection, the question, and lists within the reader's rights.

JSON and pages both read figures through this module, so they show the same numbers.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from api.door.access import Person, may_read, must_read_figures
from api.door.callers import now
from api.door.subjects import WhistleSubject
from api.reading.reading import wait_until
from tracker.city_zone import city_zone
from tracker.commands.tracker import Tracker
from tracker.eventstore.connections import Connection
from tracker.metrics.asking import Question, ask
from tracker.metrics.freezing import month_of
from tracker.projections.board import board
from tracker.projections.engine.log_moments import LogMoments
from tracker.projections.rates.answer import ListedWhistle, ListPart, listed
from tracker.reports.month_report import NotFrozen, frozen_report
from tracker.reports.tables import HIDDEN

FROZEN = "frozen"
WHAT_IF = "what-if"  # the right to ask what-if questions
WHOLE_PAGE = 500  # entries read at a time for a whole list
PLUS_LOST = re.compile(r"(\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?) (\d{2}:?\d{2})$")


@contextmanager
def figures_connection(tracker: Tracker, person: Person, position: int = 0) -> Iterator[Connection]:
    """A connection, after the rates have folded the log up to `position`.

    Raises NotYourFigures.
    """
    must_read_figures(person)
    with tracker.connection() as connection:
        wait_until(connection, "rates", position)
        yield connection


def question_of(
    tracker: Tracker,
    connection: Connection,
    *,
    scope: str,
    from_: str,
    to: str,
    as_of: str | None = None,
    by: str | None = None,
    at: datetime | None = None,
) -> Question:
    """The question in the request. `at`: the moment of asking; None: now.

    `as_of` may be FROZEN: the moment at which this month was frozen.
    Raises the refusals of `tracker.metrics.asking.ask`, and NotFrozen.
    """
    moment = None if as_of == FROZEN else plus_restored(as_of)
    log = LogMoments(connection)
    question = ask(
        tracker.city, log, at or now(), scope=scope, from_=from_, to=to, as_of=moment, by=by
    )
    if as_of != FROZEN:
        return question
    month = month_of(question.period)
    report = frozen_report(tracker, month) if month else None
    if report is None:
        raise NotFrozen(month=f"{from_}/{to}")
    return replace(question, as_of=report.as_of)


def plus_restored(as_of: str | None) -> str | None:
    """In a URL a bare `+` means a space, so `17:00 08:00` was written as `17:00+08:00`."""
    if not as_of:
        return None
    return PLUS_LOST.sub(r"\1+\2", as_of)


@dataclass(frozen=True)
class ListedForReader:
    """One entry of a list. `open`: whether this reader may open its whistle."""

    line: ListedWhistle
    open: bool

    def shown(self) -> dict[str, Any]:
        """The entry as JSON. A whistle that the reader may not open is counted but not named."""
        shown = self.line.shown()
        if self.open:
            return shown
        secret = ("whistle", "number", "unit", "post", "category", "reason")
        return shown | dict.fromkeys(secret) | {"sentence": {"zh": HIDDEN.zh, "en": HIDDEN.en}}

    def cells(self, language: str) -> list[str | None]:
        """The cells of a table row, in the order of `LIST_HEAD`."""
        line = self.line
        counted = line.counted_at.astimezone(city_zone()).isoformat()
        if not self.open:
            return [None, None, None, None, counted, HIDDEN.say(language, {})]
        return [
            line.number,
            line.unit,
            line.post,
            line.category,
            counted,
            line.sentence(language),
        ]


def may_open(connection: Connection, person: Person, whistles: Iterable[UUID]) -> set[UUID]:
    """The whistles among these that the access table lets this person read."""
    rows = board.by_ids(connection, list(set(whistles)))
    return {id for id, row in rows.items() if may_read(person, WhistleSubject.of_row(row))}


def for_reader(
    connection: Connection, person: Person, found: Sequence[ListedWhistle]
) -> list[ListedForReader]:
    """Add to each entry whether this person may open its whistle.

    A confidential one is left out for who may not read it (domain.md §4.4).
    """
    rows = board.by_ids(connection, list({line.whistle for line in found}))
    readable = {id for id, row in rows.items() if may_read(person, WhistleSubject.of_row(row))}
    secret = {id for id, row in rows.items() if row.confidential} - readable
    return [
        ListedForReader(line, line.whistle in readable)
        for line in found
        if line.whistle not in secret
    ]


def whole_list(
    tracker: Tracker, person: Person, question: Question, metric: str, part: ListPart
) -> Iterator[list[ListedForReader]]:
    """The whole list behind a figure, page by page. No connection is held between pages.

    The question's moment is fixed, so events recorded meanwhile change no page.
    """
    cursor: str | None = None
    while True:
        with tracker.connection() as connection:
            found = listed(connection, question, metric, part, cursor, WHOLE_PAGE)
            yield for_reader(connection, person, found)
        if len(found) < WHOLE_PAGE:
            return
        cursor = found[-1].cursor
