"""The HTML form of a command, made from its JSON body.

The body defines the fields and which are required; this module adds labels and controls.
"""

import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal, Union, get_args, get_origin

from api.door.fields import form_fields
from api.pages.frame.present import class_name, in_the_city
from api.pages.frame.speech import Speech
from tracker.city_zone import city_zone
from tracker.commands.fields import DECLINED
from tracker.commands.whistle.returning import RETURN_REASONS
from tracker.directory import Directory
from tracker.domain.whistle.ending import EXCLUSION_REASONS, TARGETS, VOID_REASONS
from tracker.domain.whistle.pausing import SUSPEND_REASONS

Options = Sequence[tuple[str, str]]
# Command → the field in which the unit's templates are offered.
ANSWERED = {
    "respond": "note",
    "submit": "note",
    "request-extension": "reason",
    "suspend": "safety_measure",
    "return": "basis",
}
HIDDEN = frozenset({"crs", "accuracy_m", "reasonable"})  # not shown in forms
OF_THE_LAST = {("confirm-call", "unit"), ("deny-call", "unit")}  # the call that is asked about
PHOTOS = frozenset({"photos", "before", "after"})
LINES = frozenset({"value", "into", "target"})
SEVERAL = frozenset({"co", "events"})


@dataclass(frozen=True)
class Group:
    label: str
    options: Options


@dataclass(frozen=True)
class Field:
    """One control; `kind`: area, text, date, files, select, many, choice, faces or hidden."""

    name: str
    id: str
    label: str
    kind: str
    required: bool = False
    value: str = ""
    chosen: Sequence[str] = ()
    kept: Sequence[str] = ()  # photos of an earlier try
    options: Options = ()
    groups: Sequence[Group] = ()
    hint: str = ""
    error: str = ""
    least: str = ""
    at_most: int = 2000
    fills: str = ""
    answers: Options = ()  # templates to insert: (name, text)


@dataclass(frozen=True)
class CommandForm:
    """The form of one command that this person may give now."""

    name: str
    label: str
    submit: str
    action: str
    key: str
    back: str
    fields: Sequence[Field] = ()
    primary: bool = False
    shortcut: str = ""
    open: bool = False
    hint: str = ""
    refusal: Any = None


@dataclass(frozen=True)
class Choices:
    """The options of selects from the city's registers, at one moment."""

    speech: Speech
    city: Directory
    now: datetime
    suggested: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)  # hints by command
    answers: Mapping[str, Options] = field(default_factory=dict)  # templates, by command
    parties: Mapping[str, Options] = field(default_factory=dict)  # which reporter, by command
    events: Options = ()  # what time alone recorded: number and words
    _memo: dict[str, Sequence[Group]] = field(default_factory=dict, compare=False)

    def units(self) -> Sequence[Group]:
        return unit_groups(self.speech, self.city)

    def categories(self) -> Sequence[Group]:
        by_major: dict[str, list[tuple[str, str]]] = {}
        for category in self.city.categories:
            by_major.setdefault(category.major, []).append((category.code, category.name))
        filled = [major for major in self.city.majors if major.code in by_major]
        return [Group(major.name, by_major[major.code]) for major in filled]

    def grids(self) -> Sequence[Group]:
        if "grids" not in self._memo:
            by_community: dict[str, list[tuple[str, str]]] = {}
            for grid in self.city.grids(self.now.astimezone(city_zone()).date()):
                by_community.setdefault(grid.parent, []).append((grid.code, grid.name))
            self._memo["grids"] = [
                Group(self.city.area(code).name, grids) for code, grids in by_community.items()
            ]
        return self._memo["grids"]

    def classes(self) -> Sequence[Group]:
        codes = [found.code for found in self.city.sla_classes]
        return [Group("", [(code, f"{class_name(self.speech, code)} {code}") for code in codes])]


def unit_groups(_: Speech, city: Directory) -> Sequence[Group]:
    """The units that may be dispatched, in groups: responsible units and extra responders."""
    return [
        Group(_("责任单位"), [(unit.code, unit.short) for unit in city.units]),
        Group(_("协作单位"), [(unit.code, unit.short) for unit in city.responders]),
    ]


