"""The city's registers as lists: what stands, since when, and what may be changed about it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from fastapi import Request, Response

from api.door.access import ROLE_WORDS
from api.door.callers import SignedIn, TheTracker, now
from api.pages.admin.change import menu
from api.pages.admin.forms import KINDS
from api.pages.admin.forms_calendar import day_kinds
from api.pages.admin.forms_city import limit_of
from api.pages.admin.forms_posts import office_names
from api.pages.admin.listing import Cell, Listing, change
from api.pages.admin.lists_units import areas, categories, items, majors, units
from api.pages.frame.look import go, show, speech_of
from api.pages.frame.route import Checked, Said, pages
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import ADMINS, head, only
from tracker.city.changing.calendars import MAKEUP
from tracker.city.changing.posts import hand_over, lying_elsewhere
from tracker.city.changing.promises import spoken
from tracker.directory import Directory
from tracker.projections import clocks

router = pages()

MOST = 300  # rows shown; more are found by the search


def plans(_: Speech, city: Directory, today: date) -> Listing:
    standing = city.plan(today)
    rows: list[list[Cell]] = []
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
    names = [_("方案"), _("网格数"), _("网格员"), _("现状"), _("启用期"), _("操作")]
    return Listing(_("网格方案"), names, rows, note=_("切换是一个事件；在办的留在登记时的网格。"))


def posts(_: Speech, city: Directory, today: date) -> Listing:
    rows = []
    for post in sorted(city.posts_on(today), key=lambda one: one.code):
        acting = post.acting_commander(today)
        rows.append(
            [{"text": post.name, "href": f"/admin/posts/{post.code}"}, post.code,
             city.area(post.street).name, str(len(post.grids(today))),
             acting.holder if acting else _("空缺"), str(post.valid_from),
             [{"text": _("值守表"), "href": f"/post/{post.code}/roster", "about": post.code}]]
        )  # fmt: skip
    names = [
        _("指挥部"),
        _("代码"),
        _("街道"),
        _("网格数"),
        _("今天谁指挥"),
        _("起始日"),
        _("操作"),
    ]
    note = _("谁离岗、谁代岗，记在值守表上。")
    return Listing(_("指挥部"), names, rows, note=note)


def policy(_: Speech, city: Directory, today: date) -> Listing:
    rows = [
        [f"{sla.code} {sla.name}", limit_of(_, sla.respond), limit_of(_, sla.control),
         limit_of(_, sla.resolve), limit_of(_, sla.follow_up),
         [{"text": _("更改"), "href": f"/admin/change/policy#{sla.code}", "about": sla.code}]]
        for sla in city.sla_classes
    ]  # fmt: skip
    names = [_("类别"), _("响应"), _("控制"), _("办结"), _("回访"), _("操作")]
    note = _(
        "现行第 {n} 版，上班时段 {spans}。改动即成新的一版，已承诺的时限不变。",
        n=city.policy_terms.version,
        spans=spoken(city.policy_terms.hours),
    )
    add = [("/admin/change/policy", _("改各类别时限")), ("/admin/change/hours", _("改工作时间"))]
    return Listing(_("时限政策"), names, rows, add, note)


def accounts(_: Speech, city: Directory, today: date) -> Listing:
    rows: list[list[Cell]] = []
    for account in sorted(city.accounts.values(), key=lambda one: one.username):
        state = change(_, "account-shut", account.username, _("停用账号"))
        if not account.active:
            state = change(_, "account-reopen", account.username, _("恢复账号"))
        reset = {
            "text": _("重置密码"),
            "href": f"/admin/password/{account.username}",
            "about": account.username,
        }
        rows.append(
            [account.username, account.display_name, ROLE_WORDS[account.role].say(_.language, {}),
             account.grid or account.unit or account.post or account.street or "—",
             _("在用") if account.active else _("已停用"),
             [change(_, "account", account.username), reset, state]]
        )  # fmt: skip
    names = [_("账号名"), _("岗位"), _("角色"), _("范围"), _("现状"), _("操作")]
    return Listing(_("账号"), names, rows, [("/admin/change/account-open", _("新账号"))])


def calendars(_: Speech, city: Directory, today: date, waiting: Sequence[int] = ()) -> Listing:
    known = {year.year: year for year in city.calendar_years}
    kinds = day_kinds(_)
    rows: list[list[Cell]] = []
    for year in sorted({*known, *waiting, today.year, today.year + 1}):
        if year in known:
            days = known[year].days
            off = [str(day.on)[5:] for day in days if day.kind == MAKEUP]
            state = _("已发布")
            told = _("{n} 天不按星期几；{kind} {list}", n=len(days),
                     kind=kinds[MAKEUP], list=" ".join(off) or "—")  # fmt: skip
            button = change(_, "calendar", str(year))
        else:
            state, told = _("缺少"), _("该年的时限暂按周一至周五计算，日历到后重算")
            button = change(_, "calendar", str(year), _("补录"))
        rows.append([str(year), state, told, [button]])
    names = [_("年份"), _("现状"), _("内容"), _("操作")]
    return Listing(_("日历"), names, rows, [("/admin/change/calendar", _("新一年"))])


LISTS: Mapping[str, Callable[[Speech, Directory, date], Listing]] = {
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


def list_page(request: Request, tracker: TheTracker, caller: SignedIn, name: str) -> Response:
    only(caller, ADMINS)
    _, city = speech_of(request), tracker.city
    today = city.policy.calendar.date_of(now())
    if name == "calendars":
        with tracker.connection() as connection:
            found = calendars(_, city, today, clocks.missing_years(connection))
    else:
        found = LISTS[name](_, city, today)
    asked = request.query_params.get("q", "").strip()
    rows = [row for row in found.rows if _has(row, asked)]
    done = request.query_params.get("done", "")
    told = (
        Said(f"{KINDS[done].title(_)}：{_('已记入日志')}", kind="good") if done in KINDS else None
    )
    return show(
        request,
        "admin_list.html",
        **head(request, city, caller),
        **menu(_, name),
        list=found,
        rows=rows[:MOST],
        more=max(0, len(rows) - MOST),
        total=len(found.rows),
        q=asked,
        action=f"/admin/{name}",
        said=told,
    )


def _has(row: Sequence[Cell], asked: str) -> bool:
    texts = (cell["text"] if isinstance(cell, dict) else str(cell) for cell in row[:-1] or row)
    return not asked or any(asked.lower() in text.lower() for text in texts)


def _listing(name: str) -> Callable[..., Response]:
    def listing(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
        return list_page(request, tracker, caller, name)

    return listing


for _name in LISTS:
    router.add_api_route(f"/admin/{_name}", _listing(_name), name=f"admin {_name}")


@router.get("/admin/posts/{code}")
def post(request: Request, tracker: TheTracker, caller: SignedIn, code: str) -> Response:
    """One post: its grids over time, its offices, and what it still has of others' grids."""
    only(caller, ADMINS)
    _, city = speech_of(request), tracker.directory.refresh()
    today, found = city.policy.calendar.date_of(now()), city.post(code)
    offices = office_names(_)
    handed = request.query_params.get("handed", "")
    return show(
        request,
        "admin_post.html",
        **head(request, city, caller),
        **menu(_, "posts"),
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
        away_names=[_("名册代号"), _("离岗"), _("回岗")],
        names=[_("职务"), _("名册代号"), _("派出单位"), _("起"), _("至")],
        elsewhere=lying_elsewhere(tracker, city, code, today),
        handed=handed if handed.isdigit() else "",
        may_draw=not found.escalation_only,
    )  # fmt: skip


@router.post("/admin/posts/{code}/hand-over")
def hand(
    request: Request, tracker: TheTracker, caller: SignedIn, form: Checked, code: str
) -> Response:
    """What is open here although its grid is another post's by now goes there."""
    only(caller, ADMINS)
    city, at = tracker.directory.refresh(), now()
    there = lying_elsewhere(tracker, city, code, city.policy.calendar.date_of(at))
    handed = hand_over(tracker, there, at, caller.actor)
    return go(f"/admin/posts/{code}?handed={handed}")
