"""The demo's steps of units, checkers and reporters: work, verification, follow-up, endings."""

from datetime import datetime, timedelta

from tracker.demo.desk import CLAIMED, DISPATCHED, IN_PROGRESS, OPEN, RAISED, RESPONDED, TRIAGED
from tracker.demo.life import RESOLVE_MINUTES, RESPOND_MINUTES, Life, after, minutes, share, step
from tracker.demo.world import AUDITOR, CITY, SUPERVISOR
from tracker.domain.actors import Actor, Role
from tracker.domain.promises.clocks import EMERGENCY
from tracker.domain.whistle.assignment import AssignmentState
from tracker.domain.whistle.events import Said, State
from tracker.domain.whistle.responding import CallRecord

SUBMITTED, VERIFIED = State.SUBMITTED, State.VERIFIED


@step(share(RESPOND_MINUTES, 0.03, 0.15), DISPATCHED)
def acknowledge(life: Life, at: datetime) -> None:
    life.it.acknowledge(actor=life.unit("liaison"), at=at)


@step(share(RESPOND_MINUTES, 0.05, 0.2), DISPATCHED)
def return_(life: Life, at: datetime) -> None:
    if life.it.sla_class == EMERGENCY:  # by a child that was merged in, or a correction
        return
    words = [life.say("reason", "该路段不在我单位管护范围"), life.say("basis", "职责清单第三条")]
    life.it.return_(
        actor=life.unit("liaison"),
        at=at,
        policy=life.policy,
        reason_code="not_our_duty",
        suggested_unit=life.category.lead_unit,
        words=words,
    )


@step(share(RESPOND_MINUTES, 0.05, 0.42), DISPATCHED, CLAIMED)
def respond(life: Life, at: datetime) -> None:
    note = life.say("note", "已到场查看", "已与反映人电话联系", "人员车辆已到位")
    _respond(life, at, life.unit(), life.world.random.random() < 0.7, note)


def _respond(life: Life, at: datetime, actor: Actor, arrives: bool, *words: Said) -> None:
    """Arrive or call; to an emergency one comes. Every tenth call reaches nobody at first."""
    place, random = life.it.place, life.world.random
    if life.it.sla_class == EMERGENCY or (arrives and place.exact):
        here = life.world.near(place, at) if place.exact else life.world.somewhere(at)
        life.it.respond("arrival", actor=actor, at=at, point=here, words=words)
        return
    life.it.open_contact(actor=actor, at=at, words=[life.say("reason", "电话联系反映人")])
    if random.random() < 0.1:
        life.it.respond("call", actor=actor, at=at, call=CallRecord(at, reached=False))
    life.it.respond("call", actor=actor, at=at, call=CallRecord(at, reached=True), words=words)


@step(share(RESPOND_MINUTES, 1.0, 2.4), DISPATCHED, CLAIMED)
def respond_late(life: Life, at: datetime) -> None:
    respond(life, at)


@step(share(RESPOND_MINUTES, 0.05, 0.4), DISPATCHED, CLAIMED)
def start_by_call(life: Life, at: datetime) -> None:
    words = [life.say("note", "电话核实位置,马上安排")]
    _respond(life, at, life.unit(), False, *words)


@step(minutes(5, 60), RESPONDED)
def start(life: Life, at: datetime) -> None:
    life.it.start(actor=life.unit(), at=at)


@step(minutes(20, 150), DISPATCHED, RESPONDED, IN_PROGRESS)
def control(life: Life, at: datetime) -> None:
    words = [life.say("note", "已设围挡,断电断气,险情受控")]
    life.it.control(actor=life.unit(), at=at, words=words)


@step(share(RESPOND_MINUTES, 0.05, 0.3), RESPONDED, IN_PROGRESS)
def help_(life: Life, at: datetime) -> None:
    """Seven of eight co-handlers respond."""
    for unit in life.it.co:
        task = life.it.assignment_of(unit)
        if task is not None and task.awaits_response and life.world.random.random() < 0.88:
            _respond(life, at, life.world.of_unit("handler", unit), False)


