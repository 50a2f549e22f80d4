"""口径: every metric once. Code, API, exports, the page of definitions and the docs read this file.

A rate is n/d: `d` and `n` name the marks that something in the cohort has to bear. In the unit
view `unit_cohort` takes the place of `cohort` where it differs.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from tracker.domain.errors import Words
from tracker.metrics import cohorts
from tracker.metrics.cohorts import Cohort, Marks
from tracker.metrics.words import (
    AS_OF,
    ASSIGNED,
    ASSIGNMENTS,
    CLOSED,
    CLOSED_COHORT,
    EXCLUDED,
    FOLLOWED_UP,
    HOURS,
    ITEMS,
    MINUTES,
    NOTHING_MORE,
    PERCENT,
    POINTS,
    REGISTERED,
    REQUESTED,
    RESOLVE_COHORT,
    RESOLVE_DUE,
    RESPOND_DUE,
    RESPONSE_COHORT,
    SUBMITTED,
    WITHDRAWN,
    WORKING_MINUTES,
)

FIRST_VERSION = "0.1.0"
SATISFIED_FROM = 3  # of 5: 非常满意, 满意, 基本满意
LOWEST_LEVELS = 2  # 小区 and 社区
SMALLEST_SAMPLE = 5  # in each of the three denominators; below it there is no rank


class Kind(StrEnum):
    """RATE: {n, d, pct}. COUNT and STOCK: a number. TIME: a number of minutes or hours, or null."""

    RATE = "rate"
    COUNT = "count"
    STOCK = "stock"
    TIME = "time"
    SCORE = "score"


Statistic = Literal["mean", "median", "p90"]
Measure = Literal["natural", "own_natural", "own_working"]


@dataclass(frozen=True, kw_only=True)
class Metric:
    """`complement`: counted are those without the mark `n`. `since`: the version that has it."""

    id: str
    name: Words
    kind: Kind
    over: Words  # the denominator, or what is counted
    counted: Words | None = None  # the numerator
    by_date: Words
    left_out: Words
    unit: Words
    cohort: Cohort | None = None
    unit_cohort: Cohort | None = None
    d: Marks = Marks.IN
    n: Marks = Marks.OUT
    complement: bool = False
    statistic: Statistic | None = None
    measure: Measure | None = None
    since: str = FIRST_VERSION

    def cohort_of(self, unit_view: bool) -> Cohort | None:
        return self.unit_cohort if unit_view and self.unit_cohort else self.cohort


def _rate(id: str, zh: str, en: str, **terms: object) -> Metric:
    defaults: dict[str, object] = {"left_out": EXCLUDED, "unit": PERCENT, "kind": Kind.RATE}
    return Metric(id=id, name=Words(zh=zh, en=en), **defaults | terms)  # type: ignore[arg-type]


def _response_time(id: str, zh: str, en: str, statistic: Statistic, measure: Measure) -> Metric:
    over = {
        "natural": Words(
            zh="期内已响应的,登记(单位:派单)至响应",
            en="from registration (unit: assignment) to response, of those that responded",
        ),
        "own_natural": Words(
            zh="其中按自然时间计时的等级(E1、U2)",
            en="of these, the classes that run on natural time (E1, U2)",
        ),
        "own_working": Words(
            zh="其中按工作时间计时的等级(Q3、G4、X5、C6),只计工作时间",
            en="of these, the classes that run on working time (Q3, G4, X5, C6), working time only",
        ),
    }[measure]
    return Metric(
        id=id,
        name=Words(zh=zh, en=en),
        kind=Kind.TIME,
        over=over,
        by_date=RESPOND_DUE,
        left_out=WITHDRAWN,
        unit=WORKING_MINUTES if measure == "own_working" else MINUTES,
        cohort=Cohort.RESPONSE,
        unit_cohort=Cohort.ASSIGNED_RESPONSE,
        d=cohorts.RESPONDED,
        statistic=statistic,
        measure=measure,
    )


METRICS: tuple[Metric, ...] = (
    _rate(
        "raised_gross",
        "吹哨总量",
        "whistles raised",
        kind=Kind.COUNT,
        unit=ITEMS,
        cohort=Cohort.RAISED,
        left_out=NOTHING_MORE,
        over=Words(zh="期内登记的吹哨", en="whistles registered in the period"),
        by_date=REGISTERED,
    ),
    _rate(
        "raised_valid",
        "有效吹哨量",
        "valid whistles raised",
        kind=Kind.COUNT,
        unit=ITEMS,
        cohort=Cohort.RAISED,
        d=cohorts.VALID,
        over=Words(zh="吹哨总量减去不予统计的", en="the same, less those left out"),
        by_date=REGISTERED,
    ),
    _rate(
        "response_rate",
        "响应率",
        "response rate",
        cohort=Cohort.RESPONSE,
        unit_cohort=Cohort.ASSIGNED_RESPONSE,
        n=cohorts.RESPONDED,
        over=RESPONSE_COHORT,
        counted=Words(zh="已响应", en="responded"),
        by_date=RESPOND_DUE,
        left_out=WITHDRAWN,
    ),
    _rate(
        "on_time_response_rate",
        "按时响应率",
        "on-time response rate",
        cohort=Cohort.RESPONSE,
        unit_cohort=Cohort.ASSIGNED_RESPONSE,
        n=cohorts.IN_TIME,
        over=RESPONSE_COHORT,
        by_date=RESPOND_DUE,
        left_out=WITHDRAWN,
        counted=Words(zh="在时限内(含恰到时限)响应", en="responded at or before the due time"),
    ),
    _rate(
        "on_time_resolution_rate",
        "按期办结率",
        "on-time resolution rate",
        cohort=Cohort.RESOLUTION,
        unit_cohort=Cohort.LED_RESOLUTION,
        n=cohorts.DONE_IN_TIME,
        over=RESOLVE_COHORT,
        by_date=RESOLVE_DUE,
        left_out=WITHDRAWN,
        counted=Words(
            zh="通过核查的那次提交不晚于时限", en="the submission that passed is not after the due"
        ),
    ),
    _rate(
        "overdue_rate",
        "超期率",
        "overdue rate",
        cohort=Cohort.RESOLUTION,
        unit_cohort=Cohort.LED_RESOLUTION,
        n=cohorts.DONE_IN_TIME,
        complement=True,
        over=RESOLVE_COHORT,
        by_date=RESOLVE_DUE,
        left_out=WITHDRAWN,
        counted=Words(zh="未按期办结,含尚未办结", en="not resolved on time, unresolved included"),
    ),
    _rate(
        "resolution_rate",
        "解决率",
        "resolution rate",
        cohort=Cohort.FOLLOW_UP,
        d=cohorts.HAS_VERDICT,
        n=cohorts.SOLVED,
        over=Words(
            zh="首次回访在期内、有结论的", en="first follow-ups in the period with a verdict"
        ),
        counted=Words(zh="认为已解决", en="the verdict is: solved"),
        by_date=FOLLOWED_UP,
    ),
    _rate(
        "satisfaction_rate",
        "满意率",
        "satisfaction rate",
        cohort=Cohort.FOLLOW_UP,
        d=cohorts.RATED,
        n=cohorts.SATISFIED,
        over=Words(
            zh="首次回访在期内、有评分的", en="first follow-ups in the period with a rating"
        ),
        counted=Words(zh="评分 3 分及以上(满分 5 分)", en="rated 3 or more of 5"),
        by_date=FOLLOWED_UP,
    ),
    _rate(
        "composite_score",
        "三率综合分",
        "composite score",
        kind=Kind.SCORE,
        unit=POINTS,
        over=Words(
            zh="100×(30% 按时响应率 + 35% 解决率 + 35% 满意率)",
            en="100 × (30 % on-time response + 35 % resolution + 35 % satisfaction)",
        ),
        counted=Words(
            zh="缺某一率时去掉该率,其余权重按比例放大;三率皆缺则不排名",
            en="a rate without items is dropped and the other weights are scaled up; with none of "
            "the three there is no score",
        ),
        by_date=Words(zh="各率自己的日期", en="as each of the three"),
    ),
    _rate(
        "rework_rate",
        "返工率",
        "rework rate",
        cohort=Cohort.SUBMISSION,
        n=cohorts.REWORKED,
        over=Words(zh="首次提交办结在期内的", en="whistles first submitted in the period"),
        counted=Words(zh="至少返工一次", en="sent back to work at least once"),
        by_date=SUBMITTED,
    ),
    _rate(
        "reopen_rate",
        "重开率",
        "reopen rate",
        cohort=Cohort.CLOSED,
        n=cohorts.REOPENED,
        over=CLOSED_COHORT,
        counted=Words(zh="至少重开一次", en="reopened at least once"),
        by_date=CLOSED,
    ),
    _rate(
        "return_rate",
        "退单率",
        "return rate",
        cohort=Cohort.ASSIGNMENT,
        n=cohorts.RETURNED,
        over=ASSIGNMENTS,
        counted=Words(zh="退单获准", en="the return was upheld"),
        by_date=ASSIGNED,
    ),
    _rate(
        "improper_return_rate",
        "不当退单率",
        "improper return rate",
        cohort=Cohort.RETURN,
        n=cohorts.REJECTED,
        over=Words(
            zh="期内申请、统计时点已裁定的退单", en="returns requested in the period and decided"
        ),
        counted=Words(zh="被驳回", en="rejected"),
        by_date=REQUESTED,
    ),
    _rate(
        "dispatch_accuracy",
        "准确派遣率",
        "dispatch accuracy",
        cohort=Cohort.ASSIGNMENT,
        n=cohorts.RETURNED,
        complement=True,
        over=ASSIGNMENTS,
        counted=Words(zh="没有获准退单", en="not returned"),
        by_date=ASSIGNED,
    ),
    _rate(
        "extension_rate",
        "延期率",
        "extension rate",
        cohort=Cohort.RESOLUTION,
        unit_cohort=Cohort.LED_RESOLUTION,
        n=cohorts.EXTENDED,
        over=RESOLVE_COHORT,
        by_date=RESOLVE_DUE,
        left_out=WITHDRAWN,
        counted=Words(zh="至少获准延期一次", en="granted at least one extension"),
    ),
    _rate(
        "self_resolution_rate",
        "自处置率",
        "self-resolution rate",
        cohort=Cohort.RAISED,
        d=cohorts.VALID,
        n=cohorts.SELF_RESOLVED,
        over=Words(zh="有效吹哨量", en="valid whistles raised"),
        counted=Words(zh="网格员当场处置", en="fixed on the spot by the grid worker"),
        by_date=REGISTERED,
    ),
    _rate(
        "merge_rate",
        "并单率",
        "merge rate",
        cohort=Cohort.RAISED,
        n=cohorts.MERGED,
        left_out=NOTHING_MORE,
        over=Words(zh="吹哨总量", en="whistles raised"),
        counted=Words(zh="并入他哨", en="merged into another"),
        by_date=REGISTERED,
    ),
    _rate(
        "lowest_level_rate",
        "一级解决率",
        "solved at the lowest level",
        cohort=Cohort.CLOSED,
        n=cohorts.LOW,
        over=CLOSED_COHORT,
        by_date=CLOSED,
        counted=Words(zh="从未升级到社区以上", en="never escalated above the community"),
    ),
    _rate(
        "rework_on_time",
        "重办按期率",
        "second cycles on time",
        cohort=Cohort.REWORK,
        n=cohorts.DONE_IN_TIME,
        by_date=RESOLVE_DUE,
        left_out=WITHDRAWN,
        over=Words(
            zh="重开后的办理周期,其办结时限在期内、统计时点未挂账",
            en="cycles after a reopening whose resolve due lies in the period, not suspended then",
        ),
        counted=Words(zh="按期办结", en="resolved on time"),
    ),
    _response_time("mean_response_time", "平均响应时长", "mean response time", "mean", "natural"),
    _response_time(
        "median_response_time", "响应时长中位数", "median response time", "median", "natural"
    ),
    _response_time("p90_response_time", "响应时长 P90", "P90 response time", "p90", "natural"),
    *(
        _response_time(
            f"{statistic}_response_time_{clock}",
            f"响应时长{zh}({own_zh})",
            f"{en} response time, {own_en}",
            statistic,  # type: ignore[arg-type]
            measure,  # type: ignore[arg-type]
        )
        for clock, measure, own_zh, own_en in (
            ("natural_classes", "own_natural", "自然时间等级", "classes on natural time"),
            ("working_classes", "own_working", "工作时间等级", "classes on working time"),
        )
        for statistic, zh, en in (
            ("mean", "平均", "mean"),
            ("median", "中位数", "median"),
            ("p90", " P90", "P90"),
        )
    ),
    _rate(
        "mean_handling_time",
        "平均办理时长",
        "mean handling time",
        kind=Kind.TIME,
        unit=HOURS,
        cohort=Cohort.CLOSED,
        over=CLOSED_COHORT,
        statistic="mean",
        counted=Words(
            zh="登记至结案,减去挂账时间", en="from registration to closing, less suspensions"
        ),
        by_date=CLOSED,
    ),
    _rate(
        "suspended_stock",
        "挂账存量",
        "suspended now",
        kind=Kind.STOCK,
        unit=ITEMS,
        cohort=Cohort.SUSPENDED,
        by_date=AS_OF,
        over=Words(zh="统计时点正挂账的,不论期间", en="suspended then, whatever the period"),
    ),
    _rate(
        "overdue_stock",
        "超期存量",
        "overdue now",
        kind=Kind.STOCK,
        unit=ITEMS,
        cohort=Cohort.OVERDUE,
        by_date=AS_OF,
        over=Words(
            zh="统计时点已过办结时限而未办结、未挂账的,不论期间",
            en="past their resolve due then, neither resolved nor suspended, whatever the period",
        ),
    ),
)

BY_ID: dict[str, Metric] = {metric.id: metric for metric in METRICS}

# The composite score; percentages of the three are ranked together or not at all.
WEIGHTS: dict[str, Fraction] = {
    "on_time_response_rate": Fraction(30, 100),
    "resolution_rate": Fraction(35, 100),
    "satisfaction_rate": Fraction(35, 100),
}

UNITS_DO_NOT_ADD_UP = Words(
    zh="各单位之和不等于全市:一件吹哨可由多个单位承办,全市只计一次",
    en="The rows of units do not add up to the city's: several units may share a whistle, which "
    "the city counts once",
)
NOT_YET_DUE = Words(
    zh="期内尚未到期、尚未响应(办结)的也在分母中;月度报告在冻结时均已到期",
    en="what falls due later in the period is already counted, and not yet fulfilled; at a "
    "month's freeze everything is due",
)
