"""What an auditor finds: every event of every stream, its story, and no secret in any of them."""

import csv
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from api.pages.audit.event_words import kind_names, title_of
from api.pages.frame.speech import speech
from tests.api.test_forms import signed_in, token_in
from tests.api.web import IN_CP02, Web
from tests.giving import actor_named
from tests.waiting import until_folded
from tracker.city.answers import keep_answer
from tracker.city.credentials import change_password, open_account
from tracker.contexts.handover.commands import Receive, Sign
from tracker.domain import post_record as duty
from tracker.domain.actors import Actor, Role
from tracker.domain.city import entries
from tracker.domain.city.accounts import Account
from tracker.domain.city.answers import Answer
from tracker.domain.months import Month, MonthFrozen
from tracker.domain.whistle import events
from tracker.metrics.exports import FORMULA
from tracker.operating import audit_search as auditing
from tracker.operating.audit_search import KINDS, RawEvent
from tracker.operating.verify import check_everything

pytestmark = pytest.mark.contexts

PHONE = "13987654321"
HOSTILE = '=HYPERLINK("//evil")<script>alert(1)</script>'
PASSWORD, ANOTHER = "correct horse battery", "staple of another kind"
ADMIN = Actor("admin", Role.ADMIN)
LINK = re.compile(r'href="(/audit/[we]/[^"#]+)#p(\d+)"')


@dataclass(frozen=True)
class Told:
    """The log was told about each of these: by kind, its number, code or id; and a receipt."""

    names: Mapping[str, str]
    receipt: str


@pytest.fixture(scope="module")
def told(web: Web) -> Told:
    """A city's day: a whistle by nobody in particular, a summons, a change of shift, an account."""
    at, tracker = datetime.now(UTC), web.tracker
    whistle = web.nobody.raises(f"楼道堆物,联系 {PHONE}", location=IN_CP02)
    more = {"text": "现在更多了"}
    holder = web.with_receipt(whistle["receipt"])
    added = holder.post("/receipts/current/commands/amend", more)
    assert added.status_code == 200, added.text
    met = {
        **{"units": ["U01", "U02"], "reason": f"占道,联系 {PHONE}", "location": IN_CP02},
        "meet_at": (at + timedelta(minutes=5)).isoformat(),
    }
    summons = web.someone("dispatcher-cp02").post("/summonses", met).json()["number"]
    arrived = web.someone("handler-u01").post(f"/summonses/{summons}/arrive", IN_CP02)
    assert arrived.status_code == 200, arrived.text
    outgoing, incoming = (actor_named(tracker, f"{who}-cp01") for who in ("dispatcher", "intake"))
    left = Sign(began_at=at - timedelta(hours=8), note=f"找王五 {PHONE}")
    note = tracker.open(left, actor=outgoing, at=at).aggregate
    tracker.give(Receive(note="收到"), note.id, actor=incoming, at=at + timedelta(minutes=1))
    account = Account(username="auditee-1", role=Role.AUDITOR, display_name=f"王小明 {PHONE}")
    open_account(tracker, account, PASSWORD, at, ADMIN)
    change_password(tracker, "auditee-1", ANOTHER, at)
    answer = Answer(code="own-1", name=HOSTILE[:30], unit="U01", step="respond", text=HOSTILE)
    keep_answer(tracker, answer, at, actor_named(tracker, "liaison-u01"))
    month = Month.freeze("2026-09", at=at, position=1, figures="9" * 5000, definitions="1")
    tracker.save(month)
    with tracker.connection() as connection:
        newest = connection.execute("SELECT max(position) FROM stored_events").fetchone()
        assert newest
        until_folded(connection, newest[0], "audit_trail")
    names = {"whistle": whistle["number"], "summons": summons, "handover": str(note.id)}
    names |= {"account": "auditee-1", "answer": "own-1", "month": "2026-09"}
    names |= {"unit": "U01", "post": "CP01", "calendar": "2026"}
    return Told(names, whistle["receipt"])


@pytest.fixture(scope="module")
def auditor(web: Web, told: Told) -> TestClient:
    return signed_in(web, "auditor")


def address(kind: str, code: str) -> str:
    return f"/audit/w/{code}" if kind == "whistle" else f"/audit/e/{kind}/{code}"


def found(auditor: TestClient, **asked: str) -> list[tuple[str, int]]:
    """The stories to which the rows lead, each with the position in it."""
    answer = auditor.get("/audit", params=asked)
    assert answer.status_code == 200, answer.text
    return [(story, int(position)) for story, position in LINK.findall(answer.text)]


def everything(auditor: TestClient) -> Iterator[Response]:
    """Every page of the list, one after the other."""
    more: str | None = "/audit"
    while more:
        page = auditor.get(more)
        yield page
        following = re.search(r'<a class="btn" href="(/audit\?[^"]+)"', page.text)
        more = following and following[1].replace("&amp;", "&")


