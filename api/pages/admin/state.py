"""管理: the state of the tracker, imports with a dry run, a city pack with its differences."""

import json
import platform
from collections import Counter
from collections.abc import Sequence
from importlib import metadata
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from psycopg import Connection

from api.door.access import Person
from api.door.callers import SignedIn, TheTracker, now
from api.pages.admin.words import events_in_words, title_of_event
from api.pages.frame.look import go, show, speech_of
from api.pages.frame.present import exact
from api.pages.frame.route import Checked, Filled, Said, error_page, pages
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import ADMINS, head, only
from tracker.city.pack import citypack
from tracker.city.pack.loading import Changes, PackMoved, load_city
from tracker.city.pack.writing import written
from tracker.commands.tracker import Tracker
from tracker.contexts.registry import CONTEXTS
from tracker.domain.errors import Refusal
from tracker.eventstore.log_positions import log_positions
from tracker.operating import background_jobs, jobs
from tracker.operating.projecting import ALL
from tracker.projections.engine.positions import positions
from tracker.schedule.heartbeat import heartbeat

router = pages()
KINDS = ("verify", "rebuild", "import", "import-check")  # of works, named in macros/job.html
LISTED = 200  # events of a pack beyond these are counted

# Who has the tables open, and what they are: one row.
DATABASE = """
    SELECT current_setting('server_version') AS version, pg_database_size(current_database()),
           (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database())
"""


