"""Commands on a whistle: what may I do now, and do it. One route each, with its own form."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.commands import ALL, BY_NAME, Command
from api.door import access
from api.door.access import Person
from api.door.callers import SignedIn, TheTracker, now
from api.door.fields import Form
from api.door.once import Once, TheOnce, actor_key
from api.door.refusals import BadPrecondition
from api.door.subjects import WhistleSubject
from api.reading.reading import as_answered, readable, view_of
from api.reading.views import WhistleOut
from api.v1.whistles import etag
from tracker.commands.application import Tracker
from tracker.domain.whistle.whistle import Whistle
from tracker.eventstore.idempotency import IdempotencyRecord

router = APIRouter(tags=["commands"])


def expected_version(request: Request) -> int | None:
    """The version in `If-Match`; None: any will do."""
    given = request.headers.get("if-match")
    if given is None or given.strip() == "*":
        return None
    bare = given.strip().removeprefix("W/").strip('"')
    if not (bare.isascii() and bare.isdecimal() and len(bare) < 19):
        raise BadPrecondition(given=given[:40])
    return int(bare)


ExpectedVersion = Annotated[int | None, Depends(expected_version)]


def open_to(tracker: Tracker, whistle: Whistle, person: Person) -> list[Command]:
    """The commands that both the table and the whistle's state would let this person begin.

    What fell due by now is taken into account, though only a command or the sweep records it.
    """
    at, subject = now(), WhistleSubject.of(whistle)
    whistle.elapse(max(at, whistle.modified_on), tracker.city.policy)
    lets = set(tracker.open_commands(whistle, person.actor, at))
    return [
        command
        for command in ALL
        if command.name in lets and access.may(command.name, person, subject)
    ]


def offered(commands: list[Command]) -> dict[str, Any]:
    return {
        "items": [
            {
                "command": command.name,
                "label": {"zh": command.label.zh, "en": command.label.en},
                "schema": command.body.model_json_schema(),
            }
            for command in commands
        ],
        "next": None,
    }


def give(
    tracker: Tracker,
    command: Command,
    number: str,
    form: Form,
    person: Person,
    once: Once,
    expected: int | None = None,
) -> tuple[Whistle, int, bool]:
    """Give a command: the whistle as it then stood, the position, whether it is a proposal.

    An earlier answer to the same key comes first: by now the caller may have lost the right.
    """
    key = actor_key(person)

    def act() -> tuple[Whistle, int, bool]:
        access.must(command.name, person, WhistleSubject.of(tracker.whistle(number)))
        done = command.call(
            tracker,
            number,
            form,
            actor=person.actor,
            at=now(),
            idempotency=once.record(key),
            expected_version=expected,
        )
        return done.whistle, done.position, done.proposed

    def again(record: IdempotencyRecord) -> tuple[Whistle, int, bool]:
        whistle, proposed = as_answered(tracker, record, number)
        return whistle, record.position or 0, proposed

    return once.do(tracker, key, act, again)


@router.get("/whistles/{number}/commands")
def commands_now(number: str, caller: SignedIn, tracker: TheTracker) -> JSONResponse:
    """What the caller may do with this whistle now, each with the JSON Schema of its body."""
    whistle = readable(tracker, number, caller)
    return JSONResponse(offered(open_to(tracker, whistle, caller)))


def route_of(command: Command) -> Callable[..., WhistleOut]:
    """The route of one command; its form is checked before anything else happens."""
    # A form whose every field may be absent may be absent itself.
    needed = any(field.is_required() for field in command.body.model_fields.values())
    default = ... if needed else command.body()

    def run(
        number: str,
        caller: SignedIn,
        tracker: TheTracker,
        once: TheOnce,
        expected: ExpectedVersion,
        response: Response,
        form: Any = Body(default),
    ) -> WhistleOut:
        whistle, position, proposed = give(tracker, command, number, form, caller, once, expected)
        response.status_code = 202 if proposed else 200
        response.headers["ETag"] = etag(whistle.version)
        return view_of(tracker, whistle, position, caller)

    run.__annotations__["form"] = command.body
    run.__name__ = command.name.replace("-", "_")
    run.__doc__ = f"{command.label.en} · {command.label.zh}. {access.line(command.name)}"
    return run


for _command in ALL:
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