def test_the_list_holds_every_event_of_the_log_and_nothing_twice(
    web: Web, auditor: TestClient, told: Told
):
    with web.tracker.connection() as connection:
        rows = connection.execute("SELECT position FROM stored_events ORDER BY 1 DESC").fetchall()

    shown = [position for page in everything(auditor) for _, position in LINK.findall(page.text)]

    assert [int(position) for position in shown] == [position for (position,) in rows]


def test_each_stream_is_found_by_its_name_and_by_its_kind(auditor: TestClient, told: Told):
    for kind, code in told.names.items():
        story = address(kind, code)

        named = found(auditor, number=f"{kind}/{code.lower()}")
        alone = found(auditor, number=code)
        of_kind = found(auditor, kind=kind, at=str(named[-1][1]))

        assert {at for at, _ in named} == {story}, kind
        assert set(named) <= set(alone)
        assert named[-1] == of_kind[0] and all(address(kind, "") in at for at, _ in of_kind)
    assert found(auditor, number="单位 U01") == found(auditor, number="unit/U01")
    assert found(auditor, number="unit/U01", kind="post") == []


def test_time_account_and_position_narrow_it(web: Web, auditor: TestClient, told: Told):
    today = f"{datetime.now(UTC) + timedelta(hours=8):%Y-%m-%d}"
    opened = found(auditor, number="account/auditee-1")

    assert set(opened) <= set(found(auditor, by="admin"))
    assert set(opened) <= set(found(auditor, **{"from": today, "to": today, "kind": "account"}))
    assert found(auditor, to="2020-01-01") == []
    assert found(auditor, at=str(opened[0][1]))[0] == opened[0]
    registers = found(auditor, kind="registers")
    assert registers and not any("/account/" in at or "/w/" in at for at, _ in registers)


@pytest.mark.parametrize(
    ("name", "wrong"), [("from", "yesterday"), ("at", "-1"), ("kind", "nothing")]
)
def test_what_is_typed_wrong_is_said_at_its_field(auditor: TestClient, name: str, wrong: str):
    answer = auditor.get("/audit", params={name: wrong, "by": "still here"})

    assert answer.status_code == 422
    assert f'id="{name}-oops"' in answer.text and "still here" in answer.text
    assert "没有符合的事件" not in answer.text


def test_a_story_tells_each_event_in_words_with_people_covered_until_a_reason_is_given(
    auditor: TestClient, told: Told, caplog: pytest.LogCaptureFixture
):
    spoken = {"whistle": "楼道堆物", "summons": "占道", "handover": "找王五", "account": "王小明"}
    for kind, code in told.names.items():
        story = address(kind, code)

        page = auditor.get(story)

        assert page.status_code == 200, page.text
        assert PHONE not in page.text and "王小明" not in page.text
        assert not re.search(r"<b>[a-z]+\.[a-z_]+</b>", page.text)
        if kind not in spoken:
            continue
        token = token_in(auditor, story)
        silent = auditor.post(story, data={"csrf": token})
        with caplog.at_level(logging.INFO):
            heard = auditor.post(story, data={"csrf": token, "reason": f"核查 {kind}"})
        assert silent.status_code == 422 and PHONE not in silent.text
        assert PHONE in heard.text and spoken[kind] in heard.text
        named = code if kind == "whistle" else f"{kind}/{code}"
        assert any(f"核查 {kind}" in line and named in line for line in caplog.messages)


def test_a_story_is_downloaded_whole_and_a_spreadsheet_computes_nothing_of_it(
    auditor: TestClient, told: Told
):
    for kind, code in told.names.items():
        story = address(kind, code)

        table, whole = auditor.get(f"{story}.csv"), auditor.get(f"{story}.json")

        cells = list(csv.reader(StringIO(table.content.decode("utf-8-sig"))))
        events = whole.json()["events"]
        assert [row[2] for row in cells[1:]] == [event["event"] for event in events]
        assert not any(cell.startswith(FORMULA) for row in cells for cell in row)
        assert PHONE not in table.text + whole.text and whole.json()["masked"]
        assert f'filename="{code if kind == "whistle" else f"{kind}-{code}"}.csv"' in str(
            table.headers["content-disposition"]
        )
    token = token_in(auditor, address("handover", told.names["handover"]))
    said = {"csrf": token, "reason": "核查", "as": "json"}
    heard = auditor.post(address("handover", told.names["handover"]), data=said)
    assert PHONE in heard.text and not heard.json()["masked"]
    frozen = auditor.get(address("month", "2026-09") + ".json").json()["events"][0]
    assert frozen["facts"]["figures"] == "9" * 5000
    assert "9" * 1001 not in auditor.get(address("month", "2026-09")).text


def test_hostile_names_stay_texts(auditor: TestClient, told: Told):
    page = auditor.get(address("answer", "own-1"))

    assert "<script>alert" not in page.text and "&lt;script&gt;" in page.text


