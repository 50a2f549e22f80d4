"""What the metrics are counted over: the denominators of `definitions.py`, with their words.

Several metrics share a denominator, so it is written here once: which cohort, by which date, and
what is left out.
"""

from dataclasses import dataclass, replace

from tracker.domain.errors import Words
from tracker.metrics import cohorts
from tracker.metrics.cohorts import Cohort, Marks

EXCLUDED = Words(
    zh="测试、作废、并入他哨、转出、经批准剔除的(以统计时点所知为准);自处置的只计入吹哨量和自处置率",
    en="tests, void, merged into another, transferred out, excluded with approval, as known at the "
    "moment of the report; self-resolved ones count in volume and self-resolution rate only",
)
# A breach is not undone by leaving: domain.md §6.2.
WITHDRAWN = Words(
    zh=EXCLUDED.zh + ";过时限前(含恰到时限)未响应(未提交)而撤回的。"
    "自处置、转出之前已经过了时限的,该次超时仍计;导入的不计",
    en=EXCLUDED.en + "; withdrawn at or before the deadline without an answer (a submission). A "
    "deadline that had passed before it was self-resolved or transferred out stays missed, save "
    "for imported ones",
)
ONLY_TESTS = Words(zh="测试", en="tests")

REGISTERED = Words(zh="登记时间", en="the day it was registered")
RESPOND_DUE = Words(zh="响应时限(单位:本单位的响应时限)", en="respond due (unit: its own)")
RESOLVE_DUE = Words(
    zh="有效办结时限(含延期、挂账;单位:与本单位时限中较晚者)",
    en="effective resolve due, extensions and suspensions included (unit: the later of that and "
    "its own)",
)
FOLLOWED_UP = Words(zh="首次回访时间", en="the first follow-up")
VERIFY_DUE = Words(zh="核查时限", en="verify due")
SUBMITTED = Words(zh="首次提交办结的时间", en="the first submission")
FIRST_CLOSING = Words(zh="首次结案时间", en="the first closing")
ASSIGNED = Words(zh="派单时间", en="the assignment")
REQUESTED = Words(zh="退单申请时间", en="the request")
AS_OF = Words(zh="统计时点", en="the moment of the report")


@dataclass(frozen=True, kw_only=True)
class Basis:
    """A denominator. `d` names the marks that something in the cohort has to bear to be counted.

    In the view of a unit `unit_cohort` takes the place of `cohort` where there is one.
    """

    cohort: Cohort
    unit_cohort: Cohort | None = None
    d: Marks = Marks.IN
    over: Words
    by_date: Words
    left_out: Words = EXCLUDED


