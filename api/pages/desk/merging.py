"""并案对照: compare two whistles, merge one into the other, or take them apart again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from fastapi import Request, Response

from api.door import access
from api.door.access import Person
from api.door.callers import SignedIn, TheTracker, now
from api.door.subjects import WhistleSubject
from api.pages.frame.look import show, speech_of
from api.pages.frame.present import moment
from api.pages.frame.route import Notice, pages
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import ABOVE, DESKS, head, only
from api.pages.parts.acting import Attempt
from api.pages.parts.whistle_view import Viewer, WhistleView
from api.reading.reading import note_look, readable
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.triage import may_merge
from tracker.commands.whistle.whistle_command import category_of
from tracker.domain.errors import Refusal
from tracker.domain.whistle.events import State
from tracker.domain.whistle.place import metres_between
from tracker.domain.whistle.whistle import Whistle
from tracker.eventstore.contents import read_words
from tracker.suggesting.nearby import Near, nearby

router = pages()


@dataclass(frozen=True)
class Side:
    """One of the two whistles, and whether it may be merged into the other."""

    view: WhistleView
    reporters: int
    may_follow: bool
    why_not: str
    merged: bool


@router.get("/merge/{number}")
def alone(request: Request, tracker: TheTracker, caller: SignedIn, number: str) -> Response:
    """Open whistles nearby of the same category, to compare with this one."""
    return merge_page(request, tracker, caller, f"/merge/{number}")


@router.get("/merge/{number}/{other}")
def beside(
    request: Request, tracker: TheTracker, caller: SignedIn, number: str, other: str, done: str = ""
) -> Response:
    said = Notice(speech_of(request)("已办理"), kind="good") if done else None
    return merge_page(request, tracker, caller, f"/merge/{number}/{other}", said=said)


def merge_page(
    request: Request,
    tracker: Tracker,
    person: Person,
    base: str,
    attempt: Attempt | None = None,
    said: Notice | None = None,
) -> Response:
    only(person, DESKS | ABOVE)
    numbers = base.removeprefix("/merge/").split("/")
    two = [readable(tracker, number, person) for number in numbers[:2]]
    for whistle in two:
        note_look(tracker, person, whistle)
    first, speech, at = two[0], speech_of(request), now()
    sides = both(tracker, speech, person, two) if len(two) == 2 else []
    return show(
        request,
        "merging.html",
        409 if attempt else 200,
        **head(request, tracker.city, person),
        base=base,
        first=Viewer(tracker, speech, person, at).staff(first, base),
        sides=sides,
        apart=distances(tracker, speech, two) if len(two) == 2 else [],
        near=near(tracker, speech, person, first),
        children=[tracker.whistle(id).number for id in first.children],
        may_part=access.may("unmerge", person, WhistleSubject.of(first)),
        said=attempt.said if attempt else said,
        reason=attempt.texts.get("reason", [""])[0] if attempt else "",
        key=lambda: uuid4().hex,
    )


def both(
    tracker: Tracker, speech: Speech, person: Person, two: Sequence[Whistle]
) -> Sequence[Side]:
    one, other = two
    return [
        side(tracker, speech, person, one, other),
        side(tracker, speech, person, other, one),
    ]


def side(
    tracker: Tracker, speech: Speech, person: Person, whistle: Whistle, other: Whistle
) -> Side:
    at, why_not = now(), ""
    view = Viewer(tracker, speech, person, at).staff(whistle, f"/w/{whistle.number}")
    may = access.may("merge", person, WhistleSubject.of(whistle))
    try:
        may_merge(tracker, whistle, other, person.actor, at)
    except Refusal as refusal:
        why_not = refusal.message.say(speech.language, refusal.facts)
    return Side(
        view=view,
        reporters=len(whistle.parties) + len(whistle.children.keys() - whistle.brought.keys()),
        may_follow=may and not why_not,
        why_not=why_not,
        merged=whistle.state is State.MERGED,
    )


def distances(tracker: Tracker, _: Speech, two: Sequence[Whistle]) -> Sequence[str]:
    """How far apart the two are, in metres and days."""
    one, other = two
    metres = metres_between(one.place, other.place)
    days = abs(one.registered_at - other.registered_at).days
    far = _("相距 {n} 米", n=round(metres)) if metres < float("inf") else _("距离未知")
    return [far, _("相隔 {n} 天", n=days) if days else _("相隔不到一天")]


def near(
    tracker: Tracker, speech: Speech, person: Person, whistle: Whistle
) -> Sequence[dict[str, Any]]:
    """Open whistles nearby of the same category that this person may read, the likeliest first."""
    category = category_of(tracker.city, whistle)
    if category is None or whistle.confidential:
        return []
    said = [word.id for word in whistle.words if word.kind == "address"]
    with tracker.connection() as connection:
        kept = read_words(connection, said[-1:])
        address = next((str(one.body) for one in kept.values() if one.body), None)
        found = nearby(
            connection,
            tracker.city.minors_of(category.major),
            whistle.place,
            at=whistle.registered_at,
            address=address,
            but=whistle.id,
        )
    return [line(speech, whistle, one) for one in found if lies_open(tracker, person, one)]


def lies_open(tracker: Tracker, person: Person, one: Near) -> bool:
    return access.may_read(person, WhistleSubject.of(tracker.whistle(one.whistle.id)))


def line(speech: Speech, whistle: Whistle, one: Near) -> dict[str, Any]:
    return {
        "href": f"/merge/{whistle.number}/{one.whistle.number}",
        "number": one.whistle.number,
        "why": one.why(speech.language),
        "when": moment(speech, one.whistle.registered_at, now()),
    }
