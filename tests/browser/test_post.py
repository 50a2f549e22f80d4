"""A post's whole day: triage, dispatch, merge, verify, calls, a summons, and the handover."""

from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.people import HELP, NOBODY, gives, shown, sign_in, somewhere
from tests.browser.scene import called
from tests.browser.site import Site
from tests.giving import OPENED, a_call, actor_named, command_named
from tests.waiting import until_folded
from tracker.commands.whistle.raising import Raise
from tracker.contexts.summons.commands import Cancel, summons_of
from tracker.contexts.summons.sweep import sweep

LAMP = "C0103"


def told(site: Site, text: str, at: datetime | None = None, **fields: Any) -> str:
    done = site.tracker.open(
        Raise(text=text, location=somewhere(site), **fields),
        actor=NOBODY,
        at=at or datetime.now(UTC),
    )
    shown(site, done.position)
    return str(done.aggregate.number)


def does(site: Site, at: datetime, account: str, command: str, number: str, **fields: Any) -> None:
    if (command, fields.get("kind")) == ("respond", "call"):
        does(site, at, account, "open_contact", number, **OPENED)
    actor = actor_named(site.tracker, account)
    asked = command_named(command, **fields)
    shown(site, site.tracker.give(asked, number, actor=actor, at=at).position)


def next_comes(page: Page, account: str) -> None:
    """A colleague takes the same desk."""
    page.context.clear_cookies()
    sign_in(page, account)


def state(site: Site, number: str) -> str:
    return str(site.tracker.whistle(number).state)


def submitted(site: Site, text: str, at: datetime) -> str:
    """Answered and done by the unit, all at `at`."""
    number = told(site, text, at, category=HELP)
    does(site, at, "intake-cp01", "classify", number, category=HELP)
    does(site, at, "dispatcher-cp01", "dispatch", number, lead="U01")
    does(site, at, "handler-u01", "respond", number, **a_call(at))
    does(site, at, "handler-u01", "start", number)
    does(site, at, "handler-u01", "submit", number, note="已清理")
    return number


def test_triage_and_a_suggested_dispatch_in_two_keys_each(desk: Page, site: Site):
    number = told(site, "巷口路灯不亮好几天了")
    sign_in(desk, "intake-cp01")
    desk.goto(f"/post/CP01?w={number}")
    keys = ["t", "Enter"]
    for key in keys:
        desk.keyboard.press(key)
    expect(desk.locator("#pane .tag").first).to_have_text("待派单")
    next_comes(desk, "dispatcher-cp01")
    desk.goto(f"/post/CP01?w={number}")

    desk.keyboard.press("d")
    expect(desk.locator("#do-dispatch button")).to_be_focused()
    why = desk.locator("#dispatch-reason").input_value()
    assert why.startswith(f"类别 {LAMP} ") and "路灯" in why.partition("词")[2]
    desk.keyboard.press("Enter")

    expect(desk.locator("#pane")).to_contain_text("派给")
    assert state(site, number) == "DISPATCHED"
    assert site.tracker.whistle(number).lead == site.tracker.city.category(LAMP).lead_unit


def test_two_beside_each_other_are_merged_and_taken_apart_again(desk: Page, site: Site):
    first, second = (
        told(site, "垃圾堆在路口", category=HELP),
        told(site, "路口全是垃圾", category=HELP),
    )
    for number in (first, second):
        gives(site, "intake-cp01", "classify", number, category=HELP)
    sign_in(desk, "dispatcher-cp01")
    desk.goto(f"/post/CP01?w={second}")

    desk.get_by_role("link", name="并案对照").click()
    desk.locator("main").get_by_role("link", name=first).click()
    expect(desk.locator("#apart")).to_contain_text("相距 0 米")
    desk.locator(f"#side-{second}").get_by_role("button", name=f"并入 {first}").click()

    expect(desk.locator(f"#side-{first}")).to_contain_text("2 人报")
    assert state(site, second) == "MERGED"
    desk.locator(f"#side-{second}").get_by_label("为什么分开").fill("不是同一堆")
    desk.get_by_role("button", name=f"把 {second} 分出来").click()

    expect(desk.locator(f"#side-{first}")).to_contain_text("1 人报")
    assert state(site, second) == "TRIAGED"


def test_a_merger_that_the_rules_forbid_says_why_and_offers_no_button(desk: Page, site: Site):
    first, second = told(site, "垃圾堆在桥头", category=HELP), told(site, "路灯不亮", category=LAMP)
    for number, category in ((first, HELP), (second, LAMP)):
        gives(site, "intake-cp01", "classify", number, category=category)
    sign_in(desk, "dispatcher-cp01")

    desk.goto(f"/merge/{first}/{second}")

    expect(desk.locator(f"#side-{first} button")).to_have_count(0)
    expect(desk.locator(f"#side-{first}")).to_contain_text("不能")


