"""Server-sent events of the whistles that the caller may read."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from api.door.access import may_read
from api.door.callers import SignedIn
from api.reading.streaming import Wanted, resume_from, streaming, tail_of, wanted_of
from api.reading.tail import WHISTLE, News, Tail

router = APIRouter(tags=["stream"])


@router.get(
    "/stream",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "Events, as they happen"}
    },
)
async def stream(
    caller: SignedIn,
    wanted: Annotated[Wanted, Depends(wanted_of)],
    tail: Annotated[Tail, Depends(tail_of)],
    after: Annotated[int, Depends(resume_from)],
) -> StreamingResponse:
    """Each event as `{position, whistle, event, at}`; resumes after `Last-Event-ID`, or begins
    behind the position `after`."""

    def hears(one: News) -> bool:
        return one.kind == WHISTLE and wanted(one.subject) and may_read(caller, one.subject)

    return await streaming(tail, hears, after)
