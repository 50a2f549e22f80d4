"""审计: any event by number, account, time or position; a whistle's raw story; is the log whole."""

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request, Response

from api.access import ROLE_WORDS, Person
from api.callers import SignedIn, TheTracker, now
from api.fields import in_city_zone
from api.pages.admin import job_page
from api.pages.look import go, show, speech_of
from api.pages.present import CITY, exact, state_name
from api.pages.route import Checked, error_page, pages
from api.pages.speech import Speech
from api.pages.story import Teller
from api.pages.visitor import AUDITORS, head, only
from api.reading import log, readable
from api.v1.contact import must_hear
from tracker import auditing, jobs, works
from tracker.application import Tracker
from tracker.auditing import PAGE, Raw
from tracker.domain.actors import Role
from tracker.domain.whistle import Whistle
from tracker.masking import masked_words
from tracker.metrics.exports import MARK, harmless

router = pages()
WORDS_LENGTH = 2000


@router.get("/audit")
def search(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    """The newest events that fit; what is typed wrong is said at its field."""
    only(caller, AUDITORS)
    _, query = speech_of(request), request.query_params
    typed = {name: query.get(name, "").strip() for name in ("number", "by", "from", "to", "at")}
    errors: dict[str, str] = {}
    asked: dict[str, Any] = {
        "number": typed["number"].upper() or None,
        "by": typed["by"] or None,
        "since": day_of(_, typed, "from", errors),
        "until": day_of(_, typed, "to", errors),
        "position": position_of(_, typed["at"], errors),
    }
    if asked["until"] is not None:
        asked["until"] += timedelta(days=1)
    with tracker.connection() as connection:
        rows = [] if errors else auditing.find(connection, **asked, limit=PAGE + 1)
    more = None
    if len(rows) > PAGE:
        more = "/audit?" + urlencode({**typed, "at": rows[PAGE].position})
    return show(
        request,
        "audit.html",
        422 if errors else 200,
        **head(request, tracker.city, caller),
        **menu(_, "search"),
        typed=typed,
        errors=errors,
        rows=[row_of(_, tracker, row) for row in rows[:PAGE]],
        names=[_("日志位置"), _("时间"), _("吹哨编号"), _("事件"), _("谁"), _("之后的状态")],
        more=more,
    )


def row_of(_: Speech, tracker: Tracker, found: auditing.Found) -> list[Any]:
    link = f"/audit/w/{found.number}#p{found.position}"
    return [
        str(found.position), exact(found.at), {"text": found.number, "href": link},
        title_of(_, tracker, found.topic, told_facts(found.facts)), who(_, found.by, found.role),
        state_name(_, found.state),
    ]  # fmt: skip


def day_of(
    _: Speech, typed: Mapping[str, str], name: str, errors: dict[str, str]
) -> datetime | None:
    if not typed[name]:
        return None
    try:
        day = date.fromisoformat(typed[name])
        if not 2000 <= day.year <= 2100:
            raise ValueError
    except ValueError:
        errors[name] = _("写成 2026-11-26 这样的日期")
        return None
    return datetime(day.year, day.month, day.day, tzinfo=CITY)


def position_of(_: Speech, text: str, errors: dict[str, str]) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return int(text)
    errors["at"] = _("位置是一个整数")
    return None


def who(_: Speech, by: str, role: str) -> str:
    """The account and its role; a reporter's key is no account and is not shown whole."""
    name = ROLE_WORDS[Role(role)].say(_.language, {})
    return f"{name} · {by[:24]}" if role != Role.SYSTEM else name


def title_of(_: Speech, tracker: Tracker, topic: str, facts: Mapping[str, Any]) -> str:
    teller = Teller(_, tracker.city, now())
    return teller.topic_title(topic, facts)


def told_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """With the unit where titles look for it, also where an assignment names it."""
    task = facts.get("assignment") or facts.get("lead")
    return dict(facts) | ({"unit": task["unit"]} if isinstance(task, dict) else {})


@router.get("/audit/w/{number}")
def story(request: Request, tracker: TheTracker, caller: SignedIn, number: str) -> Response:
    """Every event as it is stored; people's words are covered until a reason is given."""
    only(caller, AUDITORS)
    wanted = number.rpartition(".")
    if wanted[2] in ("json", "csv"):
        return download(tracker, readable(tracker, wanted[0], caller), wanted[2], heard=False)
    return story_page(request, tracker, caller, readable(tracker, number, caller))


@router.post("/audit/w/{number}")
def hear(
    request: Request, tracker: TheTracker, caller: SignedIn, form: Checked, number: str
) -> Response:
    """The same with the words as they were given. Who looked, at what and why goes on record."""
    only(caller, AUDITORS)
    _ = speech_of(request)
    whistle = readable(tracker, number, caller)
    must_hear(caller, whistle)
    reason = form.text("reason")[:200]
    if not reason:
        return story_page(request, tracker, caller, whistle, error=_("写明为什么要看原话"))
    actor = caller.actor
    log.info("%s (%s) was shown the words of %s: %r", actor.account, actor.role, number, reason)
    if form.text("as") in ("json", "csv"):
        return download(tracker, whistle, form.text("as"), heard=True)
    return story_page(request, tracker, caller, whistle, heard=True, reason=reason)


def story_page(
    request: Request,
    tracker: Tracker,
    person: Person,
    whistle: Whistle,
    *,
    heard: bool = False,
    reason: str = "",
    error: str = "",
) -> Response:
    _ = speech_of(request)
    with tracker.connection() as connection:
        told = auditing.story(connection, whistle.id)
    return show(
        request,
        "audit_story.html",
        422 if error else 200,
        **head(request, tracker.city, person),
        **menu(_, "search"),
        number=whistle.number,
        state=state_name(_, whistle.state),
        entries=[shown(_, tracker, one, heard) for one in told],
        heard=heard,
        reason=reason,
        error=error,
    )


def shown(_: Speech, tracker: Tracker, one: Raw, heard: bool) -> dict[str, Any]:
    return {
        "position": one.position,
        "version": one.version,
        "topic": one.topic,
        "title": title_of(_, tracker, one.topic, told_facts(one.facts)),
        "at": exact(one.at),
        "who": who(_, one.by, one.role),
        "post": one.post,
        "state": state_name(_, one.state),
        "facts": json.dumps(one.facts, ensure_ascii=False, indent=1) if one.facts else "",
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


def text_of(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body, ensure_ascii=False) if body else ""


def download(tracker: Tracker, whistle: Whistle, form: str, *, heard: bool) -> Response:
    """The story as a file; a spreadsheet computes none of what people wrote."""
    with tracker.connection() as connection:
        told = [plain(one, heard) for one in auditing.story(connection, whistle.id)]
    if form == "json":
        whole = {"number": whistle.number, "masked": not heard, "events": told}
        body, kind = json.dumps(whole, ensure_ascii=False, indent=1).encode(), "application/json"
    else:
        body, kind = as_csv(told), "text/csv; charset=utf-8"
    name = f'attachment; filename="{whistle.number}.{form}"'
    return Response(
        body, media_type=kind, headers={"Content-Disposition": name, "Cache-Control": "no-store"}
    )


def plain(one: Raw, heard: bool) -> dict[str, Any]:
    return {
        "position": one.position,
        "version": one.version,
        "event": one.topic,
        "at": in_city_zone(one.at),
        "by": one.by,
        "role": one.role,
        "post": one.post,
        "state": one.state,
        "facts": one.facts,
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


def as_csv(told: Sequence[Mapping[str, Any]]) -> bytes:
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(list(told[0]) if told else [])
    for line in told:
        cells = [
            json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
            for value in line.values()
        ]
        writer.writerow([harmless(cell) for cell in cells])
    return MARK + out.getvalue().encode()


@router.get("/audit/log")
def integrity(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    """The frozen months with their digests, and what was verified last."""
    only(caller, AUDITORS)
    _ = speech_of(request)
    with tracker.connection() as connection:
        months = auditing.frozen_months(connection)
        checked = jobs.latest(connection, ["verify"], 10)
    return show(
        request,
        "audit_log.html",
        **head(request, tracker.city, caller),
        **menu(_, "log"),
        months=months,
        works=checked,
        exact=exact,
    )


@router.post("/audit/verify")
def verify(request: Request, tracker: TheTracker, caller: SignedIn, form: Checked) -> Response:
    """The whole log, or one frozen month counted again."""
    only(caller, AUDITORS)
    month = form.text("month")
    with tracker.connection() as connection:
        if month and month not in [one.month for one in auditing.frozen_months(connection)]:
            return error_page(request, 404)
        id = jobs.keep(connection, "verify", month, caller.actor.account)
    jobs.start(tracker, id, works.verifying(tracker.settings))
    return go(f"/audit/jobs/{id}")


@router.get("/audit/jobs/{id}")
def job(request: Request, tracker: TheTracker, caller: SignedIn, id: UUID) -> Response:
    only(caller, AUDITORS)
    return job_page(request, tracker, caller, id, ["verify"], menu(speech_of(request), "log"))


def menu(_: Speech, current: str) -> Mapping[str, Any]:
    entries = [("search", "/audit", _("查事件")), ("log", "/audit/log", _("日志完整性"))]
    return {
        "menu": [
            (
                _("审计"),
                [
                    {"href": href, "label": label, "current": name == current}
                    for name, href, label in entries
                ],
            )
        ]
    }
