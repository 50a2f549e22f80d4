"""责任单位: the unit's queue by time left, with the pool from which it may claim."""

from collections.abc import Mapping

from fastapi import Request, Response

from api.contexts.faces import FACES
from api.door.access import Person
from api.door.callers import SignedIn, TheTracker
from api.pages.desk.queue_page import Queue, QueueConfig
from api.pages.desk.queue_query import StateGroup
from api.pages.desk.queue_rows import QueueRequest
from api.pages.frame.look import speech_of
from api.pages.frame.route import Notice, pages
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import UNITS, acts_for, only
from api.pages.parts.acting import Attempt
from api.reading.reading import scope_of
from tracker.commands.tracker import Tracker

router = pages()


@router.get("/unit")
def unit(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    return unit_page(request, tracker, caller, QueueRequest.of("/unit", request.query_params))


def unit_page(
    request: Request,
    tracker: Tracker,
    person: Person,
    asked: QueueRequest,
    attempt: Attempt | None = None,
    number: str = "",
    results: Mapping[str, Notice] | None = None,
) -> Response:
    only(person, UNITS)
    queue = Queue(request, tracker, person, asked)
    return queue.page(queue_config(tracker, person, speech_of(request)), attempt, number, results)


def queue_config(tracker: Tracker, person: Person, _: Speech) -> QueueConfig:
    of_contexts = (face.unit_links(tracker, _, person) for face in FACES.values())
    to_respond, working = ("CLAIMED", "DISPATCHED"), ("RESPONDED", "IN_PROGRESS")
    return QueueConfig(
        heading=acts_for(tracker.city, person),
        groups=(
            StateGroup("", _("全部待办"), ("POOLED", *to_respond, *working, "SUSPENDED")),
            StateGroup("pool", _("待认领"), ("POOLED",)),
            StateGroup("respond", _("待响应"), to_respond),
            StateGroup("working", _("办理中"), working),
            StateGroup("paused", _("已挂账"), ("SUSPENDED",)),
            StateGroup("submitted", _("已提交"), ("SUBMITTED", "VERIFIED")),
        ),
        scope=scope_of(person),
        unit=person.actor.unit,
        pool=True,
        keys=("claim", "respond", "start", "submit", "return"),
        many=("claim", "acknowledge", "start"),
        template="unit.html",
        more={"links": [link for links in of_contexts for link in links]},
    )
