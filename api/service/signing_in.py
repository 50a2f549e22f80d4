"""Signing in: check the password, open a session, put its token into a cookie."""

import base64
import hashlib
import hmac
from typing import Annotated

from fastapi import Depends, Request, Response
from pydantic import Field, StrictStr

from api.door.attempts import FailedLogins
from api.door.callers import COOKIE, LOOPBACK, now
from api.door.fields import Form
from api.door.refusals import TooManyAttempts, WrongCredentials
from tracker.city import credentials
from tracker.commands.earlier import KeyReused
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.city.accounts import Account
from tracker.eventstore import idempotency
from tracker.eventstore.connections import Connection
from tracker.eventstore.idempotency import IdempotencyRecord, IdempotencyReplay


class Login(Form):
    username: Annotated[StrictStr, Field(min_length=1, max_length=64)]
    password: Annotated[StrictStr, Field(min_length=1, max_length=200)]


def attempts_of(request: Request) -> FailedLogins:
    attempts: FailedLogins = request.app.state.attempts
    return attempts


Attempts = Annotated[FailedLogins, Depends(attempts_of)]


def address_of(request: Request) -> str:
    return request.client.host if request.client else "?"


def login(tracker: Tracker, form: Login, address: str, attempts: FailedLogins) -> Account:
    """The account, if the password is right and the account may sign in; otherwise raises."""
    name = name_as_typed(tracker.city, form.username)
    wait = attempts.wait(name, address)
    if wait:
        raise TooManyAttempts(seconds=wait)
    with tracker.connection() as connection:
        right = credentials.verify_password(connection, name, form.password)
    account = tracker.city.accounts.get(name)
    if not right or account is None or not account.active:
        attempts.failed(name, address)
        raise WrongCredentials
    attempts.succeeded(name, address)
    return account


def name_as_typed(city: Directory, typed: str) -> str:
    """The account's name for one typed in any case; the same text for one that nobody has."""
    if typed in city.accounts:
        return typed
    folded = typed.strip().casefold()
    return next((name for name in city.accounts if name.casefold() == folded), folded)


def open_for(tracker: Tracker, account: Account, form: Login, key: str | None) -> str:
    """A session token; a login repeated with the same key gets the same token.

    Neither token nor password digest is stored. The token beside the key is sealed with the
    tracker's secret and the login, so only the same login can open it.
    """
    with tracker.connection() as connection, connection.transaction():
        if key is None:
            return credentials.open_session(connection, account.username, now())
        return _open_once(connection, account, _pad(tracker, form, key), key)


def _open_once(connection: Connection, account: Account, pad: bytes, key: str) -> str:
    actor, digest = f"session:{account.username}", hashlib.sha256(b"login" + pad).hexdigest()
    earlier = idempotency.find(connection, actor, key)
    if earlier is None:
        token = credentials.open_session(connection, account.username, now())
        record = IdempotencyRecord(actor, key, digest, 201, {"sealed": _sealed(token, pad)})
        try:
            with connection.transaction():
                idempotency.keep(connection, record)
            return token
        except IdempotencyReplay as replay:
            earlier = replay.record
    if not earlier.is_same_request(digest) or earlier.answer is None:
        raise KeyReused(key=key)
    return _opened(earlier.answer["sealed"], pad)


def _pad(tracker: Tracker, form: Login, key: str) -> bytes:
    said = "\0".join(("login", form.username, form.password, key)).encode()
    return hmac.digest(tracker.settings.secret(), said, hashlib.sha512)


def _sealed(token: str, pad: bytes) -> str:
    return base64.b64encode(_crossed(token.encode(), pad)).decode()


def _opened(sealed: str, pad: bytes) -> str:
    return _crossed(base64.b64decode(sealed), pad).decode()


def _crossed(text: bytes, pad: bytes) -> bytes:
    """XOR with a one-time pad. A pad has 64 bytes and serves one token, which is shorter."""
    return bytes(one ^ other for one, other in zip(text, pad, strict=False))


def set_cookie(request: Request, response: Response, token: str) -> None:
    """Set the session cookie; `Secure` except on this machine itself, which has no TLS."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(credentials.SESSION.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https" or (request.url.hostname or "") not in LOOPBACK,
        path="/",
    )
