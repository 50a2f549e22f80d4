"""Passwords and sessions, which never enter the log; and `tracker account`.

A password is stored as its Argon2id hash, a session's token as its SHA-256, so nobody who reads
the tables can sign in. The accounts themselves stand in the log.
"""

import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256

import click
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from tracker.city.registering import amend
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.actors import Actor, Role
from tracker.domain.city.accounts import (
    NEEDS,
    Account,
    AccountEntry,
    AccountTaken,
    BadUsername,
    PasswordTooShort,
    ScopeMissing,
    may_be_named,
)
from tracker.eventstore.connections import Connection
from tracker.settings import Settings

SESSION = timedelta(hours=12)  # one long shift
SHORTEST_PASSWORD = 12
OPERATOR = Actor("operator", Role.ADMIN)  # who runs a command on the machine itself

hasher = PasswordHasher()  # Argon2id with the parameters of RFC 9106 for little memory


# Served by credentials_pkey.
KEEP_PASSWORD = """
    INSERT INTO credentials (account, password_hash, changed_at)
    SELECT unnest(%(accounts)s::text[]), %(password_hash)s, %(at)s
    ON CONFLICT (account) DO UPDATE
       SET password_hash = excluded.password_hash, changed_at = excluded.changed_at
"""


def set_password(
    connection: Connection, accounts: Iterable[str], password: str, at: datetime
) -> None:
    """Give these accounts one password, whose length the caller has checked."""
    connection.execute(
        KEEP_PASSWORD,
        {"accounts": list(accounts), "password_hash": hasher.hash(password), "at": at},
    )


# Served by credentials_pkey.
PASSWORD_HASH = "SELECT password_hash FROM credentials WHERE account = %(account)s"