def reasons(_: Speech, command: str) -> Options:
    """The listed reasons of a command; empty: free text."""
    words = {
        "not_our_duty": _("不属本单位职责"),
        "wrong_place": _("地点不在本单位管辖"),
        "needs_other_lead": _("应由别的单位主办"),
        "duplicate": _("与别的事项重复"),
        "no_authority": _("没有执法权限"),
        "season": _("季节限制"),
        "procurement": _("正在采购"),
        "litigation": _("正在诉讼"),
        "third_party_permission": _("待第三方许可"),
        "multi_year_project": _("跨年工程"),
        "waiting_for_reporter": _("待居民约时间"),
        "no_content": _("无内容"),
        "test": _("测试"),
        "abuse": _("辱骂"),
        "malicious_repeat": _("恶意重复"),
        "fabricated": _("虚构"),
        "force_majeure": _("不可抗力"),
        "nobodys_duty": _("不属任何单位职责"),
    }
    listed: Mapping[str, Iterable[str]] = {
        "return": RETURN_REASONS,
        "suspend": SUSPEND_REASONS,
        "void": VOID_REASONS,
        "exclude": EXCLUSION_REASONS,
    }
    return [(code, words.get(code, code)) for code in listed.get(command, ())]


def labels(_: Speech) -> Mapping[str, str]:
    return {
        "text": _("补充说明"),
        "photos": _("照片"),
        "before": _("处理前照片"),
        "after": _("处理后照片"),
        "note": _("说明"),
        "reason": _("理由"),
        "basis": _("依据"),
        "category": _("类别"),
        "sla_class": _("等级"),
        "grid": _("社区网格"),
        "into": _("并入哪一件（编号）"),
        "lead": _("主办单位"),
        "co": _("协办单位"),
        "unit": _("单位"),
        "suggested_unit": _("建议交给"),
        "kind": _("怎样报到"),
        "called_at": _("通话时间"),
        "reached": _("打通了吗？"),
        "upheld": _("裁定"),
        "granted": _("批复"),
        "passed": _("核查结果"),
        "resolved": _("解决了吗？"),
        "rating": _("满意吗？"),
        "method": _("回访方式"),
        "review_on": _("复查日期"),
        "safety_measure": _("期间的安全措施"),
        "target": _("转给"),
        "field": _("更正哪一项"),
        "value": _("应为"),
        "party": _("哪一位吹哨人"),
        "events": _("哪几条没有发生过"),
        "rework": _("要不要返工"),
        "level": _("升到第几级"),
    }


def answers(_: Speech, name: str) -> Options:
    """The options of a field with few choices."""
    return {
        "kind": [("arrival", _("已到场")), ("call", _("已电话联系"))],
        "reached": [("true", _("打通了")), ("false", _("没打通"))],
        "upheld": [("true", _("退单成立")), ("false", _("退单不成立"))],
        "granted": [("true", _("同意")), ("false", _("不同意"))],
        "passed": [("true", _("通过")), ("false", _("不通过，返工"))],
        "resolved": [("true", _("解决了")), ("null", _("说不好")), ("false", _("没解决"))],
        "rating": [
            ("1", _("很不满")),
            ("2", _("不满意")),
            ("3", _("基本满意")),
            ("4", _("满意")),
            ("5", _("很满意")),
            (DECLINED, _("不愿评价")),
        ],
        "method": [
            ("phone", _("电话")),
            ("site", _("上门")),
            ("online", _("线上")),
            ("unreachable", _("联系不上")),
        ],
        "rework": [("false", _("只答复")), ("true", _("答复并返工"))],
        "field": [("place", _("地点")), ("category", _("类别")), ("sla_class", _("等级"))],
    }.get(name, [])


def fields_of(command: str, body: type[Any], choices: Choices, prefix: str = "") -> list[Field]:
    """The controls of a command, empty except for the catalogue's suggestions."""
    named = labels(choices.speech)
    made = []
    for name, about in form_fields(body).items():
        if (
            name in HIDDEN
            or (command, name) in OF_THE_LAST
            or (command == "locate" and name in ("lat", "lon"))
        ):
            continue
        if name == "party" and not choices.parties.get(command):
            continue
        blank = Field(
            name=name,
            id=f"{prefix or command}-{name}",
            label=named.get(name, name),
            kind="area",
            required=about.required or (command, name) == ("locate", "grid"),
        )
        suited = _suited(command, blank, about.annotation, choices)
        if ANSWERED.get(command) == name:
            suited = replace(suited, answers=choices.answers.get(command, ()))
        proposed = choices.suggested.get((command, name), ())
        made.append(replace(suited, chosen=proposed, value=proposed[0]) if proposed else suited)
    return made


