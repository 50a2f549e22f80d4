"""A summons in words for a list and for its own page: who was called, who came, who did not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from api.contexts.summons.reading import SummonsWithWords
from api.pages.frame.present import exact, moment
from api.pages.frame.speech import Speech
from api.pages.parts.story import Photo
from tracker.contexts.summons.record import Attendance
from tracker.directory import Directory


def stream_of(since: int, **of: str) -> str:
    """The address of the event stream of one summons (`number`) or of a `scope`."""
    return f"/api/v1/stream/summonses?{urlencode({**of, 'after': since})}"


@dataclass(frozen=True)
class Answer:
    """A unit's line in words; `tone` is the colour of its clock.

    `state` changes only with the unit; `words` also change at midnight (今天). `said` is the
    sentence for screen readers.
    """

    unit: str
    name: str
    state: str
    words: str
    tone: str
    said: str
    note: str = ""
    photos: Sequence[Photo] = ()


@dataclass(frozen=True)
class Line:
    """One summons, for a list and for its own page."""

    number: str
    state: str
    open: bool
    post: str
    reason: str
    place: str
    when: str
    limit: str
    arrived: str
    answers: Sequence[Answer]
    whistle: str | None
    outcome: str
    exact: str


def line(_: Speech, city: Directory, summons: SummonsWithWords, at: datetime) -> Line:
    row = summons.row
    states = {"open": _("进行中"), "ended": _("已结束"), "cancelled": _("已取消")}
    grid = city.grid(row.grid).name if row.grid else ""
    return Line(
        number=row.number,
        state=states[row.state],
        open=row.state == "open",
        post=city.post(row.post).name,
        reason=summons.reason,
        place=" · ".join(part for part in (summons.address, grid) if part),
        when=moment(_, row.meet_at, at),
        limit=moment(_, row.arrive_by, at),
        arrived=f"{row.arrived}/{len(row.units)}",
        answers=[answer(_, city, summons, one, at) for one in row.attendance],
        whistle=row.whistle,
        outcome=summons.outcome,
        exact=exact(row.meet_at),
    )


def answer(
    _: Speech, city: Directory, summons: SummonsWithWords, one: Attendance, at: datetime
) -> Answer:
    """The line of one unit. Red after the limit; no colour once the unit has arrived."""
    name = city.unit(one.unit).short
    state, words, tone = known(_, summons, one, at)
    base = f"/api/v1/summonses/{summons.row.number}/photos"
    photos = [
        Photo(f"{base}/{id}?size=thumb", f"{base}/{id}?size=full", _("{unit}到场照片", unit=name))
        for id in summons.photos.get(one.unit, ())
    ]
    return Answer(
        unit=one.unit,
        name=name,
        state=state,
        words=words,
        tone=tone,
        said=_("{number}，{unit}：{words}。", number=summons.row.number, unit=name, words=words),
        note=summons.notes.get(one.unit, ""),
        photos=photos,
    )


def known(
    _: Speech, summons: SummonsWithWords, one: Attendance, at: datetime
) -> tuple[str, str, str]:
    """(state for scripts, words for people, tone) of one unit."""
    if one.arrived_at is not None:
        there = moment(_, one.arrived_at, at)
        how = (
            _("{at} 到，离集合点 {metres} 米", at=there, metres=round(one.distance_m))
            if one.distance_m is not None
            else _("{at} 到，有现场照片", at=there)
        )
        return ("late", how + _("，迟到"), "warn") if one.late else ("there", how, "ok")
    if one.level:
        reported = {3: _("未到，已报街道"), 4: _("未到，已报市里")}
        return f"missing-{one.level}", reported[one.level], "bad"
    if summons.row.state == "open":
        return "awaited", _("在等"), "pause"
    if summons.row.state == "cancelled":
        return "called-off", _("不必到场"), "pause"
    return "let-go", _("未到"), "pause"
