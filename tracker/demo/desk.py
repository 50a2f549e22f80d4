"""The demo's steps at posts and in the city centre: triage, dispatch, decisions."""

from datetime import datetime, timedelta

from tracker.demo.life import RESPOND_MINUTES, Life, after, minutes, share, step
from tracker.demo.world import CITY, SUPERVISOR
from tracker.domain.actors import Actor, Role
from tracker.domain.city.units import Unit
from tracker.domain.whistle.events import State
from tracker.domain.whistle.states import from_to

RAISED, TRIAGED, POOLED = State.RAISED, State.TRIAGED, State.POOLED
CLAIMED, DISPATCHED, RESPONDED = State.CLAIMED, State.DISPATCHED, State.RESPONDED
IN_PROGRESS, SUSPENDED = State.IN_PROGRESS, State.SUSPENDED
CLASSIFIABLE = (RAISED, TRIAGED, POOLED)
WORKED_ON = (CLAIMED, DISPATCHED, RESPONDED, IN_PROGRESS)
OPEN = tuple(state for state in State if state not in (
    State.CLOSED, State.SELF_RESOLVED_CLOSED, State.MERGED, State.VOID, State.WITHDRAWN,
    State.TRANSFERRED_OUT,
))  # fmt: skip


@step(minutes(0, 1))
def nowhere(life: Life, at: datetime) -> None:
    """The step does nothing: nobody knows yet where it is."""


@step(minutes(3, 20), RAISED, TRIAGED)
def locate(life: Life, at: datetime) -> None:
    actor = Actor("intake-cp01", Role.INTAKE, post="CP01")
    life.it.locate(life.place, actor=actor, at=at, policy=life.policy)


@step(minutes(3, 22), *CLASSIFIABLE)
def classify(life: Life, at: datetime) -> None:
    words = [life.say("reason", "现场已核实,按此分类")]
    life.it.classify(life.category, actor=life.by("intake"), at=at, policy=life.policy, words=words)


@step(minutes(3, 15), RAISED)
def misclassify(life: Life, at: datetime) -> None:
    other = life.world.category(lambda c: c.sla in ("Q3", "G4") and not c.confidential)
    words = [life.say("reason", "先按描述归类")]
    life.it.classify(other, actor=life.by("intake"), at=at, policy=life.policy, words=words)


@step(minutes(5, 15), POOLED)
def reclassify(life: Life, at: datetime) -> None:
    """Into another category that may lie in the pool too, but has another lead."""
    lead = life.category.lead_unit
    other = life.world.category(
        lambda c: (
            c.poolable and not c.confidential and c.sla == life.category.sla and c.lead_unit != lead
        )
    )
    words = [life.say("reason", "现场核实后改类")]
    life.category = other
    life.it.classify(other, actor=life.by("intake"), at=at, policy=life.policy, words=words)


@step(minutes(2, 10), POOLED)
def misclassify_urgent(life: Life, at: datetime) -> None:
    life.category = life.world.category(lambda c: c.sla == "U2")
    words = [life.say("reason", "已影响用水用电,按急件办")]
    life.it.classify(life.category, actor=life.by("intake"), at=at, policy=life.policy, words=words)


def _class_corrected(life: Life, at: datetime, sla_class: str, actor: Actor, reason: str) -> None:
    life.it.correct(
        "sla_class",
        sla_class,
        actor=actor,
        at=at,
        policy=life.policy,
        sla_class=sla_class,
        words=[life.say("reason", reason)],
    )


@step(minutes(2, 10), *WORKED_ON)
def milder(life: Life, at: datetime) -> None:
    _class_corrected(life, at, "G4", life.by("commander"), "已到现场,无人身危险,按一般事项办理")


@step(minutes(2, 10), *WORKED_ON)
def milder_second(life: Life, at: datetime) -> None:
    _class_corrected(life, at, "G4", CITY, "同意,按一般事项办理")


@step(minutes(2, 10), *WORKED_ON)
def larger(life: Life, at: datetime) -> None:
    _class_corrected(life, at, "X5", life.by("commander"), "涉及多家,要做工程")


