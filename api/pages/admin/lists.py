"""The city's registers as lists: what stands, since when, and what may be changed about it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from fastapi import Response

from api.door.rights_in_words import ROLE_WORDS
from api.pages.admin.forms import FORMS
from api.pages.admin.forms_calendar import day_kinds
from api.pages.admin.forms_city import limit_of
from api.pages.admin.forms_posts import office_names
from api.pages.admin.listing import Cell, Rows, change
from api.pages.admin.lists_units import areas, categories, items, majors, units
from api.pages.admin.visit import Admin, Visit
from api.pages.frame.look import go
from api.pages.frame.route import Checked, Notice, pages
from api.pages.frame.speech import Speech
from tracker.city.changing.calendars import MAKEUP
from tracker.city.changing.phrases import hours_in_words
from tracker.city.changing.posts import hand_over, whistles_to_hand_over
from tracker.directory import Directory
from tracker.projections import clocks

router = pages()

MOST = 300  # rows shown; more are found by the search


def plans(_: Speech, city: Directory, today: date) -> Rows:
    standing = city.plan(today)
    rows: Rows = []
    for plan in city.plans:
        spans = [f"{p.first} – {p.until or _('未定')}" for p in plan.periods]
        workers = sum(city.grid(code).workers for code in plan.grids)
        now_on = standing is not None and standing.code == plan.code
        buttons = [change(_, "plan-on", plan.code, _("启用"))]
        if plan.in_force_since(today) is not None and now_on:
            buttons = [change(_, "plan-off", plan.code, _("停用方案"))]
        state = _("今天按它") if now_on else "—"
        counts = [str(len(plan.grids)), str(workers)]
        rows.append([plan.name, *counts, state, "；".join(spans) or "—", buttons])
    return rows


def posts(_: Speech, city: Directory, today: date) -> Rows:
    rows: Rows = []
    for post in sorted(city.posts_on(today), key=lambda one: one.code):
        acting = post.acting_commander(today)
        rows.append(
            [{"text": post.name, "href": f"/admin/posts/{post.code}"}, post.code,
             city.area(post.street).name, str(len(post.grids(today))),
             acting.holder if acting else _("空缺"), str(post.valid_from),
             [{"text": _("值守表"), "href": f"/post/{post.code}/roster", "about": post.code}]]
        )  # fmt: skip
    return rows


def policy(_: Speech, city: Directory, today: date) -> Rows:
    return [
        [f"{sla.code} {sla.name}", limit_of(_, sla.respond), limit_of(_, sla.control),
         limit_of(_, sla.resolve), limit_of(_, sla.follow_up),
         [{"text": _("更改"), "href": f"/admin/change/policy#{sla.code}", "about": sla.code}]]
        for sla in city.sla_classes
    ]  # fmt: skip


def accounts(_: Speech, city: Directory, today: date) -> Rows:
    rows: Rows = []
    for account in sorted(city.accounts.values(), key=lambda one: one.username):
        name = account.username
        state = change(_, "account-shut", name, _("停用账号"))
        if not account.active:
            state = change(_, "account-reopen", name, _("恢复账号"))
        reset = {"text": _("重置密码"), "href": f"/admin/password/{name}", "about": name}
        rows.append(
            [name, account.display_name, ROLE_WORDS[account.role].say(_.language, {}),
             account.grid or account.unit or account.post or account.street or "—",
             _("在用") if account.active else _("已停用"),
             [change(_, "account", name), reset, state]]
        )  # fmt: skip
    return rows


def calendars(_: Speech, city: Directory, today: date, waiting: Sequence[int] = ()) -> Rows:
    known = {year.year: year for year in city.calendar_years}
    kinds = day_kinds(_)
    rows: Rows = []
    for year in sorted({*known, *waiting, today.year, today.year + 1}):
        if year in known:
            days = known[year].days
            makeup = " ".join(str(day.on)[5:] for day in days if day.kind == MAKEUP)
            state = _("已发布")
            about = _("{n} 天不按星期几；{kind} {list}", n=len(days),
                      kind=kinds[MAKEUP], list=makeup or "—")  # fmt: skip
            button = change(_, "calendar", str(year))
        else:
            state, about = _("缺少"), _("该年的时限暂按周一至周五计算，日历到后重算")
            button = change(_, "calendar", str(year), _("补录"))
        rows.append([str(year), state, about, [button]])
    return rows


LISTS: Mapping[str, Callable[[Speech, Directory, date], Rows]] = {
    "areas": areas,
    "plans": plans,
    "posts": posts,
    "units": units,
    "items": items,
    "majors": majors,
    "categories": categories,
    "policy": policy,
    "calendars": calendars,
    "accounts": accounts,
}


def list_page(visit: Visit, name: str) -> Response:
    _, city = visit.speech, visit.tracker.city
    today = city.policy.calendar.date_of(visit.at)
    if name == "calendars":
        with visit.tracker.connection() as connection:
            found = calendars(_, city, today, clocks.missing_years(connection))
    else:
        found = LISTS[name](_, city, today)
    typed, done = visit.asked("q"), FORMS.get(visit.asked("done"))
    rows = [row for row in found if _has(row, typed)]
    promises = city.policy_terms
    return visit.show(
        "admin_list.html",
        name,
        rows=rows[:MOST],
        more=max(0, len(rows) - MOST),
        total=len(found),
        q=typed,
        facts={"version": promises.version, "hours": hours_in_words(promises.hours)},
        said=Notice(f"{_(done.title)}：{_('已记入日志')}", kind="good") if done else None,
    )


def _has(row: Sequence[Cell], typed: str) -> bool:
    """Whether one of the row's texts, buttons left out, contains what was typed."""
    texts = (cell["text"] if isinstance(cell, dict) else str(cell) for cell in row[:-1] or row)
    return not typed or any(typed.lower() in text.lower() for text in texts)


