"""The frozen corpus: whistles as they were once stored, whole streams, one event a line.

A line is never changed. For a new event class, or a new version of one, lines are added:

    python -m tests.eventstore.corpus postgresql://…

takes from a lived-in database, e.g. that of `make run`, the shortest streams that hold what the
corpus has not. Take no stream of real people: the words are not in the log, but places are.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent

import tracker.domain.whistle.whistle  # noqa: F401 - registers the topics
from tracker.domain.whistle.events import Event
from tracker.eventstore.mapper import class_version

CORPUS = Path(__file__).parent.parent / "data" / "stored_events.jsonl"

Line = dict[str, Any]
Kind = tuple[str, int]  # topic and class version


def lines() -> list[Line]:
    return [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]


def streams(of: Iterable[Line]) -> list[list[Line]]:
    return [list(stream) for _, stream in groupby(of, key=lambda line: line["originator_id"])]


def stored(line: Line) -> StoredEvent:
    return StoredEvent(
        originator_id=UUID(line["originator_id"]),
        originator_version=line["originator_version"],
        topic=line["topic"],
        state=json.dumps(line["state"]).encode(),
    )


def line_of(event: StoredEvent) -> Line:
    return {
        "topic": event.topic,
        "originator_id": str(event.originator_id),
        "originator_version": event.originator_version,
        "state": json.loads(event.state),
    }


def kind_of(line: Line) -> Kind:
    return line["topic"], line["state"].get("class_version", 1)


def shipped_kinds() -> set[Kind]:
    """Every event of a whistle, in the version that is written today."""
    return {(kind.TOPIC, class_version(kind)) for kind in event_classes(Event)}


def event_classes(base: type[Event]) -> Iterator[type[Event]]:
    for kind in base.__subclasses__():
        if "TOPIC" in kind.__dict__ and kind.__module__.startswith("tracker."):
            yield kind
        yield from event_classes(kind)


def cover(missing: set[Kind], of: list[list[Line]]) -> list[list[Line]]:
    """Few and short streams that hold all the missing kinds, as far as there are any."""
    chosen: list[list[Line]] = []
    missing = set(missing)
    while of:
        best = max(of, key=lambda stream: len(missing & set(map(kind_of, stream))) / len(stream))
        found = missing & set(map(kind_of, best))
        if not found:
            break
        chosen.append(best)
        missing -= found
    return chosen


def append(chosen: list[list[Line]]) -> None:
    with CORPUS.open("a", encoding="utf-8") as corpus:
        for stream in chosen:
            for line in stream:
                corpus.write(json.dumps(line, ensure_ascii=False) + "\n")


# A table scan, for once.
WHISTLES = """
    SELECT originator_id, originator_version, topic, state
      FROM stored_events
     WHERE topic LIKE 'whistle.%'
     ORDER BY originator_id, originator_version
"""


def main(dsn: str) -> None:
    missing = shipped_kinds() - set(map(kind_of, lines()))
    with psycopg.connect(dsn) as connection:
        found = [line_of(StoredEvent(*row)) for row in connection.execute(WHISTLES)]
    chosen = cover(missing, streams(found))
    append(chosen)
    still = missing - {kind_of(line) for stream in chosen for line in stream}
    print(f"added {len(chosen)} streams; still missing: {sorted(still) or 'nothing'}")


if __name__ == "__main__":
    main(sys.argv[1])
