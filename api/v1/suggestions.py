"""Suggestions for a text: category, unit, urgency, repeats. Nothing is decided."""

from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.door.callers import SIGNED_OR_NOT, TheTracker, now
from api.door.fields import Form
from api.door.problems import language_of
from tracker.commands.fields import Location, Text
from tracker.suggesting.suggesting import suggest

router = APIRouter(tags=["whistles"])


class Asked(Form):
    text: Text
    location: Location | None = None


class CategoryOut(BaseModel):
    code: str
    score: float


class DuplicateOut(BaseModel):
    id: UUID
    score: float
    why: str


class SuggestedOut(BaseModel):
    """`categories` are at most three, the best first."""

    categories: list[CategoryOut]
    lead_unit: str | None
    urgency: str
    duplicates: list[DuplicateOut]
    masked_text: str


@router.post("/suggestions", response_model=SuggestedOut, openapi_extra=SIGNED_OR_NOT)
def suggestions(form: Asked, tracker: TheTracker, request: Request) -> SuggestedOut:
    """Suggest a category, place and units for a report. Nothing is recorded."""
    found = suggest(tracker, form.text, form.location, now())
    language = language_of(request.headers.get("accept-language"))
    return SuggestedOut(
        categories=[CategoryOut(code=one.code, score=one.score) for one in found.categories],
        lead_unit=found.lead_unit,
        urgency=found.urgency,
        duplicates=[
            DuplicateOut(id=near.whistle.id, score=near.score, why=near.why(language))
            for near in found.duplicates
        ],
        masked_text=found.masked_text,
    )