RAISED = Basis(
    cohort=Cohort.RAISED,
    over=Words(zh="期内登记的吹哨", en="whistles registered in the period"),
    by_date=REGISTERED,
    left_out=ONLY_TESTS,
)
RAISED_VALID = Basis(
    cohort=Cohort.RAISED,
    d=cohorts.VALID,
    over=Words(zh="吹哨总量减去不予统计的", en="the same, less those left out"),
    by_date=REGISTERED,
)
# The same two, as the denominators of rates.
OF_RAISED = replace(RAISED, over=Words(zh="吹哨总量", en="whistles raised"))
OF_RAISED_VALID = replace(RAISED_VALID, over=Words(zh="有效吹哨量", en="valid whistles raised"))
RESPONSES = Basis(
    cohort=Cohort.RESPONSE,
    unit_cohort=Cohort.ASSIGNED_RESPONSE,
    over=Words(
        zh="响应时限在期内的有效吹哨,不论是否派单或认领;单位口径:响应时限在期内的承办任务,"
        "协办也算,时限内申请并获准的退单不算,逾时申请的仍算",
        en="valid whistles whose respond due lies in the period, dispatched or not; for units: "
        "assignments whose own respond due does, co-handlers too, less returns upheld and asked "
        "for in time (a late return stays)",
    ),
    by_date=RESPOND_DUE,
    left_out=WITHDRAWN,
)
RESPONDED = replace(
    RESPONSES,
    d=cohorts.RESPONDED,
    over=Words(
        zh="期内已响应的,登记(单位:派单)至响应",
        en="from registration (unit: assignment) to response, of those that responded",
    ),
)
RESPONDED_ON_NATURAL_TIME = replace(
    RESPONDED,
    over=Words(
        zh="其中按自然时间计时的等级(E1、U2)",
        en="of these, the classes that run on natural time (E1, U2)",
    ),
)
RESPONDED_ON_WORKING_TIME = replace(
    RESPONDED,
    over=Words(
        zh="其中按工作时间计时的等级(Q3、G4、X5、C6),只计工作时间",
        en="of these, the classes that run on working time (Q3, G4, X5, C6), working time only",
    ),
)
RESOLUTIONS = Basis(
    cohort=Cohort.RESOLUTION,
    unit_cohort=Cohort.LED_RESOLUTION,
    over=Words(
        zh="有效办结时限在期内、统计时点未挂账的吹哨(首个办理周期);单位口径:现由本单位主责的",
        en="whistles whose effective resolve due lies in the period and that are not suspended "
        "then, first cycle; for units: those that the unit leads now",
    ),
    by_date=RESOLVE_DUE,
    left_out=WITHDRAWN,
)
VERDICTS = Basis(
    cohort=Cohort.FOLLOW_UP,
    d=cohorts.HAS_VERDICT,
    over=Words(zh="首次回访在期内、有结论的", en="first follow-ups in the period with a verdict"),
    by_date=FOLLOWED_UP,
)
RATINGS = Basis(
    cohort=Cohort.FOLLOW_UP,
    d=cohorts.RATED,
    over=Words(zh="首次回访在期内、有评分的", en="first follow-ups in the period with a rating"),
    by_date=FOLLOWED_UP,
)
CONTACTS = Basis(
    cohort=Cohort.CONTACT,
    over=Words(
        zh="首次回访在期内、有了结果的(问到了,或三次联系不上而结案)",
        en="first follow-ups in the period with an outcome: somebody was heard, or it was closed "
        "after three calls in vain",
    ),
    by_date=FOLLOWED_UP,
)
CHECKS = Basis(
    cohort=Cohort.VERIFICATION,
    over=Words(
        zh="核查时限在期内、应当核查的每次提交和自处置(未抽中的不算);归指挥部,不归单位",
        en="each submission and self-resolution due for a check whose verify due lies in the "
        "period (those not sampled are not); the post's, not a unit's",
    ),
    by_date=VERIFY_DUE,
)
SUBMISSIONS = Basis(
    cohort=Cohort.SUBMISSION,
    over=Words(zh="首次提交办结在期内的", en="whistles first submitted in the period"),
    by_date=SUBMITTED,
)
CLOSED = Basis(
    cohort=Cohort.CLOSED,
    over=Words(
        zh="期内首次结案、非自处置的吹哨",
        en="whistles first closed in the period, not self-resolved",
    ),
    by_date=FIRST_CLOSING,
)
ASSIGNMENTS = Basis(
    cohort=Cohort.ASSIGNMENT,
    over=Words(
        zh="期内下达的承办任务(首个办理周期)", en="assignments given in the period, first cycle"
    ),
    by_date=ASSIGNED,
)
RETURNS_DECIDED = Basis(
    cohort=Cohort.RETURN,
    over=Words(
        zh="期内申请、统计时点已裁定的退单", en="returns requested in the period and decided"
    ),
    by_date=REQUESTED,
)
LATER_CYCLES = Basis(
    cohort=Cohort.REWORK,
    over=Words(
        zh="重开后的办理周期,其办结时限在期内、统计时点未挂账",
        en="cycles after a reopening whose resolve due lies in the period, not suspended then",
    ),
    by_date=RESOLVE_DUE,
    left_out=WITHDRAWN,
)
SUSPENDED = Basis(
    cohort=Cohort.SUSPENDED,
    over=Words(zh="统计时点正挂账的,不论期间", en="suspended then, whatever the period"),
    by_date=AS_OF,
)
OVERDUE = Basis(
    cohort=Cohort.OVERDUE,
    over=Words(
        zh="统计时点已过办结时限而未办结、未挂账的,不论期间",
        en="past their resolve due then, neither resolved nor suspended, whatever the period",
    ),
    by_date=AS_OF,
)
