"""责任单位: its queue by time left, and the pool from which it may claim."""

from collections.abc import Mapping

from fastapi import Request, Response

from api.contexts.faces import FACES
from api.door.access import Person
from api.door.callers import SignedIn, TheTracker
from api.pages.desk.queue_found import Filter
from api.pages.desk.queue_page import Desk, Queue
from api.pages.desk.queue_rows import Asked
from api.pages.frame.look import speech_of
from api.pages.frame.route import Said, pages
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import UNITS, acts_for, only
from api.pages.parts.acting import Attempt
from api.reading.reading import scope_of
from tracker.commands.tracker import Tracker

router = pages()


@router.get("/unit")
def unit(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    return unit_page(request, tracker, caller, Asked.of("/unit", request.query_params))


def unit_page(
    request: Request,
    tracker: Tracker,
    person: Person,
    asked: Asked,
    attempt: Attempt | None = None,
    number: str = "",
    results: Mapping[str, Said] | None = None,
) -> Response:
    only(person, UNITS)
    queue = Queue(request, tracker, person, asked)
    return queue.page(desk_of(tracker, person, speech_of(request)), attempt, number, results)


def desk_of(tracker: Tracker, person: Person, _: Speech) -> Desk:
    of_contexts = (face.unit_links(tracker, _, person) for face in FACES.values())
    to_respond, working = ("CLAIMED", "DISPATCHED"), ("RESPONDED", "IN_PROGRESS")
    return Desk(
        heading=acts_for(tracker.city, person),
        filters=(
            Filter("", _("全部待办"), ("POOLED", *to_respond, *working, "SUSPENDED")),
            Filter("pool", _("待认领"), ("POOLED",)),
            Filter("respond", _("待响应"), to_respond),
            Filter("working", _("办理中"), working),
            Filter("paused", _("已挂账"), ("SUSPENDED",)),
            Filter("submitted", _("已提交"), ("SUBMITTED", "VERIFIED")),
        ),
        scope=scope_of(person),
        unit=person.actor.unit,
        pool=True,
        keys=("claim", "respond", "start", "submit", "return"),
        many=("claim", "acknowledge", "start"),
        template="unit.html",
        more={"links": [link for found in of_contexts for link in found]},
    )
