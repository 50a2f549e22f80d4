"""`tracker import`: whistles of an older system, one per line, become histories in the log.

The line itself is kept with its whistle. Importing the same line again adds nothing; a line with
the same id but other facts is refused, because recorded events are never changed. The file is read
three times instead of held in memory: to find the duplicates, to import the other whistles, and to
import the duplicates, whose parents must be known by then.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID, uuid5

import click

from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.errors import UnknownWhistle
from tracker.domain.whistle.events import Event, State
from tracker.domain.whistle.whistle import Whistle, whistle_id
from tracker.eventstore.contents import Content, read_words
from tracker.imports.checks import check
from tracker.imports.ends import Child, adopt
from tracker.imports.facts import BadFact, Facts, read
from tracker.imports.history import whistle_of
from tracker.settings import Settings

AT_ONCE = 3_000  # events a transaction; 4,096 are the most
LINES_AT_ONCE = 400
LONGEST_LINE = 1 << 20  # bytes
FACTS = "facts"  # the kind of content that holds the line itself

Progress: TypeAlias = Callable[[int], None]
Line: TypeAlias = tuple[int, dict[str, Any], Facts]  # its number, its JSON, the facts in it


@dataclass
class Imported:
    """What an import did. `bad`: line number and reason."""

    whistles: int = 0
    events: int = 0
    known: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)


def import_file(
    tracker: Tracker,
    file: Path,
    *,
    dry_run: bool = False,
    progress: Progress = lambda read: None,
    now: datetime | None = None,
) -> Imported:
    """Append the whistles of `file` that are not in the log yet; with `dry_run`, only check.

    `now` None: the database's time. Raises ClockDisagrees.
    """
    with alone(tracker):
        at = now or tracker.deciding_at()
        return Import(tracker, tracker.directory.refresh(), at, dry_run, progress).run(file)


# Served by no index: an advisory lock.
LOCK = "SELECT pg_advisory_lock(hashtextextended('shaodao import', 0))"
UNLOCK = "SELECT pg_advisory_unlock(hashtextextended('shaodao import', 0))"


@contextmanager
def alone(tracker: Tracker) -> Iterator[None]:
    """Allow one import at a time. A second one waits, and then sees what the first has imported."""
    with tracker.connection() as connection:
        connection.execute(LOCK)
        try:
            yield
        finally:
            connection.execute(UNLOCK)


class Import:
    """One run over a file."""

    def __init__(
        self,
        tracker: Tracker,
        city: Directory,
        now: datetime,
        dry_run: bool,
        progress: Progress,
    ) -> None:
        self.tracker, self.city, self.now = tracker, city, now
        self.dry_run, self.progress = dry_run, progress
        self.done = Imported()
        self.children: dict[UUID, list[Child]] = {}  # by parent, until the parent is written
        self.duplicates: set[UUID] = set()
        self.taken: set[UUID] = set()  # parents whose history already holds their duplicates
        self.parents: dict[UUID, Whistle] = {}  # of an earlier import, with a new duplicate
        self.contents: list[Content] = []

    def run(self, file: Path) -> Imported:
        for _, _, facts in self._lines(file, report_bad=False):
            self._expect(facts)
        wanted = set(self.children)
        for batch in self._batches(file, duplicates=False):
            self._take(batch, wanted)
        for batch in self._batches(file, duplicates=True):
            self._take(batch, wanted)
        self.done.bad.sort()
        return self.done

    # --- lines -----------------------------------------------------------------------------------

    def _lines(self, file: Path, *, report_bad: bool) -> Iterator[Line]:
        """The lines that can be imported; with `report_bad`, the others are added to `done.bad`."""
        with file.open("rb") as lines:
            for number, raw in enumerate(lines, start=1):
                self.progress(len(raw))
                if not raw.strip():
                    continue
                try:
                    given = parse(raw)
                    facts = read(given, self.city)
                    check(facts, self.city.policy, self.now)
                except BadFact as bad:
                    if report_bad:
                        self.done.bad.append((number, bad.why))
                    continue
                yield number, given, facts

    def _batches(self, file: Path, *, duplicates: bool) -> Iterator[list[Line]]:
        batch: list[Line] = []
        for line in self._lines(file, report_bad=not duplicates):
            if is_duplicate(line[2]) is duplicates:
                batch.append(line)
            if len(batch) >= LINES_AT_ONCE:
                yield batch
                batch = []
        yield batch

    def _expect(self, facts: Facts) -> None:
        """Note a duplicate by its parent: the parent's history mentions it and is written first."""
        child = whistle_id(facts.number)
        if is_duplicate(facts) and child not in self.duplicates:
            self.duplicates.add(child)
            self.children.setdefault(parent_of(facts), []).append(Child(facts))

    # --- whistles --------------------------------------------------------------------------------

    def _take(self, batch: Sequence[Line], wanted: set[UUID]) -> None:
        kept = self._kept([whistle_id(facts.number) for _, _, facts in batch])
        events: list[Event] = []
        for number, given, facts in batch:
            id = whistle_id(facts.number)
            try:
                if self._is_known(id, given, kept):
                    self.done.known += 1
                    continue
                whistle = self._whistle(id, given, facts)
            except BadFact as bad:
                self.done.bad.append((number, bad.why))
                continue
            kept[id] = given
            self.done.whistles += 1
            if id in wanted:
                self.taken.add(id)
            for changed in (whistle, *self.parents.values()):
                events.extend(changed.collect_events())  # type: ignore[arg-type]  # all are our events
            if len(events) >= AT_ONCE:
                self._write(events)
                events = []
        self._write(events)

    def _is_known(self, id: UUID, given: dict[str, Any], kept: dict[UUID, Any]) -> bool:
        if id not in kept:
            return False
        if kept[id] not in (None, given):  # None: its line has been erased
            raise BadFact(f"{given['id']} was imported already, with other facts")
        return True

    def _whistle(self, id: UUID, given: dict[str, Any], facts: Facts) -> Whistle:
        children: list[Child] = []
        if is_duplicate(facts):
            self._follow(facts)
        else:
            children = self.children.get(id, [])
        # The line is kept in `contents` and in no event, because nobody may read its free text.
        # Its id is derived from the whistle's, so it can be found again.
        line = replace(Content.said(FACTS, given), id=facts_id(id), whistle=id)
        said = [Content.said("text", facts.text, whistle=id)] if facts.text is not None else []
        whistle = whistle_of(facts, self.city, [content.ref for content in said], children)
        said.append(line)
        self.contents.extend(said)
        return whistle

    def _follow(self, facts: Facts) -> None:
        """Add it to its parent, if the parent is from an earlier import and lacks it."""
        id, child = parent_of(facts), Child(facts)
        if id in self.taken:
            return
        if id in self.duplicates or id == child.id:
            raise BadFact("it follows another duplicate")
        try:
            parent = self.parents.get(id) or self.tracker.whistle(id)
        except UnknownWhistle:
            assert facts.excluded is not None
            raise BadFact(f"no whistle {facts.excluded.into} to follow") from None
        if parent.state is State.MERGED:
            raise BadFact("it follows another duplicate")
        self.parents[id] = parent
        adopt(parent, child, child.at)

    def _kept(self, ids: Sequence[UUID]) -> dict[UUID, Any]:
        """The kept lines of those whistles that are already in the log."""
        by_row = {facts_id(id): id for id in ids}
        with self.tracker.connection() as connection:
            found = read_words(connection, list(by_row))
        return {by_row[row]: kept.body for row, kept in found.items()}

    def _write(self, events: list[Event]) -> None:
        contents, self.contents = self.contents, []
        self.done.events += len(events)
        if self.dry_run or not events:
            return
        events.sort(key=lambda event: event.timestamp)
        mapper, recorder = self.tracker.mapper, self.tracker.recorder
        recorder.insert_events(
            [mapper.to_stored_event(event) for event in events], contents=contents
        )