def test_who_checks_sees_both_sides_and_who_calls_sees_the_calls_in_vain(desk: Page, site: Site):
    now = datetime.now(UTC)
    number = submitted(site, "绿化带有白色垃圾", now)
    sign_in(desk, "verifier-cp01")
    desk.goto(f"/post/CP01?w={number}")
    expect(desk.locator(".beside h3")).to_have_text(["吹哨时", "办结时"])
    desk.keyboard.press("v")
    desk.locator("#do-verify").get_by_text("通过", exact=True).click()
    desk.locator("#do-verify button").click()
    expect(desk.locator("#pane .tag").first).to_have_text("待回访")

    earlier = now - timedelta(days=2) + timedelta(hours=4)
    called = submitted(site, "居民楼下有垃圾", earlier)
    does(site, earlier, "verifier-cp01", "verify", called, passed=True)
    for hours in (0, 4):
        at = earlier + timedelta(hours=hours)
        does(site, at, "followup-cp01", "follow_up", called, method="unreachable", called_at=at)
    next_comes(desk, "followup-cp01")
    desk.goto(f"/post/CP01?w={called}")
    desk.keyboard.press("f")
    form = desk.locator("#do-follow-up")
    expect(form.locator(".hint")).to_contain_text("已打 2 次没联系上")
    expect(form.locator(".hint")).to_contain_text("再打 1 次")
    form.get_by_text("说不好").click()
    form.get_by_text("联系不上", exact=True).click()
    form.locator("button:not([type=button])").click()

    desk.wait_for_url("**position=**")
    assert state(site, called) == "CLOSED"


def test_units_are_called_seen_arriving_and_missed(desk: Page, another_desk: Page, site: Site):
    number = told(site, "占道烧烤屡禁不止", category=HELP)
    sign_in(desk, "dispatcher-cp01")
    desk.goto(f"/w/{number}")
    expect(desk.get_by_role("link", name="并案对照")).to_be_visible()
    desk.get_by_role("link", name="召集单位").click()
    expect(desk.locator("#whistle")).to_have_value(number)
    while desk.locator("[name=units]:checked").count():
        desk.locator("[name=units]:checked").first.uncheck()
    desk.fill("#reason", "占道烧烤联合整治")
    desk.locator("[name=units][value=U01]").check()
    desk.locator("[name=units][value=U02]").check()
    desk.fill("#meet_at", "")
    desk.fill("#meet_at", f"{datetime.now(UTC) + timedelta(hours=8, minutes=2):%Y-%m-%dT%H:%M}")
    desk.get_by_role("button", name="召集", exact=True).click()
    desk.wait_for_url("**/summons/S-*")
    summons = desk.url.rsplit("/", 1)[1]
    record = summons_of(site.tracker, summons)
    with site.tracker.connection() as connection:
        position = newest(connection)
        until_folded(connection, position, "summonses")

    expect(desk.locator("#live.on")).to_be_visible()
    desk.fill("#why", "下雨，改到")  # half a sentence: nothing may take it away
    beside = desk.context.new_page()
    beside.goto("/post/CP01/summonses")
    expect(beside.locator(f"[id={summons}] header")).to_contain_text("0/2")
    here = somewhere(site)
    another_desk.context.grant_permissions(["geolocation"])
    another_desk.context.set_geolocation({"latitude": here.lat, "longitude": here.lon})
    sign_in(another_desk, "handler-u01")
    another_desk.goto("/unit")
    another_desk.get_by_role("link", name="吹哨报到").click()
    another_desk.get_by_role("link", name=summons).click()
    colleague = another_desk.context.new_page()
    colleague.goto(another_desk.url)
    expect(colleague.locator("#live.on")).to_be_visible()
    another_desk.get_by_role("button", name="报到", exact=True).click()
    expect(another_desk.get_by_role("alert")).to_contain_text("定位")
    another_desk.get_by_role("button", name="取我的位置").click()
    expect(another_desk.locator("[data-located]")).to_have_text("已取得定位")
    another_desk.get_by_role("button", name="报到", exact=True).click()
    expect(another_desk.locator("#answers")).to_contain_text("离集合点 0 米")

    expect(desk.locator("#answers")).to_contain_text("离集合点 0 米")
    expect(colleague.get_by_role("button", name="报到", exact=True)).to_have_count(0)
    expect(desk.locator(".hero")).to_contain_text("到场 1/2")
    expect(desk.locator("#hear")).to_contain_text(site.tracker.city.unit("U01").short)
    expect(beside.locator(f"[id={summons}] header")).to_contain_text("1/2")
    expect(beside.locator(f"[id={summons}]")).to_contain_text("离集合点 0 米")
    with site.tracker.connection() as connection:
        due = record.arrive_by + timedelta(seconds=1)
        assert sweep(site.tracker, connection, due, due, lambda: True)
    expect(desk.locator("#answers")).to_contain_text("未到，已报街道")
    expect(desk.locator("#hear")).to_contain_text("未到，已报街道")
    expect(desk.locator("#why")).to_have_value("下雨，改到")
    missing = summons_of(site.tracker, summons).attendance["U02"]
    assert (missing.missed_at, missing.level) == (record.arrive_by, 3)


