"""Lists of summonses: a post's (it calls units there), a unit's own, the whole city's.

The open ones come first; the finished ones have a filter of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import Request, Response

from api.contexts.summons import reading as shown
from api.contexts.summons.lines import line, stream_of
from api.contexts.summons.service import summon
from api.door import access
from api.door.access import Person
from api.door.callers import SignedIn, TheTracker, now
from api.door.subjects import subject_of_post
from api.pages.desk.post import in_reach
from api.pages.frame.look import go, show, speech_of
from api.pages.frame.present import in_the_city
from api.pages.frame.route import TheForm, pages
from api.pages.frame.visitor import ABOVE, DESKS, UNITS, acts_for, head, only
from api.pages.parts.acting import Attempt, filled_in, once_of
from api.pages.parts.fields import Choices
from api.reading.reading import AskedPosition, readable, wait_until
from tracker.city_zone import city_zone
from tracker.commands.tracker import Tracker
from tracker.contexts.summons.commands import Summon
from tracker.contexts.summons.projection import SummonsScope, find
from tracker.contexts.summons.record import Call
from tracker.domain.city.posts import CommandPost, PostKind
from tracker.projections.engine.positions import folded_to

router = pages()

SOON = timedelta(minutes=30)
PAGE = 20
OPEN = "open"
STATES: Mapping[str, Sequence[str]] = {OPEN: [Call.OPEN], "past": [Call.ENDED, Call.CANCELLED]}


@dataclass(frozen=True)
class ListRequest:
    """Which page of which list. `behind`: the summons number after which the page begins."""

    base: str
    state: str = OPEN
    behind: str | None = None
    position: int = 0

    def link(self, state: str, behind: str | None = None) -> str:
        query = {k: v for k, v in (("state", state), ("behind", behind)) if v and v != OPEN}
        return f"{self.base}?{urlencode(query)}" if query else self.base


@dataclass(frozen=True)
class Around:
    """The texts around a list: owner, link back, the sentence for an empty list."""

    whose: SummonsScope
    scope: str  # of the stream
    of: str
    intro: str
    none_open: str
    back: tuple[str, str] | None = None
    names_post: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)


@router.get("/summonses")
def of_all(
    request: Request,
    tracker: TheTracker,
    caller: SignedIn,
    position: AskedPosition,
    state: str = OPEN,
    behind: str | None = None,
) -> Response:
    """All summonses of the city or of the own post. A unit has a page of its own."""
    if caller.role in UNITS:
        return go(f"/unit/summonses?{request.url.query}")
    only(caller, DESKS | ABOVE)
    if caller.actor.post:
        return go(f"/post/{caller.actor.post}/summonses?{request.url.query}")
    _, city = speech_of(request), tracker.city.city.name
    around = Around(
        whose=shown.whose(caller),
        scope="city",
        of=city,
        intro=_("各指挥部召集的都在这里；过时未到的自动报街道，半小时后报市里。"),
        none_open=_("现在没有进行中的"),
        names_post=True,
    )
    asked = ListRequest("/summonses", state, behind, position)
    return list_page(request, tracker, caller, asked, around)


@router.get("/unit/summonses")
def of_unit(
    request: Request,
    tracker: TheTracker,
    caller: SignedIn,
    position: AskedPosition,
    state: str = OPEN,
    behind: str | None = None,
) -> Response:
    only(caller, UNITS)
    _ = speech_of(request)
    around = Around(
        whose=shown.whose(caller),
        scope=f"unit:{caller.actor.unit}",
        of=acts_for(tracker.city, caller),
        intro=_("指挥部叫贵单位到场的，到了从这里报到。"),
        none_open=_("现在没有召集贵单位的"),
        back=("/unit", _("待办")),
        names_post=True,
    )
    asked = ListRequest("/unit/summonses", state, behind, position)
    return list_page(request, tracker, caller, asked, around)


@router.get("/post/{code}/summonses")
def of_post(
    request: Request,
    tracker: TheTracker,
    caller: SignedIn,
    code: str,
    position: AskedPosition,
    w: str = "",
    state: str = OPEN,
    behind: str | None = None,
) -> Response:
    asked = ListRequest(f"/post/{code}/summonses", state, behind, position)
    return post_page(request, tracker, caller, code, asked, w)


@router.post("/post/{code}/summonses")
def call(
    request: Request, tracker: TheTracker, caller: SignedIn, form: TheForm, code: str
) -> Response:
    """Call units. After a refusal the form keeps everything that was typed."""

    def do(body: Summon) -> str:
        return str(summon(tracker, body, caller, once_of(request, form)).number)

    more = {"post": code, "units": form.all("units")}
    if form.text("meet_at"):
        more["meet_at"] = in_the_city(form.text("meet_at"))
    done = filled_in(request, tracker, caller, "summon", Summon, form, do, more)
    if isinstance(done, Attempt):
        asked = ListRequest(f"/post/{code}/summonses")
        return post_page(request, tracker, caller, code, asked, form.text("whistle"), done)
    return go(f"/summons/{done}")


def post_page(
    request: Request,
    tracker: Tracker,
    person: Person,
    code: str,
    asked: ListRequest,
    whistle: str = "",
    attempt: Attempt | None = None,
) -> Response:
    only(person, DESKS | ABOVE)
    post = tracker.city.post(code)
    in_reach(tracker, person, post)
    _, wide = speech_of(request), post.kind is PostKind.SUBDISTRICT
    around = Around(
        whose=shown.whose_of(post),
        scope=f"street:{post.street}" if wide else f"post:{post.code}",
        of=post.name,
        intro=_(
            "把几个单位叫到一处、定好时间；各单位到场报到，过时未到的自动报街道，半小时后报市里。"
        )
        + (_("街道各指挥部召集的也在这里。") if wide else ""),
        none_open=_("现在没有进行中的"),
        back=(f"/post/{post.code}", post.name),
        names_post=wide,
        more=form_of(request, tracker, person, post, whistle, attempt),
    )
    return list_page(request, tracker, person, asked, around, 409 if attempt else 200)


def form_of(
    request: Request,
    tracker: Tracker,
    person: Person,
    post: CommandPost,
    whistle: str,
    attempt: Attempt | None,
) -> Mapping[str, Any]:
    """The form that calls units, as typed or prefilled from the whistle; empty: may not summon."""
    speech, at = speech_of(request), now()
    if not access.may("summon", person, subject_of_post(post.code, post.street)):
        return {}
    typed = {name: list(texts) for name, texts in attempt.texts.items()} if attempt else {}
    if whistle and attempt is None:
        about = readable(tracker, whistle, person)
        category = tracker.city.registers["category"].get(about.category or "")
        units = [category.lead_unit, *category.co_units] if category else []
        typed = {"whistle": [about.number], "units": units}
    return {
        "call": f"/post/{post.code}/summonses",
        "groups": Choices(speech, tracker.city, at).units(),
        "typed": typed,
        "errors": attempt.errors if attempt else {},
        "said": attempt.said if attempt else None,
        "key": uuid4().hex,
        "soon": f"{(at + SOON).astimezone(city_zone()):%Y-%m-%dT%H:%M}",
    }


def list_page(
    request: Request,
    tracker: Tracker,
    person: Person,
    asked: ListRequest,
    around: Around,
    answered: int = 200,
) -> Response:
    _, at = speech_of(request), now()
    state = asked.state if asked.state in STATES else OPEN
    with tracker.connection() as connection:
        wait_until(connection, "summonses", asked.position)
        stands = folded_to(connection, "summonses")
        found = find(
            connection, around.whose, states=STATES[state], behind=asked.behind, limit=PAGE
        )
        with_words = shown.all_with_words(connection, found.items)
    names = {OPEN: _("进行中"), "past": _("已过的")}
    nothing = {OPEN: around.none_open, "past": _("还没有过去的")}
    return show(
        request,
        "summons/summonses.html",
        answered,
        **head(request, tracker.city, person),
        of=around.of,
        intro=around.intro,
        back=around.back,
        names_post=around.names_post,
        asked=asked.link(state, asked.behind),
        tabs=[(names[one], asked.link(one), one == state) for one in STATES],
        lines=[line(_, tracker.city, called, at) for called in with_words],
        nothing=nothing[state],
        older=asked.link(state, found.next) if found.next else None,
        stream=stream_of(stands, scope=around.scope),
        **{"call": None, **around.more},
    )
