"""A whistle's story as stops on a line: past, present and promised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from api.pages.frame.present import Deadline, exact, moment
from api.pages.frame.speech import Speech
from api.pages.parts.event_titles import title_of
from api.reading.views import PHOTO_KINDS
from tracker.directory import Directory
from tracker.domain.whistle.ending import TARGETS, VOID_REASONS
from tracker.projections.story.timeline import StoryLine

# Events that the story leaves out, because they tell nothing about the work.
QUIET = frozenset({"whistle.deadline_neared", "whistle.deadlines_recomputed"})
LATE = frozenset({"whistle.deadline_missed", "whistle.deadline_overrun"})
ANNULLING = frozenset({"whistle.annulment_asked", "whistle.annulled"})
SAID = frozenset({"text", "note", "reason", "basis", "safety_measure"})


@dataclass(frozen=True)
class Photo:
    thumb: str
    full: str
    alt: str
    caption: str = ""


@dataclass(frozen=True)
class Stop:
    """One stop; `kind`: passed, now or ahead. `tonext`: a dashed line to the next stop."""

    title: str
    when: str = ""
    iso: str = ""
    exact: str = ""
    lines: Sequence[str] = ()
    kind: str = "passed"
    number: str = ""
    said: str = ""
    photos: Sequence[Photo] = ()
    late: bool = False
    annulled: bool = False  # it never happened: struck through
    tonext: bool = False


@dataclass(frozen=True)
class EventTeller:
    """Puts events into words. `you`: for the reporter; otherwise for staff, with who did it."""

    speech: Speech
    city: Directory
    now: datetime
    you: bool = False
    photos_at: str = "/api/v1/photos"
    _names: dict[str, str] = field(default_factory=dict, compare=False)

    def unit(self, code: Any) -> str:
        if not isinstance(code, str):
            return self.speech("承办单位")
        unit = self.city.registers["unit"].get(code)
        return unit.short if unit else code

    def post(self, code: str | None) -> str:
        found = self.city.registers["post"].get(code) if code else None
        return found.name if found else self.speech("一线指挥部")

    def category(self, code: Any) -> str:
        found = self.city.registers["category"].get(code)
        return found.name if found else self.speech("类别待定")

    def passed(self, story: Sequence[StoryLine]) -> list[Stop]:
        """The past stops, the oldest first."""
        return [self.stop(line) for line in story if line.topic not in QUIET]

    def stop(self, line: StoryLine) -> Stop:
        return Stop(
            title=self.title(line),
            when=moment(self.speech, line.at, self.now),
            iso=line.at.isoformat(),
            exact=exact(line.at),
            lines=self.lines(line),
            number="" if self.you else str(line.facts.get("whistle") or f"#{line.version}"),
            said=self.said(line),
            photos=self.photos(line),
            late=line.topic in LATE and line.annulled is None,
            annulled=line.annulled is not None,
        )

    def said(self, line: StoryLine) -> str:
        if line.topic == "whistle.raised" and "whistle" not in line.facts:
            return ""  # the report itself is shown beside the story
        bodies = [word.body for word in line.words if word.kind in SAID and not self._is_code(word)]
        erased = any(word.erased_at for word in line.words)
        words = [body for body in bodies if isinstance(body, str)]
        return "\n".join([*words, *([self.speech("（内容已按规定删除）")] if erased else [])])

    @staticmethod
    def _is_code(word: Any) -> bool:
        """Whether this is a listed reason, which `lines` shows in words."""
        return (
            word.kind == "reason"
            and isinstance(word.body, str)
            and word.body.isascii()
            and " " not in word.body
        )

    def photos(self, line: StoryLine) -> list[Photo]:
        captions = {
            "photo_before": self.speech("处理前"),
            "photo_after": self.speech("处理后"),
        }
        shown = [word for word in line.words if word.kind in PHOTO_KINDS and not word.erased_at]
        return [
            self.photo(word.id, captions.get(word.kind, ""), n) for n, word in enumerate(shown, 1)
        ]

    def photo(self, id: UUID, caption: str, n: int) -> Photo:
        alt = caption or self.speech("照片 {n}", n=n)
        return Photo(
            f"{self.photos_at}/{id}?size=thumb", f"{self.photos_at}/{id}?size=full", alt, caption
        )

    def lines(self, line: StoryLine) -> list[str]:
        _, facts = self.speech, line.facts
        found: list[str] = []
        if line.topic in ("whistle.raised", "whistle.classified"):
            found.append(self.category(facts.get("category")))
        if line.topic == "whistle.dispatched" and facts.get("co_units"):
            co = "、".join(self.unit(code) for code in facts["co_units"])
            found.append(_("协办 {units}", units=co))
        if line.topic == "whistle.responded":
            found.append(_("到场报到") if facts.get("kind") == "arrival" else _("电话联系"))
        if facts.get("review_on"):
            found.append(_("复查日期 {day}", day=facts["review_on"]))
        if facts.get("earlier_number"):
            found.append(_("上一件 {number}", number=facts["earlier_number"]))
        if facts.get("into_number"):
            found.append(_("并入 {number}", number=facts["into_number"]))
        if line.topic == "whistle.voided":
            reason = VOID_REASONS.get(facts.get("reason_code", ""))
            found.append(_(reason) if reason else "")
            if self.you:
                found.append(_("不同意的，7 天内可向督查或市指挥中心申诉，也可以重新吹哨"))
        if line.topic == "whistle.transferred_out":
            found += self.reach(facts)
        if line.topic == "whistle.returned" and facts.get("suggested_unit"):
            found.append(_("建议交给 {unit}", unit=self.unit(facts["suggested_unit"])))
        if line.topic in ANNULLING:
            numbers = "、".join(f"#{one['version']}" for one in facts.get("events", ()))
            found.append(_("没有发生过：{events}", events=numbers))
        if line.annulled is not None:
            by = line.annulled
            found.append(
                _(
                    "误记，已注销（#{version}，{asked}提议，{by}确认）",
                    version=by.version,
                    asked=by.proposed_by,
                    by=by.by,
                )
            )
        if line.topic == "whistle.verdict_contradicted":
            found.append(self.verdict(facts.get("resolved")))
        if line.topic in ("whistle.followed_up", "whistle.verdict_contradicted"):
            found += self.heard(facts)
        if not self.you:
            found.append(self.doer(line))
        return [text for text in found if text]

    def heard(self, facts: Mapping[str, Any]) -> list[str]:
        """When the call was made, and how content the reporter is."""
        _, found = self.speech, list[str]()
        if facts.get("called_at"):
            at = moment(_, datetime.fromisoformat(str(facts["called_at"])), self.now)
            found.append(_("{at} 的电话", at=at))
        if facts.get("rating") is not None:
            found.append(_("评价：{words}", words=contentment(_, facts["rating"])))
        if facts.get("remark") is not None:
            words = contentment(_, facts["remark"])
            found.append(_("匿名评价：{words}。只作参考，不计入满意率", words=words))
        if facts.get("declined"):
            found.append(_("不愿评价"))
        return found

    def reach(self, facts: Mapping[str, Any]) -> list[str]:
        """Who handles it now, and how to reach them."""
        _, there = self.speech, facts.get("reach") or {}
        listed = TARGETS.get(facts.get("target", ""))
        name = there.get("name") or (_(listed) if listed else "")
        found = [
            _("转给 {target}", target=name),
            _("电话 {phone}", phone=there["phone"]) if there.get("phone") else "",
            _("地址 {address}", address=there["address"]) if there.get("address") else "",
            _("时间 {hours}", hours=there["hours"]) if there.get("hours") else "",
        ]
        return [*found, _("（演示数据，并非真实联系方式）") if there.get("made_up") else ""]

    def doer(self, line: StoryLine) -> str:
        """The unit or post, and the account; the tracker's own steps are named as such."""
        if line.role == "system":
            return self.speech("系统按规则")
        place = self.post(line.post) if line.post else ""
        return " · ".join(part for part in (place, line.by) if part)

    def title(self, line: StoryLine) -> str:
        return self.topic_title(line.topic, line.facts)

    def topic_title(self, topic: str, facts: Mapping[str, Any]) -> str:
        _ = self.speech
        unit = self.unit(facts.get("unit"))
        title = title_of(topic, you=self.you)
        if title is not None:
            named = {
                "unit": unit,
                "level": facts.get("level", ""),
                "number": facts.get("child_number", ""),
                "post": self.post(facts.get("post")),
                "lead": self.unit(facts.get("lead")),
            }
            return title.say(_.language, named)
        if topic == "whistle.followed_up":
            if facts.get("method") == "unreachable":
                return _("打给您的电话没打通") if self.you else _("电话没联系上居民")
            return self.verdict(facts.get("resolved"))
        if topic in LATE:
            return _("红牌：{name}超时", name=_kind(_, facts.get("kind", "")))
        return {
            "whistle.deadline_neared": _("临近时限：{name}", name=_kind(_, facts.get("kind", ""))),
            "whistle.deadlines_recomputed": _("时限重算"),
        }.get(topic, topic.removeprefix("whistle.").replace("_", " "))

    def verdict(self, resolved: bool | None) -> str:
        _ = self.speech
        who = _("您") if self.you else _("居民")
        if resolved is None:
            return _("{who}没有表态", who=who)
        return _("{who}说解决了", who=who) if resolved else _("{who}说没解决", who=who)

    def to_come(self, state: str, clocks: Sequence[Deadline], lead: str | None) -> list[Stop]:
        """The present stop and the promises ahead; empty once the whistle is over."""
        _ = self.speech
        due = {
            clock.kind: clock for clock in clocks if clock.stopped_at is None and clock.unit is None
        }
        waits = _waiting(_, self.you).get(state)
        if waits is None:
            return []
        title, kind = waits
        stops = [self._ahead(title.format(unit=self.unit(lead)), due.get(kind), "now")]
        for later, text in (("resolve", _("解决")), ("follow_up", _("回访评价"))):
            at_work = kind == "resolve" or state == "SUBMITTED"
            if kind == "respond" or (at_work and later == "follow_up"):
                stops.append(self._ahead(text, due.get(later), "ahead"))
        return stops

    def _ahead(self, title: str, clock: Deadline | None, kind: str) -> Stop:
        if clock is None:
            return Stop(title, kind=kind)
        when = self.speech("{at} 前", at=moment(self.speech, clock.due, self.now))
        return Stop(title, when, clock.due.isoformat(), exact(clock.due), kind=kind)


