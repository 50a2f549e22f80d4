"""账号: who may act, in which role, for which post, unit, grid or street.

Passwords and sessions are not here: they are no facts of the city and never enter the log.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar

from tracker.domain.actors import Actor, Role
from tracker.domain.city.entries import Added, Changed, Entry, Event, RegisterValue
from tracker.domain.errors import Conflict, Invalid, NotFound, Words


@dataclass(frozen=True, kw_only=True)
class Account(RegisterValue):
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
        """The account as the actor of a command."""
        return Actor(self.username, self.role, post=self.post, unit=self.unit, grid=self.grid)


RESERVED = frozenset({"system", "anonymous", "operator"})
"""The tracker's own names, under which the log records what no person did."""


def may_be_named(username: str) -> bool:
    """Whether an account may have that name: it stands in addresses, files and logs."""
    shaped = re.fullmatch(r"[a-z][a-z0-9-]{1,63}", username)
    return shaped is not None and username not in RESERVED


NEEDS: Mapping[Role, tuple[str, ...]] = {
    Role.GRID_WORKER: ("grid",),
    Role.GRID_CHIEF: ("grid",),
    Role.INTAKE: ("post",),
    Role.DISPATCHER: ("post",),
    Role.COMMANDER: ("post",),
    Role.DEPUTY_COMMANDER: ("post",),
    Role.CADRE: ("post",),
    Role.VERIFIER: ("post",),
    Role.FOLLOW_UP_AGENT: ("post",),
    Role.UNIT_LIAISON: ("unit",),
    Role.HANDLER: ("unit",),
    Role.ADJUDICATOR: (),
    Role.RESIDENT: (),
    Role.SUPERVISOR: (),
    Role.CITY_CENTRE: (),
    Role.LEADER: (),
    Role.AUDITOR: (),
    Role.ADMIN: (),
}
"""The roles that an account may have, and which codes each one needs."""


class AccountOpened(Added[Account]):
    TOPIC: ClassVar[str] = "city.account_opened"
    entry: Account


class AccountReassigned(Event[Account]):
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


class AccountRenamed(Changed[Account]):
    TOPIC: ClassVar[str] = "city.account_renamed"
    display_name: str


class AccountDisabled(Event[Account]):
    """The account may not act and its sessions are invalid; what it did stays readable."""

    TOPIC: ClassVar[str] = "city.account_disabled"

    def change(self, before: Account) -> Account:
        return replace(before, active=False)


class AccountEnabled(Event[Account]):
    TOPIC: ClassVar[str] = "city.account_enabled"

    def change(self, before: Account) -> Account:
        return replace(before, active=True)


class AccountEntry(Entry[Account]):
    TOPIC = "city.account"
    kind = "account"
    added, changed = AccountOpened, AccountRenamed

    def revise(self, wanted: Account, today: date, at: datetime, actor: Actor) -> None:
        """Change scope and display name; a disabled account stays disabled."""
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


class BadUsername(Invalid):
    """Names of accounts stand in addresses, files and logs."""

    code = "account.bad_username"
    field = "username"
    message = Words(
        zh="“{username}”不能用作账号名", en="{username} cannot be the name of an account"
    )
    remedy = Words(
        zh="请用2–64个小写字母、数字或连字符,以字母开头",
        en="Use 2 to 64 lower-case letters, digits and hyphens, beginning with a letter",
    )


class ScopeMissing(Invalid):
    """A role that acts for a post, a unit or a grid must know which."""

    code = "account.scope_missing"
    field = "role"
    message = Words(
        zh="角色 {role} 须指定 {scope}", en="An account with the role {role} needs a {scope}"
    )
    remedy = Words(zh="请补充对应代码", en="Give its code")


class PasswordTooShort(Invalid):
    """Length is the only rule: it is what makes a password hard to guess."""

    code = "account.password_too_short"
    field = "password"
    message = Words(
        zh="密码少于 {shortest} 位", en="The password has fewer than {shortest} characters"
    )
    remedy = Words(zh="请换更长的密码,可用一句话", en="Choose a longer one; a sentence will do")
