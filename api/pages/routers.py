"""The pages, one file an audience; the last one answers every address that is no page."""

from fastapi import Request, Response
from starlette.exceptions import HTTPException

from api.contexts.handover import pages as handover
from api.contexts.summons import lists
from api.contexts.summons import pages as summons
from api.pages import (
    admin,
    admin_change,
    admin_lists,
    answers,
    assets,
    audit,
    audit_story,
    grid_worker,
    leader,
    leader_list,
    leader_steps,
    leader_what_ifs,
    merging,
    offline,
    place,
    post,
    progress,
    resident,
    roster,
    sheet,
    sign_in,
    unit,
    whistle,
)
from api.pages.route import error_page, pages

lost = pages()


@lost.get("/{path:path}")
def nowhere(request: Request, path: str) -> Response:
    """For people in words; below `/api/` the problem that machines expect."""
    if path.startswith("api/"):
        raise HTTPException(404)
    return error_page(request, 404)


routers = [
    assets.router,
    offline.router,
    sign_in.router,
    resident.router,
    place.router,
    progress.router,
    whistle.router,
    sheet.router,
    unit.router,
    answers.router,
    post.router,
    summons.router,
    lists.router,
    handover.router,
    roster.router,
    merging.router,
    grid_worker.router,
    leader.router,
    leader_list.router,
    leader_steps.router,
    leader_what_ifs.router,
    admin.router,
    admin_change.router,
    admin_lists.router,
    audit.router,
    audit_story.router,
    lost,
]
