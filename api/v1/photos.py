"""Photos: anybody may upload one, it is re-encoded, and readers of its whistle may see it."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, File, Request, Response, UploadFile
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from api.door.access import Person
from api.door.callers import SIGNED_OR_NOT, Anyone, TheTracker, Viewer
from api.door.once import key_of
from api.door.refusals import NotYours
from api.door.rights_in_words import role_named
from api.reading.ways import knows, story_lines, way_to
from api.service.photos import MEDIA_TYPE, keep
from tracker.commands.tracker import Tracker
from tracker.domain.whistle.merging import ChildJoined
from tracker.eventstore.contents import read_photo
from tracker.words.photos import MAX_BYTES

router = APIRouter(tags=["photos"])


class PhotoOut(BaseModel):
    """The stored picture: encoded again, upright, without the camera's metadata."""

    id: UUID
    width: int
    height: int
    sha256: str


@router.post("/photos", status_code=201, response_model=PhotoOut, openapi_extra=SIGNED_OR_NOT)
def upload(
    request: Request, caller: Anyone, tracker: TheTracker, file: Annotated[UploadFile, File()]
) -> dict[str, Any]:
    """Send a photo before its whistle. A photo that no whistle uses is deleted after a day."""
    data = file.file.read(MAX_BYTES + 1)
    return keep(tracker, data, caller, key_of(request))


@router.get(
    "/photos/{id}",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: {}}, "description": "The picture"}},
)
def photo(
    id: UUID, viewer: Viewer, tracker: TheTracker, size: Literal["thumb", "full"] = "full"
) -> Response:
    """A photo of a whistle that the caller may see. Photos without a whistle are not shown."""
    with tracker.connection() as connection:
        found = read_photo(connection, id, thumb=size == "thumb")
    if found is None or found.whistle is None or found.media is None:
        raise HTTPException(404)
    must_see(tracker, found.whistle, id, viewer)
    headers = {"Cache-Control": "private, max-age=3600", "Content-Disposition": "inline"}
    return Response(found.media, media_type=MEDIA_TYPE, headers=headers)


def must_see(tracker: Tracker, whistle: UUID, photo: UUID, viewer: Person) -> None:
    """Raises NotYours for whom no right leads to the photo; 404 for another reporter's.

    What a merged reporter added stands in the parent's stream; it is read by the right to his own
    whistle too, also after they were parted.
    """
    way = way_to(tracker, tracker.whistle(whistle), viewer)
    if way is not None and way.by_office and knows(viewer, way):
        return
    for one in (whistle, *_ever_merged_into(tracker, whistle)):
        found = tracker.whistle(one)
        if way_to(tracker, found, viewer) is None:
            continue
        way = way or way_to(tracker, found, viewer)
        shown = story_lines(tracker, found, viewer)
        if any(word.id == photo for line in shown for word in line.words):
            return
    if way is None:
        raise NotYours(role=role_named(viewer.role))
    raise HTTPException(404)


def _ever_merged_into(tracker: Tracker, parent: UUID) -> Sequence[UUID]:
    events: Any = tracker.events.get(parent)
    return [event.child for event in events if isinstance(event, ChildJoined)]
