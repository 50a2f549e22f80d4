"""What a phone caches to work without signal: the service worker, the manifest, the shell pages.

It caches the assets by their hashed address, and the shells below, which contain nothing personal.
It caches no page with a person's work, and signing out empties all but the shells (sw.js).
"""

import hashlib
import json
import re
from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api.pages.frame import assets
from api.pages.frame.look import kept, show, speech_of
from api.pages.frame.speech import WEB

router = APIRouter(include_in_schema=False)

# Address → the page without personal content that the phone shows for it.
SHELLS: Mapping[str, str] = {"/": "/shell", "/offline": "/offline"}
# The assets of these pages. Scripts import each other by name, so each one is listed.
NEEDED = (
    *("phone.css", "icons.svg", "mark.svg"),
    *("raise.js", "kinds.js", "outbox.js", "shell.js", "photos.js", "place.js", "waiting.js"),
)
ICONS = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-maskable.png", "512x512", "maskable"),
)
# outbox.js, wrapped as one value of the worker's script.
OUTBOX = b"const OUTBOX = (() => {\n%b\nreturn { flush, SYNC };\n})();\n"
EXPORT = re.compile(rb"^export ", re.MULTILINE)
REVALIDATE = {"Cache-Control": "no-cache"}


@router.get("/sw.js")
def service_worker(request: Request) -> Response:
    """The script for the whole site. It contains the assets' version and changes with it."""
    known = {
        "VERSION": assets.version(),
        "SHELLS": SHELLS,
        "ASSETS": [assets.address(name) for name in NEEDED],
    }
    head = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in known.items())
    outbox = EXPORT.sub(b"", assets.files()["outbox.js"])
    body = head.encode() + OUTBOX % outbox + (WEB / "scripts" / "sw.js").read_bytes()
    return unless_known(request, body, "text/javascript", {"Service-Worker-Allowed": "/"})


@router.get("/manifest.webmanifest")
def manifest(request: Request) -> Response:
    _ = speech_of(request)
    return JSONResponse(
        {
            "name": _("吹哨 · 哨到"),
            "short_name": _("吹哨"),
            "lang": _.tag,
            "id": "/",
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#f3f2ec",
            "theme_color": "#0d5a5e",
            "icons": [
                {
                    "src": assets.address(name),
                    "sizes": sizes,
                    "type": "image/png",
                    "purpose": purpose,
                }
                for name, sizes, purpose in ICONS
            ],
        },
        headers={**REVALIDATE, "Vary": "Cookie, Accept-Language"},
        media_type="application/manifest+json",
    )


@router.get("/offline")
def offline(request: Request) -> Response:
    """The page that the phone shows for a page that it could not fetch."""
    kept(request, "/")
    return kept_page(request, show(request, "offline.html", account=None, home="/", city=""))


def kept_page(request: Request, page: Response) -> Response:
    """A shell page. The phone revalidates it at times; unchanged, it gets an empty 304."""
    tag = tag_of(bytes(page.body))
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    page.headers["ETag"] = tag
    return page


def unless_known(request: Request, body: bytes, kind: str, headers: Mapping[str, str]) -> Response:
    tag = tag_of(body)
    every = {**REVALIDATE, **headers, "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=every)
    return Response(body, media_type=kind, headers=every)


def tag_of(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:16]}"'
