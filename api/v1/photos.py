"""Photos: taken from anybody, made anew, shown to those who may see their whistle."""

import hashlib
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, File, Request, Response, UploadFile
from psycopg import Connection
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from api.door.access import Person, must_read
from api.door.callers import SIGNED_OR_NOT, Anyone, TheTracker, Viewer, now
from api.door.once import Once, actor_key, key_of
from api.door.subjects import WhistleSubject
from tracker.commands.application import Tracker
from tracker.eventstore import idempotency
from tracker.eventstore.contents import Content, read_photo, save_photo
from tracker.eventstore.idempotency import IdempotencyRecord, digest_of_request
from tracker.words.photos import MAX_BYTES, take

router = APIRouter(tags=["photos"])
MEDIA_TYPE = "image/jpeg"


class PhotoOut(BaseModel):
    """Of the picture as it is kept: made anew, upright, without what the camera wrote into it."""

    id: UUID
    width: int
    height: int
    sha256: str


def keep(tracker: Tracker, data: bytes, caller: Person, key: str | None) -> dict[str, Any]:
    """Keep a photo until a whistle takes it; the same upload under the same key is kept once."""
    once = Once(key, digest_of_request(b"photo", hashlib.sha256(data).digest()))
    actor = actor_key(caller)

    def act() -> dict[str, Any]:
        picture = take(data)
        photo = Content.photo(picture.full, picture.thumb, MEDIA_TYPE)
        answer = {
            "id": str(photo.id),
            "width": picture.width,
            "height": picture.height,
            "sha256": picture.sha256,
        }
        with tracker.connection() as connection, connection.transaction():
            _remember(connection, once, actor, answer)
            save_photo(connection, photo, now())
        return answer

    return once.do(tracker, actor, act, _answered)


def _remember(connection: Connection[Any], once: Once, actor: str, answer: dict[str, Any]) -> None:
    if once.key is not None:
        record = IdempotencyRecord(actor, once.key, once.digest, 201, answer)
        idempotency.keep(connection, record)


def _answered(record: IdempotencyRecord) -> dict[str, Any]:
    return dict(record.answer or {})


@router.post("/photos", status_code=201, response_model=PhotoOut, openapi_extra=SIGNED_OR_NOT)
def upload(
    request: Request, caller: Anyone, tracker: TheTracker, file: Annotated[UploadFile, File()]
) -> dict[str, Any]:
    """Send a photo, before the whistle that it belongs to. Unused, it is deleted after a day."""
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
    """A photo of a whistle that the caller may see; one that no whistle took is nobody's."""
    with tracker.connection() as connection:
        found = read_photo(connection, id, thumb=size == "thumb")
    if found is None or found.whistle is None or found.media is None:
        raise HTTPException(404)
    must_read(viewer, WhistleSubject.of(tracker.whistle(found.whistle)))
    headers = {"Cache-Control": "private, max-age=3600", "Content-Disposition": "inline"}
    return Response(found.media, media_type=MEDIA_TYPE, headers=headers)
