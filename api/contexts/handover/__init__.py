"""交接班 on the web."""

from api.contexts.face import Face, Link, Links
from api.pages.frame.speech import Speech
from tracker.commands.tracker import Tracker
from tracker.domain.city.posts import CommandPost


def post_links(tracker: Tracker, _: Speech, post: CommandPost) -> Links:
    return (Link(f"/post/{post.code}/handover", _("交接班")),)


FACE = Face(json=("json",), pages=("pages",), page_of_one="/handover", post_links=post_links)
