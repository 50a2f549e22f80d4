"""口径: every metric, one row each. Code, API, exports, the page of definitions and the docs read
this table; tests/rates/test_definitions.py keeps docs/metrics.md to it.

A rate is n/d. The row's basis (`bases.py`) says what d is; `n` names the marks that something in d
has to bear to be in the numerator too.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Literal

from tracker.domain.errors import Words
from tracker.metrics import bases, cohorts
from tracker.metrics.bases import Basis
from tracker.metrics.cohorts import Cohort, Marks

FIRST_VERSION = "0.1.0"
# Grows when a formula changes. A frozen month keeps the version by which it was counted.
VERSION = "0.2.0"
SATISFIED_FROM = 3  # of 5: 非常满意, 满意, 基本满意
LOWEST_LEVELS = 2  # 小区 and 社区
MOST_UNHEARD = Fraction(20, 100)  # of a post's follow-ups; above it there is no rank
SMALLEST_SAMPLE = 5  # in each of the three denominators; below it there is no rank

PERCENT = Words(zh="%", en="%")
ITEMS = Words(zh="件", en="whistles")
MINUTES = Words(zh="自然分钟", en="natural minutes")
WORKING_MINUTES = Words(zh="工作分钟", en="working minutes")
HOURS = Words(zh="小时", en="hours")
POINTS = Words(zh="分", en="points")


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
    """A row of the table.

    `over` is the denominator, or what is counted; `counted` the numerator. `complement`: those
    without the mark `n` are the numerator. In the view of a unit `unit_cohort` is counted; both
    cohorts are None for the composite score. `since`: the version that first had it.
    """

    id: str
    name: Words
    kind: Kind
    over: Words
    counted: Words | None = None
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


def _metric(
    kind: Kind,
    unit: Words,
    id: str,
    zh: str,
    en: str,
    basis: Basis,
    *,
    n: Marks = Marks.OUT,
    counted: Words | None = None,
    complement: bool = False,
    statistic: Statistic | None = None,
    measure: Measure | None = None,
    since: str = FIRST_VERSION,
) -> Metric:
    return Metric(
        id=id,
        name=Words(zh=zh, en=en),
        kind=kind,
        unit=unit,
        over=basis.over,
        by_date=basis.by_date,
        left_out=basis.left_out,
        cohort=basis.cohort,
        unit_cohort=basis.unit_cohort or basis.cohort,
        d=basis.d,
        n=n,
        counted=counted,
        complement=complement,
        statistic=statistic,
        measure=measure,
        since=since,
    )


def _rate(
    id: str,
    zh: str,
    en: str,
    basis: Basis,
    n: Marks,
    n_zh: str,
    n_en: str,
    complement: bool = False,
    since: str = FIRST_VERSION,
) -> Metric:
    counted = Words(zh=n_zh, en=n_en)
    return _metric(
        *(Kind.RATE, PERCENT, id, zh, en, basis),
        n=n,
        counted=counted,
        complement=complement,
        since=since,
    )


def _count(id: str, zh: str, en: str, basis: Basis) -> Metric:
    return _metric(Kind.COUNT, ITEMS, id, zh, en, basis)


def _stock(id: str, zh: str, en: str, basis: Basis) -> Metric:
    return _metric(Kind.STOCK, ITEMS, id, zh, en, basis)


def _response_time(id: str, zh: str, en: str, statistic: Statistic, measure: Measure) -> Metric:
    basis, unit = {
        "natural": (bases.RESPONDED, MINUTES),
        "own_natural": (bases.RESPONDED_ON_NATURAL_TIME, MINUTES),
        "own_working": (bases.RESPONDED_ON_WORKING_TIME, WORKING_MINUTES),
    }[measure]
    return _metric(Kind.TIME, unit, id, zh, en, basis, statistic=statistic, measure=measure)


def _handling_time(id: str, zh: str, en: str, basis: Basis, n_zh: str, n_en: str) -> Metric:
    counted = Words(zh=n_zh, en=n_en)
    return _metric(Kind.TIME, HOURS, id, zh, en, basis, counted=counted, statistic="mean")


def _score(id: str, zh: str, en: str, over: Words, counted: Words, by_date: Words) -> Metric:
    return Metric(
        id=id,
        name=Words(zh=zh, en=en),
        kind=Kind.SCORE,
        unit=POINTS,
        over=over,
        counted=counted,
        by_date=by_date,
        left_out=bases.EXCLUDED,
    )


# fmt: off
METRICS: tuple[Metric, ...] = (
    _count("raised_gross", "吹哨总量", "whistles raised", bases.RAISED),
    _count("raised_valid", "有效吹哨量", "valid whistles raised", bases.RAISED_VALID),
    _rate("response_rate", "响应率", "response rate",
          bases.RESPONSES, cohorts.RESPONDED, "已响应", "responded"),
    _rate("on_time_response_rate", "按时响应率", "on-time response rate",
          bases.RESPONSES, cohorts.IN_TIME,
          "在时限内(含恰到时限)响应", "responded at or before the due time"),
    _rate("on_time_resolution_rate", "按期办结率", "on-time resolution rate",
          bases.RESOLUTIONS, cohorts.DONE_IN_TIME,
          "通过核查或尚待核查的那次提交不晚于时限",
          "the submission that passed, or is not checked yet, is not after the due"),
    _rate("overdue_rate", "超期率", "overdue rate",
          bases.RESOLUTIONS, cohorts.DONE_IN_TIME,
          "未按期办结,含尚未办结", "not resolved on time, unresolved included", complement=True),
    _rate("resolution_rate", "解决率", "resolution rate",
          bases.VERDICTS, cohorts.SOLVED, "认为已解决", "the verdict is: solved"),
    _rate("satisfaction_rate", "满意率", "satisfaction rate",
          bases.RATINGS, cohorts.SATISFIED, "评分 3 分及以上(满分 5 分)", "rated 3 or more of 5"),
    _score("composite_score", "三率综合分", "composite score",
           Words(zh="100×(30% 按时响应率 + 35% 解决率 + 35% 满意率)",
                 en="100 × (30 % on-time response + 35 % resolution + 35 % satisfaction)"),
           Words(zh="缺某一率时去掉该率,其余权重按比例放大;三率皆缺则不排名",
                 en="a rate without items is dropped and the other weights are scaled up; with "
                 "none of the three there is no score"),
           Words(zh="各率自己的日期", en="as each of the three")),
    _rate("rework_rate", "返工率", "rework rate",
          bases.SUBMISSIONS, cohorts.REWORKED, "至少返工一次", "sent back to work at least once"),
    _rate("reopen_rate", "重开率", "reopen rate",
          bases.CLOSED, cohorts.REOPENED, "至少重开一次", "reopened at least once"),
    _rate("return_rate", "退单率", "return rate",
          bases.ASSIGNMENTS, cohorts.RETURNED, "退单获准", "the return was upheld"),
    _rate("improper_return_rate", "不当退单率", "improper return rate",
          bases.RETURNS_DECIDED, cohorts.REJECTED, "被人裁定驳回；无人裁定或转为紧急的不算",
          "rejected by a person; not by silence or an emergency"),
    _rate("dispatch_accuracy", "准确派遣率", "dispatch accuracy",
          bases.ASSIGNMENTS, cohorts.RETURNED, "没有获准退单", "not returned", complement=True),
    _rate("extension_rate", "延期率", "extension rate",
          bases.RESOLUTIONS, cohorts.EXTENDED,
          "至少获准延期一次", "granted at least one extension"),
    _rate("self_resolution_rate", "自处置率", "self-resolution rate",
          bases.OF_RAISED_VALID, cohorts.SELF_RESOLVED,
          "网格员当场处置", "fixed on the spot by the grid worker"),
    _rate("merge_rate", "并单率", "merge rate",
          bases.OF_RAISED, cohorts.MERGED, "并入他哨", "merged into another"),
    _rate("lowest_level_rate", "一级解决率", "solved at the lowest level",
          bases.CLOSED, cohorts.LOW,
          "从未升级到社区以上", "never escalated above the community"),
    _rate("rework_on_time", "重办按期率", "second cycles on time",
          bases.LATER_CYCLES, cohorts.DONE_IN_TIME, "按期办结", "resolved on time"),
    _rate("on_time_verification_rate", "按时核查率", "on-time verification rate",
          bases.CHECKS, cohorts.CHECKED_IN_TIME,
          "不晚于时限核查通过或退回", "passed or sent back at or before the due time",
          since="0.2.0"),
    _rate("unheard_rate", "回访未果率", "follow-ups without an answer",
          bases.CONTACTS, cohorts.UNHEARD,
          "联系不上,或接了电话而不肯评分;超过 20% 的指挥部列为“回访不足”,不排名",
          "unreachable, or declined to rate on the phone; a post with over 20 % is listed as "
          "insufficient follow-up and not ranked", since="0.2.0"),
    _response_time("mean_response_time", "平均响应时长", "mean response time",
                   "mean", "natural"),
    _response_time("median_response_time", "响应时长中位数", "median response time",
                   "median", "natural"),
    _response_time("p90_response_time", "响应时长 P90", "P90 response time",
                   "p90", "natural"),
    _response_time("mean_response_time_natural_classes", "响应时长平均(自然时间等级)",
                   "mean response time, classes on natural time", "mean", "own_natural"),
    _response_time("median_response_time_natural_classes", "响应时长中位数(自然时间等级)",
                   "median response time, classes on natural time", "median", "own_natural"),
    _response_time("p90_response_time_natural_classes", "响应时长 P90(自然时间等级)",
                   "P90 response time, classes on natural time", "p90", "own_natural"),
    _response_time("mean_response_time_working_classes", "响应时长平均(工作时间等级)",
                   "mean response time, classes on working time", "mean", "own_working"),
    _response_time("median_response_time_working_classes", "响应时长中位数(工作时间等级)",
                   "median response time, classes on working time", "median", "own_working"),
    _response_time("p90_response_time_working_classes", "响应时长 P90(工作时间等级)",
                   "P90 response time, classes on working time", "p90", "own_working"),
    _handling_time("mean_handling_time", "平均办理时长", "mean handling time", bases.CLOSED,
                   "登记至结案,减去挂账时间", "from registration to closing, less suspensions"),
    _stock("suspended_stock", "挂账存量", "suspended now", bases.SUSPENDED),
    _stock("overdue_stock", "超期存量", "overdue now", bases.OVERDUE),
)
# fmt: on

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
WHERE_IT_COUNTS = Words(
    zh="按统计时点所知的地点归属;但过了时限的响应(办结),只在该项中归时限到时持有该哨的"
    "指挥部、网格和街道,以后改派别处也不变。类别按统计时点所知,小类改归大类的一并改归",
    en="A whistle counts for its place as known at the moment of the report; but a respond or "
    "resolve due that was missed counts, in that cohort only, for the post, grid and subdistrict "
    "that held the whistle at that due, wherever it is moved later. Categories as known at that "
    "moment: a minor one that moves to another major one takes all its whistles along",
)
NOT_CHECKED_YET = Words(
    zh="时限内提交而尚未核查的按期计;冻结后核查不通过的列为调整,并按新时限计入其所在月",
    en="what was submitted in time and is not checked yet counts as on time; if the check fails "
    "after the freeze, that is an adjustment, and it counts in the month of its new due too",
)
ANNULLED = Words(
    zh="系统时钟出错误记的事(如没有发生的升级),经市指挥中心提议、审计确认注销后,不再计入;"
    "已冻结的月份不变,另列为调整。确实超时的不得注销",
    en="what a wrong clock has recorded (a level that was never reached) and two people have "
    "annulled, the city centre and the auditor, counts no longer; a frozen month stays, and shows "
    "it as an adjustment. What was really late is never annulled",
)
EXCLUDED_BESIDE = Words(
    zh="经批准剔除的,在每个率旁列明件数和不剔除时的率,并有清单",
    en="beside each rate stands how many are excluded from it with approval, and the rate without "
    "those exclusions, with their list",
)
ALL_NOTES = (
    UNITS_DO_NOT_ADD_UP,
    NOT_YET_DUE,
    WHERE_IT_COUNTS,
    NOT_CHECKED_YET,
    ANNULLED,
    EXCLUDED_BESIDE,
)