def _listing(name: str) -> Callable[..., Response]:
    def listing(visit: Admin) -> Response:
        return list_page(visit, name)

    return listing


for _name in LISTS:
    router.add_api_route(f"/admin/{_name}", _listing(_name), name=f"admin {_name}")


@router.get("/admin/posts/{code}")
def post(visit: Admin, code: str) -> Response:
    """One post: its grids over time, its offices, and what it has to hand over."""
    _, city = visit.speech, visit.tracker.directory.refresh()
    today, found = city.policy.calendar.date_of(visit.at), city.post(code)
    offices, handed = office_names(_), visit.asked("handed")
    return visit.show(
        "admin_post.html",
        "posts",
        post=found,
        street=city.area(found.street).name,
        grids=[(grid, city.grid(grid).name) for grid in sorted(found.grids(today))],
        territories=sorted((one.first, len(one.grids)) for one in found.territories),
        held=[
            [offices.get(one.role, one.role), one.holder, one.unit or "—", str(one.first),
             str(one.until or _("未定"))]
            for one in found.appointments
        ],
        away=[
            [one.holder, str(one.first), str(one.until)] for one in found.absences_from(today)
        ],
        elsewhere=whistles_to_hand_over(visit.tracker, city, code, today),
        handed=handed if handed.isdigit() else "",
        may_draw=not found.escalation_only,
    )  # fmt: skip


@router.post("/admin/posts/{code}/hand-over")
def hand(visit: Admin, form: Checked, code: str) -> Response:
    """Hand over the open whistles whose grid belongs to another post by now."""
    tracker, city = visit.tracker, visit.tracker.directory.refresh()
    there = whistles_to_hand_over(tracker, city, code, city.policy.calendar.date_of(visit.at))
    handed = hand_over(tracker, there, visit.at, visit.actor)
    return go(f"/admin/posts/{code}?handed={handed}")