@step(share(RESPOND_MINUTES, 0.05, 0.3), DISPATCHED, RESPONDED, IN_PROGRESS)
def ask_co(life: Life, at: datetime) -> None:
    unit = life.world.city.unit("U05" if life.it.lead != "U05" else "U01")
    if life.it.assignment_of(unit.code) is None:
        words = [life.say("reason", "需要交警配合疏导")]
        life.it.add_co(unit, actor=life.unit(), at=at, policy=life.policy, words=words)


@step(share(RESOLVE_MINUTES, 0.1, 0.35), RESPONDED, IN_PROGRESS)
def ask_time(life: Life, at: datetime) -> None:
    words = [life.say("reason", "配件需外地调货", "连日下雨无法施工")]
    life.it.request_extension(actor=life.unit(), at=at, policy=life.policy, words=words)


@step(share(RESOLVE_MINUTES, 0.05, 0.25), IN_PROGRESS)
def ask_hold(life: Life, at: datetime) -> None:
    _ask_hold(life, at, life.world.random.randrange(4, 25))


@step(share(RESOLVE_MINUTES, 0.05, 0.2), IN_PROGRESS)
def ask_long(life: Life, at: datetime) -> None:
    _ask_hold(life, at, life.world.random.randrange(40, 90))


def _ask_hold(life: Life, at: datetime, days: int) -> None:
    life.it.suspend(
        at.astimezone(life.policy.calendar.timezone).date() + timedelta(days=days),
        actor=life.unit(),
        at=at,
        policy=life.policy,
        reason_code="procurement",
        words=[life.say("reason", "procurement"), life.say("note", "已设警示标志,每日巡查一次")],
    )


@step(share(RESOLVE_MINUTES, 0.12, 0.52), RESPONDED, IN_PROGRESS)
def submit(life: Life, at: datetime) -> None:
    """Submit. Start the work first if nobody has, and let the co-handlers finish theirs."""
    if life.it.state is RESPONDED:
        life.it.start(actor=life.unit(), at=at)
    for unit in life.it.co:
        _finish(life, at, unit)
    if life.it.clocks.get("control") and life.it.clocks["control"].running:
        _control_first(life, at)
    words = [
        life.say("note", "已修复,现场清理完毕", "已处理,请核查", "更换配件,恢复正常"),
        life.world.show(life.id, "photo", mended=True),
    ]
    life.it.submit(life.category, actor=life.unit(), at=at, policy=life.policy, words=words)


def _control_first(life: Life, at: datetime) -> None:
    """Come, if it became an emergency after a call, and control the hazard."""
    task = life.it.assignment_of(life.it.lead)
    if task is not None and task.awaits_response:
        _respond(life, at, life.unit(), True, life.say("note", "已赶到现场"))
    control(life, at)


def _finish(life: Life, at: datetime, unit: str) -> None:
    task = life.it.assignment_of(unit)
    if task is None or task.state is AssignmentState.FINISHED:
        return
    if task.awaits_response:
        words = [life.say("reason", "主责单位已自行完成")]
        life.it.remove_co(unit, actor=life.by("dispatcher"), at=at, words=words)
        return
    helper = life.world.of_unit("handler", unit)
    life.it.submit(life.category, actor=helper, at=at, policy=life.policy)


@step(share(RESOLVE_MINUTES, 0.9, 1.4), RESPONDED, IN_PROGRESS)
def submit_late(life: Life, at: datetime) -> None:
    submit(life, at)


@step(share(RESOLVE_MINUTES, 1.6, 2.6), RESPONDED, IN_PROGRESS)
def submit_very_late(life: Life, at: datetime) -> None:
    submit(life, at)


@step(minutes(15, 110), SUBMITTED)
def verify(life: Life, at: datetime) -> None:
    words = [life.say("note", "现场已恢复", "与照片一致")]
    if life.world.random.random() < 0.4:
        words.append(life.world.show(life.id, "photo", mended=True))
    life.it.verify(True, actor=life.by("verifier"), at=at, policy=life.policy, words=words)


@step(minutes(15, 110), SUBMITTED)
def verify_fail(life: Life, at: datetime) -> None:
    words = [life.say("note", "只处理了一半", "现场与照片不符"), life.world.show(life.id, "photo")]
    life.it.verify(False, actor=life.by("verifier"), at=at, policy=life.policy, words=words)


