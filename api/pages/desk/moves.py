"""待同意的移入: the page of corrections that wait for the consent of the receiving post."""

from dataclasses import dataclass

from fastapi import Request, Response

from api.door.callers import SignedIn, TheTracker, now
from api.pages.desk.post import in_reach
from api.pages.frame.look import show, speech_of
from api.pages.frame.present import moment
from api.pages.frame.route import pages
from api.pages.frame.visitor import ABOVE, DESKS, head, only
from api.pages.parts.story import EventTeller
from api.reading.moves import waiting
from api.reading.ways import way_to

router = pages()


@router.get("/post/{code}/moves")
def moves(request: Request, tracker: TheTracker, caller: SignedIn, code: str) -> Response:
    only(caller, DESKS | ABOVE)
    post = tracker.city.post(code)
    in_reach(tracker, caller, post)
    _, at = speech_of(request), now()
    teller = EventTeller(_, tracker.city, at)
    rows = [
        Row(
            href=f"/w/{one.number}",
            number=one.number,
            category=teller.category(one.category),
            from_post=teller.post(one.place.post) if one.place.post else "—",
            asked=moment(_, one.proposals["correct"].at, at),
        )
        for one in waiting(tracker, code)
        if way_to(tracker, one, caller) is not None
    ]
    about = head(request, tracker.city, caller)
    return show(request, "moves.html", **about, post=post.name, back=f"/post/{code}", rows=rows)


@dataclass(frozen=True)
class Row:
    href: str
    number: str
    category: str
    from_post: str
    asked: str
