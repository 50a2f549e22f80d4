"""The forms of a post: its grids from a day on, who holds an office there."""

from collections.abc import Mapping

from api.pages.admin.form import ChangeForm, Form
from api.pages.frame.speech import Speech
from api.pages.parts.fields import Group
from tracker.city.changing.city_change import CityChange
from tracker.city.changing.posts import Appoint, Redraw, Relieve
from tracker.domain.city.posts import CADRE, COMMANDER, DEPUTIES, Appointment


def office_names(_: Speech) -> Mapping[str, str]:
    street, bureau = DEPUTIES
    return {
        COMMANDER: _("指挥长"),
        street: _("副指挥长（街道）"),
        bureau: _("副指挥长（部门）"),
        CADRE: _("下沉干部"),
    }


def territory(form: Form) -> CityChange:
    _, city, post = form.speech, form.city, form.city.post(form.code)
    held = set(post.grids(form.today))
    of_others: list[Group] = []
    for other in sorted(city.posts_on(form.today), key=lambda one: one.code):
        grids = sorted(set(other.grids(form.today)) - held)
        if other.code != post.code and not other.overrides and grids:
            of_others.append(Group(other.name, [_grid(form, code) for code in grids]))
    hint = _("可多选；划入即从原指挥部划出")
    take = form.several("take", _("划入的网格"), of_others, hint=hint)
    give: tuple[str, ...] = ()
    if post.overrides:
        own = [_grid(form, code) for code in sorted(held)]
        give = form.several("give", _("划出的网格"), own, hint=_("划出后归所在社区"))
    first = form.day("first", _("从哪天起"), form.today)
    handed = form.yes("hand_over", _("在办的一并移交"), True, hint=_("选否则在原指挥部办完"))
    if not take and not give:
        form.mistake("take", _("至少选一个网格"))
    form.check()
    assert first is not None
    return Redraw(form.code, first, take, give, hand_over=handed)


def _grid(form: Form, code: str) -> tuple[str, str]:
    return code, f"{form.city.grid(code).name} {code[-6:]}"


def appoint(form: Form) -> CityChange:
    _ = form.speech
    units = [(unit.code, unit.short) for unit in form.city.units]
    office = form.pick("office", _("职务"), list(office_names(_).items()))
    hint = _("名册或职位的代号，不写人名")
    holder = form.text("holder", _("名册代号"), hint=hint, at_most=64)
    unit = form.pick("unit", _("派出单位"), units, must=False, hint=_("下沉干部才填"))
    first = form.day("first", _("从哪天起"), form.today)
    until = form.day("until", _("到哪天前"), must=False, hint=_("不定就不填"))
    if first and until and until <= first:
        form.mistake("until", _("要晚于起始日"))
    form.check()
    assert first is not None
    return Appoint(form.code, Appointment(office, holder, unit, first, until))


def relieve(form: Form) -> CityChange:
    _, names = form.speech, office_names(form.speech)
    holding = [
        (f"{held.role}|{held.holder}", f"{names.get(held.role, held.role)} · {held.holder}")
        for held in form.city.post(form.code).appointments
        if held.until is None
    ]
    office, _sep, holder = form.pick("who", _("谁"), holding).partition("|")
    on = form.day("first", _("从哪天起"), form.today)
    form.check()
    assert on is not None
    return Relieve(form.code, office, holder, on)


FORMS = {
    "territory": ChangeForm("改辖区网格", territory, "posts"),
    "appoint": ChangeForm("任职", appoint, "posts"),
    "relieve": ChangeForm("免职", relieve, "posts"),
}
