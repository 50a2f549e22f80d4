"""管理: the state of the tracker, imports with a dry run, a city pack with its differences."""

import json
import platform
from collections import Counter
from collections.abc import Sequence
from importlib import metadata
from typing import Any
from uuid import UUID

from fastapi import Response

from api.pages.admin.visit import Admin, Visit
from api.pages.admin.words import events_in_words, title_of_event
from api.pages.frame.look import go
from api.pages.frame.present import exact
from api.pages.frame.route import Checked, Filled, pages
from api.pages.frame.speech import Speech
from tracker.city.pack import citypack
from tracker.city.pack.loading import Changes, PackMoved, load_city
from tracker.city.pack.writing import written
from tracker.contexts.registry import CONTEXTS
from tracker.domain.errors import Refusal
from tracker.eventstore.connections import Connection
from tracker.eventstore.log_positions import log_positions
from tracker.operating import background_jobs, jobs
from tracker.operating.jobs import JobFunction
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
def state(visit: Admin) -> Response:
    """Projections, scheduler, database, and the works asked for last."""
    _ = visit.speech
    with visit.tracker.connection() as connection:
        values: dict[str, Any] = {
            "log": log_positions(connection),
            "projections": positions(connection),
            "beat": heartbeat(connection),
            "database": database_of(connection),
            "works": jobs.latest(connection, list(KINDS), 8),
            "contexts": {
                projection.name: context.title.say(visit.speech.language, {})
                for context in CONTEXTS
                for projection in context.projections
            },
        }
    return visit.show(
        "admin_state.html",
        "state",
        **values,
        exact=exact,
        shaodao=metadata.version("shaodao"),
        python=platform.python_version(),
    )


def database_of(connection: Connection) -> dict[str, Any]:
    version, size, sessions = connection.execute(DATABASE).fetchone() or ("", 0, 0)
    return {"version": version, "megabytes": size // (1024 * 1024), "sessions": sessions}


@router.post("/admin/verify")
def verify(visit: Admin, form: Checked) -> Response:
    return begun(visit, background_jobs.verifying(visit.tracker.settings), "verify")


@router.post("/admin/rebuild/{name}")
def rebuild(visit: Admin, form: Checked, name: str) -> Response:
    if name not in [one.name for one in ALL]:
        return visit.nothing_here()
    with visit.tracker.connection() as connection:
        whole = connection.execute("SELECT count(*) FROM stored_events").fetchone()
    work = background_jobs.rebuilding(visit.tracker.settings)
    return begun(visit, work, "rebuild", name, whole=whole[0] if whole else 0)


def begun(
    visit: Visit, work: JobFunction, kind: str, about: str = "", *, drop: bool = True, **more: Any
) -> Response:
    """Begin the work in a thread and go to its page; with `drop` its file is deleted after it."""
    with visit.tracker.connection() as connection:
        id = jobs.add(connection, kind, about, visit.actor.account, **more)
    jobs.start(visit.tracker, id, work, drop=drop)
    return go(f"/admin/jobs/{id}")


@router.get("/admin/jobs/{id}")
def job(visit: Admin, id: UUID) -> Response:
    return job_page(visit, id)


def job_page(
    visit: Visit,
    id: UUID,
    kinds: Sequence[str] = KINDS,
    section: str = "",
) -> Response:
    """How far a work of these kinds is; while it runs the page asks again by itself."""
    with visit.tracker.connection() as connection:
        found = jobs.find(connection, id)
    if found is None or found.kind not in kinds:
        return visit.nothing_here()
    waiting = found.standing in ("waiting", "running")
    own = "import" if found.kind.startswith("import") else "state"
    answer = visit.show(
        "admin_job.html",
        section or own,
        job=found,
        exact=exact,
        waiting=waiting,
    )
    if waiting:
        answer.headers["Refresh"] = "1"
    return answer


@router.get("/admin/import")
def import_form(visit: Admin) -> Response:
    return import_page(visit)


def import_page(visit: Admin, error: str = "") -> Response:
    _ = visit.speech
    with visit.tracker.connection() as connection:
        found = jobs.latest(connection, ["import", "import-check"], 8)
    return visit.show(
        "admin_import.html",
        "import",
        422 if error else 200,
        works=found,
        exact=exact,
        error=error,
    )


@router.post("/admin/import")
def import_check(visit: Admin, form: Checked) -> Response:
    """Read the file through and keep it for a day at most; nothing is recorded yet."""
    name, body = uploaded(form)
    if not body:
        return import_page(visit, visit.speech("请选一个文件"))
    work = background_jobs.importing(visit.tracker.settings, dry_run=True)
    whole = len(body) * background_jobs.READINGS
    return begun(visit, work, "import-check", name, drop=False, body=body, whole=whole)


@router.post("/admin/import/{checked}")
def import_now(visit: Admin, form: Checked, checked: UUID) -> Response:
    """Import the file that was read through before. A second time adds nothing."""
    with visit.tracker.connection() as connection:
        found, body = jobs.find(connection, checked), jobs.body_of(connection, checked)
        if found is None or body is None:
            return import_page(visit, visit.speech("这个文件已不再保留，请重新上传"))
    work = background_jobs.importing(visit.tracker.settings, dry_run=False)
    whole = len(body) * background_jobs.READINGS
    answer = begun(visit, work, "import", found.about, body=body, whole=whole)
    with visit.tracker.connection() as connection:
        jobs.drop_body(connection, checked)
    return answer


def uploaded(form: Filled) -> tuple[str, bytes]:
    """Name and content of the one file; ("", b"") where none was chosen. The name is only shown."""
    chosen = [upload for upload in form.uploads.get("file", ()) if upload.filename]
    if not chosen:
        return "", b""
    name = "".join(letter for letter in chosen[0].filename or "" if letter.isprintable())
    return name[:120], form.files("file")[0]


@router.get("/admin/pack")
def pack_form(visit: Admin) -> Response:
    return pack_page(visit)


@router.get("/admin/pack.json")
def pack_of_today(visit: Admin) -> Response:
    """The city as it stands, as a pack: loaded unchanged it changes nothing."""
    city = visit.tracker.directory.refresh()
    today = city.policy.calendar.date_of(visit.at)
    return Response(
        json.dumps(written(city, today), ensure_ascii=False, indent=1),
        media_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="city-{today}.json"',
            "Cache-Control": "no-store",
        },
    )


