"""假如: a period under another SLA policy, beside the figures as promised.

The form has the limits of each class. Other parts (calendar, routing) are typed as the JSON of
the interface. The replay runs in the background; its page shows the progress.
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from api.door.access import Person, must_read_figures
from api.door.callers import SignedIn, TheTracker, now
from api.pages.frame.look import go, show, speech_of
from api.pages.frame.present import exact, limit_unit
from api.pages.frame.route import Filled, Notice, TheForm, check_token, pages
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import head
from api.pages.leader.asked import FiguresQuery, result_of, usual_periods
from api.pages.leader.heading import heading, scope_name
from api.reading.figures import WHAT_IF, may_open, question_of
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.errors import Refusal
from tracker.domain.promises.sla_classes import SlaClass
from tracker.metrics.definitions import BY_ID
from tracker.projections.engine.log_moments import LogMoments
from tracker.reports.what_if.alternative import PolicyUnreadable
from tracker.reports.what_if.running import WhatIf, ask, changes, find, latest

router = pages()
PATH = "/leader/what-ifs"
EARLIER, PAGE = 20, 50
LIMITS = ("respond", "resolve")


@router.get(PATH)
def what_ifs(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    must_read_figures(caller, WHAT_IF)
    return form_page(request, tracker, caller)


def form_page(
    request: Request,
    tracker: Tracker,
    person: Person,
    form: Filled | None = None,
    refusal: Refusal | None = None,
) -> Response:
    """The form: empty with the last month, or as typed with the refusal."""
    _, at, city = speech_of(request), now(), tracker.city
    last = usual_periods(at)["last"]
    terms = {"from": last[0], "to": last[1], **request.query_params}
    with tracker.connection() as connection:
        result = result_of(tracker, connection, FiguresQuery.of({**terms, "as_of": ""}, at), at)
        earlier = latest(connection, EARLIER)
    texts = {} if form is None else {name: form.text(name) for name in form.texts}
    query = FiguresQuery(
        texts.get("scope") or result.query.scope,
        texts.get("from") or result.query.from_,
        texts.get("to") or result.query.to,
    )
    return show(
        request,
        "leader_what_ifs.html",
        409 if refusal else 200,
        **head(request, city, person),
        **{**heading(_, city, result, at, PATH), "asked": query},
        classes=[class_line(_, one, texts) for one in city.sla_classes],
        name=texts.get("name", ""),
        policy=texts.get("policy", ""),
        refusal=None if refusal is None else Notice.refused(refusal, _.language),
        wrong=getattr(refusal, "field", None),
        earlier=[earlier_line(_, city, one) for one in earlier],
    )


def class_line(_: Speech, one: SlaClass, texts: Mapping[str, str]) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "limits": [
            {
                "name": f"{kind}-{one.code}",
                "label": label,
                "promised": getattr(one, kind).value,
                "unit": limit_unit(_, getattr(one, kind).unit),
                "value": texts.get(f"{kind}-{one.code}") or getattr(one, kind).value,
            }
            for kind, label in zip(LIMITS, (_("响应"), _("办结")), strict=True)
        ],
    }


def earlier_line(_: Speech, city: Directory, one: WhatIf) -> dict[str, Any]:
    return {
        "href": f"{PATH}/{one.id}",
        "name": one.name,
        "scope": scope_name(_, city, one.scope),
        "span": f"{one.first_day} – {one.until_day}",
        "status": status_name(_, one.status),
        "at": exact(one.asked_at),
        "by": one.asked_by,
    }


def status_name(_: Speech, status: str) -> str:
    return {
        "waiting": _("排队中"),
        "running": _("重算中"),
        "done": _("已算完"),
        "failed": _("未算成"),
    }[status]


@router.post(PATH)
def ask_what_if(request: Request, tracker: TheTracker, caller: SignedIn, form: TheForm) -> Response:
    must_read_figures(caller, WHAT_IF)
    at = now()
    try:
        check_token(request, form)
        given = policy_of(tracker.city, form)
        with tracker.connection() as connection:
            question = question_of(
                tracker,
                connection,
                scope=form.text("scope") or "city",
                from_=form.text("from"),
                to=form.text("to"),
            )
            newest = LogMoments(connection).newest()
            asked = ask(
                tracker,
                connection,
                question,
                given,
                by=caller.actor.account,
                now=at,
                newest=newest,
            )
    except Refusal as refusal:
        return form_page(request, tracker, caller, form, refusal)
    return go(f"{PATH}/{asked.id}")


def policy_of(city: Directory, form: Filled) -> dict[str, Any]:
    """The typed JSON plus the classes with changed limits. Raises PolicyUnreadable."""
    try:
        given = json.loads(form.text("policy") or "{}")
    except ValueError as wrong:
        raise PolicyUnreadable(why=str(wrong)) from wrong
    if not isinstance(given, dict):
        raise PolicyUnreadable(why="not a JSON object")
    changed = [entry for one in city.sla_classes if (entry := changed_class(one, form))]
    if changed:
        given = {**given, "sla_classes": [*given.get("sla_classes", []), *changed]}
    if form.text("name"):
        given["name"] = form.text("name")[:200]
    return given


def changed_class(one: SlaClass, form: Filled) -> dict[str, Any] | None:
    """The limits that differ from the class's own, as in a city pack; None: no difference."""
    entry: dict[str, Any] = {}
    for kind in LIMITS:
        promised, typed = getattr(one, kind), form.text(f"{kind}-{one.code}")
        if not typed or typed == str(promised.value):
            continue
        if not (typed.isascii() and typed.isdecimal()):
            raise PolicyUnreadable(why=f"{one.code}, {kind}: {typed}")
        entry[kind] = {"value": int(typed[:9]), "unit": promised.unit}
    return {"code": one.code, **entry} if entry else None