@step(minutes(2, 10), *WORKED_ON)
def larger_second(life: Life, at: datetime) -> None:
    _class_corrected(life, at, "X5", CITY, "同意,按复杂事项办理")


@step(minutes(2, 10), *WORKED_ON)
def alarm(life: Life, at: datetime) -> None:
    _class_corrected(life, at, "E1", life.by("dispatcher"), "现场发现危险,转紧急")


@step(minutes(1, 3), *WORKED_ON)
def alarm_second(life: Life, at: datetime) -> None:
    _class_corrected(life, at, "E1", life.by("commander"), "同意转紧急")


@step(minutes(2, 10), *WORKED_ON)
def add_any_co(life: Life, at: datetime) -> None:
    """A unit that has nothing to do with the category."""
    near = {life.category.lead_unit, *life.category.co_units}
    other = next(unit for unit in life.world.city.units if unit.code not in near)
    words = [life.say("reason", "请一起到场看看")]
    life.it.add_co(other, actor=life.by("dispatcher"), at=at, policy=life.policy, words=words)


@step(minutes(2, 10), *OPEN)
def close_to_others(life: Life, at: datetime) -> None:
    words = [life.say("reason", "涉及个人隐私,不宜扩散")]
    life.it.mark_confidential(actor=life.by("commander"), at=at, words=words)


@step(minutes(20, 100), *OPEN)
def open_to(life: Life, at: datetime) -> None:
    words = [life.say("reason", "核实后不涉隐私")]
    life.it.unmark_confidential(life.category, actor=life.by("commander"), at=at, words=words)


@step(minutes(20, 100), *OPEN)
def open_to_second(life: Life, at: datetime) -> None:
    words = [life.say("reason", "同意公开办理")]
    life.it.unmark_confidential(life.category, actor=CITY, at=at, words=words)


@step(minutes(5, 30), RAISED, TRIAGED)
def self_resolve(life: Life, at: datetime) -> None:
    before, after_ = (
        life.world.show(life.id, "photo_before"),
        life.world.show(life.id, "photo_after", mended=True),
    )
    words = [before, after_, life.say("note", "随手清理完毕", "已劝离并清扫", "当场处理好了")]
    worker = life.world.grid_worker(life.it.place)
    life.it.self_resolve(life.category, actor=worker, at=at, policy=life.policy, words=words)


@step(minutes(120, 400), State.SELF_RESOLVED)
def audit(life: Life, at: datetime) -> None:
    """One in ten is checked; the others were closed at once."""
    if life.it.audited:
        life.it.verify(True, actor=life.by("verifier"), at=at, policy=life.policy)


@step(minutes(60, 200), State.SELF_RESOLVED)
def audit_fail(life: Life, at: datetime) -> None:
    words = [life.say("note", "复查时垃圾仍在原处", "只清了一半")]
    life.it.verify(False, actor=life.by("verifier"), at=at, policy=life.policy, words=words)


@step(minutes(5, 20), TRIAGED)
def pool(life: Life, at: datetime) -> None:
    life.it.pool(life.category, actor=life.by("dispatcher"), at=at, policy=life.policy)


@step(minutes(5, 40), POOLED)
def claim(life: Life, at: datetime) -> None:
    city, random = life.world.city, life.world.random
    capable = [
        unit.code
        for unit in (*city.units, *city.responders, *random.sample(city.members, 12))
        if city.may_claim(unit.code, life.category.code)
    ]
    unit = random.choice(capable)
    liaison = life.world.of_unit("liaison", unit)
    life.it.claim(unit, capable=True, actor=liaison, at=at, policy=life.policy)


@step(after("pool"))
def wait_pool(life: Life, at: datetime) -> None:
    """The step does nothing: nobody claims it."""


@step(minutes(3, 25), TRIAGED)
def dispatch(life: Life, at: datetime) -> None:
    city, category = life.world.city, life.category
    co = [city.unit(code) for code in category.co_units] if life.world.random.random() < 0.2 else []
    _send(life, at, city.unit(category.lead_unit), [u for u in co if u.whistle_duty])


