"""审计: all stored events of one stream, as a page, CSV or JSON.

The same for a whistle, unit, account, summons, handover or frozen month. Words and names of
people are masked until a reason is given; each look at them is recorded.
"""

import csv
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response

from api.contexts.faces import FACES
from api.door.access import Person, must_hear
from api.door.callers import SignedIn, TheTracker
from api.door.fields import in_city_zone
from api.door.subjects import WhistleSubject
from api.pages.audit.event_words import subject_of, title_of, who
from api.pages.frame.look import go, show, speech_of
from api.pages.frame.present import exact, state_name
from api.pages.frame.route import Checked, pages
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import AUDITORS, head, only
from api.reading.reading import log, readable
from tracker.commands.tracker import Tracker
from tracker.metrics.exports import MARK, harmless
from tracker.operating import audit_search
from tracker.operating.audit_search import OF_THE_CITY, RawEvent
from tracker.words.masking import masked_words

router = pages()

LONGEST = 1_000  # characters shown of one text in the facts; downloads have the whole text
FORMS = ("json", "csv")
ANNULLED = "whistle.annulled"


@dataclass(frozen=True)
class Subject:
    """A stream that the reader may read, with its events."""

    kind: str
    code: str
    events: Sequence[RawEvent]

    @property
    def address(self) -> str:
        return address_of(self.kind, self.code)

    @property
    def annulled(self) -> frozenset[int]:
        """The versions of the events that never happened."""
        named = [one.facts["events"] for one in self.events if one.topic == ANNULLED]
        return frozenset(event["version"] for events in named for event in events)

    @property
    def name(self) -> str:
        """The subject's name in the record of looks."""
        return self.code if self.kind == "whistle" else f"{self.kind}/{self.code}"


def address_of(kind: str, code: str) -> str:
    path = f"/audit/w/{code}" if kind == "whistle" else f"/audit/e/{kind}/{code}"
    return quote(path)


def whistle_for(tracker: Tracker, caller: Person, number: str, *, heard: bool = False) -> Subject:
    """Raises if the person may not read the whistle or not read its words unmasked."""
    whistle = readable(tracker, number, caller)
    if heard:
        must_hear(caller, WhistleSubject.of(whistle))
    with tracker.connection() as connection:
        return Subject("whistle", whistle.number, audit_search.story(connection, whistle.id))


def subject_for(tracker: Tracker, kind: str, code: str) -> Subject:
    with tracker.connection() as connection:
        return Subject(kind, code, audit_search.story_of(connection, kind, code))


@router.get("/audit/w/{number}")
def whistle(request: Request, tracker: TheTracker, caller: SignedIn, number: str) -> Response:
    """Every event as stored; people's words are masked until a reason is given."""
    only(caller, AUDITORS)
    plain, form = form_of(number)
    return covered(request, tracker, caller, whistle_for(tracker, caller, plain), form)


@router.post("/audit/w/{number}")
def hear_whistle(
    request: Request, tracker: TheTracker, caller: SignedIn, form: Checked, number: str
) -> Response:
    """The same page with the words unmasked. Records who looked, at what and why."""
    only(caller, AUDITORS)
    return hear(request, tracker, caller, form, whistle_for(tracker, caller, number, heard=True))


@router.get("/audit/e/{kind}/{code:path}")
def entry(
    request: Request, tracker: TheTracker, caller: SignedIn, kind: str, code: str
) -> Response:
    """The same page for any other stream of the log."""
    only(caller, AUDITORS)
    if kind == "whistle":
        return go(address_of(kind, code))
    plain, form = form_of(code)
    return covered(request, tracker, caller, subject_for(tracker, kind, plain), form)


@router.post("/audit/e/{kind}/{code:path}")
def hear_entry(
    request: Request, tracker: TheTracker, caller: SignedIn, form: Checked, kind: str, code: str
) -> Response:
    only(caller, AUDITORS)
    if kind == "whistle":
        return hear_whistle(request, tracker, caller, form, code)
    return hear(request, tracker, caller, form, subject_for(tracker, kind, code))


def form_of(name: str) -> tuple[str, str]:
    """Splits `U01.csv` into code and format."""
    plain, _dot, form = name.rpartition(".")
    return (plain, form) if form in FORMS else (name, "")


def covered(
    request: Request, tracker: Tracker, person: Person, about: Subject, form: str
) -> Response:
    if form:
        return download(about, form, heard=False)
    return story_page(request, tracker, person, about)


def hear(request: Request, tracker: Tracker, person: Person, form: Any, about: Subject) -> Response:
    _ = speech_of(request)
    reason = form.text("reason")[:200]
    if not reason:
        return story_page(request, tracker, person, about, error=_("写明为什么要看原话"))
    actor = person.actor
    log.info("%s (%s) was shown the words of %s: %r", actor.account, actor.role, about.name, reason)
    if form.text("as") in FORMS:
        return download(about, form.text("as"), heard=True)
    return story_page(request, tracker, person, about, heard=True, reason=reason)


