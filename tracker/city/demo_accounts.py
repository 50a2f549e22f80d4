"""Demo accounts: one for every grid, duty and unit of the city, so that each page can be seen."""

from collections.abc import Iterator
from datetime import date

from tracker.directory import Directory
from tracker.domain.actors import Role
from tracker.domain.city.accounts import Account
from tracker.domain.city.posts import CommandPost
from tracker.domain.city.units import Unit, UnitKind
from tracker.routing.routing import place_of_grid

DUTIES_OF_A_POST = {
    "intake": (Role.INTAKE, "受理"),
    "dispatcher": (Role.DISPATCHER, "派遣员"),
    "commander": (Role.COMMANDER, "指挥长"),
    "verifier": (Role.VERIFIER, "核查员"),
    "followup": (Role.FOLLOW_UP_AGENT, "回访员"),
}
DUTIES_OF_A_UNIT = {
    "liaison": (Role.UNIT_LIAISON, "联络员"),
    "handler": (Role.HANDLER, "承办人"),
}
DUTIES_OF_THE_CITY = {
    "city": (Role.CITY_CENTRE, "市指挥调度中心"),
    "supervisor": (Role.SUPERVISOR, "市督查"),
    "leader": (Role.LEADER, "市领导"),
    "auditor": (Role.AUDITOR, "审计"),
    "admin": (Role.ADMIN, "系统管理员"),
}


def demo_accounts(city: Directory, on: date) -> Iterator[Account]:
    """For each grid of the day's plan, each post, each unit and responder, and the city.

    A member of the alliance has only a liaison: it claims, and nobody is dispatched there.
    """
    for username, (role, duty) in DUTIES_OF_THE_CITY.items():
        yield Account(username=username, role=role, display_name=duty)
    for post in city.posts:
        yield from _of_post(post)
    for unit in (*city.units, *city.responders, *city.members):
        yield from _of_unit(unit)
    for grid in city.grids(on):
        place = place_of_grid(city, grid.code, on)
        yield Account(
            username=f"gw-{grid.code.lower()}",
            role=Role.GRID_WORKER,
            display_name=f"{grid.name}·网格员",
            post=place.post,
            grid=grid.code,
            street=place.street,
        )


def _of_post(post: CommandPost) -> Iterator[Account]:
    for name, (role, duty) in DUTIES_OF_A_POST.items():
        yield Account(
            username=f"{name}-{post.code.lower()}",
            role=role,
            display_name=f"{post.name}·{duty}",
            post=post.code,
            street=post.street,
        )


def _of_unit(unit: Unit) -> Iterator[Account]:
    for name, (role, duty) in DUTIES_OF_A_UNIT.items():
        if name == "liaison" or unit.kind is not UnitKind.MEMBER:
            yield Account(
                username=f"{name}-{unit.code.lower()}",
                role=role,
                display_name=f"{unit.short}·{duty}",
                unit=unit.code,
            )