def parse(raw: bytes) -> dict[str, Any]:
    """The JSON of a line. Raises BadFact, also for text that PostgreSQL cannot store."""
    if len(raw) > LONGEST_LINE:
        raise BadFact("the line is longer than 1 MiB")
    try:
        given = json.loads(raw)
        json.dumps(given, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise BadFact("the line is no JSON") from None
    if not isinstance(given, dict):
        raise BadFact("the line is not a JSON object")
    if b"\\u0000" in raw:
        raise BadFact("a text holds the character NUL")
    return given


def is_duplicate(facts: Facts) -> bool:
    return facts.excluded is not None and facts.excluded.kind == "merged_child"


def parent_of(facts: Facts) -> UUID:
    assert facts.excluded is not None
    return whistle_id(f"I-{facts.excluded.into}")


def facts_id(whistle: UUID) -> UUID:
    return uuid5(whistle, FACTS)


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only check the lines; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def import_(file: Path, dry_run: bool, as_json: bool) -> None:
    """Take the whistles in FILE, one JSON object a line (docs/import-format.md), into the log.

    Lines that are in the log already add nothing. A bad line is reported with its number and
    reason, the others go in, and the exit code is 1.
    """
    size = 3 * file.stat().st_size  # it is read three times
    with (
        Tracker(Settings.from_env(), name="import", pool_size=3) as tracker,
        bar(size, as_json) as progress,
    ):
        done = import_file(tracker, file, dry_run=dry_run, progress=progress)
    if as_json:
        outcome = asdict(done) | {"bad": [{"line": n, "reason": why} for n, why in done.bad]}
        click.echo(json.dumps(outcome | {"dry_run": dry_run}, ensure_ascii=False))
    else:
        verb = "would be imported" if dry_run else "imported"
        click.echo(f"{done.whistles} whistles {verb}, in {done.events} events.")
        click.echo(f"{done.known} were known already, {len(done.bad)} lines are bad.")
    for number, why in done.bad:
        click.echo(f"line {number}: {why}", err=True)
    sys.exit(1 if done.bad else 0)


@contextmanager
def bar(length: int, quiet: bool) -> Iterator[Progress]:
    """A bar on a terminal, nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda read: None
        return
    with click.progressbar(length=length, label="Importing", file=sys.stderr) as shown:
        yield shown.update
