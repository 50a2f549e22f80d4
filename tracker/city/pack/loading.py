"""`tracker load-city`: the differences between a city pack and the city become events.

An entry that is new is added, one that differs is revised, one that the pack no longer names ends
today. What is the same makes no event, so the same pack may be loaded again and again.
"""

import json
import secrets
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from tracker.city import demo_accounts as demo
from tracker.city.credentials import OPERATOR, set_password, without_password
from tracker.city.pack import citypack
from tracker.city.pack.checking import check, check_zone
from tracker.city.pack.citypack import Pack
from tracker.city.registering import load
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.actors import Actor
from tracker.domain.city.accounts import AccountEntry
from tracker.domain.city.entries import Changed, EndingEntry, Entry, Event, digest_of
from tracker.domain.city.registers import REGISTERS
from tracker.domain.errors import Conflict, Words
from tracker.settings import Settings

AT_ONCE = 500  # entries a transaction; each makes a few events, and 4,096 are the most
LISTED = 12  # more events of one kind than this are counted, not listed

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Changes:
    """The events that a load recorded, in order, and the city after them."""

    events: tuple[Event, ...]
    city: Directory

    def lines(self) -> Iterator[str]:
        """A line for each event; of a kind with more than `LISTED` events only how many."""
        counts = Counter(event.TOPIC for event in self.events)
        for topic, count in counts.items():
            name = topic.removeprefix("city.").replace("_", " ")
            if count > LISTED:
                yield f"{name}: {count}"
                continue
            for event in self.events:
                if topic == event.TOPIC:
                    yield f"{name}: {event.code} {', '.join(changed_fields(event))}".rstrip()

    @property
    def digest(self) -> str:
        return digest_of(self.events)

    def as_json(self) -> list[dict[str, Any]]:
        return [
            {"event": event.TOPIC, "code": event.code, "fields": changed_fields(event)}
            for event in self.events
        ]


def counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def changed_fields(event: Event) -> list[str]:
    return list(event.changes()) if isinstance(event, Changed) else []


def load_city(
    tracker: Tracker,
    pack: Pack,
    demo_accounts: bool,
    at: datetime,
    actor: Actor = OPERATOR,
    progress: Progress = lambda kind, entries: None,
    *,
    dry_run: bool = False,
    agreed: str | None = None,
) -> Changes:
    """Bring the registers to the pack, with `demo_accounts` also the accounts to those of the demo.

    With `dry_run` nothing is recorded: the changes are those that would be. `agreed` is the digest
    of the changes that somebody agreed to. Raises PackMoved for other changes, PackUnreadable or
    PackBroken for a pack with a gap in it, ZoneIsFixed for one of another zone; then nothing is
    recorded.
    """
    wanted = citypack.entries(pack)
    check(wanted)
    check_zone(tracker.directory.refresh(), wanted)
    today = at.astimezone(ZoneInfo(pack["working_hours"]["timezone"])).date()
    with alone(tracker):
        if agreed is not None:
            rehearsal = Load(tracker, today, at, actor, progress, dry_run=True)
            if rehearsal.all(wanted, demo_accounts).digest != agreed:
                raise PackMoved
        done = Load(tracker, today, at, actor, progress, dry_run).all(wanted, demo_accounts)
    tracker.directory.refresh()
    return done


LOCK = "SELECT pg_advisory_lock(hashtextextended('shaodao load-city', 0))"
UNLOCK = "SELECT pg_advisory_unlock(hashtextextended('shaodao load-city', 0))"


@contextmanager
def alone(tracker: Tracker) -> Iterator[None]:
    """Hold the lock of load-city: of two loads at once the second waits for the first."""
    with tracker.connection() as connection:
        connection.execute(LOCK)
        try:
            yield
        finally:
            connection.execute(UNLOCK)


class Load:
    """One pass over the registers.

    `city` has what was saved so far, also where the directory cannot read it yet.
    """

    def __init__(
        self,
        tracker: Tracker,
        today: date,
        at: datetime,
        actor: Actor,
        progress: Progress,
        dry_run: bool = False,
    ) -> None:
        self.tracker, self.today, self.at, self.actor = tracker, today, at, actor
        self.progress, self.dry_run = progress, dry_run
        self.city = tracker.directory.refresh()
        self.events: list[Event] = []

    def all(self, wanted: citypack.Entries, demo_accounts: bool) -> Changes:
        """Bring every register to the pack, then, if wanted, the accounts to those of the demo."""
        for register in REGISTERS:
            if register.kind in wanted:  # accounts and answers are people's own
                self.bring(register, wanted[register.kind])
        if demo_accounts:
            self.bring(AccountEntry, list(demo.demo_accounts(self.city, self.today)))
        return Changes(tuple(self.events), self.city)

    def bring(self, register: type[Entry], wanted: list[Any]) -> None:
        """Bring one register to what is wanted. Accounts that are not wanted stay as they are."""
        changed = [*self._revised(register, wanted), *self._ended(register, wanted)]
        for start in range(0, len(changed), AT_ONCE):
            self._save(changed[start : start + AT_ONCE])
        self.progress(register.kind, len(wanted))

    def _revised(self, register: type[Entry], wanted: Iterable[Any]) -> Iterator[Entry]:
        standing = self.city.registers[register.kind]
        for entry in wanted:
            before = standing.get(entry.key)
            if before is None:
                yield register.add(entry, self.at, self.actor)
            elif before != entry:
                found = load(self.tracker, register, entry.key)
                found.revise(entry, self.today, self.at, self.actor)
                yield found

    def _ended(self, register: type[Entry], wanted: Iterable[Any]) -> Iterator[Entry]:
        if not issubclass(register, EndingEntry):
            return
        named = {entry.key for entry in wanted}
        for code, entry in self.city.registers[register.kind].items():
            if code not in named and entry.ended_on is None:
                found = load(self.tracker, register, code)
                found.end(self.today, self.at, self.actor)
                yield found

    def _save(self, entries: Sequence[Entry]) -> None:
        saved: list[tuple[int, Any]]
        if self.dry_run:
            version = self.city.version  # no event has a position yet
            saved = [(version, event) for entry in entries for event in entry.pending_events]
        else:
            saved = [(one.notification.id, one.domain_event) for one in self.tracker.save(*entries)]
        self.city = self.city.fold(saved)
        self.events.extend(event for _, event in saved)


