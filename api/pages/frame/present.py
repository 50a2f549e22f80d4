"""Shows times: chips, tracks, and moments in words. It decides nothing.

A chip's colour comes from the clock's marks, which the event holds as they were promised.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from api.pages.frame.speech import Speech
from tracker.city_zone import city_zone
from tracker.domain.promises.sla_classes import OF_THE_POST
from tracker.domain.whistle.states import State

STEPS: Mapping[str, int] = {"E1": 4, "U2": 3, "Q3": 2, "G4": 1, "X5": 1, "C6": 1}

# Submitted, checked: others are to act, and the unit's clock is held for them.
HANDED_IN = frozenset({State.SUBMITTED, State.VERIFIED})


class Deadline(Protocol):
    """The shown part of a clock: either the domain's `Clock` or the board's `ShownClock`."""

    @property
    def kind(self) -> str: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def due(self) -> datetime: ...
    @property
    def stopped_at(self) -> datetime | None: ...
    @property
    def held_at(self) -> datetime | None: ...
    @property
    def provisional(self) -> bool: ...
    @property
    def is_promise(self) -> bool: ...


@dataclass(frozen=True)
class Chip:
    """A deadline as icon, words and colour; `tone` is ok, warn, bad, pause or done.

    `due` and `turns` (yellow) are set while the clock runs, as ISO times, so that the script on an
    open page can update the chip without knowing any rule.
    """

    tone: str
    icon: str
    words: str
    due: str = ""
    turns: str = ""


@dataclass(frozen=True)
class Track:
    """The bar of a promise: used part and yellow mark, in percent."""

    used: str
    yellow: str | None
    tone: str
    label: str
    start: str
    middle: str | None
    end: str


def span(_: Speech, length: timedelta) -> str:
    """`2 天 1 时`, `2 时 05 分`, `38 分`: two units at most, rounded down."""
    minutes = max(0, int(length.total_seconds()) // 60)
    days, hours, left = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return _("{d} 天 {h} 时", d=days, h=hours) if hours else _("{d} 天", d=days)
    if hours:
        return _("{h} 时 {m:02d} 分", h=hours, m=left)
    return _("{m} 分", m=left)


def limit_unit(_: Speech, unit: str) -> str:
    """A limit in its own unit, because a working day has no fixed length."""
    return {
        "natural_minutes": _("分钟"),
        "natural_hours": _("小时"),
        "working_hours": _("工作时"),
        "working_days": _("工作日"),
    }[unit]


def moment(_: Speech, at: datetime, now: datetime) -> str:
    """`今天 16:58`, `明天 09:30`, `11-25 17:30`; with the year only if it is not this year."""
    there, here = at.astimezone(city_zone()), now.astimezone(city_zone())
    clock = f"{there:%H:%M}"
    match (there.date() - here.date()).days:
        case 0:
            return _("今天 {clock}", clock=clock)
        case 1:
            return _("明天 {clock}", clock=clock)
        case -1:
            return _("昨天 {clock}", clock=clock)
    return f"{there:%m-%d} {clock}" if there.year == here.year else f"{there:%Y-%m-%d} {clock}"


def exact(at: datetime) -> str:
    return f"{at.astimezone(city_zone()):%Y-%m-%d %H:%M:%S}"


def in_the_city(typed: str) -> str:
    """A browser's local time as the city's time. Other text stays, for the form to refuse."""
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=city_zone()).isoformat()
    except ValueError:
        return typed


def on_paper(at: datetime) -> str:
    """`11月26日 15:20`, for texts that are read on another day."""
    there = at.astimezone(city_zone())
    return f"{there.month}月{there.day}日 {there:%H:%M}"


def name_of_clock(_: Speech, kind: str) -> str:
    return {
        "respond": _("响应"),
        "control": _("先行控制"),
        "resolve": _("解决"),
        "follow_up": _("回访"),
        "adjudicate": _("裁定"),
        "review": _("复查"),
        "pool": _("认领"),
        "verify": _("核查"),
        "audit": _("抽查"),
        "decide": _("批复"),
        "approve": _("批准"),
        "answer": _("等回答"),
    }.get(kind, kind)


def chip(
    _: Speech,
    clock: Deadline | None,
    now: datetime,
    otherwise: str,
    turns: datetime | None = None,
) -> Chip:
    """The chip of a running clock; without a clock, `otherwise` in plain words.

    `turns`: when its card turns yellow, for a list's clock, which does not hold that.
    """
    if clock is None:
        return Chip("done", "ok", otherwise)
    if clock.held_at is not None:
        return Chip("pause", "pause", _("暂停 已停 {span}", span=span(_, now - clock.held_at)))
    turns = turns or yellow_of(clock)
    moments = (clock.due.isoformat(), turns.isoformat() if turns else "")
    if now > clock.due:
        return Chip("bad", "bad", _("红牌 超 {span}", span=span(_, now - clock.due)), *moments)
    left = span(_, clock.due - now)
    if is_yellow(clock, now, turns):
        return Chip("warn", "warn", _("黄牌 剩 {span}", span=left), *moments)
    return Chip("ok", "ok", _("绿牌 剩 {span}", span=left), *moments)


def chip_in(
    _: Speech,
    clock: Deadline | None,
    now: datetime,
    state: str,
    turns: datetime | None = None,
) -> Chip:
    """The chip of a whistle in that state. Work that was handed in waits for others and is not
    suspended: its held clock shows the state."""
    if clock is not None and clock.held_at is not None and state in HANDED_IN:
        return Chip("pause", "pause", state_name(_, state))
    return chip(_, clock, now, state_name(_, state), turns)


def yellow_of(clock: Deadline) -> datetime | None:
    """When the card turns yellow, as promised; None for a list's clock, which lacks it."""
    marks: Mapping[str, datetime] = getattr(clock, "marks", {})
    return marks.get("yellow")