@step(after("verify"))
def wait_verify(life: Life, at: datetime) -> None:
    """Not in the sample, it passed by itself; in the sample, it is checked too late."""
    if life.it.state is SUBMITTED:
        verify(life, at)


@step(minutes(60, 500), VERIFIED)
def follow_up(life: Life, at: datetime) -> None:
    rating = life.world.random.choices([5, 4, 3, 2, 1], [45, 30, 14, 7, 4])[0]
    _follow_up(life, at, True, rating)


@step(minutes(60, 400), VERIFIED)
def follow_up_bad(life: Life, at: datetime) -> None:
    _follow_up(life, at, False, life.world.random.choice([1, 2]), life.say("note", "才两天又坏了"))


@step(minutes(60, 400), VERIFIED)
def follow_up_unreasonable(life: Life, at: datetime) -> None:
    words = life.say("note", "要求赔偿精神损失,不属本事项范围")
    _follow_up(life, at, False, 1, words, reasonable=False)


def _follow_up(
    life: Life,
    at: datetime,
    resolved: bool,
    rating: int,
    *words: Said,
    reasonable: bool = True,
) -> None:
    on_site = life.it.wants_site_check
    method = "site" if on_site else life.world.random.choice(["phone", "phone", "online"])
    declined = method == "phone" and life.world.random.random() < 0.06
    life.it.follow_up(
        resolved,
        None if on_site or declined else rating,
        method=method,
        called_at=at,
        declined=declined,
        reasonable=reasonable,
        actor=life.by("followup"),
        at=at,
        policy=life.policy,
        words=words,
    )


@step(minutes(800, 1200), State.MERGED)
def follow_up_child(life: Life, at: datetime) -> None:
    """Its reporter is asked once the parent is checked; the parent keeps what he says."""
    parent = next((s.it for s in life.reported_together if s.id == life.it.merged_into), None)
    if parent is None or parent.state is not VERIFIED:
        return
    party = next((one for one in parent.in_line if one.child == life.id), None)
    if party is None or party.number in parent.verdicts:
        return
    caller, policy = life.by("followup"), life.policy
    parent.follow_up(
        True,
        4,
        method="phone",
        called_at=at,
        party=party.number,
        actor=caller,
        at=at,
        policy=policy,
    )


@step(minutes(20, 50), VERIFIED)
def another_says_no(life: Life, at: datetime) -> None:
    """Somebody who joined finds it not solved; the first reporter still decides."""
    other = next((p for p in life.it.in_line if p is not life.it.first_party), None)
    if other is None or other.key is None:
        return
    actor = Actor("anonymous", Role.ANONYMOUS, reporter_of=other.key)
    words = [life.say("note", "我家门口这边还没弄好")]
    life.it.follow_up(
        False, 2, method="online", actor=actor, at=at, policy=life.policy, words=words
    )


@step(minutes(60, 200), VERIFIED)
def answer_another(life: Life, at: datetime) -> None:
    for party in life.it.unanswered[:1]:
        words = [life.say("note", "门口那一段已另派人清理,明天再看一次")]
        life.it.answer_party(
            party.number, actor=life.by("followup"), at=at, policy=life.policy, words=words
        )


@step(minutes(60, 300), VERIFIED)
def close_second(life: Life, at: datetime) -> None:
    words = [life.say("reason", "诉求超出法定范围,已书面告知")]
    life.it.close(actor=life.by("commander"), at=at, words=words)


@step(minutes(400, 2000), State.CLOSED, State.SELF_RESOLVED_CLOSED)
def reopen(life: Life, at: datetime) -> None:
    assert life.reporter is not None
    words = [life.say("reason", "又坏了,跟没修一样", "过了几天又堆起来了")]
    life.it.reopen(actor=life.reporter, at=at, policy=life.policy, words=words)


# --- what the reporter adds, and other endings -----------------------------------------------


@step(minutes(5, 60), *OPEN)
def amend(life: Life, at: datetime) -> None:
    assert life.reporter is not None
    words = [life.say("text", "补充一下,就在卖米线那家门口", "刚才又看了,比早上更严重")]
    life.it.amend(actor=life.reporter, at=at, words=words)


