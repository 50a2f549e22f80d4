"""`tracker deadlines`: when a whistle of a class, raised at a moment, would fall due.

It uses the city pack and the same `SlaPolicy` as every command, and needs no database.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import click

from tracker.domain.promises.clocks import Clock, ClockKind, Pause, SlaPolicy
from tracker.settings import Settings

YEARS = range(2000, 2200)  # a typing error must not make it count the days of ten centuries
FIELDS = {"class", "at", "pauses", "extensions"}
LABELS = {"id", "name"}  # of a case in a batch, for its reader; ignored
A_TIME = "Give it as 2026-03-06T17:00, city time, or with an offset"
A_PAUSE = "Give start and end, START/END, each as 2026-03-06T17:00"


class BadCase(Exception):
    """A case cannot be computed: the field, its problem, and the remedy."""

    def __init__(self, field: str, problem: str, remedy: str) -> None:
        super().__init__(f"{field}: {problem}. {remedy}.")
        self.field, self.problem, self.remedy = field, problem, remedy


@dataclass(frozen=True)
class Case:
    """An imagined whistle: its class, when it is raised, its pauses and extensions."""

    sla_class: str
    at: datetime
    pauses: tuple[Pause, ...]
    extensions: int


@click.command()
@click.option("--class", "sla_class", metavar="CLASS", help="SLA class, such as G4.")
@click.option("--at", metavar="TIME", help="When it is raised; without an offset, city time.")
@click.option("--pause", "pauses", metavar="START/END", multiple=True, help="May be repeated.")
@click.option("--extensions", default=0, show_default=True, help="How many have been granted.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--batch", type=click.File("rb"), help="JSON Lines, one case each; - for stdin.")
@click.pass_context
def deadlines(
    context: click.Context,
    sla_class: str | None,
    at: str | None,
    pauses: tuple[str, ...],
    extensions: int,
    as_json: bool,
    batch: BinaryIO | None,
) -> None:
    """Show when a whistle would fall due: respond, resolve, follow up.

    A deadline in a year whose holidays are not published is shown as provisional.

    \b
    tracker deadlines --class G4 --at 2026-03-06T17:00
    tracker deadlines --class G4 --at 2026-03-02T10:00 --pause 2026-03-03T09:00/2026-03-05T09:00
    tracker deadlines --batch cases.jsonl

    A batch has one case a line, {"class", "at", "pauses": [[start, end]], "extensions"}, and gets
    one answer a line; a line that cannot be read gets {"error", "line"}, and the exit code is 1.
    """
    policy = _policy(Settings.from_env().city)
    if batch is not None:
        if sla_class or at or pauses or extensions:
            raise click.UsageError("--batch takes its cases from the file alone.")
        context.exit(_answer_batch(policy, batch))
    if not sla_class or not at:
        raise click.UsageError("Give --class and --at, or --batch FILE.")
    given = {"class": sla_class, "at": at, "extensions": extensions}
    try:
        case = read_case(policy, given | {"pauses": [pause.split("/") for pause in pauses]})
        promises = promised(policy, case)
    except BadCase as bad:
        option = "--pause" if bad.field == "pauses" else f"--{bad.field}"
        raise click.UsageError(f"{option}: {bad.problem}. {bad.remedy}.") from bad
    if said := unheeded(policy, case):
        click.echo(said, err=True)
    shown = answer(promises, policy.calendar.timezone)
    click.echo(json.dumps(shown) if as_json else "\n".join(_table(policy, case, promises)))


def read_case(policy: SlaPolicy, given: Mapping[str, Any]) -> Case:
    """The case in a JSON object. Raises BadCase."""
    if unknown := sorted(given.keys() - FIELDS - LABELS):
        raise BadCase(unknown[0], "unknown field", f"A case has {', '.join(sorted(FIELDS))}")
    zone = policy.calendar.timezone
    sla_class = given.get("class")
    if not isinstance(sla_class, str) or sla_class not in policy.classes:
        known = ", ".join(policy.classes)
        raise BadCase("class", f"there is no class {sla_class!r}", f"Choose one of {known}")
    return Case(
        sla_class=sla_class,
        at=_time(given.get("at"), zone, "at", A_TIME),
        pauses=_pauses(given.get("pauses") or [], zone),
        extensions=_extensions(policy, sla_class, given.get("extensions") or 0),
    )


def unheeded(policy: SlaPolicy, case: Case) -> str | None:
    """Why the pauses of the case move nothing; None where they do, or where there are none."""
    if not case.pauses or policy.classes[case.sla_class].pausable:
        return None
    return f"Class {case.sla_class} is not pausable: the pauses move no deadline."


def promised(policy: SlaPolicy, case: Case) -> dict[ClockKind, Clock | None]:
    """The clocks of the case; the follow-up clock assumes verification at the resolve deadline."""
    sla = policy.classes[case.sla_class]
    resolve = policy.clock(
        ClockKind.RESOLVE, sla.code, case.at, pauses=case.pauses, extensions=case.extensions
    )
    clocks: dict[ClockKind, Clock | None] = {
        ClockKind.RESPOND: policy.clock(ClockKind.RESPOND, sla.code, case.at)
    }
    if sla.control:
        clocks[ClockKind.CONTROL] = policy.clock(ClockKind.CONTROL, sla.code, case.at)
    clocks[ClockKind.RESOLVE] = resolve
    clocks[ClockKind.FOLLOW_UP] = (
        policy.clock(ClockKind.FOLLOW_UP, sla.code, resolve.due) if sla.follow_up else None
    )
    return clocks


def answer(clocks: Mapping[ClockKind, Clock | None], zone: ZoneInfo) -> dict[str, Any]:
    """As JSON. `missing_years` is there only if a deadline lacks the calendar of these years."""
    shown: dict[str, Any] = {
        kind.value: clock and clock.due.astimezone(zone).isoformat(timespec="seconds")
        for kind, clock in clocks.items()
    }
    missing = _missing_years(clocks)
    shown["provisional"] = bool(missing)
    return shown | ({"missing_years": missing} if missing else {})


def _answer_batch(policy: SlaPolicy, lines: BinaryIO) -> int:
    """Print the answers. Returns the exit code: 1 if a line could not be read."""
    failed = 0
    for number, line in enumerate(lines, start=1):
        if line.strip():
            shown = _answer_line(policy, line)
            if "error" in shown:
                failed, shown = 1, shown | {"line": number}
            click.echo(json.dumps(shown))
    return failed


def _answer_line(policy: SlaPolicy, line: bytes) -> dict[str, Any]:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as broken:
        return {"error": f"not JSON: {broken}"}
    if not isinstance(given, dict):
        return {"error": 'not a case. Write {"class": "G4", "at": "2026-03-06T17:00"}.'}
    try:
        return answer(promised(policy, read_case(policy, given)), policy.calendar.timezone)
    except BadCase as bad:
        return {"error": str(bad)}


def _table(
    policy: SlaPolicy, case: Case, clocks: Mapping[ClockKind, Clock | None]
) -> Iterator[str]:
    zone = policy.calendar.timezone
    name = policy.classes[case.sla_class].name
    yield f"{case.sla_class} {name}, raised {case.at.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"
    for kind, clock in clocks.items():
        if clock is None:
            yield f"  {kind:<10} only a sample is asked"
        else:
            note = "  provisional" if clock.provisional else ""
            yield f"  {kind:<10} {clock.due.astimezone(zone):%Y-%m-%d %H:%M}{note}"
    if missing := _missing_years(clocks):
        years = ", ".join(map(str, missing))
        yield f"No calendar for {years}: weekdays are taken as working until it is published."


def _missing_years(clocks: Mapping[ClockKind, Clock | None]) -> list[int]:
    provisional = [clock for clock in clocks.values() if clock and clock.provisional]
    return sorted({year for clock in provisional for year in clock.missing_years})


def _time(given: object, zone: ZoneInfo, field: str, remedy: str) -> datetime:
    try:
        moment = datetime.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        moment = None
    if moment is None:
        raise BadCase(field, f"{given!r} is not a time", remedy)
    if moment.year not in YEARS:
        raise BadCase(field, f"{given!r} is out of range", f"The years are {YEARS[0]}–{YEARS[-1]}")
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _pauses(given: object, zone: ZoneInfo) -> tuple[Pause, ...]:
    if not isinstance(given, list):
        raise BadCase("pauses", f"{given!r} is not a list", A_PAUSE)
    return tuple(_pause(pair, zone) for pair in given)


def _pause(pair: object, zone: ZoneInfo) -> Pause:
    if not isinstance(pair, list) or len(pair) != 2:
        shown = "/".join(map(str, pair)) if isinstance(pair, list) else repr(pair)
        raise BadCase("pauses", f"{shown} is not a pause", A_PAUSE)
    start, end = (_time(moment, zone, "pauses", A_PAUSE) for moment in pair)
    if end < start:
        raise BadCase("pauses", f"{pair[0]}/{pair[1]} ends before it starts", A_PAUSE)
    return start, end


def _extensions(policy: SlaPolicy, sla_class: str, given: object) -> int:
    most = policy.classes[sla_class].extension_max
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= most:
        raise BadCase("extensions", f"{given!r} for class {sla_class}", f"It grants 0 to {most}")
    return given


def _policy(city: Path) -> SlaPolicy:
    try:
        return SlaPolicy.from_pack(json.loads(city.read_bytes()), version=0)
    except OSError as unread:
        raise click.ClickException(f"{unread}. Set TRACKER_CITY to a city pack.") from unread
    except (KeyError, TypeError, ValueError) as wrong:
        raise click.ClickException(
            f"{city} is not a city pack: {wrong!r}. Correct it, or set TRACKER_CITY to another."
        ) from wrong
