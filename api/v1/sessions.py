"""Sessions: a token for machines and a cookie for browsers, from one login."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api.door.callers import COOKIE, SignedIn, TheTracker, token_of
from api.door.once import key_of
from api.service.signing_in import Attempts, Login, address_of, login, open_for, set_cookie
from tracker.city import credentials
from tracker.domain.city.accounts import Account

router = APIRouter(tags=["sessions"])


class AccountOut(BaseModel):
    username: str
    role: str
    display_name: str
    post: str | None
    unit: str | None
    grid: str | None
    street: str | None

    @classmethod
    def of(cls, account: Account) -> "AccountOut":
        return cls(
            username=account.username,
            role=account.role,
            display_name=account.display_name,
            post=account.post,
            unit=account.unit,
            grid=account.grid,
            street=account.street,
        )


class SessionOut(BaseModel):
    token: str
    account: AccountOut


@router.post("/sessions", status_code=201, response_model=SessionOut)
def sign_in(
    form: Login, request: Request, response: Response, tracker: TheTracker, attempts: Attempts
) -> SessionOut:
    """Sign in. The token serves as `Authorization: Bearer`; browsers get it as a cookie too."""
    account = login(tracker, form, address_of(request), attempts)
    token = open_for(tracker, account, form, key_of(request))
    set_cookie(request, response, token)
    return SessionOut(token=token, account=AccountOut.of(account))


@router.get("/sessions/current", response_model=AccountOut)
def who_am_i(caller: SignedIn, tracker: TheTracker) -> AccountOut:
    """The account of the caller."""
    return AccountOut.of(tracker.city.account(caller.actor.account))


@router.delete("/sessions/current", status_code=204)
def sign_out(request: Request, response: Response, tracker: TheTracker) -> None:
    """End the session of the token or cookie in the request, if it is still open."""
    token, _ = token_of(request)
    if token is not None:
        with tracker.connection() as connection:
            credentials.close_session(connection, token)
    response.delete_cookie(COOKIE, path="/")
