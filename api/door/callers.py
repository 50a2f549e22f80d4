"""Who is asking: an account (token or cookie), a reporter (receipt), or an anonymous caller."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, APIKeyHeader, HTTPBearer

from api.door import receipt_codes
from api.door.access import Person, Territory
from api.door.refusals import NotSignedIn, SessionOver
from tracker.city import credentials
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.actors import Actor, Role
from tracker.domain.city.accounts import Account
from tracker.domain.city.posts import PostKind
from tracker.eventstore.clock import CLOCK
from tracker.eventstore.connections import Connection

COOKIE = "shaodao_session"
# Hosts that are this machine itself; there is no TLS to require there.
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "testserver"})
# Security schemes for OpenAPI only; the routes themselves check who may call.
BEARER = HTTPBearer(
    scheme_name="bearer", description="the token of POST /api/v1/sessions", auto_error=False
)
BY_COOKIE = APIKeyCookie(
    name=COOKIE, scheme_name="cookie", description="the same, as browsers keep it", auto_error=False
)
RECEIPT = APIKeyHeader(
    name="Authorization",
    scheme_name="receipt",
    description="`Receipt CODE`: the code of a reporter without account",
    auto_error=False,
)
SIGNED_OR_NOT: dict[str, Any] = {"security": [{}]}
Bearer = Annotated[Any, Security(BEARER)]
Cookie = Annotated[Any, Security(BY_COOKIE)]
Receipt = Annotated[Any, Security(RECEIPT)]
ANYBODY = Person(Actor("anonymous", Role.ANONYMOUS))


def now() -> datetime:
    """The only place where the web asks for the time; every command gets this time as `at`.

    Whether anything may be recorded at this time was checked at the door (`api.door.clock`).
    """
    return CLOCK.now()


def tracker_of(request: Request) -> Tracker:
    tracker: Tracker = request.app.state.tracker
    return tracker


TheTracker = Annotated[Tracker, Depends(tracker_of)]


def city_of(tracker: TheTracker) -> Directory:
    return tracker.city


TheCity = Annotated[Directory, Depends(city_of)]


def token_of(request: Request) -> tuple[str | None, bool]:
    """The session's token, and whether it came in a header (True) or in a cookie (False)."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip(), True
    return request.cookies.get(COOKIE) or None, False


def person_of(account: Account, city: Directory, on: date) -> Person:
    """The account as a Person, with the territory of its post on the day `on`."""
    street, grids, whole = account.street, frozenset[str](), False
    if account.post is not None:
        post = city.post(account.post)
        street = street or post.street
        grids = frozenset(post.grids(on))
        whole = post.kind is PostKind.SUBDISTRICT
    claimable = claimable_by(account.unit, city) if account.unit else frozenset[str]()
    return Person(city.actor(account), Territory(street, grids, whole), claimable)


def claimable_by(unit: str, city: Directory) -> frozenset[str]:
    codes = (category.code for category in city.categories)
    return frozenset(code for code in codes if city.may_claim(unit, code))


def caller_of(
    request: Request, tracker: TheTracker, bearer: Bearer = None, cookie: Cookie = None
) -> Person:
    """The caller, or `ANYBODY`. An invalid bearer token is refused, an invalid cookie ignored."""
    token, on_purpose = token_of(request)
    if token is None or not token.isascii():
        return ANYBODY
    at = now()
    with tracker.connection() as connection:
        account = session_account(connection, tracker, token, at)
    if account is not None:
        city = tracker.city
        return person_of(account, city, city.policy.calendar.date_of(at))
    if on_purpose:
        raise SessionOver
    return ANYBODY


def session_account(
    connection: Connection, tracker: Tracker, token: str, at: datetime
) -> Account | None:
    """The account of a token; None if the session has ended or the account is disabled."""
    username = credentials.account_of_token(connection, token, at)
    account = tracker.city.accounts.get(username) if username is not None else None
    return account if account is not None and account.active else None


Anyone = Annotated[Person, Depends(caller_of)]


def signed_in(caller: Anyone) -> Person:
    if caller is ANYBODY:
        raise NotSignedIn
    return caller


SignedIn = Annotated[Person, Depends(signed_in)]


def reporter_of(request: Request, tracker: TheTracker, receipt: Receipt = None) -> Person:
    """The reporter of `Authorization: Receipt CODE`. A missing code is treated as a wrong code."""
    scheme, _, code = request.headers.get("authorization", "").partition(" ")
    given = code if scheme.lower() == "receipt" else ""
    return receipt_person(given, tracker)


def receipt_person(code: str, tracker: Tracker) -> Person:
    """A person for this receipt code. Whether a whistle has this receipt is looked up later."""
    hashed = receipt_codes.hashed(code, tracker.settings.secret())
    return Person(Actor("anonymous", Role.ANONYMOUS, reporter_of=hashed))


ReceiptHolder = Annotated[Person, Depends(reporter_of)]


def proof_of(request: Request, tracker: TheTracker, receipt: Receipt = None) -> Person | None:
    """The holder of `Authorization: Receipt CODE`, where one is sent."""
    shown = request.headers.get("authorization", "").lower().startswith("receipt ")
    return reporter_of(request, tracker) if shown else None


Proof = Annotated[Person | None, Depends(proof_of)]


def viewer_of(
    request: Request,
    tracker: TheTracker,
    bearer: Bearer = None,
    cookie: Cookie = None,
    receipt: Receipt = None,
) -> Person:
    """The reporter if a receipt is given, otherwise the account."""
    return proof_of(request, tracker) or signed_in(caller_of(request, tracker))


Viewer = Annotated[Person, Depends(viewer_of)]
