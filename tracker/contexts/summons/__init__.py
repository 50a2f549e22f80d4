"""吹哨报到: a post calls units to a place and a time; absent units are recorded automatically."""

from tracker.contexts.context import Context
from tracker.contexts.summons.commands import Arrive, Cancel, End, Summon
from tracker.contexts.summons.projection import Summonses
from tracker.contexts.summons.record import Summons, code_of, summons_id
from tracker.contexts.summons.sweep import sweep
from tracker.domain.errors import Words
from tracker.domain.rights import CENTRE, ORDERS, POSTS, READERS, UNITS, Scope, within

CONTEXT = Context(
    name="summons",
    title=Words("吹哨报到", "Summonses"),
    record=Summons,
    stream_of=summons_id,
    code_of=code_of,
    commands=(Summon, Arrive, End, Cancel),
    projections=(Summonses(),),
    sweeps={sweep: Summonses.name},
    rights={
        "summon": (within(Scope.POST, *ORDERS), within(Scope.CITY, *CENTRE)),
        "end-summons": (within(Scope.POST, *ORDERS), within(Scope.CITY, *CENTRE)),
        "arrive": (within(Scope.UNIT, *UNITS),),
    },
    reading={
        # units called to a place, and who came
        "summonses": (
            within(Scope.POST, *POSTS),
            within(Scope.UNIT, *UNITS),
            within(Scope.CITY, *READERS),
        ),
    },
    event_words={
        "summons.summoned": Words("召集单位到场", "Units summoned"),
        "summons.unit_arrived": Words("{unit}到场报到", "{unit} checked in"),
        "summons.unit_missing": Words("{unit}逾时未到", "{unit} did not come in time"),
        "summons.ended": Words("集结结束", "Summons ended"),
        "summons.cancelled": Words("集结取消", "Summons called off"),
    },
    routes="api.contexts.summons",
    demo="tracker.contexts.summons.demo",
)
