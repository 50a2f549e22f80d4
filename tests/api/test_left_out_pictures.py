"""A picture that nobody can open never holds the words back that were sent with it."""

import re

import pytest
from fastapi.testclient import TestClient

from tests.api.test_forms import TOKEN, browser, signed_in
from tests.api.web import Web, jpeg

HEIC = b"\x00\x00\x00\x18ftypheic" + bytes(range(256))


def form_of(page: str, command: str) -> dict[str, str]:
    """The hidden fields of the form of `command`."""
    part = page[page.index(f'/{command}"') :]
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', part)
    return {name: value for name, value in reversed(hidden)}


def reporter(web: Web, how: str) -> tuple[TestClient, str, str]:
    """Somebody who has raised a whistle, the page of it, and its number."""
    if how == "account":
        mine = web.someone("gw-53250300100106").raises("路灯不亮")
        return signed_in(web, "gw-53250300100106"), f"/w/{mine['number']}", mine["number"]
    raised, visitor = web.nobody.raises("路灯不亮"), browser(web)
    token = TOKEN.findall(visitor.get("/p").text)[0]
    visitor.post("/p", data={"csrf": token, "code": raised["receipt"]})
    return visitor, "/p", raised["number"]


@pytest.mark.parametrize("how", ["receipt", "account"])
def test_added_words_go_without_a_picture_that_nobody_can_open(web: Web, how: str) -> None:
    visitor, page, number = reporter(web, how)
    form = form_of(visitor.get(page).text, "amend")
    files = [("photos", ("a.heic", HEIC)), ("photos", ("b.jpg", jpeg(51)))]

    sent = visitor.post(f"{page}/amend", data={**form, "text": "还有一盏也不亮"}, files=files)

    assert sent.status_code == 303, sent.text
    assert "有照片打不开" in visitor.get(sent.headers["location"]).text
    assert [word.kind for word in web.tracker.whistle(number).words] == ["text", "text", "photo"]


def test_a_picture_alone_that_nobody_can_open_is_refused_and_says_why(web: Web) -> None:
    visitor, page, number = reporter(web, "receipt")
    form = form_of(visitor.get(page).text, "amend")

    sent = visitor.post(f"{page}/amend", data={**form, "text": ""}, files={"photos": HEIC})

    assert sent.status_code == 422
    assert "打不开" in sent.text or "不是可以打开的照片" in sent.text
    assert [word.kind for word in web.tracker.whistle(number).words] == ["text"]
