"""How fast a projection is made anew from the log, beside only reading and decoding that log.

    python -m benchmarks.rebuild [--events N] [--json FILE]

The log holds whistles that lived through the real aggregate, many side by side, so that every
batch touches many rows. DATABASE_URL as for `benchmarks.store`.
"""

import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
from eventsourcing.persistence import StoredEvent
from eventsourcing.utils import Environment

from benchmarks.store import database, server
from tests.projections.histories import Street, steps_of
from tracker.domain.whistle.whistle import whistle_id
from tracker.eventstore.connections import connect
from tracker.eventstore.mapper import PlainMapper
from tracker.eventstore.migrations import migrate
from tracker.eventstore.recorder import Factory, library_env
from tracker.operating.projecting import ALL
from tracker.projections.engine.reader import LogReader
from tracker.projections.engine.rebuilding import AT_ONCE, rebuild

EVENTS = 200_000
STREETS, WHISTLES, STEPS = 120, 3, 40  # made through the aggregate; the rest are copies of them
TARGET = 8_000  # events a second, of `board`
A_TRANSACTION = 2_000


@dataclass(frozen=True)
class Speed:
    what: str
    events: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.events / self.seconds


def main(events: int = EVENTS, json_to: Path | None = None) -> dict[str, Any]:
    """Run, print the table as Markdown, and give the figures for a report of several benchmarks."""
    with server() as dsn, database(dsn, "bench_rebuild") as log:
        migrate(log)
        fill(log, events)
        read_only(log)  # warms the cache for the others
        figures = [read_only(log), *(made_anew(log, name) for name in names())]
    result = summary(figures)
    print(as_markdown(result))
    if json_to is not None:
        json_to.write_text(json.dumps(result, indent=2))
    return result


def names() -> list[str]:
    return [projection.name for projection in ALL]


def fill(dsn: str, wanted: int) -> None:
    factory = Factory(Environment(env=library_env(dsn, name="bench", pool_size=2)))
    recorder = factory.application_recorder()
    batch: list[StoredEvent] = []
    stored = 0
    for event in lives(wanted):
        batch.append(event)
        if len(batch) == A_TRANSACTION:
            recorder.insert_events(batch)
            stored, batch = stored + len(batch), []
    if batch:
        recorder.insert_events(batch)
    factory.close()
    recorder.pool.close()


def lives(wanted: int) -> Iterator[StoredEvent]:
    """`wanted` events: real lives, then copies of them with other numbers."""
    first = real_lives()
    made = 0
    for turn in range(wanted):
        for event in twins(first, turn * STREETS * 10):
            yield event
            made += 1
            if made == wanted:
                return


def real_lives() -> list[StoredEvent]:
    """Whistles of several streets, their events in order of time."""
    chance, mapper = random.Random(1), PlainMapper()
    events = []
    for street in range(STREETS):
        kinds = [chance.randrange(5) for _ in range(WHISTLES)]
        life = Street(kinds, first=street * 10 + 1)
        events += life.live(steps_of(chance, STEPS, WHISTLES))
    return [mapper.to_stored_event(e) for e in sorted(events, key=lambda e: e.timestamp)]


def twins(events: list[StoredEvent], further: int) -> Iterator[StoredEvent]:
    """The same events for other whistles; their numbers are higher by `further`."""
    others = {}
    for street in range(STREETS):
        for number in range(street * 10 + 1, street * 10 + 1 + WHISTLES):
            old, new = f"W-260302-{number:06d}", f"W-260302-{number + further:06d}"
            others[whistle_id(old)] = whistle_id(new), old.encode(), new.encode()
    for event in events:
        id, old, new = others[event.originator_id]
        state = event.state.replace(old, new)
        yield StoredEvent(id, event.originator_version, event.topic, state)


def read_only(dsn: str) -> Speed:
    """The floor: only reading and decoding, which every fold must do."""

    def read() -> int:
        reader, count, position = LogReader(PlainMapper(), ["whistle."]), 0, 0
        with connect(dsn, name="bench") as connection:
            while (batch := reader.read(connection, position, AT_ONCE)).events:
                count, position = count + len(batch.events), batch.end
        return count

    return timed("read and decode only", read)


def made_anew(dsn: str, name: str) -> Speed:
    projection = next(one for one in ALL if one.name == name)

    def make() -> int:
        with connect(dsn, name="bench") as connection:
            return rebuild(connection, projection, PlainMapper()).events

    return timed(f"rebuild {name}", make)


def timed(what: str, do: Callable[[], int]) -> Speed:
    began = time.perf_counter()
    events = do()
    return Speed(what, events, time.perf_counter() - began)


def summary(figures: list[Speed]) -> dict[str, Any]:
    board = next(figure for figure in figures if figure.what == "rebuild board")
    return {
        "benchmark": "rebuild",
        "figures": [{**asdict(f), "per_second": round(f.per_second)} for f in figures],
        "targets": {"rebuild board, events/s": TARGET},
        "reached": {"rebuild board, events/s": board.per_second >= TARGET},
    }


def as_markdown(result: dict[str, Any]) -> str:
    floor = result["figures"][0]["per_second"]
    lines = [
        "## Rebuilding projections",
        "",
        "One process; indexes, statistics and the swap included.",
        "",
        "| | events | seconds | events/s | of reading only |",
        "|---|---:|---:|---:|---:|",
    ]
    for figure in result["figures"]:
        lines.append(
            f"| {figure['what']} | {figure['events']:,} | {figure['seconds']:.1f} "
            f"| {figure['per_second']:,} | {figure['per_second'] / floor:.2f} |"
        )
    for what, target in result["targets"].items():
        verdict = "reached" if result["reached"][what] else "**missed**"
        lines += ["", f"Target: {what} ≥ {target:,}: {verdict}."]
    return "\n".join([*lines, ""])


@click.command(help=__doc__)
@click.option("--events", default=EVENTS, help="How long a log.")
@click.option("--json", "json_to", type=click.Path(path_type=Path), help="Also write it here.")
def cli(events: int, json_to: Path | None) -> None:
    main(events, json_to)


if __name__ == "__main__":
    cli()
