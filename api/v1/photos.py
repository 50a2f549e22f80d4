"""Photos: anybody may upload one, it is re-encoded, and readers of its whistle may see it."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, File, Request, Response, UploadFile
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from api.door.access import must_read
from api.door.callers import SIGNED_OR_NOT, Anyone, TheTracker, Viewer
from api.door.once import key_of
from api.door.subjects import WhistleSubject
from api.service.photos import MEDIA_TYPE, keep
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
    must_read(viewer, WhistleSubject.of(tracker.whistle(found.whistle)))
    headers = {"Cache-Control": "private, max-age=3600", "Content-Disposition": "inline"}
    return Response(found.media, media_type=MEDIA_TYPE, headers=headers)