@router.get("/admin")
def state(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    """Projections, scheduler, database, and the works asked for last."""
    only(caller, ADMINS)
    _ = speech_of(request)
    with tracker.connection() as connection:
        values = {
            "log": log_positions(connection),
            "projections": positions(connection),
            "beat": heartbeat(connection),
            "database": database_of(connection),
            "works": jobs.latest(connection, list(KINDS), 8),
            "contexts": {
                projection.name: context.title.say(_.language, {})
                for context in CONTEXTS
                for projection in context.projections
            },
        }
    return show(
        request,
        "admin_state.html",
        **head(request, tracker.city, caller),
        section="state",
        **values,
        exact=exact,
        shaodao=metadata.version("shaodao"),
        python=platform.python_version(),
    )


def database_of(connection: Connection[Any]) -> dict[str, Any]:
    version, size, sessions = connection.execute(DATABASE).fetchone() or ("", 0, 0)
    return {"version": version, "megabytes": size // (1024 * 1024), "sessions": sessions}


@router.post("/admin/verify")
def verify(request: Request, tracker: TheTracker, caller: SignedIn, form: Checked) -> Response:
    only(caller, ADMINS)
    with tracker.connection() as connection:
        id = jobs.keep(connection, "verify", "", caller.actor.account)
    jobs.start(tracker, id, background_jobs.verifying(tracker.settings))
    return go(f"/admin/jobs/{id}")


@router.post("/admin/rebuild/{name}")
def rebuild(
    request: Request, tracker: TheTracker, caller: SignedIn, form: Checked, name: str
) -> Response:
    only(caller, ADMINS)
    if name not in [one.name for one in ALL]:
        return error_page(request, 404)
    with tracker.connection() as connection:
        whole = connection.execute("SELECT count(*) FROM stored_events").fetchone()
        events = whole[0] if whole else 0
        id = jobs.keep(connection, "rebuild", name, caller.actor.account, whole=events)
    jobs.start(tracker, id, background_jobs.rebuilding(tracker.settings))
    return go(f"/admin/jobs/{id}")


@router.get("/admin/jobs/{id}")
def job(request: Request, tracker: TheTracker, caller: SignedIn, id: UUID) -> Response:
    only(caller, ADMINS)
    return job_page(request, tracker, caller, id)


def job_page(
    request: Request,
    tracker: Tracker,
    person: Person,
    id: UUID,
    kinds: Sequence[str] = KINDS,
    section: str = "",
) -> Response:
    """How far a work of these kinds is; while it runs the page asks again by itself."""
    with tracker.connection() as connection:
        found = jobs.find(connection, id)
    if found is None or found.kind not in kinds:
        return error_page(request, 404)
    waiting = found.standing in ("waiting", "running")
    own = "import" if found.kind.startswith("import") else "state"
    answer = show(
        request,
        "admin_job.html",
        **head(request, tracker.city, person),
        section=section or own,
        job=found,
        exact=exact,
        waiting=waiting,
    )
    if waiting:
        answer.headers["Refresh"] = "1"
    return answer


@router.get("/admin/import")
def import_form(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    only(caller, ADMINS)
    return import_page(request, tracker, caller)


def import_page(
    request: Request, tracker: TheTracker, caller: SignedIn, error: str = ""
) -> Response:
    _ = speech_of(request)
    with tracker.connection() as connection:
        found = jobs.latest(connection, ["import", "import-check"], 8)
    return show(
        request,
        "admin_import.html",
        422 if error else 200,
        **head(request, tracker.city, caller),
        section="import",
        works=found,
        exact=exact,
        error=error,
    )


@router.post("/admin/import")
def import_check(
    request: Request, tracker: TheTracker, caller: SignedIn, form: Checked
) -> Response:
    """The file is kept for a day at most, and looked through; nothing is recorded yet."""
    only(caller, ADMINS)
    name, body = uploaded(form)
    if not body:
        return import_page(request, tracker, caller, speech_of(request)("请选一个文件"))
    whole = len(body) * background_jobs.READINGS
    with tracker.connection() as connection:
        by = caller.actor.account
        id = jobs.keep(connection, "import-check", name, by, body, whole)
    jobs.start(tracker, id, background_jobs.importing(tracker.settings, dry_run=True), drop=False)
    return go(f"/admin/jobs/{id}")


@router.post("/admin/import/{checked}")
def import_now(
    request: Request, tracker: TheTracker, caller: SignedIn, form: Checked, checked: UUID
) -> Response:
    """The same file that was looked through, for good. Twice adds nothing."""
    only(caller, ADMINS)
    with tracker.connection() as connection:
        found, body = jobs.find(connection, checked), jobs.body_of(connection, checked)
        if found is None or body is None:
            return import_page(
                request, tracker, caller, speech_of(request)("这个文件已不再保留，请重新上传")
            )
        whole = len(body) * background_jobs.READINGS
        id = jobs.keep(connection, "import", found.about, caller.actor.account, body, whole)
        jobs.drop_body(connection, checked)
    jobs.start(tracker, id, background_jobs.importing(tracker.settings, dry_run=False))
    return go(f"/admin/jobs/{id}")


def uploaded(form: Filled) -> tuple[str, bytes]:
    """Name and content of the one file; the name is shown, and nothing else is made of it."""
    chosen = [upload for upload in form.uploads.get("file", ()) if upload.filename]
    if not chosen:
        return "", b""
    name = "".join(letter for letter in chosen[0].filename or "" if letter.isprintable())
    return name[:120], form.files("file")[0]


@router.get("/admin/pack")
def pack_form(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    only(caller, ADMINS)
    return pack_page(request, tracker, caller)


@router.get("/admin/pack.json")
def pack_of_today(tracker: TheTracker, caller: SignedIn) -> Response:
    """The city as it stands, as a pack: loaded unchanged it changes nothing."""
    only(caller, ADMINS)
    city = tracker.directory.refresh()
    today = city.policy.calendar.date_of(now())
    return Response(
        json.dumps(written(city, today), ensure_ascii=False, indent=1),
        media_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="city-{today}.json"',
            "Cache-Control": "no-store",
        },
    )


def pack_page(
    request: Request,
    tracker: TheTracker,
    caller: SignedIn,
    answered: int = 200,
    **values: Any,
) -> Response:
    _ = speech_of(request)
    blank: dict[str, Any] = {"error": "", "refusal": None, "changes": None, "kept": None}
    return show(
        request,
        "admin_pack.html",
        answered,
        **head(request, tracker.city, caller),
        section="pack",
        **({"loaded": request.query_params.get("loaded", "")} | blank | values),
    )


@router.post("/admin/pack")
def pack_check(request: Request, tracker: TheTracker, caller: SignedIn, form: Checked) -> Response:
    """What the pack would change, from a load that records nothing."""
    only(caller, ADMINS)
    _ = speech_of(request)
    name, body = uploaded(form)
    if not body:
        return pack_page(request, tracker, caller, 422, error=_("请选一个文件"))
    try:
        changes = load_city(
            tracker, citypack.read_bytes(body), False, now(), caller.actor, dry_run=True
        )
    except Refusal as refusal:
        said = Said.refused(refusal, _.language)
        return pack_page(request, tracker, caller, 422, refusal=said)
    with tracker.connection() as connection:
        kept = jobs.keep(connection, "pack", name, caller.actor.account, body)
    return pack_page(request, tracker, caller, changes=in_words(_, changes), kept=kept)


@router.post("/admin/pack/{kept}")
def pack_load(
    request: Request, tracker: TheTracker, caller: SignedIn, form: Checked, kept: UUID
) -> Response:
    """Load it, if it still changes what was shown."""
    only(caller, ADMINS)
    _ = speech_of(request)
    with tracker.connection() as connection:
        body = jobs.body_of(connection, kept)
    if body is None:
        error = _("这个文件已不再保留，请重新上传")
        return pack_page(request, tracker, caller, 409, error=error)
    pack, at = citypack.read_bytes(body), now()
    try:
        done = load_city(tracker, pack, False, at, caller.actor, seen=form.text("seen"))
    except PackMoved as moved:
        changes = load_city(tracker, pack, False, at, caller.actor, dry_run=True)
        said = Said.refused(moved, _.language)
        return pack_page(
            request, tracker, caller, 409, refusal=said, changes=in_words(_, changes), kept=kept
        )
    with tracker.connection() as connection:
        jobs.drop_body(connection, kept)
    return go(f"/admin/pack?loaded={len(done.events)}")


def in_words(_: Speech, changes: Changes) -> dict[str, Any]:
    """How often each kind of event would be recorded, then the events one by one."""
    counts = Counter(title_of_event(_, event.TOPIC) for event in changes.events)
    events, more = events_in_words(_, changes.events, LISTED)
    return {
        "counts": list(counts.items()), "events": events, "more": more, "seen": changes.digest,
    }  # fmt: skip
