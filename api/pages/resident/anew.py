"""重新吹哨: what is not solved and may not be reopened goes on as a new whistle."""

from dataclasses import replace

from fastapi import Request

from api.door.callers import ANYBODY, now
from api.pages.frame.route import Filled
from api.pages.frame.speech import Speech
from api.pages.parts.acting import (
    Attempt,
    act,
    command_named,
    filled_in,
    forms,
    once_of,
    readable_photos,
)
from api.pages.parts.fields import Choices, CommandForm
from api.pages.resident.receipts import Held
from api.service.reporting import Reported, raise_for
from tracker.commands.fields import GridRef, Location, Point
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.raising import Amend, Raise
from tracker.commands.whistle.whistle_command import worked_on
from tracker.domain.whistle.place import Place
from tracker.domain.whistle.reopening import MAX_REOPENS, REOPEN_DAYS
from tracker.domain.whistle.states import State
from tracker.domain.whistle.whistle import Whistle


def why_anew(_: Speech, whistle: Whistle) -> str:
    """Why only a new whistle helps now; empty where there is another way."""
    if whistle.state is not State.CLOSED or whistle.closed_at is None:
        return ""
    if whistle.reopens >= MAX_REOPENS:
        return _("这件哨已经重办两次。还没解决，请在这里重新吹哨：新的一件会有人督办。")
    if now() - whistle.closed_at > REOPEN_DAYS:
        return _("办结已超过 15 天。又有问题，请在这里重新吹哨。")
    return ""


def anew_form(_: Speech, choices: Choices, attempt: Attempt | None) -> CommandForm:
    """The words of the new whistle; place and category are those of the old one."""
    tried = replace(attempt, command="amend") if attempt and attempt.command == "anew" else None
    made = forms(choices, [command_named("amend")], "/p", "/p", tried)[0]
    label = _("重新吹哨")
    return replace(made, name="anew", action="/p/anew", label=label, submit=label, shortcut="")


def raise_anew(
    request: Request, tracker: Tracker, found: Held, form: Filled
) -> tuple[Attempt | Reported, bool]:
    """A new whistle of the same reporter, and whether a picture was left out.

    The wish to reopen is given first: where it was reopened too often, somebody looks at the old
    one from now on.
    """
    readable, unreadable = readable_photos(tracker, form, found.person)
    opened = Filled({**form.texts, "kept-photos": readable}, {})
    reason, wish = {"reason": form.text("text")}, command_named("reopen")
    act(request, tracker, found.person, found.whistle.number, wish, opened, reason)

    def raised(said: Amend) -> Reported:
        report = again(worked_on(tracker, found.whistle), found.whistle, said)
        return raise_for(tracker, report, ANYBODY, once_of(request, form), found.person)

    done = filled_in(request, tracker, found.person, "anew", Amend, opened, raised)
    return done, unreadable is not None


def again(solved_badly: Whistle, own: Whistle, said: Amend) -> Raise:
    """The report: what is said now, where it was and of what kind; `own` is the reporter's."""
    return Raise(
        text=said.text or "",
        photos=said.photos,
        category=solved_badly.category,
        location=_there(solved_badly.place),
        confidential=solved_badly.confidential,
        again_of=own.number,
    )


def _there(place: Place) -> Location | None:
    if place.lat is not None and place.lon is not None:
        return Point(lat=place.lat, lon=place.lon, accuracy_m=place.accuracy_m)
    return GridRef(grid=place.grid) if place.grid else None
