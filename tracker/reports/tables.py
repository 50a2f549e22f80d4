"""Answers about figures as tables: the rows of CSV, and the sheets of a workbook."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from tracker.directory import Directory
from tracker.domain.errors import Words
from tracker.metrics.definitions import BY_ID, METRICS, Metric
from tracker.metrics.exports import (
    Sheet,
    Value,
    cells_of,
    definitions,
    exclusion_cells,
    exclusion_head,
    head_of,
    notes,
)
from tracker.projections.rates.answer import OTHER
from tracker.reports.month_report import Adjusted, Report
from tracker.reports.rankings import Rankings, Standing

CODE, NAME, KIND = Words("编码", "code"), Words("名称", "name"), Words("类别", "kind")
RANK = Words("名次", "rank")
WHOLE = Words("合计", "total")
ALL_OTHERS = Words("其他（含保密类别，合并列出）", "others, confidential ones among them")
RATES, RANKING = Words("指标", "Figures"), Words("排名", "Ranking")
ADJUSTED = Words("冻结后调整", "Adjustments")
SCOPE, FROM, TO = (
    Words("范围", "scope"),
    Words("起", "from"),
    Words("止(不含)", "to (not included)"),
)
MONTH, AS_OF = Words("月份", "month"), Words("统计时点", "as of")
POSITION, DIGEST = Words("日志位置", "log position"), Words("校验值", "digest")
VERSION = Words("口径版本", "definitions")
STATUS = Words("状态", "status")
FROZEN, PROVISIONAL = Words("已冻结", "frozen"), Words("暂计", "provisional")

ZH_ADJUSTED = ["吹哨编号", "计入", "冻结时", "现在", "原因"]
HIDDEN = Words("(无权查看这一件)", "(not yours to read)")

# The list behind a figure.
LIST_HEAD: Mapping[str, list[str]] = {
    "zh": ["吹哨编号", "单位", "指挥部", "类别", "统计归属", "原因"],
    "en": ["whistle", "unit", "post", "category", "counted at", "why"],
}

KINDS: Mapping[str, Words] = {
    "city": Words("全市", "city"),
    "street": Words("街道", "street"),
    "community": Words("社区", "community"),
    "subdistrict": Words("街道指挥部", "subdistrict post"),
    "special_area": Words("专项片区", "special area"),
    "unit": Words("责任单位", "unit"),
    "responder": Words("协作单位", "responder"),
    "member": Words("联盟成员", "alliance member"),
    "major": Words("大类", "major category"),
    "minor": Words("小类", "minor category"),
}


NO_EXCLUSIONS: Mapping[str, Mapping[str, Any]] = {}


def say(words: Words, language: str) -> str:
    return words.say(language, {})


def rates_sheets(city: Directory, answer: Mapping[str, Any], language: str) -> list[Sheet]:
    """Three sheets: the scope and its rows, the definitions, and what was asked for.

    The last columns are of the rates from which anything is excluded (domain.md §4.2, exclude).
    """
    items = answer.get("items", ())
    besides = [answer["exclusions"], *(item["exclusions"] for item in items)]
    changed = _changed(besides)

    def name(key: str) -> str:
        return name_of(city, answer["by"], key, language)

    named = [
        (answer["scope"], say(WHOLE, language), answer["metrics"]),
        *((one["key"], name(one["key"]), one["metrics"]) for one in items),
    ]
    rows: list[list[Value]] = [
        [key, name, *cells_of(METRICS, metrics), *exclusion_cells(changed, beside)]
        for (key, name, metrics), beside in zip(named, besides, strict=True)
    ]
    head = [
        *(say(CODE, language), say(NAME, language)),
        *head_of(METRICS, language),
        *exclusion_head(changed, language),
    ]
    facts: list[tuple[Words, Value]] = [
        (SCOPE, answer["scope"]),
        (FROM, answer["from"]),
        (TO, answer["to"]),
        (AS_OF, answer["as_of"]),
        (POSITION, str(answer["position"])),
    ]
    return [Sheet(say(RATES, language), head, rows), definitions(language), notes(language, facts)]


def _changed(besides: Iterable[Mapping[str, Any]]) -> list[Metric]:
    """The rates from which anything is excluded in any of the rows."""
    names = {name for beside in besides for name in beside}
    return [metric for metric in METRICS if metric.id in names]


def name_of(city: Directory, by: str, key: str, language: str) -> str:
    entry = city.registers.get(by, {}).get(key)
    if key == OTHER:
        return say(ALL_OTHERS, language)
    return entry.name if entry is not None else key


RANKED = tuple(
    BY_ID[name]
    for name in (
        "composite_score",
        "on_time_response_rate",
        "resolution_rate",
        "satisfaction_rate",
        "on_time_resolution_rate",
        "raised_gross",
        "raised_valid",
    )
)


def rankings_sheets(found: Rankings, language: str) -> list[Sheet]:
    head = [say(words, language) for words in (KIND, RANK, CODE, NAME)]
    rows = [
        [
            say(KINDS[one.row.kind], language),
            _rank(one, language),
            one.row.key,
            one.row.name,
            *cells_of(RANKED, one.row.metrics),
        ]
        for one in found.standings
    ]
    sheet = Sheet(say(RANKING, language), [*head, *head_of(RANKED, language)], rows)
    return [sheet, definitions(language), notes(language, heading_facts(found.report, language))]


def _rank(one: Standing, language: str) -> Value:
    return one.rank if one.why_unranked is None else say(one.why_unranked, language)


def report_sheets(
    report: Report,
    adjusted: Adjusted,
    language: str,
    may_name: Callable[[UUID], bool] = lambda whistle: True,
    exclusions: Mapping[str, Mapping[str, Any]] = NO_EXCLUSIONS,
) -> list[Sheet]:
    """Four sheets: the month's rows, what became known since, the definitions, when it was frozen.

    `may_name`: whether the reader may see which whistle it is. `exclusions`: by scope, as of the
    report's own moment.
    """
    changed = _changed(exclusions.values())
    head = [say(words, language) for words in (KIND, CODE, NAME)]
    head += [*head_of(METRICS, language), *exclusion_head(changed, language)]
    rows = [
        [
            *(say(KINDS[row.kind], language), row.key, row.name),
            *cells_of(METRICS, row.metrics),
            *exclusion_cells(changed, exclusions.get(row.scope, {})),
        ]
        for row in report.rows
    ]
    return [
        Sheet(report.month, head, rows),
        _adjusted_sheet(adjusted, language, may_name),
        definitions(language),
        notes(language, heading_facts(report, language)),
    ]


def _adjusted_sheet(adjusted: Adjusted, language: str, may_name: Callable[[UUID], bool]) -> Sheet:
    en = language == "en"
    head = ["whistle", "count", "frozen", "now", "reason"] if en else ZH_ADJUSTED
    rows: list[list[Value]] = [
        [
            one.line.number,
            one.where(language),
            one.before.sentence(language) if one.before else None,
            one.after.sentence(language) if one.after else None,
            one.reason(language),
        ]
        if may_name(one.line.whistle)
        else [None, one.where(language), None, None, say(HIDDEN, language)]
        for one in adjusted.whistles
    ]
    return Sheet(say(ADJUSTED, language), head, rows)


def heading_facts(report: Report, language: str) -> list[tuple[Words, Value]]:
    heading = report.heading()
    return [
        (MONTH, report.month),
        (STATUS, say(FROZEN if report.frozen else PROVISIONAL, language)),
        (AS_OF, heading["as_of"]),
        (POSITION, str(heading["position"])),
        (DIGEST, heading["digest"]),
        (VERSION, heading["definitions"]),
    ]
