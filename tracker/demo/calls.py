"""The demo's steps by telephone: what a reporter says of a call, calls in vain, a wrong verdict."""

from datetime import datetime

from tracker.demo.desk import RESPONDED
from tracker.demo.life import Life, minutes, step
from tracker.domain.whistle.events import State

VERIFIED = State.VERIFIED


@step(minutes(3, 40), RESPONDED)
def confirm_call(life: Life, at: datetime) -> None:
    if life.reporter is not None and life.it.calls_to(life.reporter):
        life.it.confirm_call(actor=life.reporter, at=at)


@step(minutes(3, 40), RESPONDED)
def deny_call(life: Life, at: datetime) -> None:
    if life.reporter is not None and life.it.calls_to(life.reporter):
        words = [life.say("note", "一天没离手机,没人打来", "没接到过电话")]
        life.it.deny_call(actor=life.reporter, at=at, words=words)


def next_call(life: Life, at: datetime) -> datetime:
    """Two office hours after the first call, then a day and two hours: so that all three count."""
    made = len(life.it.attempts)
    if life.natural and made:
        return minutes(370, 400)(life, at)
    return minutes(*((10, 60), (125, 130), (545, 550))[min(made, 2)])(life, at)


@step(next_call, VERIFIED)
def no_answer(life: Life, at: datetime) -> None:
    """The follow-up fails: three calls, on two days, two hours apart."""
    caller, policy = life.by("followup"), life.policy
    life.it.follow_up(None, method="unreachable", called_at=at, actor=caller, at=at, policy=policy)


@step(minutes(100, 1200), State.CLOSED)
def contradict(life: Life, at: datetime) -> None:
    """Its reporter reads what was recorded, and says that it is not so."""
    first = life.it.first_party
    if first is None or first.number not in life.it.recorded:
        return
    assert life.reporter is not None
    words = [life.say("note", "没人问过我,还没修好", "我说的是没解决")]
    life.it.contradict(False, 1, actor=life.reporter, at=at, policy=life.policy, words=words)
