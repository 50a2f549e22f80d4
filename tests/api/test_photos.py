"""Photos: hostile ones are refused or made harmless, and shown only with their whistle."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from tests.api.web import IN_CP02, Web, jpeg, picture
from tracker.words.photos import FULL_SIDE, THUMB_SIDE

JPEG = "image/jpeg"


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header says that it is enormous."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 100_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def with_position() -> bytes:
    """A photo that says where it was taken, on which camera, lying on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right to see it upright
    exif[0x010F] = "SecretCamera"
    exif[0x8825] = {1: "N", 2: (23.0, 22.0, 55.0), 3: "E", 4: (103.0, 23.0, 26.0)}
    return jpeg(40, 20, exif=exif.tobytes(), comment=b"SecretComment")


def raised_with(web: Web, photo: str) -> str:
    return str(web.nobody.raises(photos=[photo])["number"])


def seen(web: Web, photo: str, size: str = "full") -> bytes:
    answer = web.someone("city").get(f"/photos/{photo}?size={size}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, JPEG)
    return answer.content


def test_position_camera_and_comment_are_gone_and_it_stands_upright(web: Web) -> None:
    photo = web.nobody.upload(with_position()).json()
    raised_with(web, photo["id"])

    kept = seen(web, photo["id"])

    assert (photo["width"], photo["height"]) == (20, 40)
    assert dict(Image.open(BytesIO(kept)).getexif()) == {}
    for secret in (b"Exif", b"GPS", b"SecretCamera", b"SecretComment"):
        assert secret not in kept


def test_what_is_hidden_behind_a_picture_is_gone(web: Web) -> None:
    script = b"<script>alert(document.cookie)</script>"
    polyglot = jpeg() + b"PK\x03\x04" + script
    photo = web.nobody.upload(polyglot).json()["id"]
    raised_with(web, photo)

    assert script not in seen(web, photo) and script not in seen(web, photo, "thumb")


def test_forty_thousand_by_forty_thousand_pixels_are_not_unfolded(web: Web) -> None:
    answer = web.nobody.upload(png_claiming(40_000, 40_000))

    assert (answer.status_code, answer.json()["code"]) == (422, "photo.too_large")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + b"<script>alert(1)</script>",
        b"\xff\xd8\xff",
        jpeg(600, 400)[:900],
        picture("PNG", 600, 400)[:-300],
        png_claiming(0, 10),
        b"%PDF-1.4",
        picture("BMP"),
        picture("TIFF"),
    ],
)
def test_what_is_torn_or_no_photo_is_refused(web: Web, data: bytes) -> None:
    answer = web.nobody.upload(data)

    assert (answer.status_code, answer.json()["code"]) == (422, "photo.unreadable")
    assert answer.json()["errors"][0]["field"] == "file"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_each_kind_of_photo_is_kept_as_a_bounded_jpeg(web: Web, kind: str) -> None:
    photo = web.nobody.upload(picture(kind, 3000, 1000)).json()
    raised_with(web, photo["id"])

    full = Image.open(BytesIO(seen(web, photo["id"])))
    thumb = Image.open(BytesIO(seen(web, photo["id"], "thumb")))

    assert full.format == thumb.format == "JPEG"
    assert full.size == (photo["width"], photo["height"])
    assert max(full.size) == FULL_SIDE and max(thumb.size) == THUMB_SIDE


def test_a_form_that_was_torn_off_is_refused(web: Web) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n\xff\xd8'
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data"):
        answer = web.client.post("/api/v1/photos", content=body, headers={"Content-Type": kind})
        assert 400 <= answer.status_code < 500
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_photo_that_no_whistle_took_is_nobodys(web: Web) -> None:
    photo = web.nobody.photo()

    assert web.someone("city").get(f"/photos/{photo}").status_code == 404


def test_only_those_see_a_photo_who_see_its_whistle(web: Web) -> None:
    photo = web.nobody.photo()
    receipt = web.nobody.raises(photos=[photo], location=IN_CP02)["receipt"]

    assert web.nobody.get(f"/photos/{photo}").status_code == 401
    assert web.someone("liaison-u09").get(f"/photos/{photo}").status_code == 403
    assert web.someone("intake-cp09").get(f"/photos/{photo}").status_code == 403
    assert web.someone("intake-cp02").get(f"/photos/{photo}").status_code == 200
    assert web.with_receipt(receipt).get(f"/photos/{photo}").status_code == 200
    assert web.with_receipt("0000-0000-0000-0000").get(f"/photos/{photo}").status_code == 403


def test_a_photo_belongs_to_one_whistle(web: Web) -> None:
    photo = web.nobody.photo()
    raised_with(web, photo)

    answer = web.nobody.post("/whistles", {"text": "again", "photos": [photo]})

    assert (answer.status_code, answer.json()["code"]) == (422, "photo.unknown")


def test_a_photo_alone_is_a_report(web: Web) -> None:
    answer = web.nobody.post("/whistles", {"photos": [web.nobody.photo()]})

    assert answer.status_code == 201
