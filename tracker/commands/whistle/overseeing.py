"""升级、督办、催办、更正: the levels above, and what is put right; and what time does by itself."""

from dataclasses import dataclass
from datetime import datetime

from tracker.commands.command import Given, kept_as
from tracker.commands.fields import Code, GridRef, Level, Line, Location, Note, Point, Reason
from tracker.commands.places import place_of
from tracker.commands.whistle.whistle_command import OnTheParent, WhistleCommand, category_of
from tracker.domain.city.catalogue import Category
from tracker.domain.errors import Invalid, Words
from tracker.domain.promises.sla_classes import EMERGENCY
from tracker.domain.whistle.consequences import AT_WORK, default_units
from tracker.domain.whistle.place import Place
from tracker.domain.whistle.whistle import Whistle


class UnreadableTime(Invalid):
    """`value` of a correction is not a time with an offset."""

    code = "whistle.unreadable_time"
    message = Words(zh="{value} 不是带时区的时间", en="{value} is no time with an offset")
    remedy = Words(zh="写成 2026-03-02T10:00+08:00", en="Write it as 2026-03-02T10:00+08:00")
    field = "value"


class UnreadablePlace(Invalid):
    """`value` of a correction is neither a grid nor a point."""

    code = "whistle.unreadable_place"
    message = Words(
        zh="{value} 不是网格代码，也不是坐标", en="{value} is neither a grid nor a point"
    )
    remedy = Words(
        zh="写网格代码，或 23.3805,103.4015", en="Give a grid's code, or 23.3805,103.4015"
    )
    field = "value"


@dataclass(frozen=True, kw_only=True)
class Escalate(WhistleCommand):
    """One level up; an emergency to any `level` above its own."""

    name = "escalate"
    label = Words("升级", "Escalate")
    said = kept_as(reason="reason")
    guard = Whistle.may_escalate

    reason: Reason
    level: Level | None = None

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.escalate(self.level, **given.by)


@dataclass(frozen=True, kw_only=True)
class Deescalate(WhistleCommand):
    """Give it back to the level that it came from."""

    name = "deescalate"
    label = Words("降级", "De-escalate")
    said = kept_as(reason="reason")
    guard = Whistle.may_deescalate

    reason: Reason

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.deescalate(**given.by)


@dataclass(frozen=True, kw_only=True)
class Supervise(WhistleCommand):
    """A higher level supervises it."""

    name = "supervise"
    label = Words("督办", "Supervise")
    said = kept_as(reason="reason")
    guard = Whistle.may_supervise

    reason: Reason

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.supervise(**given.by)


@dataclass(frozen=True, kw_only=True)
class EndSupervision(WhistleCommand):
    """End the supervision."""

    name = "end-supervision"
    label = Words("解除督办", "End supervision")
    said = kept_as(reason="reason")
    guard = Whistle.may_end_supervision

    reason: Reason

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.end_supervision(**given.by)


@dataclass(frozen=True, kw_only=True)
class Urge(OnTheParent):
    """The reporter or the post asks the unit to hurry."""

    name = "urge"
    label = Words("催办", "Urge")
    said = kept_as(note="note")
    guard = Whistle.may_urge

    note: Note | None = None

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.urge(**given.by)


@dataclass(frozen=True, kw_only=True)
class Correct(WhistleCommand):
    """`value` as text: the code of a category, class or grid, `lat,lon`, or a time.

    A second person approves: for another post, of that post; for a milder class, above the post.
    """

    name = "correct"
    label = Words("更正", "Correct")
    said = kept_as(reason="reason")
    guard = Whistle.may_correct

    field: Code
    value: Line
    reason: Reason

    def decide(self, aggregate: Whistle, given: Given) -> None:
        city, about = given.city, self.field
        aggregate.correct(
            self.field,
            self.value,
            place=self._place(aggregate, given) if about in ("place", "grid") else None,
            category=city.current_category(self.value) if about == "category" else None,
            sla_class=given.policy.sla_class(self.value).code if about == "sla_class" else None,
            occurred_at=self._time() if about == "occurred_at" else None,
            **given.by_policy,
        )
        if aggregate.merged_into is not None and not aggregate.proposals.get("correct"):
            self._tell_the_parent(aggregate, given)

    def _tell_the_parent(self, child: Whistle, given: Given) -> None:
        """What a merged whistle turns out to be, its parent is too (domain.md §4.5)."""
        assert child.merged_into is not None
        parent, category = given.tracker.whistle(child.merged_into), category_of(given.city, child)
        parent.elapse(given.at, given.policy)
        found = self.value if self.field == "sla_class" else category.sla if category else None
        if found == EMERGENCY and not parent.is_terminal:
            self._call_out(parent, child, category, given)
        if category is not None and category.confidential and not parent.confidential:
            parent.mark_confidential(actor=given.actor, at=given.at, basis="category")
        given.others.append(parent)

    def _call_out(
        self, parent: Whistle, child: Whistle, category: Category | None, given: Given
    ) -> None:
        """The parent becomes E1; who is trained for what was found comes to it too."""
        at, policy = given.at, given.policy
        parent.raise_class(EMERGENCY, child.id, actor=given.actor, at=at, policy=policy)
        parent.draw(given.city, at=at)
        if category is not None and parent.state in AT_WORK:
            parent.send_help(default_units(given.city, category), at=at, policy=policy)

    def _place(self, aggregate: Whistle, given: Given) -> Place:
        """`value` is a grid's code, or latitude and longitude in degrees (WGS84)."""
        lat, comma, lon = self.value.partition(",")
        where: Location = GridRef(self.value)
        if comma:
            try:
                where = Point(float(lat), float(lon))
            except ValueError:
                raise UnreadablePlace(value=self.value) from None
        return place_of(given.city, where, aggregate.registered_at)

    def _time(self) -> datetime:
        try:
            found = datetime.fromisoformat(self.value)
        except ValueError:
            raise UnreadableTime(value=self.value) from None
        if found.tzinfo is None:
            raise UnreadableTime(value=self.value)
        return found


# --- given by the product itself, never by a form --------------------------------------------


@dataclass(frozen=True, kw_only=True)
class HandOver(WhistleCommand):
    """After grids were redrawn: the whistle goes to the post that holds its grid now."""

    name = "hand-over"
    label = Words("移交", "Hand over")

    post: Code

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.hand_over(given.city.post(self.post).code, actor=given.actor, at=given.at)


@dataclass(frozen=True, kw_only=True)
class LetTimePass(WhistleCommand):
    """Record what fell due before the command's moment, and nothing else."""

    name = "let-time-pass"
    label = Words("到期记录", "Record what fell due")

    def decide(self, aggregate: Whistle, given: Given) -> None:
        """Time has passed already: see `let_time_pass`."""


@dataclass(frozen=True, kw_only=True)
class RecomputeDeadlines(WhistleCommand):
    """After a calendar arrived: provisional due times again."""

    name = "recompute-deadlines"
    label = Words("重新计算时限", "Compute deadlines again")

    def decide(self, aggregate: Whistle, given: Given) -> None:
        aggregate.recompute_deadlines(at=given.at, policy=given.policy)


COMMANDS = (Escalate, Deescalate, Supervise, EndSupervision, Urge, Correct)
