"""What was seen to go wrong in what people read, and in registers that change, over HTTP."""

import re
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from tests.api.test_forms import browser, token_in
from tests.api.transitions.rows_done import reopened_twice
from tests.api.transitions.rows_ends import void_proposed
from tests.api.transitions.situations import STATES, transferred, withdrawn
from tests.api.transitions.stage import LONG, NOW, Stage, Story, Told
from tests.api.web import IN_CP02, Web
from tracker.city.changing.recording import confirm, preview
from tracker.city.changing.units import CloseUnit
from tracker.domain.actors import Actor, Role

ADMIN = Actor("admin", Role.ADMIN)
CLOSING, HEIR = "U20", "U02"  # U20 is named by no category, so it may close
CHINESE = re.compile("[\u4e00-\u9fff]")
MACHINE_TIME = re.compile(r"\d{4}-\d\d-\d\dT|\+00:00|\+08:00")
EN = {"Accept-Language": "en"}


@pytest.fixture(scope="module")
def stage(web: Web) -> Stage:
    return Stage(web)


def begun(stage: Stage, told: Told, ago: timedelta = NOW) -> Story:
    return stage.story("", told, ago)


def page_of(stage: Stage, story: Story) -> str:
    """What the reporter reads who typed the code of his receipt."""
    phone = browser(stage.web)
    typed = {"csrf": token_in(phone, "/p"), "code": story.receipt}
    assert phone.post("/p", data=typed).status_code == 303
    return phone.get("/p", headers={"Accept-Language": "zh-CN"}).text


# --- 13: a unit that has ended --------------------------------------------------------------------


def test_a_unit_that_has_ended_gets_no_work_its_successor_does(web: Web, stage: Stage) -> None:
    open_one = begun(stage, partial(Story.dispatched, lead=CLOSING))
    closed = begun(stage, partial(Story.closed, lead=CLOSING))
    change, at = CloseUnit(code=CLOSING, successor=HEIR), datetime.now(UTC)
    versions = preview(web.tracker, change, at, ADMIN).versions

    confirm(web.tracker, change, versions, at, ADMIN)
    web.tracker.directory.refresh()
    urged = web.someone("dispatcher-cp04").give(open_one.number, "urge")
    again = web.someone("supervisor").give(closed.number, "reopen", {"reason": "又坏了"})
    sent = web.someone("dispatcher-cp04").give(
        begun(stage, Story.triaged).number, "dispatch", {"lead": CLOSING}
    )

    assert (urged.json()["lead"], again.json()["lead"]) == (HEIR, HEIR)
    assert (sent.status_code, sent.json()["code"]) == (422, "unit.unknown")


# --- 16: words that nobody sees -------------------------------------------------------------------


@pytest.mark.parametrize("text", [" ", "\n\t", "　", "\u200b\u200b", "\u2060\ufeff"])
def test_words_that_nobody_sees_start_no_clock(web: Web, text: str) -> None:
    answer = web.nobody.post("/whistles", {"text": text, "location": IN_CP02})

    assert (answer.status_code, answer.json()["code"]) == (422, "whistle.nothing_said")


def test_a_point_that_may_be_four_kilometres_off_is_in_no_grid(web: Web) -> None:
    raised = web.nobody.raises("垃圾没人收", location=IN_CP02 | {"accuracy_m": 4200})

    assert (raised["grid"], raised["post"]) == (None, None)


# --- 17: what a refusal says ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "who", "command", "body"),
    [
        (Story.dispatched, "liaison-u02", "return", {"reason": "not_our_duty", "basis": "三定"}),
        (Story.at_work, "handler-u02", "request-extension", {"reason": "等料"}),
        (Story.closed, "reporter", "reopen", {"reason": "又坏了"}),
    ],
)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_refusal_tells_times_as_people_do(
    stage: Stage, told: Told, who: str, command: str, body: dict[str, str], language: str
) -> None:
    story = begun(stage, told, LONG)
    caller = stage.asker(who, story)
    path = "/receipts/current" if who == "reporter" else f"/whistles/{story.number}"

    refused = caller.post(f"{path}/commands/{command}", body, headers={"Accept-Language": language})

    said = refused.json()["detail"] + refused.json()["remedy"]
    assert refused.status_code == 409 and not MACHINE_TIME.search(said), said


