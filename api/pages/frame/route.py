"""What all page routes share: refusals become pages, forms are read and checked once."""

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
# Fields that the page or a button adds: they make no other request of the same form.
BY_THE_PAGE = frozenset({"csrf", "offered", "join", "left-out"})


class StaleForm(AtTheDoor):
    """The form's token is not the visitor's: the page is old, or another site sent the form."""

    status = 403
    code = "form.stale"
    message = Words(
        zh="这一页放得太久了,没有提交", en="This page was open too long; nothing was sent"
    )
    remedy = Words(zh="内容都还在,请再按一次", en="It is all still here: press the button again")


@dataclass(frozen=True)
class Notice:
    """A sentence on a page: a refusal, or with `kind` good a confirmation."""

    message: str
    remedy: str = ""
    kind: str = ""

    @classmethod
    def refused(
        cls, refusal: Refusal, language: str, named: Mapping[str, Any] | None = None
    ) -> "Notice":
        """The refusal in words. `named`: facts shown by a name instead of a code."""
        facts = {**refusal.facts, **(named or {})}
        return cls(refusal.message.say(language, facts), refusal.remedy.say(language, facts))


Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """Turns refusals into pages where JSON routes answer with a problem."""

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
    """A router of pages, which are not part of the OpenAPI document."""
    return APIRouter(route_class=PageRoute, include_in_schema=False, **kwargs)


def refused_page(request: Request, refusal: Refusal) -> Response:
    said = Notice.refused(refusal, speech_of(request).language)
    return error_page(request, status_of(refusal), said)


def error_page(request: Request, status: int, said: Notice | None = None) -> Response:
    """The page for 403, 404, 500 and similar."""
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
    """A form as sent, with line ends normalised and missing fields as empty texts."""

    texts: Mapping[str, Sequence[str]]
    uploads: Mapping[str, Sequence[UploadFile]]

    def text(self, name: str) -> str:
        found = self.texts.get(name, ())
        return found[0] if found else ""

    def raw(self, name: str) -> str:
        """A field as typed, without stripping spaces; for passwords."""
        found = self.texts.get(f"raw {name}", ())
        return found[0] if found else ""

    def all(self, name: str) -> list[str]:
        return [text for text in self.texts.get(name, ()) if text]

    def files(self, name: str) -> list[bytes]:
        """The chosen files, without the nameless one that an empty file field sends."""
        return [read(upload) for upload in self.uploads.get(name, ()) if upload.filename]

    def digest(self) -> bytes:
        """The digest of what the person filled in; equal if the same form is sent again."""
        said = {name: texts for name, texts in self.texts.items() if name not in BY_THE_PAGE}
        whole = sha256(repr(sorted(said.items())).encode())
        for name in sorted(self.uploads):
            for file in self.files(name):
                whole.update(sha256(file).digest())
        return whole.digest()

    @property
    def key(self) -> str | None:
        """The idempotency key hidden in the form, so that a form sent twice is one command."""
        key = self.text("key")
        well_formed = key.isascii() and key.replace("-", "").isalnum()
        return key if 16 <= len(key) <= 64 and well_formed else None


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
    """Raises StaleForm. `Checked` calls it for routes where no typed text could be lost."""
    if not is_masked(form.text("csrf"), form_token(request)):
        raise StaleForm


def checked_form(request: Request, form: TheForm) -> Filled:
    check_token(request, form)
    return form


Checked = Annotated[Filled, Depends(checked_form)]
