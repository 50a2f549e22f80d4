"""Renders every page: language, light or dark, form token, security headers, template."""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from api.door.callers import LOOPBACK
from api.door.problems import language_of
from api.pages.frame import assets
from api.pages.frame.speech import TAGS, WEB, Speech, speech

A_YEAR = 365 * 86400
THEMES = ("light", "dark")
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Vary": "Cookie, Accept-Language",
}


@cache
def environment(language: str) -> Environment:
    """One Jinja environment per language, so that macros need no language argument."""
    made = Environment(
        loader=FileSystemLoader(WEB / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    said = speech(language)
    made.globals.update(_=said, asset=assets.address, script=assets.script)
    made.globals.update(lang=said.tag, isolated=isolated)
    return made


def isolated(said: str) -> str:
    """A text isolated by Unicode marks, for places without markup, such as the window's title."""
    return f"\u2068{said}\u2069"


def speech_of(request: Request) -> Speech:
    """The chosen language; otherwise the browser's."""
    chosen = request.query_params.get("lang") or request.cookies.get("lang")
    for language, tag in TAGS.items():
        if chosen in (language, tag):
            return speech(language)
    return speech(language_of(request.headers.get("accept-language")))


def theme_of(request: Request) -> str | None:
    chosen = request.cookies.get("theme")
    return chosen if chosen in THEMES else None


def form_token(request: Request) -> str:
    """The token for this visitor's forms; it must equal the one in the visitor's cookie."""
    if not hasattr(request.state, "form_token"):
        request.state.form_token = request.cookies.get("form") or secrets.token_urlsafe(18)
    token: str = request.state.form_token
    return token


def masked_token(request: Request) -> str:
    token = form_token(request)
    still = hasattr(request.state, "stands_for")
    return masked(token, bytes(len(token.encode())) if still else None)


def masked(token: str, pad: bytes | None = None) -> str:
    """The token XORed with a random pad, so that it looks different on every page.

    If a compressed page held the plain token beside text from the address, the page's length would
    reveal the token letter by letter (BREACH).
    """
    plain = token.encode()
    pad = secrets.token_bytes(len(plain)) if pad is None else pad[: len(plain)]
    return urlsafe_b64encode(pad + xored(pad, plain)).decode()


def is_masked(given: str, token: str) -> bool:
    """Whether `given` is `token` with some pad."""
    try:
        whole = urlsafe_b64decode(given.encode())
    except ValueError:
        return False
    half = len(whole) // 2
    return hmac.compare_digest(xored(whole[:half], whole[half:]), token.encode())


def xored(pad: bytes, plain: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(pad, plain, strict=False))


def kept(request: Request, instead_of: str) -> None:
    """Mark this page as one that phones cache and show for `instead_of`: it must not vary.

    It repeats nothing of the address, so its token needs no random pad.
    """
    request.state.stands_for = instead_of


def here(request: Request) -> str:
    """The visitor's present address, to return to."""
    if hasattr(request.state, "stands_for"):
        return str(request.state.stands_for)
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def inside(address: str, otherwise: str = "/") -> str:
    """`address` if it is on this site, else `otherwise`: a form cannot redirect elsewhere."""
    parts = urlsplit(address)
    fine = address.startswith("/") and not address.startswith(("//", "/\\"))
    plain = not any(ord(letter) < 32 or letter == "\\" for letter in address)
    return address if fine and plain and not parts.netloc else otherwise


def show(request: Request, template: str, answered: int = 200, /, **values: Any) -> HTMLResponse:
    """Render a page. `values`: the variables of its template."""
    said = speech_of(request)
    page = environment(said.language).get_template(template)
    body = page.render(
        theme=theme_of(request),
        csrf=masked_token(request),
        here=here(request),
        **values,
    )
    answer = HTMLResponse(body.lstrip(), answered, HEADERS)
    answer.headers["Content-Language"] = said.tag
    if request.cookies.get("form") != form_token(request):
        keep(request, answer, "form", form_token(request))
    if request.query_params.get("lang") in (*TAGS, *TAGS.values()):
        keep(request, answer, "lang", said.tag)
    return answer


def news_of(scope: str, since: int) -> str:
    """The address of a scope's event stream, from the page's position on."""
    return f"/api/v1/stream?{urlencode({'scope': scope, 'after': since})}"


def go(address: str) -> RedirectResponse:
    """Redirect after a form (303), so that a reload does not send the form again."""
    return RedirectResponse(inside(address), 303, {"Cache-Control": "no-store"})


def keep(
    request: Request,
    answer: Response,
    name: str,
    value: str,
    *,
    seconds: int = A_YEAR,
    path: str = "/",
) -> None:
    """Set a cookie: HttpOnly, SameSite, and Secure except on loopback."""
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        path=path,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https" or request.url.hostname not in LOOPBACK,
    )