@step(minutes(5, 90), *OPEN)
def join(life: Life, at: datetime) -> None:
    person = life.world.resident()
    words = [life.say("text", "我家也是,一样的问题")]
    life.it.join(actor=person, at=at, receipt=person.reporter_of, words=words)


@step(minutes(60, 400), *OPEN)
def urge(life: Life, at: datetime) -> None:
    words = [life.say("note", "请抓紧到场", "反映人来电催问")]
    life.it.urge(actor=life.by("commander"), at=at, words=words)


@step(minutes(60, 400), *OPEN)
def hand_over(life: Life, at: datetime) -> None:
    """The grids were redrawn: the next post of the street takes it over."""
    there = life.it.place
    post = next(
        one.code
        for one in life.world.city.posts
        if one.street == there.street and one.code != there.post and not one.escalation_only
    )
    life.it.hand_over(post, actor=Actor("admin", Role.ADMIN), at=at)


@step(minutes(10, 200), *OPEN)
def withdraw(life: Life, at: datetime) -> None:
    if life.it.state in (SUBMITTED, VERIFIED) or life.it.is_emergency_class:
        return
    assert life.reporter is not None
    words = [life.say("reason", "已经自己解决了,谢谢")]
    life.it.withdraw(actor=life.reporter, at=at, words=words)


@step(minutes(5, 30), RAISED, TRIAGED)
def void(life: Life, at: datetime) -> None:
    _void(life, at, life.by("intake"))


@step(minutes(10, 60), RAISED, TRIAGED)
def void_second(life: Life, at: datetime) -> None:
    _void(life, at, life.by("commander"))


@step(minutes(300, 900), State.VOID)
def overturn(life: Life, at: datetime) -> None:
    words = [life.say("reason", "申诉属实,现场确有此情况")]
    life.it.reopen(actor=SUPERVISOR, at=at, policy=life.policy, words=words)


@step(minutes(30, 200), *OPEN)
def void_city(life: Life, at: datetime) -> None:
    _void(life, at, SUPERVISOR)


@step(minutes(30, 200), *OPEN)
def void_city_second(life: Life, at: datetime) -> None:
    _void(life, at, CITY)


def _void(life: Life, at: datetime, actor: Actor) -> None:
    reason = life.world.random.choice(["no_content", "test", "malicious_repeat", "fabricated"])
    words = [life.say("basis", "现场核实无此情况", "内容为测试")]
    life.it.void(reason, actor=actor, at=at, words=words)


@step(minutes(5, 60), TRIAGED)
def transfer(life: Life, at: datetime) -> None:
    target = life.world.random.choice(["110", "petition", "discipline", "litigation"])
    words = [life.say("reason", "不属本平台受理范围,已告知途径")]
    life.it.transfer_out(target, actor=life.by("intake"), at=at, policy=life.policy, words=words)


@step(minutes(300, 400), TRIAGED)
def transfer_late(life: Life, at: datetime) -> None:
    """After half of the respond limit: somebody of the post proposes."""
    words = [life.say("reason", "已进入诉讼,应由法院处理")]
    life.it.transfer_out(
        "litigation", actor=life.by("intake"), at=at, policy=life.policy, words=words
    )


@step(minutes(20, 100), TRIAGED)
def transfer_second(life: Life, at: datetime) -> None:
    if "transfer-out" in life.it.proposals:
        words = [life.say("reason", "同意转出")]
        life.it.transfer_out("litigation", actor=CITY, at=at, policy=life.policy, words=words)


@step(minutes(30, 200))
def exclude(life: Life, at: datetime) -> None:
    _exclude(life, at, SUPERVISOR)


@step(minutes(30, 200))
def exclude_second(life: Life, at: datetime) -> None:
    _exclude(life, at, AUDITOR)


def _exclude(life: Life, at: datetime, actor: Actor) -> None:
    words = [life.say("reason", "停电系上级统一检修,不计入考核")]
    life.it.exclude("force_majeure", actor=actor, at=at, words=words)
