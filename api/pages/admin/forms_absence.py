"""The forms of an absence at a post: away from a day on, back on another."""

from api.pages.admin.ask import Ask
from api.pages.admin.forms_posts import office_names
from api.pages.parts.fields import Field
from tracker.city.changing.absences import Leave, Return
from tracker.city.changing.proposal import Change
from tracker.domain.city.posts import Absence


def leave_fields(ask: Ask) -> list[Field]:
    _, post = ask.speech, ask.city.post(ask.code)
    names = office_names(_)
    holding = [
        (held.holder, f"{names.get(held.role, held.role)} · {held.holder}")
        for held in post.appointments
        if held.until is None or held.until > ask.today
    ]
    return [
        ask.pick("holder", _("谁"), holding),
        ask.line("first", _("从哪天起离岗"), ask.today.isoformat(), kind="date"),
        ask.line("until", _("哪天回岗"), kind="date", hint=_("这天起又在岗")),
    ]


def leave_change(ask: Ask) -> Change:
    holder, first, until = ask.needed("holder", 64), ask.day("first"), ask.day("until")
    ask.check()
    assert first is not None and until is not None
    return Leave(ask.code, Absence(holder, first, until))


def return_fields(ask: Ask) -> list[Field]:
    _ = ask.speech
    away: dict[str, list[str]] = {}
    for one in ask.city.post(ask.code).absences_from(ask.today):
        away.setdefault(one.holder, [one.holder]).append(f"{one.first} – {one.until}")
    return [
        ask.pick("holder", _("谁"), [(holder, " · ".join(told)) for holder, told in away.items()]),
        ask.line("first", _("哪天回岗"), ask.today.isoformat(), kind="date",
                 hint=_("写离岗的第一天就是取消")),
    ]  # fmt: skip


def return_change(ask: Ask) -> Change:
    holder, on = ask.needed("holder", 64), ask.day("first")
    ask.check()
    assert on is not None
    return Return(ask.code, holder, on)
