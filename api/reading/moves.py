"""Corrections that would move a whistle to a post, and wait for that post's consent."""

from collections.abc import Sequence

from tracker.commands.tracker import Tracker
from tracker.domain.whistle.whistle import Whistle
from tracker.projections.story.moves import asked_to_move


def waiting(tracker: Tracker, post: str) -> Sequence[Whistle]:
    """The whistles that wait for this post's consent, the one asked for first on top."""
    with tracker.connection() as connection:
        ids = asked_to_move(connection, post)
    found = [tracker.whistle(id) for id in ids]
    return [one for one in found if one.receiving_post == post and one.place.post != post]
