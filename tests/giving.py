"""Who acts in a test, and commands by the names that people use."""

from datetime import UTC, datetime
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


OPENED = {"reason": "电话联系反映人"}  # the fields of `open-contact`, which comes before a call


def a_call(at: datetime | None = None) -> dict[str, Any]:
    """The fields of `respond` for a call that reached the reporter; `at` None: now."""
    return {"kind": "call", "called_at": at or datetime.now(UTC), "reached": True}


def asked_by_phone(rating: int | None = None, at: datetime | None = None) -> dict[str, Any]:
    """The fields of `follow-up` for a call; `rating` None: declined; `at` None: now."""
    return {
        "method": "phone",
        "called_at": at or datetime.now(UTC),
        "rating": "declined" if rating is None else rating,
    }


def asked_in_json(rating: int | None = None, at: datetime | None = None) -> dict[str, Any]:
    """The same as a body of the API."""
    fields = asked_by_phone(rating, at)
    return {**fields, "called_at": fields["called_at"].isoformat()}


def a_call_in_json(at: datetime | None = None) -> dict[str, Any]:
    """The same as a body of the API."""
    fields = a_call(at)
    return {**fields, "called_at": fields["called_at"].isoformat()}
