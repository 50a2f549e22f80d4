"""领导看板: rates, ranking, map and overdue whistles of a scope and period as of a moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from api.door.access import Person
from api.door.callers import Anyone, SignedIn, TheTracker, now
from api.pages.frame.look import news_of, show, speech_of
from api.pages.frame.route import pages
from api.pages.frame.speech import Speech
from api.pages.frame.visitor import head
from api.pages.leader import view
from api.pages.leader.asked import FiguresQuery, FiguresResult, result_of
from api.pages.leader.days import MONTH, WEEK
from api.pages.leader.heading import heading, refused
from api.reading.figures import ListedForReader, figures_connection, for_reader, may_open
from tracker.city_zone import city_zone
from tracker.directory import Directory
from tracker.domain.errors import Invalid
from tracker.eventstore.connections import Connection
from tracker.metrics.asking import CITY, Period, Question, day_of
from tracker.metrics.definitions import (
    ALL_NOTES,
    ANNULLED,
    METRICS,
    NOT_CHECKED_YET,
    NOT_YET_DUE,
    UNITS_DO_NOT_ADD_UP,
    VERSION,
    WHERE_IT_COUNTS,
)
from tracker.metrics.report import ReportRow
from tracker.metrics.steps import STEPS_DEFINITION
from tracker.projections.rates.answer import (
    Adjustment,
    ClassRow,
    Exclusion,
    FiguresRow,
    adjustments,
    by_class,
    listed,
    reached,
    row_of,
    rows_of,
)
from tracker.reports.drawing.city_map import BaseMap, kept_base_map
from tracker.reports.indices import definitions
from tracker.reports.month_report import NotFrozen
from tracker.reports.rankings import OF, Standing, counted_rows, standings

router = pages()
NAMED = 20  # adjusted whistles named on the page; the workbook has all of them


@dataclass(frozen=True)
class PulseFigures:
    """The figures renewed every few seconds. `folded`: the log position of the rates."""

    folded: int
    row: FiguresRow | ReportRow
    exclusions: Mapping[str, Exclusion]
    quiet: bool
    days_shown: Period
    days: Sequence[FiguresRow]
    overdue: Sequence[ListedForReader]


@dataclass(frozen=True)
class SlowFigures:
    """The figures renewed once a minute. `adjusted`: by whistle, only for a frozen month."""

    base_map: BaseMap
    grids: Sequence[FiguresRow]
    classes: Mapping[str, ClassRow]
    ranking: Sequence[Standing]
    adjusted: Mapping[UUID, Sequence[Adjustment]]
    open_to: set[UUID]


@router.get("/leader")
def leader(request: Request, tracker: TheTracker, caller: SignedIn) -> Response:
    """The page. `part=pulse`: only what is renewed every few seconds; `screen`: for a wall."""
    _, at, city, params = speech_of(request), now(), tracker.city, request.query_params
    of = params.get("of", "posts")
    of = of if of in OF else "posts"
    with figures_connection(tracker, caller) as connection:
        try:
            result = result_of(tracker, connection, FiguresQuery.of(params, at), at)
        except (Invalid, NotFrozen) as refusal:
            return refused(request, city, caller, refusal, at)
        pulse = read_pulse(connection, caller, result)
        slow = None
        if params.get("part") != "pulse":
            slow = read_slow(connection, city, caller, result, of)
    question, query = result.question, result.query
    return show(
        request,
        "leader_pulse.html" if slow is None else "leader.html",
        **head(request, city, caller),
        **heading(_, city, result, at),
        **figures_shown(_, city, result, pulse, slow),
        screen="screen" in params,
        clock=wall_clock(_, at),
        stream=news_of(question.scope, pulse.folded),
        running=day_of(question.as_of.at) < question.period.until,
        told=NAMED,
        of=of,
        tabs=[
            (name, label, query.at("/leader", of=name))
            for name, label in (
                ("posts", _("指挥部")),
                ("units", _("单位")),
                ("categories", _("类别")),
            )
        ],
        notes=[words.say(_.language, {}) for words in ALL_NOTES],
        all_reds=query.at(view.LIST, metric="overdue_stock", part="d"),
        big=query.at("/leader", of=of, screen="1"),
    )


def read_pulse(connection: Connection, caller: Person, result: FiguresResult) -> PulseFigures:
    question, shown = result.question, days_shown(result.question)
    folded = reached(connection)
    overdue = listed(connection, question, "overdue_stock", "d", limit=view.REDS)
    frozen = result.frozen and result.frozen.by_scope.get(question.scope)
    counted = row_of(connection, question)
    row = frozen or counted
    return PulseFigures(
        folded=folded,
        row=row,
        exclusions=counted.exclusions,
        quiet=row.is_empty,
        days_shown=shown,
        days=rows_of(connection, replace(question, period=shown, by="day", keys=())),
        overdue=for_reader(connection, caller, overdue),
    )


def days_shown(question: Question) -> Period:
    """Thirty days up to the question's moment or its period's end, and six days before them,
    because each point sums seven days."""
    last = min(question.period.until, day_of(question.as_of.at) + timedelta(days=1))
    return Period(last - timedelta(days=MONTH + WEEK - 1), last)


def read_slow(
    connection: Connection, city: Directory, caller: Person, result: FiguresResult, of: str
) -> SlowFigures:
    question, frozen, before = result.question, result.frozen, result.before
    # The map shows the grids of the period's last day, or of the question's day if earlier.
    on = min(question.period.until - timedelta(days=1), day_of(question.as_of.at))
    base = kept_base_map(city, on)
    grids = tuple(shape.code for shape in base.grids)
    classes = by_class(connection, question)
    rows = frozen.rows if frozen else counted_rows(connection, city, question, of)
    changed: dict[UUID, list[Adjustment]] = {}
    if frozen:
        for one in adjustments(connection, question.period, question.as_of, now()):
            changed.setdefault(one.line.whistle, []).append(one)
    return SlowFigures(
        base_map=base,
        grids=rows_of(connection, Question(CITY, question.period, question.as_of, "grid", grids)),
        classes=classes,
        ranking=standings(of, rows, before.rows if before else None),
        adjusted=changed,
        open_to=may_open(connection, caller, changed) if changed else set(),
    )


def figures_shown(
    _: Speech,
    city: Directory,
    result: FiguresResult,
    pulse: PulseFigures,
    slow: SlowFigures | None,
) -> dict[str, Any]:
    as_of = result.question.as_of
    adjusted = _adjusted(_, slow) if slow else []
    days = view.days(pulse.days_shown, pulse.days)
    values = {
        "position": pulse.folded if as_of.position is None else min(as_of.position, pulse.folded),
        "quiet": pulse.quiet,
        "overdue": pulse.row.metrics["overdue_stock"],
        "kpis": view.kpis(result, pulse.row, pulse.exclusions, days, _.language),
        "reds": view.reds(_, city, pulse.overdue, as_of.at),
    }
    if slow is None:
        return values
    return values | {
        "ranking": view.ranking(result, slow.ranking, _.language),
        "classes": view.classes(_, city, result, slow.classes),
        "adjusted": adjusted,
        "map": view.map_of(slow.base_map, result, slow.grids),
        **view.trend_of(_, days),
    }


def _adjusted(_: Speech, slow: SlowFigures) -> list[tuple[str, str, str]]:
    """The adjustments since the freeze: whistle, changed counts, reason."""
    between = ", " if _.language == "en" else "、"
    return [
        (
            all_of_it[0].line.number if whistle in slow.open_to else "—",
            between.join(dict.fromkeys(one.where(_.language) for one in all_of_it)),
            all_of_it[0].reason(_.language) if whistle in slow.open_to else _("您无权查看这一件"),
        )
        for whistle, all_of_it in slow.adjusted.items()
    ]


def wall_clock(_: Speech, at: datetime) -> str:
    """`11月26日 周四 09:50`, for the wall screen."""
    here = at.astimezone(city_zone())
    day = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    return _(
        "{month}月{date}日 {day} {clock}",
        month=here.month,
        date=here.day,
        day=day[here.weekday()],
        clock=f"{here:%H:%M}",
    )


@router.get("/about/figures")
def about(request: Request, tracker: TheTracker, caller: Anyone) -> Response:
    """口径: the definitions of the figures, open to everyone."""
    _ = speech_of(request)
    language = _.language
    rows = [
        {
            "id": metric.id,
            "name": metric.name.say(language, {}),
            "over": metric.over.say(language, {}),
            "counted": metric.counted.say(language, {}) if metric.counted else "—",
            "by_date": metric.by_date.say(language, {}),
            "left_out": metric.left_out.say(language, {}),
            "unit": metric.unit.say(language, {}),
            "since": metric.since,
        }
        for metric in METRICS
    ]
    named = definitions()
    notes = [
        (_("单位与全市"), UNITS_DO_NOT_ADD_UP.say(language, {})),
        (_("还没到期的"), NOT_YET_DUE.say(language, {})),
        (_("算在哪里"), WHERE_IT_COUNTS.say(language, {})),
        (_("待核查的"), NOT_CHECKED_YET.say(language, {})),
        (_("误记的"), ANNULLED.say(language, {})),
        (_("各环节停留"), STEPS_DEFINITION.say(language, {})),
        (_("重复率"), named["repeat_rate"][language]),
        (_("居民人数"), named["residents"][language]),
        (_("吹哨率"), named["band"][language]),
        (_("辛苦指数"), named["effort_index"][language]),
        (_("幸福指数"), named["happiness_index"][language]),
    ]
    return show(
        request,
        "about_figures.html",
        **head(request, tracker.city, caller),
        rows=rows,
        notes=notes,
        version=VERSION,
    )