def _suited(command: str, blank: Field, annotation: Any, choices: Choices) -> Field:
    _, name = choices.speech, blank.name
    if name in PHOTOS:
        return replace(blank, kind="files")
    if name in ("lat", "lon"):
        return replace(blank, kind="hidden", fills=name)
    if name == "rating":
        may_decline = str in map(type, _literals(annotation))
        faces = [one for one in answers(_, name) if may_decline or one[0] != DECLINED]
        return replace(blank, kind="faces", options=faces)
    if options := answers(_, name):
        asked = blank.required or name == "resolved"
        options = [one for one in options if one[0] != "null" or not blank.required]
        return replace(blank, kind="choice", options=options, required=asked)
    if name in ("lead", "unit", "suggested_unit", "co"):
        return replace(blank, kind="many" if name == "co" else "select", groups=choices.units())
    if name == "level":
        levels = [(str(level), str(level)) for level in range(2, 6)]
        hint = _("不选则升一级；紧急事项可以越级")
        return replace(blank, kind="select", groups=[Group("", levels)], hint=hint)
    if name == "party":
        return replace(blank, kind="select", groups=[Group("", choices.parties[command])])
    if name == "events":
        hint = _("连带的一起选")
        return replace(blank, kind="many", groups=[Group("", choices.events)], hint=hint)
    if name == "category":
        return replace(blank, kind="select", groups=choices.categories())
    if name == "sla_class":
        return replace(blank, kind="select", groups=choices.classes(), hint=_("不选则按类别"))
    if name == "grid":
        return replace(blank, kind="select", groups=choices.grids())
    if name == "target":
        return replace(blank, kind="select", groups=[Group("", list(TARGETS.items()))])
    if name == "reason" and (listed := reasons(_, command)):
        return replace(blank, kind="select", groups=[Group("", listed)])
    if datetime in _kinds(annotation):
        return replace(blank, kind="datetime-local", hint=_("电话联系时必填"))
    if _is_date(annotation):
        tomorrow = choices.now.astimezone(city_zone()).date() + timedelta(days=1)
        return replace(blank, kind="date", least=tomorrow.isoformat())
    return replace(blank, kind="text") if name in LINES else blank


def _literals(annotation: Any) -> Iterable[Any]:
    """The values of the literals in it."""
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
        return
    for part in get_args(annotation):
        yield from _literals(part)


def _is_date(annotation: Any) -> bool:
    if get_origin(annotation) in (Union, types.UnionType):
        return any(_is_date(part) for part in get_args(annotation))
    return annotation is date


def body_of(body: type[Any], texts: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The form as a JSON body: empty fields are left out, `true` becomes a boolean."""
    said: dict[str, Any] = {}
    for name, about in form_fields(body).items():
        given = [text for text in texts.get(name, ()) if text]
        if not given or name in PHOTOS:
            continue
        if name in SEVERAL:
            said[name] = [_value(about.annotation, one) for one in given]
        else:
            said[name] = _value(about.annotation, given[0])
    return {name: value for name, value in said.items() if value is not None}


def _value(annotation: Any, given: str) -> Any:
    """Numbers and booleans as in JSON; anything else stays as typed, for the body to refuse."""
    kinds = set(_kinds(annotation))
    if datetime in kinds:
        return in_the_city(given)
    if bool in kinds:
        return {"true": True, "false": False, "null": None}.get(given, given)
    if int in kinds and given.isascii() and given.isdecimal():
        return int(given[:18])
    if float in kinds:
        try:
            return float(given)
        except ValueError:
            return given
    return given


def _kinds(annotation: Any) -> Iterable[Any]:
    if get_origin(annotation) is Literal:
        return
    parts = get_args(annotation)
    if not parts:
        yield annotation
    for part in parts:
        yield from _kinds(part)