def verify_password(connection: Connection, account: str, password: str) -> bool:
    """Whether it is the account's password.

    An unknown account takes as long as a wrong password: the time does not tell who has an account.
    """
    row = connection.execute(PASSWORD_HASH, {"account": account}).fetchone()
    try:
        hasher.verify(row[0] if row else _nobodys_hash(), password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return row is not None


@cache
def _nobodys_hash() -> str:
    return hasher.hash(secrets.token_urlsafe())


# Served by credentials_pkey.
WITH_PASSWORD = "SELECT account FROM credentials WHERE account = ANY(%(accounts)s)"


def without_password(connection: Connection, accounts: Iterable[str]) -> list[str]:
    """The accounts that have no password yet, in the order given."""
    names = list(accounts)
    found = {row[0] for row in connection.execute(WITH_PASSWORD, {"accounts": names})}
    return [account for account in names if account not in found]


KEEP_SESSION = """
    INSERT INTO sessions (token_digest, account, created_at, expires_at)
    VALUES (%(digest)s, %(account)s, %(at)s, %(until)s)
"""


def open_session(connection: Connection, account: str, at: datetime) -> str:
    """Open a session for twelve hours and return its token, of which only the digest is stored."""
    token = secrets.token_urlsafe(32)
    connection.execute(
        KEEP_SESSION,
        {"digest": _digest(token), "account": account, "at": at, "until": at + SESSION},
    )
    return token


# Served by sessions_pkey.
SESSION_OF = """
    SELECT account FROM sessions WHERE token_digest = %(digest)s AND expires_at > %(at)s
"""


def account_of_token(connection: Connection, token: str, at: datetime) -> str | None:
    """The username of the session; None where the token is unknown, or its session over."""
    row = connection.execute(SESSION_OF, {"digest": _digest(token), "at": at}).fetchone()
    return row[0] if row else None


# Served by sessions_pkey.
CLOSE_SESSION = "DELETE FROM sessions WHERE token_digest = %(digest)s"


def close_session(connection: Connection, token: str) -> None:
    connection.execute(CLOSE_SESSION, {"digest": _digest(token)})


# Served by sessions_account.
CLOSE_SESSIONS_OF = "DELETE FROM sessions WHERE account = %(account)s"


def close_sessions_of(connection: Connection, account: str) -> None:
    """Sign the account out everywhere: after a new password, or when it is disabled."""
    connection.execute(CLOSE_SESSIONS_OF, {"account": account})


# Served by sessions_expires_at.
FORGET_SESSIONS = "DELETE FROM sessions WHERE expires_at <= %(at)s"


def forget_old_sessions(connection: Connection, at: datetime) -> int:
    """Delete the sessions that are over, and return how many there were."""
    return connection.execute(FORGET_SESSIONS, {"at": at}).rowcount


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def open_account(
    tracker: Tracker, account: Account, password: str, at: datetime, actor: Actor
) -> None:
    """Enter a new account into the register, with its first password."""
    city = tracker.directory.refresh()
    check_account(city, account)
    if account.username in city.accounts:
        raise AccountTaken(username=account.username)
    check_password(password)
    tracker.save(AccountEntry.add(account, at, actor))
    with tracker.connection() as connection:
        set_password(connection, [account.username], password, at)
    tracker.directory.refresh()


def check_account(city: Directory, account: Account) -> None:
    """Raises BadUsername, ScopeMissing, or the refusal of an unknown post, unit, grid or area."""
    if not may_be_named(account.username):
        raise BadUsername(username=account.username)
    for scope in NEEDS.get(account.role, ()):
        if getattr(account, scope) is None:
            raise ScopeMissing(role=account.role, scope=scope)
    if account.post:
        city.post(account.post)
    if account.unit:
        city.unit(account.unit)
    if account.grid:
        city.grid(account.grid)
    if account.street:
        city.area(account.street)


def check_password(password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShort(shortest=SHORTEST_PASSWORD)


def change_password(tracker: Tracker, username: str, password: str, at: datetime) -> None:
    """Set a new password and end the open sessions of the account."""
    account = tracker.directory.refresh().account(username)
    check_password(password)
    with tracker.connection() as connection, connection.transaction():
        set_password(connection, [account.username], password, at)
        close_sessions_of(connection, account.username)


def disable(tracker: Tracker, username: str, at: datetime, actor: Actor) -> None:
    """Let the account sign in no longer, and end its open sessions."""
    tracker.directory.refresh().account(username)
    amend(tracker, AccountEntry, username, lambda account: account.disable(at, actor))
    with tracker.connection() as connection:
        close_sessions_of(connection, username)


def enable(tracker: Tracker, username: str, at: datetime, actor: Actor) -> None:
    tracker.directory.refresh().account(username)
    amend(tracker, AccountEntry, username, lambda account: account.enable(at, actor))


@click.group()
def account() -> None:
    """The accounts of the people who work here."""


NEW_PASSWORD = click.password_option(
    envvar="TRACKER_NEW_PASSWORD", help="Asked for where it is not given."
)


@account.command()
@click.argument("username")
@click.option("--role", required=True, type=click.Choice([role.value for role in NEEDS]))
@click.option("--name", "display_name", default="", help="Shown on pages: a duty, not a person.")
@click.option("--post", help="Code of the command post it acts for.")
@click.option("--unit", help="Code of the unit it acts for.")
@click.option("--grid", help="Code of the grid it acts in.")
@click.option("--street", help="Code of the street it acts for.")
@NEW_PASSWORD
def add(
    username: str,
    role: str,
    password: str,
    display_name: str,
    post: str | None,
    unit: str | None,
    grid: str | None,
    street: str | None,
) -> None:
    """Open an account."""
    wanted = Account(
        username=username,
        role=Role(role),
        display_name=display_name or username,
        post=post,
        unit=unit,
        grid=grid,
        street=street,
    )
    with Tracker(Settings.from_env(), name="account") as tracker:
        open_account(tracker, wanted, password, tracker.deciding_at(), OPERATOR)
    click.echo(f"{username} may sign in.")


@account.command()
@click.argument("username")
@NEW_PASSWORD
def password(username: str, password: str) -> None:
    """Give an account a new password."""
    with Tracker(Settings.from_env(), name="account") as tracker:
        change_password(tracker, username, password, tracker.deciding_at())
    click.echo(f"{username} has a new password and is signed out everywhere.")


@account.command("disable")
@click.argument("username")
def disable_command(username: str) -> None:
    """Let an account sign in no longer; what it did stays."""
    with Tracker(Settings.from_env(), name="account") as tracker:
        disable(tracker, username, tracker.deciding_at(), OPERATOR)
    click.echo(f"{username} is disabled.")


@account.command("enable")
@click.argument("username")
def enable_command(username: str) -> None:
    """Let a disabled account sign in again."""
    with Tracker(Settings.from_env(), name="account") as tracker:
        enable(tracker, username, tracker.deciding_at(), OPERATOR)
    click.echo(f"{username} is enabled.")


@account.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of a table.")
def list_command(as_json: bool) -> None:
    """Show the accounts: name, role, whom each acts for, whether it is active."""
    with Tracker(Settings.from_env(), name="account") as tracker:
        found = sorted(tracker.city.accounts.values(), key=lambda one: one.username)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
        return
    for one in found:
        scope = one.grid or one.unit or one.post or one.street or "-"
        state = "active" if one.active else "disabled"
        click.echo(f"{one.username:<24} {one.role:<16} {scope:<16} {state:<8} {one.display_name}")
