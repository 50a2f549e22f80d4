"""The words of the definitions: units, dates, what is counted over and what is left out."""

from tracker.domain.errors import Words

PERCENT = Words(zh="%", en="%")
ITEMS = Words(zh="件", en="whistles")
MINUTES = Words(zh="自然分钟", en="natural minutes")
WORKING_MINUTES = Words(zh="工作分钟", en="working minutes")
HOURS = Words(zh="小时", en="hours")
POINTS = Words(zh="分", en="points")

EXCLUDED = Words(
    zh="测试、作废、并入他哨、转出、经批准剔除的(以统计时点所知为准);自处置的只计入吹哨量和自处置率",
    en="tests, void, merged into another, transferred out, excluded with approval, as known at the "
    "moment of the report; self-resolved ones count in volume and self-resolution rate only",
)
WITHDRAWN = Words(
    zh=EXCLUDED.zh + ";在时限与响应(办结)之前撤回的;尚未派单或认领的不计入响应",
    en=EXCLUDED.en + "; withdrawn before both the deadline and the answer; for responses, not yet "
    "dispatched or claimed",
)
NOTHING_MORE = Words(zh="测试", en="tests")

REGISTERED = Words(zh="登记时间", en="the day it was registered")
RESPOND_DUE = Words(zh="响应时限(单位:本单位的响应时限)", en="respond due (unit: its own)")
RESOLVE_DUE = Words(
    zh="有效办结时限(含延期、挂账;单位:与本单位时限中较晚者)",
    en="effective resolve due, extensions and suspensions included (unit: the later of that and "
    "its own)",
)
FOLLOWED_UP = Words(zh="首次回访时间", en="the first follow-up")
SUBMITTED = Words(zh="首次提交办结的时间", en="the first submission")
CLOSED = Words(zh="首次结案时间", en="the first closing")
ASSIGNED = Words(zh="派单时间", en="the assignment")
REQUESTED = Words(zh="退单申请时间", en="the request")
AS_OF = Words(zh="统计时点", en="the moment of the report")

RESPONSE_COHORT = Words(
    zh="已派单或认领、响应时限在期内的吹哨;单位口径:响应时限在期内的承办任务,协办也算,"
    "时限内申请并获准的退单不算,逾时申请的仍算",
    en="whistles dispatched or claimed whose respond due lies in the period; for units: "
    "assignments whose own respond due does, co-handlers too, less returns upheld and asked for "
    "in time (a late return stays)",
)
RESOLVE_COHORT = Words(
    zh="有效办结时限在期内、统计时点未挂账的吹哨(首个办理周期);单位口径:现由本单位主责的",
    en="whistles whose effective resolve due lies in the period and that are not suspended then, "
    "first cycle; for units: those that the unit leads now",
)
CLOSED_COHORT = Words(
    zh="期内首次结案、非自处置的吹哨", en="whistles first closed in the period, not self-resolved"
)
ASSIGNMENTS = Words(
    zh="期内下达的承办任务(首个办理周期)", en="assignments given in the period, first cycle"
)