def pack_page(visit: Visit, status: int = 200, **values: Any) -> Response:
    _ = visit.speech
    blank: dict[str, Any] = {"error": "", "refusal": None, "changes": None, "kept": None}
    return visit.show(
        "admin_pack.html",
        "pack",
        status,
        **({"loaded": visit.asked("loaded")} | blank | values),
    )


@router.post("/admin/pack")
def pack_check(visit: Admin, form: Checked) -> Response:
    """What the pack would change, from a load that records nothing."""
    _ = visit.speech
    name, body = uploaded(form)
    if not body:
        return pack_page(visit, 422, error=_("请选一个文件"))
    try:
        changes = load_city(
            visit.tracker, citypack.read_bytes(body), False, visit.at, visit.actor, dry_run=True
        )
    except Refusal as refusal:
        said = visit.said(refusal)
        return pack_page(visit, 422, refusal=said)
    with visit.tracker.connection() as connection:
        kept = jobs.add(connection, "pack", name, visit.actor.account, body)
    return pack_page(visit, changes=in_words(_, changes), kept=kept)


@router.post("/admin/pack/{kept}")
def pack_load(visit: Admin, form: Checked, kept: UUID) -> Response:
    """Load it, if it still changes what was shown."""
    _ = visit.speech
    with visit.tracker.connection() as connection:
        body = jobs.body_of(connection, kept)
    if body is None:
        error = _("这个文件已不再保留，请重新上传")
        return pack_page(visit, 409, error=error)
    pack, at = citypack.read_bytes(body), visit.at
    try:
        done = load_city(visit.tracker, pack, False, at, visit.actor, agreed=form.text("seen"))
    except PackMoved as moved:
        changes = load_city(visit.tracker, pack, False, at, visit.actor, dry_run=True)
        said = visit.said(moved)
        return pack_page(visit, 409, refusal=said, changes=in_words(_, changes), kept=kept)
    with visit.tracker.connection() as connection:
        jobs.drop_body(connection, kept)
    return go(f"/admin/pack?loaded={len(done.events)}")


def in_words(_: Speech, changes: Changes) -> dict[str, Any]:
    """How often each kind of event would be recorded, then the events one by one."""
    counts = Counter(title_of_event(_, event.TOPIC) for event in changes.events)
    events, more = events_in_words(_, changes.events, LISTED)
    return {
        "counts": list(counts.items()), "events": events, "more": more, "seen": changes.digest,
    }  # fmt: skip
