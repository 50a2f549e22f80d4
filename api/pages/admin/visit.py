"""One request to the administrator's pages: who asks, in which language, and the page in answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from api.door.access import Person
from api.door.callers import SignedIn, TheTracker, now
from api.pages.frame.look import show, speech_of
from api.pages.frame.route import Notice, error_page
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import ADMINS, head, only
from tracker.commands.tracker import Tracker
from tracker.domain.actors import Actor
from tracker.domain.errors import Refusal


@dataclass(frozen=True)
class Visit:
    request: Request
    tracker: Tracker
    person: Person
    at: datetime

    @property
    def actor(self) -> Actor:
        return self.person.actor

    @property
    def speech(self) -> Speech:
        return speech_of(self.request)

    def asked(self, name: str) -> str:
        """What the address asks for under this name, or ""."""
        return self.request.query_params.get(name, "").strip()

    def said(self, refusal: Refusal) -> Notice:
        return Notice.refused(refusal, self.speech.language)

    def show(self, page: str, section: str, status: int = 200, **values: Any) -> Response:
        """The page, with the head for this person; `section` is marked in the menu."""
        values |= head(self.request, self.tracker.city, self.person)
        return show(self.request, page, status, **values, section=section)

    def nothing_here(self) -> Response:
        return error_page(self.request, 404)


def admin(request: Request, tracker: TheTracker, caller: SignedIn) -> Visit:
    only(caller, ADMINS)
    return Visit(request, tracker, caller, now())


Admin = Annotated[Visit, Depends(admin)]
