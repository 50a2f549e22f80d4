"""Commands on a whistle: the list of those possible now, and one route for each."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.door import access
from api.door.callers import SignedIn, TheTracker
from api.door.fields import adapter, form_fields
from api.door.once import TheOnce
from api.door.refusals import BadPrecondition
from api.reading.reading import readable, view_of
from api.reading.views import WhistleOut
from api.service.giving import give_whistle, open_to
from api.v1.whistles import etag
from tracker.commands.whistle.commands import BY_NAME, WHISTLE_COMMANDS
from tracker.commands.whistle.whistle_command import WhistleCommand

router = APIRouter(tags=["commands"])


def expected_version(request: Request) -> int | None:
    """The version in `If-Match`; None: any version."""
    given = request.headers.get("if-match")
    if given is None or given.strip() == "*":
        return None
    bare = given.strip().removeprefix("W/").strip('"')
    if not (bare.isascii() and bare.isdecimal() and len(bare) < 19):
        raise BadPrecondition(given=given[:40])
    return int(bare)


ExpectedVersion = Annotated[int | None, Depends(expected_version)]


def offered(commands: Sequence[type[WhistleCommand]]) -> dict[str, Any]:
    return {
        "items": [
            {
                "command": command.name,
                "label": {"zh": command.label.zh, "en": command.label.en},
                "schema": adapter(command).json_schema(),
            }
            for command in commands
        ],
        "next": None,
    }


@router.get("/whistles/{number}/commands")
def commands_now(number: str, caller: SignedIn, tracker: TheTracker) -> JSONResponse:
    """What the caller may do with this whistle now, each with the JSON Schema of its body."""
    whistle = readable(tracker, number, caller)
    return JSONResponse(offered(open_to(tracker, whistle, caller)))


def route_of(command: type[WhistleCommand]) -> Callable[..., WhistleOut]:
    """The route of one command, which is its own body; it is checked before anything happens."""
    # If every field of a body is optional, the body itself is optional.
    needed = any(field.required for field in form_fields(command).values())
    default = ... if needed else command()

    def run(
        number: str,
        caller: SignedIn,
        tracker: TheTracker,
        once: TheOnce,
        expected: ExpectedVersion,
        response: Response,
        form: Any = Body(default),
    ) -> WhistleOut:
        done = give_whistle(tracker, form, number, caller, once, expected)
        response.status_code = 202 if done.proposed else 200
        response.headers["ETag"] = etag(done.aggregate.version)
        return view_of(tracker, done.aggregate, done.position, caller)

    run.__annotations__["form"] = command
    run.__name__ = command.name.replace("-", "_")
    run.__doc__ = f"{command.label.en} · {command.label.zh}. {access.line(command.name)}"
    return run


for _command in WHISTLE_COMMANDS:
    router.add_api_route(
        f"/whistles/{{number}}/commands/{_command.name}",
        route_of(_command),
        methods=["POST"],
        response_model=WhistleOut,
        responses={202: {"model": WhistleOut, "description": "Proposed; a second person confirms"}},
    )


@router.post("/whistles/{number}/commands/{command}", include_in_schema=False)
def no_such_command(number: str, command: str) -> None:
    """A command that does not exist, or is written otherwise."""
    assert command not in BY_NAME
    raise HTTPException(404)
