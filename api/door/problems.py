"""Turns every refusal into RFC 9457 problem details in the caller's language.

Routes catch nothing: refusals of the domain, the door, the form and the router all end here.
A fault of the server says that the server failed, without internal details.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from api.door.fields import in_city_zone
from api.door.form_words import field_of, sentence
from api.door.refusals import AtTheDoor, DatabaseAway
from tracker.domain.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refusal,
    VersionMoved,
    Words,
)
from tracker.eventstore.recorder import DATABASE_AWAY

log = logging.getLogger(__name__)

# The order matters: a place outside the city is of both kinds. Asked for, it is not found; sent
# # in a body, it is an invalid field (see `_refusal`).
KINDS: Sequence[tuple[type[Refusal], int]] = (
    (VersionMoved, 412),
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (Invalid, 422),
)

TITLES: Mapping[int, Words] = {
    400: Words("请求不对", "Bad request"),
    401: Words("需要登录", "Not signed in"),
    403: Words("不允许", "Not allowed"),
    404: Words("没有找到", "Not found"),
    405: Words("不支持这种方法", "Method not allowed"),
    409: Words("与现状冲突", "Something stands in the way"),
    412: Words("版本已变", "The version has moved on"),
    413: Words("内容太大", "Too large"),
    415: Words("类型不支持", "Type not taken"),
    422: Words("内容不能接受", "It cannot be taken"),
    429: Words("太频繁", "Too many attempts"),
    500: Words("系统出错", "A fault of ours"),
    503: Words("暂时不可用", "Not ready"),
}

REMEDIES: Mapping[int, Words] = {
    404: Words("请核对地址或编号", "Check the address or the number"),
    405: Words("请查看 /api/docs", "See /api/docs"),
    422: Words("请按提示改正后再发", "Correct what is named, and send again"),
    500: Words(
        "请稍后再试;若仍不行,请告知管理员",
        "Try again later; if it stays so, tell the administrator",
    ),
}
ANY_REMEDY = Words("请核对后再试", "Check and try again")
FACTS: dict[Any, Callable[[Any], Any]] = {bytes: lambda _: None, datetime: in_city_zone}
COME_AGAIN = 2  # seconds; a killed server is usually back by then
BAD_FIELD = Words("有 1 处需要改正", "1 field needs correcting")
BAD_FORM = Words("有 {count} 处需要改正", "{count} fields need correcting")


def bad_form(count: int, language: str) -> str:
    """How many fields of a form were refused."""
    words = BAD_FIELD if count == 1 else BAD_FORM
    return words.say(language, {"count": count})


def language_of(accept: str | None) -> str:
    """`en` if Accept-Language prefers English to Chinese, else `zh`."""
    weights = {"en": 0.0, "zh": 0.0}
    for part in (accept or "").split(","):
        tag, _, parameter = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        if language in weights:
            weights[language] = max(weights[language], _quality(parameter))
    return "en" if weights["en"] > weights["zh"] else "zh"


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def status_of(refusal: Refusal, *, asked: bool = True) -> int:
    """The HTTP status of a refusal. `asked`: the request was a GET; otherwise it sent something."""
    if isinstance(refusal, AtTheDoor):
        return refusal.status
    if isinstance(refusal, NotFound) and isinstance(refusal, Invalid) and not asked:
        return 422
    return next((status for kind, status in KINDS if isinstance(refusal, kind)), 409)


def problem_of(refusal: Refusal, language: str, status: int) -> dict[str, Any]:
    """The refusal as a problem; its facts are separate fields, so programs need not parse text."""
    detail = refusal.message.say(language, refusal.facts)
    field = getattr(refusal, "field", None)
    return {
        "type": f"urn:shaodao:problem:{refusal.code}",
        "title": TITLES[status].say(language, {}),
        "status": status,
        "detail": detail,
        "code": refusal.code,
        "remedy": refusal.remedy.say(language, refusal.facts),
        "errors": [{"field": field, "message": detail}] if field else [],
        "facts": jsonable_encoder(refusal.facts, custom_encoder=FACTS),
    }


def plain_problem(
    status: int, code: str, detail: str, language: str, errors: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    return {
        "type": f"urn:shaodao:problem:{code}",
        "title": TITLES.get(status, TITLES[400]).say(language, {}),
        "status": status,
        "detail": detail,
        "code": code,
        "remedy": REMEDIES.get(status, ANY_REMEDY).say(language, {}),
        "errors": list(errors),
    }


class Problem(JSONResponse):
    media_type = "application/problem+json"

    def __init__(self, content: dict[str, Any], headers: Mapping[str, str] | None = None) -> None:
        varying = {"Vary": "Accept-Language", **(headers or {})}
        super().__init__(content, content["status"], varying)


def refused(refusal: Refusal, language: str, *, asked: bool = True) -> Problem:
    """The response to a refusal, with the header that its status requires."""
    headers: dict[str, str] = {"Content-Language": "en" if language == "en" else "zh-CN"}
    status = status_of(refusal, asked=asked)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status in (429, 503):
        headers["Retry-After"] = str(refusal.facts.get("seconds", 60))
    return Problem(problem_of(refusal, language, status), headers)


def _asked(request: Request) -> str:
    return language_of(request.headers.get("accept-language"))


async def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return refused(error, _asked(request), asked=request.method in ("GET", "HEAD"))


async def _database_away(request: Request, error: Exception) -> Response:
    log.warning("%s %s: the database is away: %s", request.method, request.url.path, error)
    return refused(DatabaseAway(seconds=COME_AGAIN), _asked(request))


async def _bad_form(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    language = _asked(request)
    errors = [
        {"field": field_of(e["loc"]), "message": sentence(e, language)} for e in error.errors()
    ]
    detail = bad_form(len(errors), language)
    return Problem(plain_problem(422, "form.invalid", detail, language, errors))


async def _of_the_router(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    language = _asked(request)
    title = TITLES.get(error.status_code, TITLES[400]).say(language, {})
    code = f"http.{error.status_code}"
    return Problem(plain_problem(error.status_code, code, title, language), error.headers)


async def _fault(request: Request, error: Exception) -> Response:
    log.error("a fault at %s %s", request.method, request.url.path, exc_info=error)
    language = _asked(request)
    detail = TITLES[500].say(language, {})
    return Problem(plain_problem(500, "fault", detail, language))


def install(app: FastAPI) -> None:
    app.add_exception_handler(Refusal, _refusal)
    for away in DATABASE_AWAY:
        app.add_exception_handler(away, _database_away)
    app.add_exception_handler(RequestValidationError, _bad_form)
    app.add_exception_handler(HTTPException, _of_the_router)
    app.add_exception_handler(Exception, _fault)
