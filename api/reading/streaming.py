"""Server-sent events of the log for permitted readers; a client resumes from a position."""

import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.door.fields import in_city_zone
from api.door.subjects import WhistleSubject
from api.reading.tail import News, Tail
from tracker.domain.errors import Invalid, Words

HEARTBEAT = 15.0
LONGEST = 600.0  # then the client reconnects, and its session is checked again
RETRY = "retry: 2000\n\n"


class UnknownScope(Invalid):
    code = "stream.unknown_scope"
    field = "scope"
    message = Words(zh="不认识范围 {scope}", en="The scope {scope} is unknown")
    remedy = Words(
        zh="用 city、street:代码、post:代码、unit:代码、grid:代码 或 category:代码",
        en="Use city, street:CODE, post:CODE, unit:CODE, grid:CODE or category:CODE",
    )


class BadEventId(Invalid):
    code = "stream.bad_event_id"
    message = Words(zh="Last-Event-ID 不是日志位置", en="Last-Event-ID is no position of the log")


Wanted = Callable[[WhistleSubject], bool]
Hears = Callable[[News], bool]


def scope_named(scope: str) -> Wanted:
    """A filter for `post:CP01` and the like. The caller's rights are checked in addition."""
    kind, _, code = scope.partition(":")
    tests: dict[str, Wanted] = {
        "street": lambda whistle: whistle.street == code,
        "post": lambda whistle: whistle.post == code,
        "grid": lambda whistle: whistle.grid == code,
        "category": lambda whistle: whistle.category == code,
        "unit": lambda whistle: code in whistle.units,
    }
    if scope == "city":
        return lambda whistle: True
    if kind not in tests or not code:
        raise UnknownScope(scope=scope)
    return tests[kind]


def wanted_of(scope: Annotated[str, Query(max_length=80)] = "city") -> Wanted:
    return scope_named(scope)


def tail_of(request: Request) -> Tail:
    tail: Tail = request.app.state.tail
    return tail


def resume_from(
    request: Request,
    tail: Annotated[Tail, Depends(tail_of)],
    after: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
) -> int:
    """The position to resume from: `Last-Event-ID`, else `after` (the page's), else now."""
    given = request.headers.get("last-event-id", "").strip()
    if not given:
        return tail.end() if after is None else after
    if not (given.isascii() and given.isdecimal() and len(given) < 19):
        raise BadEventId
    return int(given)


async def streaming(tail: Tail, hears: Hears, after: int) -> StreamingResponse:
    await run_in_threadpool(tail.start)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    body = news_frames(tail, hears, after)
    return StreamingResponse(body, media_type="text/event-stream", headers=headers)


async def news_frames(tail: Tail, hears: Hears, after: int) -> AsyncIterator[str]:
    ends = time.monotonic() + LONGEST
    yield RETRY
    while not tail.closing and time.monotonic() < ends:
        news, reached = await run_in_threadpool(tail.since, after)
        for one in news:
            if hears(one):
                yield format_news(one)
        if reached > after:
            after = reached
            continue
        yield f"id: {after}\n\n"  # an id without data: the client resumes from here
        await tail.wait(HEARTBEAT)


def format_news(one: News) -> str:
    data = {
        "position": one.position,
        one.kind: one.number,
        "event": one.event,
        "at": in_city_zone(one.at),
    }
    return f"id: {one.position}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