class PackMoved(Conflict):
    """The pack would change something else than what was agreed to."""

    code = "city.pack_moved"
    message = Words(
        zh="试算之后城市目录有变,没有载入",
        en="The city changed since the dry run; nothing was loaded",
    )
    remedy = Words(zh="请按新的差异再确认", en="Confirm the changes as they are now")


def give_demo_passwords(
    tracker: Tracker, city: Directory, password: str | None, at: datetime
) -> str | None:
    """Give the demo accounts this password, or those without one a random one, which is returned.

    None is returned where no password was made up. It is hashed once for all of them: hashing it
    800 times, each with its own salt, would take a minute and hide nothing, since everybody in a
    demo knows the one password. Accounts of people (`tracker account add`) have a hash each.
    """
    today = city.policy.calendar.date_of(at)
    usernames = [account.username for account in demo.demo_accounts(city, today)]
    with tracker.connection() as connection:
        if password is not None:
            set_password(connection, usernames, password, at)
            return None
        usernames = without_password(connection, usernames)
        if not usernames:
            return None
        made_up = secrets.token_urlsafe(9)
        set_password(connection, usernames, made_up, at)
        return made_up


LOADED = "city-loaded"  # in TRACKER_VAR: the digest of the pack that was loaded last


def was_loaded(tracker: Tracker, pack: Pack, note: Path) -> bool:
    """Whether this pack was the last that was loaded here, and its city is still in the log."""
    known = note.read_text() if note.exists() else ""
    return tracker.directory.refresh().is_loaded and known == digest_of_pack(pack)


def digest_of_pack(pack: Pack) -> str:
    return sha256(json.dumps(pack, sort_keys=True).encode()).hexdigest()


@contextmanager
def progress_bar(steps: int, quiet: bool) -> Iterator[Progress]:
    """A progress bar on a terminal, one step a register; elsewhere nothing is shown."""
    if quiet or not sys.stderr.isatty():
        yield lambda kind, entries: None
        return
    with click.progressbar(
        length=steps, file=sys.stderr, item_show_func=lambda kind: kind or ""
    ) as bar:
        yield lambda kind, entries: bar.update(1, kind)


@click.command("load-city")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--demo-accounts", is_flag=True, help="Also an account for every grid, post, unit.")
@click.option("--dry-run", is_flag=True, help="Only tell what would change; record nothing.")
@click.option("--once", is_flag=True, help="A file that was loaded here before changes nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what changed as one JSON document.")
def load_city_command(
    file: Path | None, demo_accounts: bool, dry_run: bool, once: bool, as_json: bool
) -> None:
    """Record the city in FILE (default: TRACKER_CITY, or Mengzi). What is there already stays.

    With --once, what administrators changed since the same FILE was loaded stays as well: at every
    start of a demo the file is the same, and theirs is the later word.

    Demo accounts get the password in TRACKER_DEMO_PASSWORD; without it, one is made up and
    printed once.
    """
    settings = Settings.from_env()
    pack, loaded = citypack.read(file or settings.city), settings.var / LOADED
    steps = len(REGISTERS) - 1 - (not demo_accounts)  # a pack carries no answers
    with Tracker(settings, name="load-city") as tracker:
        at = tracker.deciding_at()
        if once and was_loaded(tracker, pack, loaded):
            changes = Changes((), tracker.city)
        else:
            with progress_bar(steps, as_json) as bar:
                changes = load_city(tracker, pack, demo_accounts, at, progress=bar, dry_run=dry_run)
        made_up = None
        if demo_accounts and not dry_run:
            made_up = give_demo_passwords(tracker, changes.city, settings.demo_password, at)
    if not dry_run:
        loaded.parent.mkdir(parents=True, exist_ok=True)
        loaded.write_text(digest_of_pack(pack))
    if as_json:
        click.echo(
            json.dumps({"changes": changes.as_json(), "password": made_up}, ensure_ascii=False)
        )
        return
    for line in changes.lines():
        click.echo(line)
    verb = "would be recorded" if dry_run else "recorded"
    click.echo(f"{changes.city.city.name}: {counted(len(changes.events), 'event')} {verb}.")
    if made_up:
        click.echo(f"Password of the demo accounts, shown this once: {made_up}")
