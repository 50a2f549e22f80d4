"""The page of one whistle, and the route for commands given by page forms."""

from dataclasses import replace
from urllib.parse import urlsplit

from fastapi import Request, Response

from api.door.access import Person
from api.door.callers import SignedIn, TheTracker, now
from api.pages.desk.merging import merge_page
from api.pages.desk.post import post_page
from api.pages.desk.queue_rows import QueueRequest
from api.pages.desk.unit import unit_page
from api.pages.frame.look import go, inside, show, speech_of
from api.pages.frame.route import Notice, TheForm, pages
from api.pages.frame.visitor import PATROL, head, home_of
from api.pages.grid import grid_worker
from api.pages.parts.acting import Attempt, act_on_many, command_named, outcome, speak
from api.pages.parts.whistle_view import Viewer
from api.reading.reading import note_look, readable
from tracker.commands.tracker import Tracker

router = pages()


@router.get("/w/{number}")
def whistle(
    request: Request, tracker: TheTracker, caller: SignedIn, number: str, done: str = ""
) -> Response:
    return whistle_page(request, tracker, caller, number, said=outcome(speech_of(request), done))


def whistle_page(
    request: Request,
    tracker: Tracker,
    person: Person,
    number: str,
    attempt: Attempt | None = None,
    said: Notice | None = None,
) -> Response:
    found = readable(tracker, number, person)
    note_look(tracker, person, found)
    if person.role in PATROL:
        return grid_worker.whistle_page(request, tracker, person, found, attempt, said)
    at = now()
    viewer = Viewer(tracker, speech_of(request), person, at)
    shown = viewer.staff(found, f"/w/{found.number}", attempt, said)
    about = head(request, tracker.city, person)
    return show(
        request, "whistle.html", 409 if attempt else 200, **about, whistle=shown, now=at.isoformat()
    )


@router.post("/w/{number}/{command}")
def give(
    request: Request,
    tracker: TheTracker,
    caller: SignedIn,
    form: TheForm,
    number: str,
    command: str,
) -> Response:
    """Give the command and return to the page of the button; a refusal is shown there."""
    back = inside(form.text("back"), f"/w/{number}")
    asked = command_named(command)
    result, left_out = speak(request, tracker, caller, number, form, asked)
    if isinstance(result, Attempt):
        return refused_at(request, tracker, caller, back, number, result)
    done = "left-out" if left_out else "proposed" if result.proposed else "done"
    joint = "&" if urlsplit(back).query else "?"
    return go(f"{back}{joint}position={result.position}&done={done}")


@router.post("/many/{command}")
def give_many(
    request: Request, tracker: TheTracker, caller: SignedIn, form: TheForm, command: str
) -> Response:
    """Give one command to each chosen row; each row shows its outcome."""
    asked = QueueRequest.back_from(inside(form.text("back"), home_of(caller)))
    results, position = act_on_many(request, tracker, caller, command_named(command), form)
    asked = replace(asked, position=max(asked.position, position))
    if asked.base.startswith("/post/"):
        return post_page(request, tracker, caller, asked, results=results)
    return unit_page(request, tracker, caller, asked, results=results)


@router.get("/many/{command}")
def many_again(caller: SignedIn, command: str) -> Response:
    """Without scripts the answer of a POST keeps this address; a reload of it leads home."""
    return go(home_of(caller))


def refused_at(
    request: Request,
    tracker: Tracker,
    person: Person,
    back: str,
    number: str,
    attempt: Attempt,
) -> Response:
    asked = QueueRequest.back_from(back)
    if asked.base.startswith("/merge/"):
        return merge_page(request, tracker, person, asked.base, attempt)
    if asked.base == "/unit":
        return unit_page(request, tracker, person, asked, attempt, number)
    if asked.base.startswith("/post/"):
        return post_page(request, tracker, person, asked, attempt, number)
    return whistle_page(request, tracker, person, number, attempt)
