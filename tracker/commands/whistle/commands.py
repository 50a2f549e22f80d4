"""The commands on a whistle by the names that clients use, in the order of its life."""

from collections.abc import Mapping
from datetime import datetime

from tracker.commands.whistle.dispatching import (
    Acknowledge,
    AddCo,
    Claim,
    Dispatch,
    Pool,
    RemoveCo,
)
from tracker.commands.whistle.ending import Exclude, TransferOut, Void, Withdraw
from tracker.commands.whistle.following_up import Close, FollowUp, Reopen
from tracker.commands.whistle.overseeing import (
    Correct,
    Deescalate,
    EndSupervision,
    Escalate,
    Supervise,
    Urge,
)
from tracker.commands.whistle.pausing import DecideExtension, RequestExtension, Resume, Suspend
from tracker.commands.whistle.raising import Amend, Join
from tracker.commands.whistle.resolving import Submit, Verify
from tracker.commands.whistle.responding import Control, Respond, Start
from tracker.commands.whistle.returning import Adjudicate, Return
from tracker.commands.whistle.triage import Classify, Locate, Merge, SelfResolve, Unmerge
from tracker.commands.whistle.whistle_command import WhistleCommand
from tracker.domain.actors import Actor
from tracker.domain.errors import Refusal
from tracker.domain.whistle.whistle import Whistle

WHISTLE_COMMANDS: tuple[type[WhistleCommand], ...] = (
    *(Amend, Join, Locate, Classify, SelfResolve, Merge, Unmerge),
    *(Pool, Claim, Dispatch, Acknowledge, Respond, Start, Control),
    *(Return, Adjudicate, AddCo, RemoveCo),
    *(RequestExtension, DecideExtension, Suspend, Resume),
    *(Submit, Verify, FollowUp, Close, Reopen),
    *(Withdraw, Void, TransferOut),
    *(Escalate, Deescalate, Supervise, EndSupervision, Urge, Exclude, Correct),
)
BY_NAME: Mapping[str, type[WhistleCommand]] = {one.name: one for one in WHISTLE_COMMANDS}


def open_commands(whistle: Whistle, actor: Actor, at: datetime) -> list[type[WhistleCommand]]:
    """Those whose guards would let this actor begin now, before what a body may add."""
    return [command for command in WHISTLE_COMMANDS if lets(command, whistle, actor, at)]


def lets(command: type[WhistleCommand], whistle: Whistle, actor: Actor, at: datetime) -> bool:
    try:
        command.guard(whistle, actor, at)
    except Refusal:
        return False
    return True
