"""The doors beside the lists, to what a post and a unit have besides their whistles."""

from api.contexts.summons.reading import whose_of
from api.pages.frame.speech import Speech
from tracker.commands.application import Tracker
from tracker.contexts.summons.projection import Whose, find
from tracker.contexts.summons.record import Call
from tracker.domain.city.posts import CommandPost


def open_calls(tracker: Tracker, whose: Whose) -> int:
    """How many are open, for the door that leads to them."""
    with tracker.connection() as connection:
        return len(find(connection, whose, states=[Call.OPEN]).items)


def doors(tracker: Tracker, _: Speech, post: CommandPost) -> list[tuple[str, str, int | str]]:
    """What a post has besides its whistles, beside its board: address, name, how many."""
    base = f"/post/{post.code}"
    return [
        (f"{base}/summonses", _("吹哨报到"), open_calls(tracker, whose_of(post))),
        (f"{base}/handover", _("交接班"), ""),
        (f"{base}/roster", _("值守表"), ""),
    ]
