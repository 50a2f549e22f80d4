"""一线指挥部: all open whistles of a post, the earliest deadline first."""

from collections.abc import Mapping, Sequence

from fastapi import Request, Response

from api.contexts.face import Link
from api.contexts.faces import FACES
from api.door.access import Person
from api.door.callers import SignedIn, TheTracker, now
from api.pages.desk.queue_page import Queue, QueueConfig
from api.pages.desk.queue_query import StateGroup
from api.pages.desk.queue_rows import QueueRequest
from api.pages.frame.look import go, show, speech_of
from api.pages.frame.route import Notice, pages
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import ABOVE, DESKS, NotYourPage, acts_for, head, only
from api.pages.parts.acting import Attempt
from api.reading.moves import waiting
from api.reading.reading import scope_of
from tracker.city_zone import city_zone
from tracker.commands.tracker import Tracker
from tracker.domain.city.posts import CommandPost
from tracker.projections.board.query import Scope

router = pages()

BEFORE = ("RAISED", "TRIAGED", "POOLED")
AT_WORK = ("CLAIMED", "DISPATCHED", "RESPONDED", "IN_PROGRESS")
TO_CHECK = ("SUBMITTED", "SELF_RESOLVED")


@router.get("/post")
def own_post(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    """Redirects to one's own post. Roles above the posts choose one."""
    only(caller, DESKS | ABOVE)
    if caller.actor.post:
        query = request.url.query
        return go(f"/post/{caller.actor.post}" + (f"?{query}" if query else ""))
    return choose(request, tracker, caller)


def choose(request: Request, tracker: Tracker, person: Person) -> Response:
    city, today = tracker.city, now().astimezone(city_zone()).date()
    streets: dict[str, list[tuple[str, str]]] = {}
    for post in city.posts_on(today):
        streets.setdefault(post.street, []).append((f"/post/{post.code}", post.name))
    groups = [(city.area(code).name, posts) for code, posts in sorted(streets.items())]
    return show(request, "posts.html", **head(request, city, person), groups=groups)


@router.get("/post/{code}")
def post(request: Request, tracker: TheTracker, caller: SignedIn, code: str) -> Response:
    return post_page(
        request, tracker, caller, QueueRequest.of(f"/post/{code}", request.query_params)
    )


def post_page(
    request: Request,
    tracker: Tracker,
    person: Person,
    asked: QueueRequest,
    attempt: Attempt | None = None,
    number: str = "",
    results: Mapping[str, Notice] | None = None,
) -> Response:
    only(person, DESKS | ABOVE)
    own = tracker.city.post(asked.base.removeprefix("/post/"))
    in_reach(tracker, person, own)
    queue = Queue(request, tracker, person, asked)
    config = queue_config(tracker, person, own, speech_of(request))
    return queue.page(config, attempt, number, results)


def in_reach(tracker: Tracker, person: Person, post: CommandPost) -> None:
    """Raises NotYourPage, except for the own post, the posts of a street post's street, and for
    roles above the posts."""
    whole = person.territory.whole_street and person.territory.street == post.street
    if person.role not in ABOVE and post.code != person.actor.post and not whole:
        city = tracker.city.city.name
        own = acts_for(tracker.city, person)
        who = f"{post.name}, {city}"
        raise NotYourPage(role_zh=own, role_en=own, who_zh=who, who_en=who)


def board_of(person: Person, post: CommandPost) -> Scope:
    """The post's rows, and rows without a post, because any desk may locate them."""
    own = scope_of(person)
    unplaced = own.city or own.unplaced
    return Scope(
        posts=[post.code],
        confidential=own.confidential,
        unplaced=unplaced,
        words_of_confidential=own.words_of_confidential,
    )


def queue_config(tracker: Tracker, person: Person, post: CommandPost, _: Speech) -> QueueConfig:
    return QueueConfig(
        heading=post.name,
        groups=(
            StateGroup("", _("全部在办"), (*BEFORE, *AT_WORK, "SUSPENDED", *TO_CHECK, "VERIFIED")),
            StateGroup("raised", _("待受理"), ("RAISED",)),
            StateGroup("triaged", _("待派单"), ("TRIAGED",)),
            StateGroup("pooled", _("待认领"), ("POOLED",)),
            StateGroup("respond", _("待响应"), ("CLAIMED", "DISPATCHED")),
            StateGroup("working", _("办理中"), ("RESPONDED", "IN_PROGRESS")),
            StateGroup("paused", _("已挂账"), ("SUSPENDED",)),
            StateGroup("verify", _("待核查"), TO_CHECK),
            StateGroup("follow", _("待回访"), ("VERIFIED",)),
        ),
        scope=board_of(person, post),
        many=("pool",),
        keys=("classify", "dispatch", "verify", "follow-up"),
        template="post.html",
        more={"links": links(tracker, _, post)},
    )


def links(tracker: Tracker, _: Speech, post: CommandPost) -> Sequence[Link]:
    """Links to summonses, handovers, the roster, and what the post is asked to take."""
    of_contexts = (face.post_links(tracker, _, post) for face in FACES.values())
    roster = Link(f"/post/{post.code}/roster", _("值守表"))
    count = len(waiting(tracker, post.code))
    asked = Link(f"/post/{post.code}/moves", _("待本部同意的移入"), count)
    return [*(link for some in of_contexts for link in some), asked, roster]