@step(minutes(3, 25), TRIAGED)
def dispatch_wrong(life: Life, at: datetime) -> None:
    _send(life, at, another_unit(life), [])


def _send(life: Life, at: datetime, lead: Unit, co: list[Unit]) -> None:
    words = [life.say("reason", "按职责清单派单", "请尽快到场处理")]
    dispatcher = life.by("dispatcher")
    life.it.dispatch(lead, co, actor=dispatcher, at=at, policy=life.policy, words=words)


def another_unit(life: Life) -> Unit:
    """A unit on the duty list that has not had this whistle yet."""
    known = {task.unit for task in life.it.assignments} | {life.category.lead_unit}
    return life.world.random.choice(
        [unit for unit in life.world.city.units if unit.whistle_duty and unit.code not in known]
    )


@step(share(RESPOND_MINUTES, 0.1, 0.5), DISPATCHED)
def uphold(life: Life, at: datetime) -> None:
    _decide_return(life, at, life.world.city.unit(life.category.lead_unit))


@step(share(RESPOND_MINUTES, 0.1, 0.5), DISPATCHED)
def uphold_wrong(life: Life, at: datetime) -> None:
    _decide_return(life, at, another_unit(life))


@step(share(RESPOND_MINUTES, 0.1, 0.5), DISPATCHED)
def reject(life: Life, at: datetime) -> None:
    _decide_return(life, at, None)


def _decide_return(life: Life, at: datetime, lead: Unit | None) -> None:
    if life.it.pending_return is None:
        return
    reason = life.say("reason", "依据职责清单裁定", "现场与单位到场共同确认")
    life.it.adjudicate(
        lead is not None, lead, actor=CITY, at=at, policy=life.policy, words=[reason]
    )


@step(after("adjudicate"))
def wait_return(life: Life, at: datetime) -> None:
    """The step does nothing: nobody decides in time."""


@step(minutes(30, 200), RESPONDED, IN_PROGRESS)
def grant_time(life: Life, at: datetime) -> None:
    _decide_time(life, at, True)


@step(minutes(30, 200), RESPONDED, IN_PROGRESS)
def refuse_time(life: Life, at: datetime) -> None:
    _decide_time(life, at, False)


def _decide_time(life: Life, at: datetime, granted: bool) -> None:
    if life.it.extension_by is None:
        return
    street = life.policy.classes[life.it.sla_class].extension_approver == "subdistrict_dispatcher"
    words = [life.say("reason", "情况属实" if granted else "理由不充分,请按期办结")]
    approver = life.by("dispatcher") if street else SUPERVISOR
    life.it.decide_extension(granted, actor=approver, at=at, policy=life.policy, words=words)


@step(after("decide"))
def wait_time(life: Life, at: datetime) -> None:
    """The step does nothing: nobody decides in time."""


@step(minutes(30, 200), IN_PROGRESS)
def hold(life: Life, at: datetime) -> None:
    _hold(life, at, life.by("dispatcher"))


@step(minutes(30, 200), IN_PROGRESS)
def hold_long(life: Life, at: datetime) -> None:
    _hold(life, at, CITY)


def _hold(life: Life, at: datetime, approver: Actor) -> None:
    proposal = life.it.proposals.get("suspend")
    if proposal is not None and proposal.review_on is not None:
        life.it.suspend(proposal.review_on, actor=approver, at=at, policy=life.policy)


@step(after("approve"))
def wait_hold(life: Life, at: datetime) -> None:
    """The step does nothing: nobody approves in time."""


@step(after("review"))
def wait_review(life: Life, at: datetime) -> None:
    """The step does nothing until the review date."""


@step(minutes(500, 1500), SUSPENDED)
def resume(life: Life, at: datetime) -> None:
    words = [life.say("reason", "材料已到货,恢复办理")]
    life.it.resume(actor=life.by("dispatcher"), at=at, policy=life.policy, words=words)


