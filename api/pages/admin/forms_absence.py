"""The forms of an absence at a post: away from a day on, back on another."""

from api.pages.admin.form import ChangeForm, Form
from api.pages.admin.forms_posts import office_names
from tracker.city.changing.absences import Leave, Return
from tracker.city.changing.city_change import CityChange
from tracker.domain.city.posts import Absence


def leave(form: Form) -> CityChange:
    _, names = form.speech, office_names(form.speech)
    holding = [
        (held.holder, f"{names.get(held.role, held.role)} · {held.holder}")
        for held in form.city.post(form.code).appointments
        if held.until is None or held.until > form.today
    ]
    holder = form.pick("holder", _("谁"), holding)
    first = form.day("first", _("从哪天起离岗"), form.today)
    until = form.day("until", _("哪天回岗"), hint=_("这天起又在岗"))
    form.check()
    assert first is not None and until is not None
    return Leave(form.code, Absence(holder, first, until))


def come_back(form: Form) -> CityChange:
    _ = form.speech
    away: dict[str, list[str]] = {}
    for one in form.city.post(form.code).absences_from(form.today):
        away.setdefault(one.holder, [one.holder]).append(f"{one.first} – {one.until}")
    options = [(holder, " · ".join(spans)) for holder, spans in away.items()]
    holder = form.pick("holder", _("谁"), options)
    on = form.day("first", _("哪天回岗"), form.today, hint=_("写离岗的第一天就是取消"))
    form.check()
    assert on is not None
    return Return(form.code, holder, on)


FORMS = {
    "leave": ChangeForm("记离岗", leave, "posts"),
    "return": ChangeForm("记回岗", come_back, "posts"),
}
