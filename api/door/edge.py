"""Checks on every request before any route runs.

A body has a size limit and is read whole; JSON must be storable; a request from another site
with a cookie is refused; every answer gets the security headers.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.door.problems import language_of, refused
from api.door.refusals import (
    AtTheDoor,
    BadCharacters,
    BodyTooLarge,
    BodyType,
    BodyUnreadable,
    ForeignOrigin,
    KeyTwice,
)

MIB = 1024 * 1024
BODY_LIMIT = MIB
PHOTO_LIMIT = 10 * MIB
FORM_LIMIT = 40 * MIB  # the raise page without scripts sends several photos in one form
ENVELOPE = 16 * 1024  # room for what multipart adds around a photo of exactly PHOTO_LIMIT
DEPTH_LIMIT = 32
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
SAFE_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
}


class Edge:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            check_address(scope)
            if scope["method"] in UNSAFE:
                check_origin(headers)
                receive = await read_whole(scope, headers, receive)
        except AtTheDoor as refusal:
            answer = refused(refusal, language_of(headers.get("accept-language")))
            await answer(scope, receive, _with_safe_headers(scope, send))
            return
        await self.app(scope, receive, _with_safe_headers(scope, send))


class HeadAsGet:
    """ASGI middleware: a HEAD for a page is answered as its GET, without the body.

    Routes of the API are left out: among them are streams, which have no end.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD" or _of_the_api(scope["path"]):
            await self.app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET"}, receive, sending)


def _of_the_api(path: str) -> bool:
    return path.startswith("/api/")


def _with_safe_headers(scope: Scope, send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SAFE_HEADERS.items():
                headers.setdefault(name, value)
            if _of_the_api(scope["path"]):
                headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sending


def check_address(scope: Scope) -> None:
    """Path and query must be UTF-8 without NUL, because PostgreSQL stores nothing else."""
    for raw in (scope.get("raw_path") or b"", scope.get("query_string") or b""):
        decoded = unquote_to_bytes(raw)
        if b"\0" in decoded:
            raise BadCharacters
        try:
            decoded.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadCharacters from error


def check_origin(headers: Headers) -> None:
    """Refuse an unsafe request that a browser marks as coming from another site.

    A bearer token is exempt: no browser sends it by itself. So is a request with neither header:
    every current browser sends `Origin` with an unsafe request to another site.
    """
    if "authorization" in headers:
        return
    site = headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise ForeignOrigin
        return
    origin = headers.get("origin")
    if origin is not None and _host_of(origin) != headers.get("host"):
        raise ForeignOrigin


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None


async def read_whole(scope: Scope, headers: Headers, receive: Receive) -> Receive:
    """Read the whole body within its limit and check it; returns a `receive` that gives it once."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    limit = limit_of(scope["path"], kind)
    body = await _read(headers, receive, limit)
    if scope["path"].startswith("/api/") and body:
        check_type(scope["path"], kind)
        if kind != "multipart/form-data":
            check_json(body)
    return _handing_over(body, receive)


def limit_of(path: str, kind: str) -> int:
    if kind != "multipart/form-data":
        return BODY_LIMIT
    return PHOTO_LIMIT + ENVELOPE if path.startswith("/api/") else FORM_LIMIT


async def _read(headers: Headers, receive: Receive, limit: int) -> bytes:
    announced = headers.get("content-length", "0")
    if announced.isdigit() and int(announced[:18]) > limit:
        raise BodyTooLarge(limit=limit)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BodyUnreadable(why="the connection broke off")
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limit:
            raise BodyTooLarge(limit=limit)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _handing_over(body: bytes, receive: Receive) -> Receive:
    handed = False

    async def hand_over() -> Message:
        nonlocal handed
        if handed:
            return await receive()
        handed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return hand_over


def check_type(path: str, kind: str) -> None:
    wanted = "multipart/form-data" if path == "/api/v1/photos" else "application/json"
    if kind != wanted:
        raise BodyType(wanted=wanted)


def check_json(body: bytes) -> None:
    """Require strict JSON: UTF-8, finite numbers, limited depth, text that PostgreSQL can store."""
    try:
        text = body.decode("utf-8")
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise BodyUnreadable(why=str(error).partition(":")[0] or "nested too deeply") from error
    _check_value(value, DEPTH_LIMIT)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; readers of JSON differ in which of two equal keys counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for n, (key, _) in enumerate(pairs) if key in dict(pairs[:n]))
        check_text(twice)
        raise KeyTwice(key=twice[:64])
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _check_value(value: Any, depth: int) -> None:
    if depth == 0:
        raise BodyUnreadable(why="nested too deeply")
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            check_text(key)
            _check_value(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            _check_value(inner, depth - 1)


def check_text(text: str) -> None:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise BadCharacters
