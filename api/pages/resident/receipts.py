"""The receipt in the browser: a short-lived HttpOnly cookie for `/p` only."""

from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from api.door.access import Person
from api.door.callers import receipt_person
from api.door.refusals import UnknownReceipt
from api.pages.frame.look import keep
from api.service import receipts
from tracker.commands.tracker import Tracker
from tracker.domain.errors import NotFound
from tracker.domain.whistle.whistle import Whistle

COOKIE = "receipt"
HALF_AN_HOUR = 1800


@dataclass(frozen=True)
class Held:
    """A person who holds the receipt of this whistle."""

    person: Person
    whistle: Whistle
    code: str


def remember(request: Request, answer: Response, code: str, number: str) -> None:
    """Set the cookie: the code and the whistle's number, which saves a look-up on the board."""
    keep(request, answer, COOKIE, f"{code}~{number}", seconds=HALF_AN_HOUR, path="/p")


def forget(answer: RedirectResponse) -> None:
    answer.delete_cookie(COOKIE, path="/p", httponly=True, samesite="lax")


def held(request: Request, tracker: Tracker) -> Held | None:
    """The holder that the cookie proves; None without a valid cookie."""
    code, _, number = request.cookies.get(COOKIE, "").partition("~")
    if not code:
        return None
    try:
        return whistle_of(tracker, code, number or None)
    except UnknownReceipt:
        return None


def whistle_of(tracker: Tracker, code: str, number: str | None = None) -> Held:
    """The whistle of a code. Raises UnknownReceipt, for a wrong code as for a missing one."""
    person = receipt_person(code, tracker)
    key = person.actor.reporter_of
    assert key is not None
    whistle = whistle_numbered(tracker, number) if number else None
    if whistle is None or key not in (whistle.receipt, *whistle.joined):
        whistle = receipts.whistle_of(tracker, person)
    return Held(person, whistle, code)


def whistle_numbered(tracker: Tracker, number: str) -> Whistle | None:
    try:
        return tracker.whistle(number)
    except NotFound:
        return None
