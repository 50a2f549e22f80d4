"""Accounts: opened with a first password, given another duty, shut, reopened."""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from tracker.city.changing.city_change import (
    ChangeResult,
    CityChange,
    Effect,
    EntryChange,
    Preview,
    Stamp,
)
from tracker.city.credentials import change_password, check_account, close_sessions_of, set_password
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.actors import Actor
from tracker.domain.city.accounts import Account, AccountEntry, AccountTaken
from tracker.domain.errors import Conflict, Words
from tracker.eventstore.connections import Connection

OPENS = Words(
    zh="{username} 可以登录;初始密码在确认后显示一次",
    en="{username} may sign in; the first password is shown once, after you confirm",
)
SHUTS = Words(
    zh="{username} 不能再登录,现在登录着的 {n} 处退出;做过的事照样可查",
    en="{username} signs in no longer, {n} open sessions end; what it did stays readable",
)
OPENS_AGAIN = Words(
    zh="{username} 可以用原密码登录", en="{username} signs in with its old password"
)
ACTS = Words(
    zh="{username} 从下一次点击起按新的岗位办事",
    en="{username} acts in the new duty from its next click",
)
SIGNED_OUT = Words(
    zh="{username} 换新密码,现在登录着的 {n} 处退出",
    en="{username} gets a new password, {n} open sessions end",
)

# Served by sessions_account.
SESSIONS = "SELECT count(*) FROM sessions WHERE account = %(account)s AND expires_at > %(at)s"


def sessions_of(connection: Connection, account: str, at: datetime) -> int:
    row = connection.execute(SESSIONS, {"account": account, "at": at}).fetchone()
    return int(row[0]) if row else 0


def _sessions(tracker: Tracker, account: str, at: datetime) -> int:
    with tracker.connection() as connection:
        return sessions_of(connection, account, at)


@dataclass(frozen=True)
class Open(CityChange):
    account: Account

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        check_account(city, self.account)
        if self.account.username in city.accounts:
            raise AccountTaken(username=self.account.username)
        yield EntryChange.add(AccountEntry, self.account)

    def effects(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        yield Effect(OPENS, {"username": self.account.username})

    def follow(self, tracker: Tracker, at: datetime, by: Actor) -> ChangeResult:
        secret = new_secret()
        with tracker.connection() as connection:
            set_password(connection, [self.account.username], secret, at)
        return ChangeResult(secret=secret)


@dataclass(frozen=True)
class Reassign(CityChange):
    """Another role, another place to act for, another name of the duty."""

    account: Account

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        city.account(self.account.username)
        check_account(city, self.account)
        if self.account.username == stamp.by.account and self.account.role != stamp.by.role:
            raise NotYourself(username=stamp.by.account)
        yield EntryChange.revise(AccountEntry, self.account, stamp)

    def effects(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        yield Effect(ACTS, {"username": self.account.username})


@dataclass(frozen=True)
class Shut(CityChange):
    username: str

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        city.account(self.username)
        if self.username == stamp.by.account:
            raise NotYourself(username=stamp.by.account)
        yield EntryChange.by(AccountEntry.disable, AccountEntry, self.username, stamp=stamp)

    def effects(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        n = _sessions(tracker, self.username, preview.at)
        yield Effect(SHUTS, {"username": self.username, "n": n})

    def follow(self, tracker: Tracker, at: datetime, by: Actor) -> ChangeResult:
        with tracker.connection() as connection:
            close_sessions_of(connection, self.username)
        return ChangeResult()


@dataclass(frozen=True)
class Reopen(CityChange):
    username: str

    def entry_changes(self, city: Directory, stamp: Stamp) -> Iterable[EntryChange]:
        city.account(self.username)
        yield EntryChange.by(AccountEntry.enable, AccountEntry, self.username, stamp=stamp)

    def effects(self, tracker: Tracker, preview: Preview) -> Iterator[Effect]:
        yield Effect(OPENS_AGAIN, {"username": self.username})


def new_password(tracker: Tracker, username: str, at: datetime) -> str:
    """Give the account a new password and return it; its open sessions end. Makes no event."""
    secret = new_secret()
    change_password(tracker, username, secret, at)
    return secret


def new_password_effect(tracker: Tracker, username: str, at: datetime) -> Effect:
    tracker.city.account(username)
    return Effect(SIGNED_OUT, {"username": username, "n": _sessions(tracker, username, at)})


def new_secret() -> str:
    """A random password: sixteen letters and digits in fours, without i, l, o, 0 and 1."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    whole = "".join(secrets.choice(letters) for _ in range(16))
    return "-".join(whole[start : start + 4] for start in range(0, 16, 4))


class NotYourself(Conflict):
    """Who shuts the own account, or gives its role away, could not undo it."""

    code = "account.not_yourself"
    message = Words(
        zh="不能停用自己的账号 {username} 或改掉自己的角色",
        en="You cannot shut your own account {username} or give its role away",
    )
    remedy = Words(zh="请另一位管理员来做", en="Ask another administrator")
