"""Accounts: who may act, in which role, for which post, unit, grid or street.

Passwords and sessions are not here: they are no facts of the city and never enter the log.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from tracker.domain.actors import Actor, Role
from tracker.domain.entries import Added, Changed, Entry, Event
from tracker.domain.errors import Conflict, NotFound, Words


@dataclass(frozen=True, kw_only=True)
class Account:
    """`post`, `unit`, `grid` and `street` are the codes for which the account may act."""

    username: str
    role: Role
    display_name: str  # of the duty, e.g. 银河社区一线指挥部·派遣员; not of a person
    post: str | None = None
    unit: str | None = None
    grid: str | None = None
    street: str | None = None
    active: bool = True

    @property
    def key(self) -> str:
        return self.username

    @property
    def scope(self) -> tuple[str | None, ...]:
        return (self.role, self.post, self.unit, self.grid, self.street)

    def actor(self) -> Actor:
        """The account as it stands behind a command."""
        return Actor(self.username, self.role, post=self.post, unit=self.unit, grid=self.grid)


class AccountOpened(Added):
    TOPIC: ClassVar[str] = "city.account_opened"
    entry: Account


class AccountReassigned(Event):
    """Another role or another place to act for: the whole new scope, None where there is none."""

    TOPIC: ClassVar[str] = "city.account_reassigned"
    duty: Role
    post: str | None
    unit: str | None
    grid: str | None
    street: str | None

    def change(self, before: Account) -> Account:
        return replace(
            before,
            role=self.duty,
            post=self.post,
            unit=self.unit,
            grid=self.grid,
            street=self.street,
        )


class AccountRenamed(Changed):
    TOPIC: ClassVar[str] = "city.account_renamed"
    display_name: str


class AccountDisabled(Event):
    """The account may not act and its sessions are worth nothing; its past stays readable."""

    TOPIC: ClassVar[str] = "city.account_disabled"

    def change(self, before: Account) -> Account:
        return replace(before, active=False)


class AccountEnabled(Event):
    TOPIC: ClassVar[str] = "city.account_enabled"

    def change(self, before: Account) -> Account:
        return replace(before, active=True)


class AccountEntry(Entry):
    TOPIC = "city.account"
    kind = "account"
    added, changed = AccountOpened, AccountRenamed

    def keep(self, wanted: Account, at: datetime, actor: Actor) -> None:
        """Bring scope and display name to what is wanted; a disabled account stays disabled."""
        if self.entry.scope != wanted.scope:
            self.record(
                AccountReassigned,
                at,
                actor,
                duty=wanted.role,
                post=wanted.post,
                unit=wanted.unit,
                grid=wanted.grid,
                street=wanted.street,
            )
        if self.entry.display_name != wanted.display_name:
            self.record(AccountRenamed, at, actor, display_name=wanted.display_name)

    def disable(self, at: datetime, actor: Actor) -> None:
        if self.entry.active:
            self.record(AccountDisabled, at, actor)

    def enable(self, at: datetime, actor: Actor) -> None:
        if not self.entry.active:
            self.record(AccountEnabled, at, actor)


class UnknownAccount(NotFound):
    """No account has that name."""

    code = "account.unknown"
    message = Words(zh="没有名为 {username} 的账号", en="There is no account named {username}")
    remedy = Words(zh="请核对账号名", en="Check the name of the account")


class AccountTaken(Conflict):
    """A name belongs to one account for good, so that the log stays unambiguous."""

    code = "account.taken"
    message = Words(zh="账号 {username} 已存在", en="The account {username} exists already")
    remedy = Words(zh="请换一个账号名", en="Choose another name")
