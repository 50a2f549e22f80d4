"""The commands on a whistle by the names that clients use, in the order of its life."""

from collections.abc import Mapping
from datetime import datetime

from tracker.commands.whistle import (
    annulling,
    asking,
    co_handling,
    confiding,
    contacting,
    dispatching,
    ending,
    following_up,
    overseeing,
    pausing,
    raising,
    resolving,
    responding,
    returning,
    triage,
)
from tracker.commands.whistle.whistle_command import WhistleCommand
from tracker.domain.actors import Actor
from tracker.domain.errors import Refusal
from tracker.domain.whistle.whistle import Whistle

THEMES = (
    *(raising, triage, dispatching, contacting, responding, returning, co_handling),
    *(pausing, asking, resolving, following_up, ending, overseeing, annulling, confiding),
)
WHISTLE_COMMANDS: tuple[type[WhistleCommand], ...] = tuple(
    command for theme in THEMES for command in theme.COMMANDS
)
BY_NAME: Mapping[str, type[WhistleCommand]] = {one.name: one for one in WHISTLE_COMMANDS}


def open_commands(whistle: Whistle, actor: Actor, at: datetime) -> list[type[WhistleCommand]]:
    """The commands whose guards would let this actor begin now; their fields are not checked."""
    return [command for command in WHISTLE_COMMANDS if lets(command, whistle, actor, at)]


def lets(command: type[WhistleCommand], whistle: Whistle, actor: Actor, at: datetime) -> bool:
    try:
        command.guard(whistle, actor, at)
    except Refusal:
        return False
    return True
