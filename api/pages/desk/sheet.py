"""工单: a job sheet of one whistle for printing on A4: facts, words, pictures, room to sign."""

from fastapi import Request, Response

from api.door.callers import SignedIn, TheTracker, now
from api.pages.frame.look import show, speech_of
from api.pages.frame.present import exact
from api.pages.frame.qr import qr_of
from api.pages.frame.route import pages
from api.pages.frame.visitor import acts_for, head
from api.pages.parts.whistle_view import Viewer
from api.reading.reading import note_look, readable

router = pages()

PICTURES = 6  # pictures that fit above the signatures


@router.get("/w/{number}/sheet")
def sheet(request: Request, tracker: TheTracker, caller: SignedIn, number: str) -> Response:
    """The sheet as this person may see it, with printer and time; the look is recorded."""
    whistle = readable(tracker, number, caller)
    note_look(tracker, caller, whistle)
    at = now()
    shown = Viewer(tracker, speech_of(request), caller, at).staff(whistle, f"/w/{whistle.number}")
    return show(
        request,
        "sheet.html",
        **head(request, tracker.city, caller),
        whistle=shown,
        pictures=shown.photos[:PICTURES],
        qr=qr_of(f"{request.base_url}w/{whistle.number}"),
        printed_at=exact(at),
        printed_for=acts_for(tracker.city, caller),
        printed_by=caller.actor.account,
    )
