"""网格员: what is open in one's own grid, and what waits there to be looked at."""

from fastapi import Request, Response

from api.access import Person
from api.callers import SignedIn, TheTracker
from api.pages.acting import Attempt
from api.pages.look import speech_of
from api.pages.queue_page import Desk, Filter, Queue
from api.pages.queue_rows import Asked
from api.pages.route import pages
from api.pages.speech import Speech
from api.pages.visitor import PATROL, acts_for, only
from api.reading import scope_of
from tracker.application import Tracker

router = pages()

OPEN = (
    "RAISED",
    "TRIAGED",
    "POOLED",
    "CLAIMED",
    "DISPATCHED",
    "RESPONDED",
    "IN_PROGRESS",
    "SUSPENDED",
    "SUBMITTED",
    "VERIFIED",
    "SELF_RESOLVED",
)


@router.get("/grid")
def grid(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    return grid_page(request, tracker, caller, Asked.of("/grid", request.query_params))


def grid_page(
    request: Request,
    tracker: Tracker,
    person: Person,
    asked: Asked,
    attempt: Attempt | None = None,
    number: str = "",
) -> Response:
    only(person, PATROL)
    queue = Queue(request, tracker, person, asked)
    return queue.page(desk_of(tracker, person, speech_of(request)), attempt, number)


def desk_of(tracker: Tracker, person: Person, _: Speech) -> Desk:
    return Desk(
        heading=acts_for(tracker.city, person),
        filters=(
            Filter("", _("我的网格"), OPEN),
            Filter("new", _("待受理"), ("RAISED", "TRIAGED")),
            Filter("verify", _("待核查"), ("SUBMITTED",)),
            Filter("working", _("办理中"), OPEN[3:8]),
        ),
        scope=scope_of(person),
        keys=("classify", "verify"),
    )