def is_yellow(clock: Deadline, now: datetime, turns: datetime | None = None) -> bool:
    turns = turns or yellow_of(clock)
    if turns is None:
        return getattr(clock, "card", "none") == "yellow"
    return turns <= now


def kept_chip(_: Speech, clock: Deadline) -> Chip:
    """The chip of a stopped clock: kept or missed."""
    assert clock.stopped_at is not None
    if clock.stopped_at <= clock.due:
        return Chip("ok", "ok", _("按时"))
    return Chip("bad", "bad", _("超时 {span}", span=span(_, clock.stopped_at - clock.due)))


def due_line(_: Speech, clock: Deadline, now: datetime) -> str:
    """`响应 今天 16:58`; says so if the year has no calendar yet."""
    line = f"{name_of_clock(_, clock.kind)} {moment(_, clock.due, now)}"
    return line + _("（日历未定，暂计）") if clock.provisional else line


def track(_: Speech, clock: Deadline, now: datetime, begun: str) -> Track:
    """The bar of a clock. `begun`: the name of its start, e.g. 派单."""
    end = clock.stopped_at or clock.held_at or now
    whole = (clock.due - clock.started_at).total_seconds() or 1.0
    used = (end - clock.started_at).total_seconds() / whole
    yellow = yellow_of(clock)
    turn = (yellow - clock.started_at).total_seconds() / whole if yellow else None
    tone = "late" if used > 1 else "held" if clock.held_at else "used"
    name = name_of_clock(_, clock.kind)
    return Track(
        used=_share(used),
        yellow=_share(turn) if turn is not None else None,
        tone=tone,
        label=_("{name}时限已用 {n}%", name=name, n=round(max(0.0, used) * 100)),
        start=f"{moment(_, clock.started_at, now)} {begun}",
        middle=_("{at} 转黄", at=moment(_, yellow, now)) if yellow else None,
        end=moment(_, clock.due, now),
    )


def _share(part: float) -> str:
    return f"{min(1.0, max(0.0, part)) * 100:.1f}"


def leading(clocks: Sequence[Deadline], units: Sequence[str] | None = None) -> Deadline | None:
    """The most urgent clock: running before paused, then the earliest due.

    `units`: only the whistle's own clocks and those of these units. A unit does not owe what the
    post owes, the check and the follow-up.
    """
    own = [
        clock
        for clock in clocks
        if clock.stopped_at is None
        and clock.is_promise
        and (units is None or clock.unit is None or clock.unit in units)
        and not (units and clock.kind in OF_THE_POST)
    ]
    return min(own, key=lambda clock: (clock.held_at is not None, clock.due), default=None)


def class_name(_: Speech, code: str) -> str:
    return {
        "E1": _("紧急"),
        "U2": _("急办"),
        "Q3": _("快办"),
        "G4": _("一般"),
        "X5": _("复杂"),
        "C6": _("咨询"),
    }.get(code, code)


def state_name(_: Speech, state: str) -> str:
    """The state in the words of the staff."""
    return State(state).words.say(_.language, {})
