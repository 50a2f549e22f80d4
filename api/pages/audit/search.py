"""审计: search all events by subject, account, time or position; verify the log."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request, Response

from api.door.callers import SignedIn, TheTracker, now
from api.pages.admin.state import job_page
from api.pages.admin.visit import Visit
from api.pages.audit.event_words import kind_names, subject_of, title_of, who
from api.pages.audit.stories import address_of
from api.pages.frame.look import go, show, speech_of
from api.pages.frame.present import exact, state_name
from api.pages.frame.route import Checked, error_page, pages
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import AUDITORS, head, only
from tracker.city_zone import city_zone
from tracker.commands.tracker import Tracker
from tracker.domain.numbers import number_as_typed
from tracker.domain.whistle.whistle import DIGITS, LETTER
from tracker.operating import audit_search, background_jobs, jobs
from tracker.operating.audit_search import KINDS, OF_THE_CITY, PAGE, FoundEvent

router = pages()


@router.get("/audit")
def search(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    """The newest matching events. A wrong input is explained at its field."""
    only(caller, AUDITORS)
    _, query = speech_of(request), request.query_params
    typed = {name: query.get(name, "").strip() for name in FIELDS}
    errors: dict[str, str] = {}
    asked = query_of(_, typed, errors)
    with tracker.connection() as connection:
        rows = [] if errors else audit_search.find(connection, **asked, limit=PAGE + 1)
    more = None
    if len(rows) > PAGE:
        more = "/audit?" + urlencode({**typed, "at": rows[PAGE].event.position})
    return show(
        request,
        "audit.html",
        422 if errors else 200,
        **head(request, tracker.city, caller),
        section="search",
        typed=typed,
        kinds=kinds_of(_),
        errors=errors,
        rows=[row_of(_, tracker, row) for row in rows[:PAGE]],
        names=[_("日志位置"), _("时间"), _("对象"), _("事件"), _("谁"), _("之后的状态")],
        more=more,
    )


FIELDS = ("number", "kind", "by", "from", "to", "at")
CITY_WIDE = "registers"  # every register of the city except those of people


def query_of(_: Speech, typed: Mapping[str, str], errors: dict[str, str]) -> dict[str, Any]:
    """The arguments of `find`; adds a line to `errors` for each field that cannot be read."""
    code, kinds = code_and_kinds(_, typed["number"])
    chosen = typed["kind"]
    if chosen not in ("", CITY_WIDE, *KINDS):
        errors["kind"] = _("请从列出的种类中选择")
    elif chosen:
        among = OF_THE_CITY if chosen == CITY_WIDE else (chosen,)
        kinds = [one for one in among if kinds is None or one in kinds]
    until = day_of(_, typed, "to", errors)
    return {
        "code": code,
        "kinds": kinds,
        "by": typed["by"] or None,
        "since": day_of(_, typed, "from", errors),
        "until": until and until + timedelta(days=1),
        "position": position_of(_, typed["at"], errors),
    }


def code_and_kinds(_: Speech, text: str) -> tuple[str | None, list[str] | None]:
    """(code, kinds) of the typed subject: `W-…` fits any kind, `unit/u01` or 单位 U01 one."""
    kinds = {name.lower(): kind for kind, name in kind_names(_).items()}
    kinds |= {kind: kind for kind in KINDS}
    for mark in ("/", " "):
        room, parted, code = text.partition(mark)
        if parted and (kind := kinds.get(room.strip().lower())):
            return as_typed(code) or None, [kind]
    return as_typed(text) or None, None


def as_typed(code: str) -> str:
    return number_as_typed(code, LETTER, DIGITS)


def kinds_of(_: Speech) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """The choices of the field for the kind, in two groups."""
    names = kind_names(_)
    registers = [(kind, names[kind]) for kind in names if kind in OF_THE_CITY]
    others = [(kind, name) for kind, name in names.items() if kind not in OF_THE_CITY]
    return [
        (_("记录"), others),
        (_("城市数据"), [(CITY_WIDE, _("全部城市数据")), *registers]),
    ]


def row_of(_: Speech, tracker: Tracker, found: FoundEvent) -> list[Any]:
    event = found.event
    link = f"{address_of(found.kind, found.code)}#p{event.position}"
    return [
        str(event.position), exact(event.at),
        {"text": subject_of(_, found.kind, found.code), "href": link},
        title_of(_, tracker.city, event), who(_, event.by, event.role),
        state_name(_, event.state) if event.state else "—",
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
    return datetime(day.year, day.month, day.day, tzinfo=city_zone())


def position_of(_: Speech, text: str, errors: dict[str, str]) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return int(text)
    errors["at"] = _("位置是一个整数")
    return None


@router.get("/audit/log")
def integrity(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    """The frozen months with their digests, and the last verifications."""
    only(caller, AUDITORS)
    _ = speech_of(request)
    with tracker.connection() as connection:
        months = audit_search.frozen_months(connection)
        checked = jobs.latest(connection, ["verify"], 10)
    return show(
        request,
        "audit_log.html",
        **head(request, tracker.city, caller),
        section="log",
        months=months,
        works=checked,
        exact=exact,
    )


@router.post("/audit/verify")
def verify(request: Request, tracker: TheTracker, caller: SignedIn, form: Checked) -> Response:
    """Start a verification of the whole log or of one frozen month."""
    only(caller, AUDITORS)
    month = form.text("month")
    with tracker.connection() as connection:
        if month and month not in [one.month for one in audit_search.frozen_months(connection)]:
            return error_page(request, 404)
        id = jobs.add(connection, "verify", month, caller.actor.account)
    jobs.start(tracker, id, background_jobs.verifying(tracker.settings))
    return go(f"/audit/jobs/{id}")


@router.get("/audit/jobs/{id}")
def job(request: Request, tracker: TheTracker, caller: SignedIn, id: UUID) -> Response:
    only(caller, AUDITORS)
    return job_page(Visit(request, tracker, caller, now()), id, ["verify"], "log")