def test_in_a_list_a_new_summons_waits_and_one_that_is_over_says_so(desk: Page, site: Site):
    first = called_ahead(site, "消防通道会商")
    sign_in(desk, "commander-cp01")
    desk.goto("/post/CP01/summonses")
    expect(desk.locator(f"[id={first}]")).to_be_visible()
    expect(desk.locator("#live.on")).to_be_visible()
    desk.fill("#reason", "写到一半")

    second = called_ahead(site, "占道经营会商")
    desk.get_by_role("button", name="有新的集结").click()
    expect(desk.locator(f"[id={second}]")).to_be_visible()
    dispatcher = actor_named(site.tracker, "dispatcher-cp01")
    called_off = Cancel(reason="下雨,改期")
    site.tracker.give(called_off, first, actor=dispatcher, at=datetime.now(UTC))

    expect(desk.locator(f"[id={first}] header")).to_contain_text("已移出这一列")
    expect(desk.locator("#reason")).to_have_value("写到一半")


def called_ahead(site: Site, reason: str) -> str:
    return called(site, datetime.now(UTC), reason, timedelta(hours=1))


def newest(connection: Any) -> int:
    row = connection.execute("SELECT max(position) FROM stored_events").fetchone()
    return int(row[0])


def test_the_shift_is_handed_over_received_and_printed(desk: Page, another_desk: Page, site: Site):
    sign_in(desk, "dispatcher-cp01")
    desk.goto("/post/CP01")
    desk.get_by_role("link", name="交接班").click()
    desk.fill("#note", "桥头那件盯紧,施工方明早到")
    desk.get_by_role("button", name="签名交班").click()

    expect(desk.locator(".a4")).to_contain_text("桥头那件盯紧")
    expect(desk.locator(".a4")).to_contain_text("dispatcher-cp01")
    expect(desk.get_by_role("button", name="签收接班")).to_have_count(0)
    sign_in(another_desk, "commander-cp01")
    another_desk.goto(desk.url)
    another_desk.get_by_role("button", name="签收接班").click()
    expect(another_desk.locator(".a4 .sign")).to_contain_text("commander-cp01")
    another_desk.emulate_media(media="print")
    expect(another_desk.locator(".a4 .noprint").first).to_be_hidden()
    assert another_desk.pdf(format="A4").startswith(b"%PDF")


def test_while_the_commander_is_away_the_deputy_is_shown_to_command(desk: Page, site: Site):
    post = site.tracker.city.post("CP01")
    commander, deputy = (
        next(a.holder for a in post.appointments if a.role == role)
        for role in ("commander", post.deputies[0])
    )
    sign_in(desk, "commander-cp01")
    desk.goto("/post/CP01/roster")
    expect(desk.locator("#acting")).to_contain_text(commander)

    desk.locator("#holder").select_option(commander)
    desk.fill("#until", f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d}")
    desk.get_by_role("button", name="记离岗").click()
    expect(desk.locator("#acting")).to_contain_text(deputy)
    desk.get_by_role("button", name=f"{commander} 今天回岗").click()
    expect(desk.locator("#acting")).to_contain_text(commander)

    # Leave that is planned stands on the roster, and is called off there.
    first, back = (f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}" for days in (3, 6))
    desk.locator("#holder").select_option(commander)
    desk.fill("#first", first)
    desk.fill("#until", back)
    desk.get_by_role("button", name="记离岗").click()
    expect(desk.get_by_text(f"{first} 起离岗，{back} 回岗")).to_be_visible()
    expect(desk.locator("#acting")).to_contain_text(commander)
    desk.get_by_role("button", name=f"{commander} 不离岗了").click()

    expect(desk.get_by_text("起离岗")).to_have_count(0)