def test_who_may_not_reads_words_of_his_language_and_no_identifier(stage: Stage) -> None:
    story = begun(stage, Story.dispatched)
    handler = stage.web.someone("handler-u02")

    zh = handler.give(story.number, "dispatch", {"lead": "U01"}).json()
    en = handler.give(story.number, "dispatch", {"lead": "U01"}, headers=EN).json()

    assert zh["detail"] == "您的岗位(承办人)不能办“派单”"
    assert not re.search("[a-z_]{4,}", zh["detail"] + zh["remedy"])
    assert not CHINESE.search(en["detail"] + en["remedy"])


def test_the_right_role_at_another_post_is_told_that_it_is_the_place(stage: Stage) -> None:
    story = begun(stage, Story.triaged)

    refused = stage.web.someone("dispatcher-cp09").give(story.number, "dispatch", {"lead": "U01"})

    assert "可以办“派单”,但这一件不在您的范围" in refused.json()["detail"]


def test_one_field_needs_correcting(web: Web) -> None:
    refused = web.nobody.post("/whistles", {"text": "x", "colour": "red"}, headers=EN)

    assert refused.json()["detail"] == "1 field needs correcting"


def test_a_return_whose_window_is_over_is_not_offered(stage: Stage) -> None:
    fresh, late = begun(stage, Story.dispatched), begun(stage, Story.dispatched, LONG)
    liaison = stage.web.someone("liaison-u02")

    def offered(story: Story) -> set[str]:
        found = liaison.get(f"/whistles/{story.number}/commands").json()
        return {item["command"] for item in found["items"]}

    assert "return" in offered(fresh)
    assert "return" not in offered(late) and "respond" in offered(late)


@pytest.mark.parametrize("typed", [("-", ""), ("-", " "), ("W", "w"), ("-", "－")])
def test_a_number_is_found_as_one_types_it_from_paper(stage: Stage, typed: tuple[str, str]) -> None:
    story = begun(stage, Story.triaged)

    found = stage.web.someone("city").get(f"/whistles/{story.number.replace(*typed)}")

    assert (found.status_code, found.json().get("number")) == (200, story.number)


# --- 18, 19: the reporter's page ------------------------------------------------------------------


@pytest.mark.parametrize("told", [withdrawn, transferred, Story.voided])
def test_a_clock_that_was_cancelled_was_not_on_time(stage: Stage, told: Told) -> None:
    page = page_of(stage, begun(stage, told))

    assert "按时" not in page


def test_who_was_only_told_is_not_on_the_way(stage: Stage) -> None:
    page = page_of(stage, begun(stage, Story.dispatched))

    assert "正赶来" not in page and "还没回应" in page


def test_what_was_handed_in_is_not_suspended(stage: Stage) -> None:
    page = page_of(stage, begun(stage, Story.submitted))

    assert "已停 0 分" not in page and "暂停" not in page


def test_a_merged_reporter_raised_it_when_he_did(stage: Stage) -> None:
    child = begun(stage, STATES["MERGED"])
    assert child.other is not None

    page = page_of(stage, child)
    story = stage.web.with_receipt(child.receipt).get("/receipts/current").json()
    raised = [line["at"] for line in story["timeline"] if line["event"] == "whistle.raised"]

    assert page.count("您吹哨了") == 1
    assert [datetime.fromisoformat(one) for one in raised] == [child.whistle.registered_at]


def test_void_tells_its_reason_and_how_to_appeal(stage: Stage) -> None:
    story = begun(stage, void_proposed).does("commander-cp04", "void", reason="test")

    page = page_of(stage, story)

    assert "测试" in page and "7 天内可向督查或市指挥中心申诉" in page


def test_transferred_out_tells_to_whom_and_how_to_reach_it(stage: Stage) -> None:
    page = page_of(stage, begun(stage, transferred))

    assert "蒙自市信访局" in page and "0873-0000101" in page and "演示路" in page


def test_after_two_reopens_a_new_whistle_is_offered(stage: Stage) -> None:
    page = page_of(stage, begun(stage, reopened_twice))

    assert "已经重办两次" in page and 'action="/p/anew"' in page