def story_page(
    request: Request,
    tracker: Tracker,
    person: Person,
    about: Subject,
    *,
    heard: bool = False,
    reason: str = "",
    error: str = "",
) -> Response:
    _ = speech_of(request)
    state = about.events[-1].state
    return show(
        request,
        "audit_story.html",
        422 if error else 200,
        **head(request, tracker.city, person),
        section="search",
        title=subject_of(_, about.kind, about.code),
        name=name_now(tracker, about),
        at=about.address,
        search=f"/audit?number={quote(about.name)}",
        own=own_page(_, about),
        state=state_name(_, state) if state else "",
        entries=[
            {**entry_of(_, tracker, one, heard), "annulled": one.version in about.annulled}
            for one in about.events
        ],
        heard=heard,
        reason=reason,
        error=error,
    )


def name_now(tracker: Tracker, about: Subject) -> str:
    """Today's name of a register's entry. Accounts and templates are personal: they have no name
    until a reason is given."""
    if about.kind not in OF_THE_CITY:
        return ""
    found = tracker.city.registers[about.kind].get(about.code)
    return found.name if found else ""


def own_page(_: Speech, about: Subject) -> Mapping[str, str] | None:
    """The work page of the subject, if an auditor may open it."""
    pages_of = {"whistle": "/w"} | {name: face.page_of_one for name, face in FACES.items()}
    if not pages_of.get(about.kind):
        return None
    return {"href": quote(f"{pages_of[about.kind]}/{about.code}"), "label": _("办理页")}


def entry_of(_: Speech, tracker: Tracker, one: RawEvent, heard: bool) -> dict[str, Any]:
    facts = shortened(_, one.facts if heard else one.masked)
    return {
        "position": one.position,
        "version": one.version,
        "topic": one.topic,
        "title": title_of(_, tracker.city, one),
        "at": exact(one.at),
        "who": who(_, one.by, one.role),
        "post": one.post,
        "state": state_name(_, one.state) if one.state else "",
        "facts": json.dumps(facts, ensure_ascii=False, indent=1) if facts else "",
        "words": [
            {
                "kind": word.kind,
                "text": text_of(word.body if heard else masked_words(word.body)),
                "erased": exact(word.erased_at) if word.erased_at else "",
                "digest": word.digest[:12],
            }
            for word in one.words
        ],
    }


def shortened(_: Speech, value: Any) -> Any:
    """The beginning of a long text: a frozen month's figures are a megabyte, a district's boundary
    has ten thousand points."""
    if isinstance(value, Mapping):
        return {name: shortened(_, one) for name, one in value.items()}
    if isinstance(value, str) and len(value) > LONGEST:
        return value[:LONGEST] + _("…（共 {n} 字，下载里是全文）", n=len(value))
    if isinstance(value, list):
        written = json.dumps(value, ensure_ascii=False)
        if len(written) > LONGEST:
            return _("{n} 项，下载里是全部", n=len(value))
    return value


def text_of(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body, ensure_ascii=False) if body else ""


def download(about: Subject, form: str, *, heard: bool) -> Response:
    """The events as a file. Cells are written so that a spreadsheet computes no formula in them."""
    rows = [plain(one, heard) for one in about.events]
    if form == "json":
        whole = {"kind": about.kind, "code": about.code, "masked": not heard, "events": rows}
        body, kind = json.dumps(whole, ensure_ascii=False, indent=1).encode(), "application/json"
    else:
        body, kind = as_csv(rows), "text/csv; charset=utf-8"
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", about.name)
    attached = f'attachment; filename="{name}.{form}"'
    return Response(
        body,
        media_type=kind,
        headers={"Content-Disposition": attached, "Cache-Control": "no-store"},
    )


def plain(one: RawEvent, heard: bool) -> dict[str, Any]:
    return {
        "position": one.position,
        "version": one.version,
        "event": one.topic,
        "at": in_city_zone(one.at),
        "by": one.by,
        "role": one.role,
        "post": one.post,
        "state": one.state,
        "facts": one.facts if heard else one.masked,
        "words": [
            {
                "id": str(word.id),
                "kind": word.kind,
                "digest": word.digest,
                "body": word.body if heard else masked_words(word.body),
                "erased_at": in_city_zone(word.erased_at) if word.erased_at else None,
            }
            for word in one.words
        ],
    }


def as_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(list(rows[0]) if rows else [])
    for line in rows:
        cells = [
            json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
            for value in line.values()
        ]
        writer.writerow([harmless(cell) for cell in cells])
    return MARK + out.getvalue().encode()
