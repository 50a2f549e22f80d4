"""Rebuild: fill shadow copies of projections' tables from the whole log, then swap them in.

Several projections are rebuilt in one reading of the log: each event is decoded once for all of
them. The living tables stay in use until one short transaction for each projection swaps them. A
rebuild that dies leaves only the shadows, and the next rebuild drops them.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import psycopg
from psycopg.sql import SQL, Identifier

from tracker.eventstore.connections import Connection
from tracker.projections.engine import positions
from tracker.projections.engine.folding import Poisoned, Projection
from tracker.projections.engine.leadership import stop_leading, try_to_lead
from tracker.projections.engine.reader import Batch, LogReader, Mapper
from tracker.projections.engine.shadow import SHADOW, Shadow

AT_ONCE = 10_000  # events folded in memory and written in one transaction
PATIENCE = 60.0  # seconds for which the swap retries while readers hold the tables


class AlreadyRebuilding(Exception):
    """Another process rebuilds this projection."""


class NoGapToSwap(Exception):
    """Readers held the live tables all the time; these stay in use, and the shadow is dropped."""


@dataclass(frozen=True)
class Rebuilt:
    name: str
    events: int
    seconds: float
    position: int


@dataclass
class RebuiltTogether:
    """What became of each: `failed` says why a projection's tables are as they were."""

    done: list[Rebuilt] = field(default_factory=list)
    failed: dict[str, Poisoned | NoGapToSwap | AlreadyRebuilding] = field(default_factory=dict)


Progress = Callable[[int], None]


def nothing(events: int) -> None:
    return None


def rebuild(
    connection: Connection,
    projection: Projection,
    mapper: Mapper,
    *,
    progress: Progress = nothing,
    at_once: int = AT_ONCE,
) -> Rebuilt:
    """Rebuild a projection on its own connection; `progress` gets the number of events folded.

    Raises AlreadyRebuilding, Poisoned, NoGapToSwap or NewerServes; the live tables are then
    unchanged.
    """
    found = rebuild_together(connection, [projection], mapper, progress=progress, at_once=at_once)
    for why in found.failed.values():
        raise why
    return found.done[0]


def rebuild_together(
    connection: Connection,
    projections: Sequence[Projection],
    mapper: Mapper,
    *,
    progress: Progress = nothing,
    at_once: int = AT_ONCE,
) -> RebuiltTogether:
    """Rebuild several, reading the log once. What stops one of them does not stop the others.

    Those that another process rebuilds are left to it. Raises NewerServes.
    """
    mine = [one for one in projections if try_to_lead(connection, lock_of(one.name))]
    others = [one.name for one in projections if one not in mine]
    try:
        found = Rebuild(connection, mine, mapper, progress, at_once).run()
    finally:
        # PostgreSQL releases the locks of a closed connection a moment later. Without this line the
        # next rebuild in a row was refused.
        for one in mine:
            stop_leading(connection, lock_of(one.name))
    found.failed |= {name: AlreadyRebuilding(name) for name in others}
    return found


def lock_of(name: str) -> str:
    return f"rebuild {name}"


class Rebuild:
    """One rebuild of some projections. `connection` sees the shadows instead of the live tables."""

    def __init__(
        self,
        connection: Connection,
        projections: Sequence[Projection],
        mapper: Mapper,
        progress: Progress,
        at_once: int,
    ) -> None:
        self.connection = connection
        self.reader = LogReader(mapper, {one.topics for one in projections})
        self.progress = progress
        self.at_once = at_once
        self.events = 0
        self.began = time.monotonic()
        row = connection.execute("SELECT current_schema()").fetchone()
        self.living = str(row[0] if row else "public")
        self.shadows = [Shadow(connection, one, self.living) for one in projections]
        self.found = RebuiltTogether()

    def run(self) -> RebuiltTogether:
        self.connection.execute("SET statement_timeout = 0")
        opened = list(self.shadows)
        try:
            for shadow in opened:
                shadow.open()
            self._look_at(SHADOW, self.living)
            self._fill()
            for shadow in list(self.shadows):
                shadow.complete()
            self._swap_soon()
        finally:
            self._leave(opened)
        return self.found

    def _look_at(self, *schemas: str) -> None:
        """Names resolve to the first schema first; a table that is not rebuilt to the live one."""
        path = SQL(", ").join(map(Identifier, schemas))
        self.connection.execute(LOOK_AT.format(path))

    def _leave(self, shadows: Sequence[Shadow]) -> None:
        if self.connection.broken or self.connection.closed:
            return  # the next rebuild drops the shadows first
        self._look_at(self.living)
        for shadow in shadows:
            shadow.leave()
            why = self.found.failed.get(shadow.name)
            if isinstance(why, Poisoned):
                positions.record_shadow_failure(self.connection, shadow.projection, str(why))

    def _fill(self) -> None:
        """Fold what there is into all, which are at the same position."""
        while self.shadows:
            batch = self.reader.read(self.connection, self.shadows[0].position, self.at_once)
            if batch.end > self.shadows[0].position:
                self._take(batch)
            if not batch.full:
                return

    def _take(self, batch: Batch) -> None:
        for shadow in list(self.shadows):
            try:
                shadow.take(batch)
            except Poisoned as poisoned:
                self._give_up(shadow, poisoned)
        self._count(batch)

    def _give_up(self, shadow: Shadow, why: Poisoned | NoGapToSwap) -> None:
        self.shadows.remove(shadow)
        self.found.failed[shadow.name] = why

    def _count(self, batch: Batch) -> None:
        self.events += len(batch.events)
        self.progress(len(batch.events))

    def _swap_soon(self) -> None:
        """Catch up, then swap each. While a long query holds live tables, catch up and retry."""
        patience = time.monotonic() + PATIENCE
        while self.shadows:
            self._fill()
            late = time.monotonic() > patience
            for shadow in list(self.shadows):
                try:
                    self._swap(shadow)
                except Poisoned as poisoned:
                    self._give_up(shadow, poisoned)
                except psycopg.errors.LockNotAvailable:
                    if late:
                        self._give_up(shadow, NoGapToSwap(shadow.name))

    def _swap(self, shadow: Shadow) -> None:
        last: list[Batch] = []

        def missing(after: int, upto: int) -> Iterator[Batch]:
            for batch in self._up_to(after, upto):
                last.append(batch)
                yield batch

        with self.connection.transaction():
            self.connection.execute("SET LOCAL lock_timeout = '300ms'")
            shadow.swap(missing)
        self.shadows.remove(shadow)
        for batch in last:  # counted once it is committed
            shadow.position = batch.end
            self._count(batch)
        seconds = time.monotonic() - self.began
        self.found.done.append(Rebuilt(shadow.name, self.events, seconds, shadow.position))

    def _up_to(self, after: int, upto: int) -> Iterator[Batch]:
        """The batches that the projector has folded since the last read: a moment's worth."""
        while after < upto:
            batch = self.reader.read(self.connection, after, self.at_once, upto)
            yield batch
            after = batch.end if batch.full else upto


LOOK_AT = SQL("SET search_path = {}")