def contentment(_: Speech, rating: int) -> str:
    """A rating of 1 to 5 in words."""
    words = (_("很不满"), _("不满意"), _("基本满意"), _("满意"), _("很满意"))
    return words[rating - 1]


def downward(passed: Sequence[Stop], ahead: Sequence[Stop]) -> list[Stop]:
    """For staff: from the report down to the promises."""
    stops = [*passed, *ahead]
    first_ahead = len(passed)
    return [replace(stop, tonext=n >= first_ahead - 1) for n, stop in enumerate(stops)]


def upward(passed: Sequence[Stop], ahead: Sequence[Stop]) -> list[Stop]:
    """For the reporter: the newest first, the present stop on top."""
    now = [replace(stop, tonext=True) for stop in ahead if stop.kind == "now"]
    return [*now, *reversed(passed)]


def _kind(_: Speech, kind: str) -> str:
    return {
        "respond": _("响应"),
        "control": _("先行控制"),
        "resolve": _("解决"),
        "follow_up": _("回访"),
        "verify": _("核查"),
    }.get(kind, kind)


def _waiting(_: Speech, you: bool) -> dict[str, tuple[str, str]]:
    """By state: the sentence of the present stop, and its clock."""
    return {
        "RAISED": (_("等指挥部受理"), "respond"),
        "TRIAGED": (_("等指挥部派单"), "respond"),
        "POOLED": (_("等单位认领"), "respond"),
        "CLAIMED": (_("等{unit}到场或联系"), "respond"),
        "DISPATCHED": (_("等{unit}到场或联系"), "respond"),
        "RESPONDED": (_("{unit}已响应，等开始办理"), "resolve"),
        "IN_PROGRESS": (_("{unit}正在办理"), "resolve"),
        "SUSPENDED": (_("已挂账，等条件具备"), "resolve"),
        "SUBMITTED": (_("办结待核查"), "verify"),
        "VERIFIED": (_("等您确认") if you else _("等回访"), "follow_up"),
        "SELF_RESOLVED": (_("网格员已处置，等抽查"), "verify"),
    }


def topic_name(_: Speech, topic: str) -> str:
    """The name of an event's kind, without any whistle's facts; for counts."""
    title = title_of(topic)
    if title is None:
        return _("回访") if topic == "whistle.followed_up" else topic
    nobody = {"unit": _("单位"), "level": "", "number": "", "post": _("指挥部")}
    return title.say(_.language, nobody).strip()