@step(minutes(10, 60), DISPATCHED, RESPONDED, IN_PROGRESS)
def add_co(life: Life, at: datetime) -> None:
    words = [life.say("reason", "需要配合围挡和交通疏导")]
    unit = another_unit(life)
    life.it.add_co(unit, actor=life.by("dispatcher"), at=at, policy=life.policy, words=words)


@step(minutes(60, 200), DISPATCHED, RESPONDED, IN_PROGRESS)
def remove_co(life: Life, at: datetime) -> None:
    words = [life.say("reason", "已不需要协办")]
    for unit in life.it.co:
        life.it.remove_co(unit, actor=life.by("dispatcher"), at=at, words=words)


TAKES_CHILDREN = (*from_to(TRIAGED, State.IN_PROGRESS), State.SUSPENDED)


@step(minutes(5, 60), TRIAGED)
def merge(life: Life, at: datetime) -> None:
    _merge(life, at, life.reported_together[0])


@step(minutes(5, 60), TRIAGED)
def merge_into_last(life: Life, at: datetime) -> None:
    _merge(life, at, life.reported_together[-1])


def _merge(child: Life, at: datetime, parent: Life) -> None:
    """Merge as the command does: the child's own children follow the parent from now on."""
    if parent is child or parent.whistle is None or parent.it.state not in TAKES_CHILDREN:
        return
    actor, policy = child.by("dispatcher"), child.policy
    parent.it.elapse(at, policy)
    followers = [
        s for s in child.reported_together if s.whistle is not None and s.id in child.it.children
    ]
    released = child.it.merge(
        parent.it, actor=actor, at=at, same_family=True, same_named_place=False, policy=policy
    )
    for follower in followers:
        follower.it.follow_new_parent(parent.it, actor=actor, at=at)
        brought = released[follower.id]
        parent.it.adopt(follower.it, actor=actor, at=at, policy=policy, brought=brought)


@step(minutes(100, 900), State.MERGED)
def unmerge(life: Life, at: datetime) -> None:
    parent = next(s for s in life.reported_together if s.id == life.it.merged_into)
    words = [life.say("reason", "不是同一处,分开办理")]
    parent.it.elapse(at, life.policy)
    life.it.unmerge(parent.it, actor=life.by("dispatcher"), at=at, policy=life.policy, words=words)
    for one in (life.it, parent.it):
        one.elapse(at, life.policy)


@step(minutes(30, 300), *OPEN)
def escalate(life: Life, at: datetime) -> None:
    if life.it.level < 4:
        words = [life.say("reason", "涉及多家单位,提请上级协调")]
        life.it.escalate(actor=life.by("commander"), at=at, words=words)


@step(minutes(60, 400), *OPEN)
def deescalate(life: Life, at: datetime) -> None:
    if life.it.levels:
        words = [life.say("reason", "已协调到位,回到原级办理")]
        life.it.deescalate(actor=CITY, at=at, words=words)


@step(minutes(30, 200), *OPEN)
def supervise(life: Life, at: datetime) -> None:
    if not life.it.supervised:
        words = [life.say("reason", "群众多次反映,挂牌督办")]
        life.it.supervise(actor=SUPERVISOR, at=at, words=words)


@step(minutes(100, 500))
def end_supervision(life: Life, at: datetime) -> None:
    if life.it.supervised:
        words = [life.say("reason", "已到位,解除督办")]
        life.it.end_supervision(actor=SUPERVISOR, at=at, words=words)


@step(minutes(10, 100), *OPEN)
def correct(life: Life, at: datetime) -> None:
    _correct(life, at, life.by("intake"))


@step(minutes(10, 100), *OPEN)
def correct_second(life: Life, at: datetime) -> None:
    _correct(life, at, life.by("commander"))


def _correct(life: Life, at: datetime, actor: Actor) -> None:
    earlier = life.it.registered_at - timedelta(hours=1)
    life.it.correct(
        "occurred_at",
        earlier.isoformat(),
        actor=actor,
        at=at,
        policy=life.policy,
        occurred_at=earlier,
        words=[life.say("reason", "按报告人说明更正发生时间")],
    )
