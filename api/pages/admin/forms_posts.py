"""The forms of a post: its grids from a day on, who holds an office there."""

from collections.abc import Mapping

from api.pages.admin.ask import Ask
from api.pages.frame.speech import Speech
from api.pages.parts.fields import Field, Group
from tracker.city.changing.posts import Appoint, Redraw, Relieve
from tracker.city.changing.proposal import Change
from tracker.domain.city.posts import CADRE, COMMANDER, DEPUTIES, Appointment


def office_names(_: Speech) -> Mapping[str, str]:
    street, bureau = DEPUTIES
    return {
        COMMANDER: _("指挥长"),
        street: _("副指挥长（街道）"),
        bureau: _("副指挥长（部门）"),
        CADRE: _("下沉干部"),
    }


def territory_fields(ask: Ask) -> list[Field]:
    _, city, post = ask.speech, ask.city, ask.city.post(ask.code)
    held = set(post.grids(ask.today))
    taken: list[Group] = []
    for other in sorted(city.posts_on(ask.today), key=lambda one: one.code):
        grids = [code for code in other.grids(ask.today) if code not in held]
        if other.code != post.code and not other.overrides and grids:
            taken.append(Group(other.name, [(code, _grid(ask, code)) for code in sorted(grids)]))
    fields = [
        ask.several("take", _("划入的网格"), taken, hint=_("可多选；划入即从原指挥部划出")),
        ask.line("first", _("从哪天起"), ask.today.isoformat(), kind="date"),
        ask.yes_or_no("hand_over", _("在办的一并移交"), True,
                      hint=_("选否则在原指挥部办完")),
    ]  # fmt: skip
    if post.overrides:
        own = [(code, _grid(ask, code)) for code in sorted(held)]
        fields.insert(1, ask.several("give", _("划出的网格"), own, hint=_("划出后归所在社区")))
    return fields


def _grid(ask: Ask, code: str) -> str:
    return f"{ask.city.grid(code).name} {code[-6:]}"


def territory_change(ask: Ask) -> Change:
    first = ask.day("first")
    take, give = ask.all("take"), ask.all("give")
    if not take and not give:
        ask.errors["take"] = ask.speech("至少选一个网格")
    ask.check()
    assert first is not None
    return Redraw(ask.code, first, take, give, hand_over=ask.yes("hand_over"))


def appoint_fields(ask: Ask) -> list[Field]:
    _, city = ask.speech, ask.city
    units = [(unit.code, unit.short) for unit in city.units]
    return [
        ask.pick("office", _("职务"), list(office_names(_).items())),
        ask.line("holder", _("名册代号"), hint=_("名册或职位的代号，不写人名")),
        ask.pick("unit", _("派出单位"), units, must=False, hint=_("下沉干部才填")),
        ask.line("first", _("从哪天起"), ask.today.isoformat(), kind="date"),
        ask.line("until", _("到哪天前"), kind="date", must=False, hint=_("不定就不填")),
    ]


def appoint_change(ask: Ask) -> Change:
    office, holder = ask.needed("office"), ask.needed("holder", 64)
    first, until = ask.day("first"), ask.day("until", must=False)
    if office and office not in office_names(ask.speech):
        ask.errors["office"] = ask.speech("请在列表中选择")
    if first and until and until <= first:
        ask.errors["until"] = ask.speech("要晚于起始日")
    ask.check()
    assert first is not None
    held = Appointment(office, holder, ask.filled.text("unit"), first, until)
    return Appoint(ask.code, held)


def relieve_fields(ask: Ask) -> list[Field]:
    _, post = ask.speech, ask.city.post(ask.code)
    names = office_names(_)
    holding = [
        (f"{held.role}|{held.holder}", f"{names.get(held.role, held.role)} · {held.holder}")
        for held in post.appointments
        if held.until is None
    ]
    return [
        ask.pick("who", _("谁"), holding),
        ask.line("first", _("从哪天起"), ask.today.isoformat(), kind="date"),
    ]


def relieve_change(ask: Ask) -> Change:
    office, _sep, holder = ask.needed("who").partition("|")
    on = ask.day("first")
    ask.check()
    assert on is not None
    return Relieve(ask.code, office, holder, on)
