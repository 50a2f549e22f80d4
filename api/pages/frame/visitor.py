"""The visitor of a page, and the values of the page's head: name, navigation, office hours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from api.contexts.faces import FACES
from api.door.access import Person, scopes_of
from api.door.callers import ANYBODY
from api.door.rights_in_words import ROLE_WORDS
from api.pages.frame.look import speech_of
from api.pages.frame.speech import Speech
from tracker.directory import Directory
from tracker.domain.actors import Role
from tracker.domain.errors import Forbidden, Words

DESKS = frozenset(
    {
        Role.INTAKE,
        Role.COMMANDER,
        Role.DEPUTY_COMMANDER,
        Role.CADRE,
        Role.DISPATCHER,
        Role.ADJUDICATOR,
        Role.VERIFIER,
        Role.FOLLOW_UP_AGENT,
    }
)
ABOVE = frozenset({Role.CITY_CENTRE, Role.SUPERVISOR, Role.LEADER, Role.AUDITOR, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})
AUDITORS = frozenset({Role.AUDITOR})
UNITS = frozenset({Role.UNIT_LIAISON, Role.HANDLER})
PATROL = frozenset({Role.GRID_WORKER, Role.GRID_CHIEF})


class NotYourPage(Forbidden):
    """The page belongs to other roles, which the refusal names."""

    code = "page.not_yours"
    message = Words(
        zh="您登录的岗位是{role_zh},这一页不是给它的",
        en="You are signed in as {role_en}; this page is not for that role",
    )
    remedy = Words(zh="可以打开的有:{who_zh}", en="Those who may open it: {who_en}")


@dataclass(frozen=True)
class AccountShown:
    """The account at the head of a page: for whom it acts, and its name."""

    of: str
    name: str


def home_of(person: Person) -> str:
    """The address of this person's work page."""
    if person.role in UNITS:
        return "/unit"
    if person.role in PATROL:
        return "/grid"
    if person.role is Role.LEADER:
        return "/leader"
    if person.role in ADMINS:
        return "/admin"
    if person.role in AUDITORS:
        return "/audit"
    if person.role in DESKS | ABOVE:
        return "/post"
    return "/"


def only(person: Person, roles: frozenset[Role]) -> None:
    """Raises NotYourPage unless the person has one of these roles."""
    if person.role not in roles:
        own, names = ROLE_WORDS[person.role], [ROLE_WORDS[role] for role in sorted(roles)]
        raise NotYourPage(
            role_zh=own.zh,
            role_en=own.en,
            who_zh="、".join(name.zh for name in names),
            who_en=", ".join(name.en for name in names),
        )


def acts_for(city: Directory, person: Person) -> str:
    actor = person.actor
    if actor.unit:
        return city.unit(actor.unit).short
    if actor.grid:
        return city.grid(actor.grid).name
    if actor.post:
        return city.post(actor.post).name
    return city.city.name


def head(request: Request, city: Directory, person: Person) -> Mapping[str, Any]:
    """The values that every template needs about the visitor."""
    _ = speech_of(request)
    signed_in = person is not ANYBODY
    return {
        "account": account_shown(city, person) if signed_in else None,
        "home": home_of(person),
        "city": city.city.name,
        "places": places(_, person, request.url.path) if signed_in else [],
        "hours": hours(_, city),
    }


def account_shown(city: Directory, person: Person) -> AccountShown:
    return AccountShown(acts_for(city, person), person.actor.account)


def places(_: Speech, person: Person, path: str) -> list[dict[str, Any]]:
    home = home_of(person)
    names = {"/unit": _("待办"), "/grid": _("我的网格"), "/post": _("指挥部")}
    names |= {"/admin": _("管理"), "/audit": _("审计")}
    entries = [(home, names[home])] if home in names else []
    if person.role in ADMINS | AUDITORS | {Role.LEADER}:
        entries += [("/post", names["/post"])]
    if person.role in DESKS:
        entries += [("/grid/patrol", _("巡查"))]
    entries += [(link.href, link.label) for face in FACES.values() for link in face.menu(_, person)]
    if scopes_of("figures", person.role):
        entries += [("/leader", _("看板"))]
    entries += [("/", _("吹哨"))]
    return [
        {"href": href, "label": label, "current": path == href or path.startswith(f"{href}/")}
        for href, label in entries
    ]


def places_by_key(person: Person) -> Mapping[str, str]:
    """The addresses for the keys G + letter: queue, raise form, figures."""
    found = {"q": home_of(person), "m": "/"}
    return found | ({"d": "/leader"} if scopes_of("figures", person.role) else {})


def hours(_: Speech, city: Directory) -> str:
    spans = [f"{start:%H:%M}–{end:%H:%M}" for start, end in city.policy.calendar.hours]
    return _("工作时 {spans}", spans=" ".join(spans))