@router.get(PATH + "/{id}")
def what_if(request: Request, tracker: TheTracker, caller: SignedIn, id: UUID) -> Response:
    must_read_figures(caller, WHAT_IF)
    _, city = speech_of(request), tracker.city
    cursor = request.query_params.get("cursor", "")
    after = int(cursor) if cursor.isascii() and cursor.isdecimal() and len(cursor) < 10 else -1
    with tracker.connection() as connection:
        found = find(connection, id)
        items, following = changes(connection, id, after, PAGE)
        readable = may_open(connection, caller, [UUID(item["whistle"]) for item in items])
    return show(
        request,
        "leader_what_if.html",
        **head(request, city, caller),
        one=found.shown() | {"name": found.name},
        status=status_name(_, found.status),
        going_on=found.status in ("waiting", "running"),
        scope=scope_name(_, city, found.scope),
        moment=exact(found.as_of),
        back=PATH,
        here_path=f"{PATH}/{id}",
        rates=[
            (BY_ID[name].name.say(_.language, {}), rate)
            for name, rate in (found.figures or {}).get("rates", {}).items()
        ],
        changed=[change_line(_, city, item, UUID(item["whistle"]) in readable) for item in items],
        following=None if following is None else f"{PATH}/{id}?cursor={following}",
        other=json.dumps(found.alternative["given"], ensure_ascii=False, indent=2),
    )


def change_line(
    _: Speech, city: Directory, item: Mapping[str, Any], readable: bool
) -> dict[str, Any]:
    sides = {"on_time": _("按时"), "late": _("超时"), "not_in_period": _("不在本期")}
    promise = {"respond": _("响应"), "resolve": _("办结")}
    category = city.registers["category"].get(item["category"] or "")
    return {
        "number": item["number"] if readable else None,
        "category": category.name if category is not None and readable else "—",
        "promise": promise[item["promise"]],
        "was_due": item["promised"]["due"][:16].replace("T", " "),
        "was": sides[item["promised"]["side"]],
        "due": item["what_if"]["due"][:16].replace("T", " "),
        "side": sides[item["what_if"]["side"]],
    }
