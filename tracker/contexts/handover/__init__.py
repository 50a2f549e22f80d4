"""交接班: what one shift of a post leaves to the next, signed and received."""

from uuid import UUID

from tracker.contexts.context import Context
from tracker.contexts.handover.commands import Receive, Sign
from tracker.contexts.handover.projection import Handovers
from tracker.contexts.handover.record import Handover, code_of
from tracker.domain.errors import Words
from tracker.domain.rights import POSTS, READERS, Scope, within

CONTEXT = Context(
    name="handover",
    title=Words("交接班", "Handover"),
    record=Handover,
    stream_of=UUID,
    code_of=code_of,
    commands=(Sign, Receive),
    projections=(Handovers(),),
    rights={"hand-over": (within(Scope.POST, *POSTS),)},
    reading={
        # what a shift left to the next, as it was signed
        "handovers": (within(Scope.POST, *POSTS), within(Scope.CITY, *READERS)),
    },
    event_words={
        "handover.signed": Words("交班签字", "Handover signed"),
        "handover.received": Words("接班", "Handover received"),
    },
    routes="api.contexts.handover",
    demo="tracker.contexts.handover.demo",
)
