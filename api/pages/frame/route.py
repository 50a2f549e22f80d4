"""What every page's route shares: refusals shown as pages, forms read and checked once."""

import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from api.door.edge import check_text
from api.door.problems import COME_AGAIN, status_of
from api.door.refusals import AtTheDoor, DatabaseAway, NotSignedIn
from api.pages.frame.look import form_token, go, here, is_masked, show, speech_of
from tracker.domain.errors import Refusal, Words
from tracker.eventstore.recorder import DATABASE_AWAY

log = logging.getLogger(__name__)
FILES, FIELDS = 12, 200


class StaleForm(AtTheDoor):
    """The form's token is not the visitor's: an old page, or a form of another site."""

    status = 403
    code = "form.stale"
    message = Words(
        zh="这一页放得太久了,没有提交", en="This page was open too long; nothing was sent"
    )
    remedy = Words(zh="内容都还在,请再按一次", en="It is all still here: press the button again")


@dataclass(frozen=True)
class Said:
    """A sentence shown in its place: a refusal, or with `kind` good what was done."""

    message: str
    remedy: str = ""
    kind: str = ""

    @classmethod
    def refused(
        cls, refusal: Refusal, language: str, named: Mapping[str, Any] | None = None
    ) -> "Said":
        """`named` says some of its facts as people call them, a unit by its name."""
        facts = {**refusal.facts, **(named or {})}
        return cls(refusal.message.say(language, facts), refusal.remedy.say(language, facts))


Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """Where the JSON routes answer with a problem, a page says the same in words."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def handling(request: Request) -> Response:
            try:
                return await handle(request)
            except NotSignedIn:
                return go(f"/login?next={quote(here(request), safe='')}")
            except Refusal as refusal:
                return refused_page(request, refusal)
            except RequestValidationError:
                return error_page(request, 422)
            except HTTPException as error:
                if request.url.path.startswith("/api/"):
                    raise
                return error_page(request, error.status_code)
            except DATABASE_AWAY as error:
                log.warning("%s: the database is away: %s", request.url.path, error)
                return refused_page(request, DatabaseAway(seconds=COME_AGAIN))
            except Exception as error:
                log.error("a fault at %s %s", request.method, request.url.path, exc_info=error)
                return error_page(request, 500)

        return handling


def pages(**kwargs: Any) -> APIRouter:
    """A router of pages; none of them is part of the JSON interface's description."""
    return APIRouter(route_class=PageRoute, include_in_schema=False, **kwargs)


def refused_page(request: Request, refusal: Refusal) -> Response:
    said = Said.refused(refusal, speech_of(request).language)
    return error_page(request, status_of(refusal), said)


def error_page(request: Request, status: int, said: Said | None = None) -> Response:
    """403, 404, 500 and their like, for people."""
    _ = speech_of(request)
    titles = {
        403: _("这一页不对您开放"),
        404: _("没有找到"),
        409: _("与现状冲突"),
        413: _("内容太大"),
        422: _("内容不能接受"),
        500: _("系统出错了"),
    }
    words = {
        404: (_("没有这个地址，或者没有这件哨。"), _("请核对编号；查进度请用回执码。")),
        500: (_("这是我们的错，您填的没有提交。"), _("请返回上一页再试；若仍不行，请告知管理员。")),
    }
    message, remedy = (said.message, said.remedy) if said else words.get(status, ("", ""))
    return show(
        request,
        "refused.html",
        status,
        title=titles.get(status, _("没有办成")),
        status=status,
        message=message,
        remedy=remedy,
        way=(
            {"href": "/login", "label": _("去我的页面")}
            if status == 403
            else {"href": "/", "label": _("回首页")}
        ),
        account=None,
        home="/",
        city="",
    )


@dataclass(frozen=True)
class Filled:
    """A form as it was sent. Line ends are one kind, empty fields are empty texts."""

    texts: Mapping[str, Sequence[str]]
    uploads: Mapping[str, Sequence[UploadFile]]

    def text(self, name: str) -> str:
        found = self.texts.get(name, ())
        return found[0] if found else ""

    def raw(self, name: str) -> str:
        """As typed, spaces at its ends included: a password."""
        found = self.texts.get(f"raw {name}", ())
        return found[0] if found else ""

    def all(self, name: str) -> list[str]:
        return [text for text in self.texts.get(name, ()) if text]

    def files(self, name: str) -> list[bytes]:
        """What was chosen; a file field left alone sends one file without a name."""
        return [read(upload) for upload in self.uploads.get(name, ()) if upload.filename]

    def digest(self) -> bytes:
        """What was filled in, without the token: the same for the same form sent again."""
        said = {name: texts for name, texts in self.texts.items() if name != "csrf"}
        whole = sha256(repr(sorted(said.items())).encode())
        for name in sorted(self.uploads):
            for file in self.files(name):
                whole.update(sha256(file).digest())
        return whole.digest()

    @property
    def key(self) -> str | None:
        """The key hidden in the form: the same form sent twice is one act."""
        key = self.text("key")
        return key if 16 <= len(key) <= 64 and key.isascii() and key.isalnum() else None


def read(upload: UploadFile) -> bytes:
    upload.file.seek(0)
    return upload.file.read()


async def filled_form(request: Request) -> Filled:
    sent: FormData = await request.form(max_files=FILES, max_fields=FIELDS)
    texts: dict[str, list[str]] = {}
    uploads: dict[str, list[UploadFile]] = {}
    for name, value in sent.multi_items():
        if isinstance(value, UploadFile):
            uploads.setdefault(name, []).append(value)
        else:
            check_text(value)
            texts.setdefault(name, []).append(value.replace("\r\n", "\n").strip())
            if name == "password":
                texts["raw password"] = [value]
    return Filled(texts, uploads)


TheForm = Annotated[Filled, Depends(filled_form)]


def check_token(request: Request, form: Filled) -> None:
    """Raises StaleForm. Where nothing typed can be lost, `Checked` does it for the route."""
    if not is_masked(form.text("csrf"), form_token(request)):
        raise StaleForm


def checked_form(request: Request, form: TheForm) -> Filled:
    check_token(request, form)
    return form


Checked = Annotated[Filled, Depends(checked_form)]
