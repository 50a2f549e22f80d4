"""The routers of pages by audience; the last one answers unknown addresses."""

from fastapi import Request, Response
from starlette.exceptions import HTTPException

from api.contexts import faces
from api.pages import whistle
from api.pages.admin import change, state
from api.pages.admin import lists as admin_lists
from api.pages.audit import search, stories
from api.pages.desk import answers, merging, moves, post, roster, sheet, unit
from api.pages.frame import assets, offline, sign_in
from api.pages.frame.route import error_page, pages
from api.pages.grid import grid_worker
from api.pages.leader import board, list, steps, what_ifs
from api.pages.resident import place, progress, raise_form

lost = pages()


@lost.get("/{path:path}")
def nowhere(request: Request, path: str) -> Response:
    """A 404 page; below `/api/` a problem in JSON."""
    if path.startswith("api/"):
        raise HTTPException(404)
    return error_page(request, 404)


routers = [
    assets.router,
    offline.router,
    sign_in.router,
    raise_form.router,
    place.router,
    progress.router,
    whistle.router,
    sheet.router,
    unit.router,
    answers.router,
    post.router,
    moves.router,
    roster.router,
    merging.router,
    grid_worker.router,
    board.router,
    list.router,
    steps.router,
    what_ifs.router,
    state.router,
    change.router,
    admin_lists.router,
    search.router,
    stories.router,
    *faces.page_routers(),
    lost,
]
