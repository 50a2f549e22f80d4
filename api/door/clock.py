"""What changes something is refused while this process's clock and the database's disagree."""

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from api.door.edge import UNSAFE
from api.door.refusals import ClockWrong
from tracker.commands.tracker import Tracker
from tracker.eventstore.clock import CLOCK, ClockDisagrees, look_at_database_clock

COME_AGAIN = 30  # seconds


async def must_know_the_time(request: Request) -> None:
    """A dependency of every route. Raises ClockWrong for a request that may change something."""
    if request.method not in UNSAFE:
        return
    if CLOCK.unknown:  # the database was away when this process started
        tracker: Tracker = request.app.state.tracker
        await run_in_threadpool(look_at_database_clock, tracker.connection)
    try:
        CLOCK.must_agree()
    except ClockDisagrees as wrong:
        raise ClockWrong(offset=round(wrong.offset, 1), seconds=COME_AGAIN) from wrong
