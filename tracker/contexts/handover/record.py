"""交接班: a note from one shift to the next, signed by the outgoing, received by the incoming."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Self
from uuid import UUID, uuid5

from tracker.domain.actors import Actor
from tracker.domain.errors import Conflict, Forbidden, Invalid, NotFound, Words
from tracker.domain.post_record import PostRecord, PostRecordEvent, PostRecordOpened
from tracker.domain.whistle.events import Said

HANDOVERS = UUID("1d7c7d0e-4c0b-5b52-9a36-1f8a3b1f7c25")
LONGEST = timedelta(hours=72)  # a shift over a long weekend


def handover_id(post: str, at: datetime) -> UUID:
    """One post signs one note at a moment."""
    return uuid5(HANDOVERS, f"{post} {at.isoformat()}")


def code_of(event: PostRecordEvent) -> str:
    """A note has no number, only its id."""
    return str(event.originator_id)


class HandoverSigned(PostRecordOpened["Handover"]):
    """The state of the post. The figures are those that the outgoing person saw and signed."""

    TOPIC: ClassVar[str] = "handover.signed"
    post: str
    began_at: datetime
    ended_at: datetime
    open_by_state: dict[str, int]
    open_by_card: dict[str, int]
    turned_red: tuple[str, ...]  # numbers of whistles
    done: dict[str, int]  # what was done in the shift, by topic

    def assign(self, record: "Handover") -> None:
        record.post, record.signed_by, record.received_by = self.post, self.by, None


class HandoverReceived(PostRecordEvent["Handover"]):
    """The incoming person has read it and is responsible for the post from now on."""

    TOPIC: ClassVar[str] = "handover.received"

    def assign(self, record: "Handover") -> None:
        record.received_by = self.by


class Handover(PostRecord):
    """One note from one shift to the next."""

    TOPIC = "handover"

    if TYPE_CHECKING:
        post: str
        signed_by: str  # account
        received_by: str | None  # account; None: nobody has received it

    @classmethod
    def sign(
        cls,
        *,
        post: str,
        began_at: datetime,
        open_by_state: Mapping[str, int],
        open_by_card: Mapping[str, int],
        turned_red: Sequence[str],
        done: Mapping[str, int],
        actor: Actor,
        at: datetime,
        words: Sequence[Said] = (),
    ) -> Self:
        """The shift from `began_at` until now. Raises OtherPost or ShiftLength."""
        if actor.post != post:
            raise OtherPost
        if not timedelta(0) < at - began_at <= LONGEST:
            raise ShiftLength(hours=int(LONGEST.total_seconds() // 3600))
        return cls._open(
            HandoverSigned,
            handover_id(post, at),
            at,
            actor,
            tuple(words),
            post=post,
            began_at=began_at,
            ended_at=at,
            open_by_state=dict(open_by_state),
            open_by_card=dict(open_by_card),
            turned_red=tuple(turned_red),
            done=dict(done),
        )

    def may_receive(self, actor: Actor, at: datetime) -> None:
        if self.received_by is not None:
            raise AlreadyReceived(by=self.received_by)
        if actor.account == self.signed_by:
            raise OwnHandover
        if actor.post != self.post:
            raise OtherPost

    def receive(self, *, actor: Actor, at: datetime, words: Sequence[Said] = ()) -> None:
        """Take the post over; the words say what differs from the note, if anything does."""
        self.may_receive(actor, at)
        self._record(HandoverReceived, at, actor, tuple(words))


class UnknownHandover(NotFound):
    code = "handover.unknown"
    message = Words(zh="没有这份交接班记录", en="There is no such handover note")
    remedy = Words(zh="请从交接班列表进入", en="Open it from the list of handovers")


class ShiftLength(Invalid):
    code = "handover.shift_length"
    field = "began_at"
    message = Words(
        zh="接班时间须早于现在,且不超过 {hours} 小时",
        en="The shift began before now, at most {hours} hours ago",
    )
    remedy = Words(zh="请改接班时间", en="Choose when the shift began")


class AlreadyReceived(Conflict):
    code = "handover.already_received"
    message = Words(zh="{by} 已经接班", en="{by} has received it already")
    remedy = Words(zh="不必再接", en="There is nothing more to do")


class OwnHandover(Forbidden):
    """The outgoing person cannot also be the incoming one."""

    code = "handover.own"
    message = Words(zh="交班人不能自己接班", en="Who hands over cannot receive it himself")
    remedy = Words(
        zh="请接班的同事登录后签收", en="The colleague who comes signs in and receives it"
    )


class OtherPost(Forbidden):
    code = "handover.other_post"
    message = Words(zh="这是别的指挥部的交接班", en="This is another post's handover")
    remedy = Words(zh="由本指挥部的人交班、接班", en="People of that post sign and receive it")
