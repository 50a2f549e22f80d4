"""交接班: the outgoing shift signs the figures, the incoming shift receives them; printable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from fastapi import Request, Response

from api.contexts.handover import reading as shown
from api.contexts.handover import service
from api.door import access
from api.door.access import Person
from api.door.callers import SignedIn, TheTracker, now
from api.pages.frame.look import go, show, speech_of
from api.pages.frame.present import exact, in_the_city, moment, state_name
from api.pages.frame.route import TheForm, pages
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import ABOVE, DESKS, head, only
from api.pages.parts.acting import Attempt, filled_in, once_of
from api.pages.parts.story import topic_name
from api.reading.reading import wait_until
from tracker.city_zone import city_zone
from tracker.commands.command import Done
from tracker.commands.tracker import Tracker
from tracker.contexts.handover import commands
from tracker.contexts.handover.commands import Receive, Sign
from tracker.contexts.handover.projection import HandoverRow, handovers_of
from tracker.contexts.handover.record import Handover, UnknownHandover

router = pages()


@dataclass(frozen=True)
class Counted:
    """The figures of a note in words, the largest first."""

    states: Sequence[tuple[str, int]]
    cards: Sequence[tuple[str, int]]
    done: Sequence[tuple[str, int]]
    turned_red: Sequence[str]
    open: int


@router.get("/post/{code}/handover")
def of_post(
    request: Request,
    tracker: TheTracker,
    caller: SignedIn,
    code: str,
    behind: UUID | None = None,
) -> Response:
    return list_page(request, tracker, caller, code, behind=behind)


@router.post("/post/{code}/handover")
def sign(
    request: Request, tracker: TheTracker, caller: SignedIn, form: TheForm, code: str
) -> Response:
    """Sign the present figures. They are counted here; figures in the form are ignored."""

    def do(body: Sign) -> Done[Handover]:
        return service.sign(tracker, body, caller, once_of(request, form))

    more = {"post": code}
    if form.text("began_at"):
        more["began_at"] = in_the_city(form.text("began_at"))
    done = filled_in(request, tracker, caller, "hand-over", Sign, form, do, more)
    if isinstance(done, Attempt):
        return list_page(request, tracker, caller, code, done)
    return go(f"/handover/{done.aggregate.id}?position={done.position}")


def list_page(
    request: Request,
    tracker: Tracker,
    person: Person,
    code: str,
    attempt: Attempt | None = None,
    behind: UUID | None = None,
) -> Response:
    only(person, DESKS | ABOVE)
    post, _, at = shown.readable_post(tracker, code, person), speech_of(request), now()
    with tracker.connection() as connection:
        began = commands.began(connection, code, at)
        left = commands.left(connection, code, began, at)
        found = handovers_of(connection, code, behind=behind)
    typed = attempt.texts if attempt else {}
    return show(
        request,
        "handover/handovers.html",
        409 if attempt else 200,
        **head(request, tracker.city, person),
        post=post,
        began=typed.get("began_at", [f"{began.astimezone(city_zone()):%Y-%m-%dT%H:%M}"])[0],
        note=typed.get("note", [""])[0],
        counted=counted(_, left.open_by_state, left.open_by_card, left.done, left.turned_red),
        notes=[line_of(_, note, at) for note in found.items],
        older=f"/post/{code}/handover?behind={found.next}" if found.next else None,
        may=person.actor.post == code and access.may("hand-over", person, shown.subject(post)),
        said=attempt.said if attempt else None,
        errors=attempt.errors if attempt else {},
        key=uuid4().hex,
    )


def line_of(_: Speech, note: HandoverRow, at: datetime) -> Mapping[str, Any]:
    return {
        "href": f"/handover/{note.id}",
        "when": moment(_, note.ended_at, at),
        "by": note.signed_by,
        "received": note.received_by,
        "open": sum(note.open_by_state.values()),
        "red": len(note.turned_red),
    }


@router.get("/handover/{id}")
def one(
    request: Request, tracker: TheTracker, caller: SignedIn, id: UUID, position: int = 0
) -> Response:
    return one_page(request, tracker, caller, id, position=max(position, 0))


@router.post("/handover/{id}/receive")
def receive(
    request: Request, tracker: TheTracker, caller: SignedIn, form: TheForm, id: UUID
) -> Response:
    def do(body: Receive) -> Done[Handover]:
        return service.receive(tracker, body, id, caller, once_of(request, form))

    done = filled_in(request, tracker, caller, "receive", Receive, form, do)
    if isinstance(done, Attempt):
        return one_page(request, tracker, caller, id, done)
    return go(f"/handover/{id}?position={done.position}")


def one_page(
    request: Request,
    tracker: Tracker,
    person: Person,
    id: UUID,
    attempt: Attempt | None = None,
    position: int = 0,
) -> Response:
    only(person, DESKS | ABOVE)
    _, at = speech_of(request), now()
    with tracker.connection() as connection:
        wait_until(connection, "handovers", position)
        found = shown.found(tracker, connection, id, person)
    note, record = found.row, tracker.load(Handover, id, UnknownHandover())
    return show(
        request,
        "handover/handover.html",
        409 if attempt else 200,
        **head(request, tracker.city, person),
        post=tracker.city.post(note.post),
        note=note,
        span=(exact(note.began_at), exact(note.ended_at)),
        received=exact(note.received_at) if note.received_at else "",
        words=found.note,
        remark=found.remark,
        counted=counted(_, note.open_by_state, note.open_by_card, note.done, note.turned_red),
        may=commands.may_receive(record, person.actor, at),
        attempt=attempt,
        key=uuid4().hex,
    )


def counted(
    _: Speech,
    states: Mapping[str, int],
    cards: Mapping[str, int],
    done: Mapping[str, int],
    turned_red: Sequence[str],
) -> Counted:
    names = {
        "red": _("红牌 已超时"),
        "yellow": _("黄牌 快到期"),
        "none": _("绿牌 从容"),
        "paused": _("暂停或无时限"),
    }
    return Counted(
        states=[(state_name(_, s), n) for s, n in sorted(states.items(), key=_larger)],
        cards=[(names.get(c, c), cards[c]) for c in names if c in cards],
        done=[(topic_name(_, t), n) for t, n in sorted(done.items(), key=_larger)],
        turned_red=turned_red,
        open=sum(states.values()),
    )


def _larger(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]