def test_no_secret_is_in_the_list_a_story_or_a_download(web: Web, auditor: TestClient, told: Told):
    new = web.client.post(
        "/api/v1/sessions", json={"username": "auditee-1", "password": ANOTHER}
    ).json()
    web.client.cookies.clear()
    with web.tracker.connection() as connection:
        hashes = connection.execute(
            "SELECT password_hash FROM credentials UNION SELECT token_digest FROM sessions"
        ).fetchall()
        receipts = connection.execute(RECEIPTS).fetchall()
    assert len(hashes) > 5 and len(receipts) == 2
    secrets = [secret for (secret,) in hashes + receipts]
    secrets += [PASSWORD, ANOTHER, new["token"], told.receipt, told.receipt.replace("-", "")]
    # A hash of which half is shown is a secret half told.
    secrets += [secret[:24] for secret in secrets if len(secret) > 40]

    texts = [page.text for page in everything(auditor)]
    for kind, code in told.names.items():
        story = address(kind, code)
        said = {"csrf": token_in(auditor, story), "reason": "核查"}
        texts += [auditor.get(story + form).text for form in ("", ".csv", ".json")]
        texts += [auditor.post(story, data={**said, "as": form}).text for form in ("page", "json")]

    number = told.names["whistle"]
    texts += [auditor.get(f"{page}/{number}").text for page in ("/w", "/api/v1/whistles")]
    texts += [web.someone("auditor").get(f"/whistles/{number}/timeline").text]

    assert "auditee-1" in "".join(texts)
    assert [secret for secret in secrets if any(secret in text for text in texts)] == []
    for receipt in (one for (one,) in receipts):
        assert found(auditor, by=receipt) == []


# Who acts by a receipt signs with its hash.
RECEIPTS = """
    SELECT state->>'receipt' FROM log WHERE state->>'receipt' IS NOT NULL
     UNION ALL
    SELECT state->>'by' FROM log WHERE length(state->>'by') = 64
"""


def test_nothing_is_told_under_another_name_and_nobody_else_is_told(
    web: Web, auditor: TestClient, told: Told
):
    whistle = web.tracker.id_of(told.names["whistle"])
    for nothing in (
        *("unit/U999", "handover/not-an-id", f"handover/{whistle}", "nothing/U01", "month/2020-01"),
        *("account/", "unit/u01.exe"),
    ):
        assert auditor.get(f"/audit/e/{nothing}").status_code == 404, nothing
    moved = auditor.get(f"/audit/e/whistle/{told.names['whistle']}")
    assert moved.headers["location"] == f"/audit/w/{told.names['whistle']}"
    for account in ("admin", "leader", "city", "dispatcher-cp01"):
        someone = signed_in(web, account)
        for page in ("/audit", "/audit/e/unit/U01", "/audit/e/account/auditee-1.csv"):
            assert someone.get(page).status_code == 403


def test_where_the_people_at_work_see_it_an_auditor_may_go(auditor: TestClient, told: Told):
    for kind in ("whistle", "summons", "handover"):
        page = auditor.get(address(kind, told.names[kind])).text

        own = re.search(r'href="(/(?:w|summons|handover)/[^"]+)"', page)

        assert own and auditor.get(own[1]).status_code == 200, kind


def test_every_event_and_every_kind_has_its_words(web: Web):
    topics = [kind.TOPIC for base in BASES for kind in concrete(base)] + [MonthFrozen.TOPIC]
    at = datetime.now(UTC)

    for language in ("zh", "en"):
        said = speech(language)
        titles = {
            topic: title_of(
                said, web.tracker.city, RawEvent(1, 1, topic, at, "a", "admin", None, None, {}, ())
            )
            for topic in topics
        }
        bare = [topic for topic, title in titles.items() if topic.partition(".")[2] in title]
        assert bare == [] or language == "en", bare
        assert "" not in titles.values() and not any("_" in title for title in titles.values())
        assert set(KINDS) == set(kind_names(said))


BASES: tuple[type[Any], ...] = (events.Event, entries.Event, duty.PostRecordEvent)


def concrete(base: type[Any]) -> Iterator[type[Any]]:
    for kind in base.__subclasses__():
        if "TOPIC" in kind.__dict__ and kind.__module__.startswith("tracker."):
            yield kind
        yield from concrete(kind)


def test_a_log_with_summonses_handovers_and_frozen_months_is_verified_whole(web: Web, told: Told):
    with web.tracker.connection() as connection:
        rows = connection.execute("SELECT count(*), count(DISTINCT originator_id) FROM log")
        counted = rows.fetchone()
        whole = check_everything(connection)

        assert whole.problems == [] and (whole.events, whole.streams) == counted
        assert whole.contents >= 5

        summons = told.names["summons"]
        connection.execute(ALTER_REASON, {"id": auditing.stream_of("summons", summons)})
        altered = check_everything(connection)
        connection.execute(MEND_REASON, {"id": auditing.stream_of("summons", summons)})

    assert len(altered.problems) == 1 and "reason" in altered.problems[0]


ALTER_REASON = """
    UPDATE contents SET body = to_jsonb(body #>> '{}' || '!') WHERE whistle = %(id)s
       AND kind = 'reason'
"""
MEND_REASON = """
    UPDATE contents SET body = to_jsonb(rtrim(body #>> '{}', '!')) WHERE whistle = %(id)s
       AND kind = 'reason'
"""
