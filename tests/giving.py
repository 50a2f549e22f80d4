"""Who acts in a test, and commands by the names that people use."""

from typing import Any

from tracker.commands.tracker import Tracker
from tracker.commands.whistle.commands import BY_NAME
from tracker.commands.whistle.whistle_command import WhistleCommand
from tracker.domain.actors import Actor


def actor_named(tracker: Tracker, username: str) -> Actor:
    """The account as an actor."""
    return tracker.city.actor(tracker.city.account(username))


def command_named(name: str, **fields: Any) -> WhistleCommand:
    """The command of that name, e.g. `request_extension`, with these fields."""
    return BY_NAME[name.strip("_").replace("_", "-")](**fields)
