"""辛苦指数与幸福指数: the effort index counts what people did, the happiness index what came of it.

The two are never mixed: more patrols must not raise the happiness index. The page of definitions
reads this file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from tracker.domain.errors import Words
from tracker.metrics.arithmetic import Rate

ARTICLE_RESIDENTS, ARTICLE_URBAN = 640_000, Fraction(7519, 10_000)
RESIDENTS = int(ARTICLE_RESIDENTS * ARTICLE_URBAN)
RESIDENTS_ASSUMED = Words(
    zh="假定:城区居民 {residents} 人(公开报道的常住人口 64 万 × 城镇化率 75.19%),按网格面积均摊;"
    "目录中没有分网格人口,取得实数后应替换",
    en="Assumed: {residents} residents of the built-up area (640,000 residents × 75.19 % urban, as "
    "published), shared by the grids' area; the directory has no residents by grid",
)

LOW_BAND, HIGH_BAND = Fraction(1, 2), Fraction(2)
BAND_DEFINITION = Words(
    zh="吹哨率不宜过低也不宜过高:低于各指挥部中位数的一半为偏低(可能有事不吹),"
    "高于两倍为偏高(可能有根源问题未除)",
    en="A whistle rate should be neither too low nor too high: below half of the posts' median it "
    "is low (problems may go unreported), above twice the median it is high (a root cause may "
    "remain)",
)


class Act(StrEnum):
    """What counts as effort. Each counts once."""

    FOUND = "found"
    FIXED = "fixed"
    ARRIVED = "arrived"
    CONTROLLED = "controlled"
    CHECKED = "checked"
    FOLLOWED_UP = "followed_up"


ACT_WORDS: Mapping[Act, Words] = {
    Act.FOUND: Words("巡查发现", "found on patrol"),
    Act.FIXED: Words("当场处置", "fixed on the spot"),
    Act.ARRIVED: Words("到场报到", "arrived on site"),
    Act.CONTROLLED: Words("险情控制", "hazards controlled"),
    Act.CHECKED: Words("核查", "checked"),
    Act.FOLLOWED_UP: Words("电话或上门回访", "followed up by phone or on site"),
}

EFFORT_DEFINITION = Words(
    zh="辛苦指数 = 期内巡查发现、当场处置、到场报到、险情控制、核查、电话或上门回访的次数之和 "
    "÷ 居民千人数;只说做了多少,不说做得怎样",
    en="Effort index = findings on patrol, fixes on the spot, arrivals on site, hazards controlled,"
    " checks, and follow-ups by phone or on site in the period, per 1,000 residents. It says how "
    "much was done, not how well",
)
HAPPINESS_DEFINITION = Words(
    zh="幸福指数 = 100×(40% 解决率 + 40% 满意率 + 20% (1 − 重复率));缺某一项时去掉该项、"
    "其余权重按比例放大;解决率与满意率皆缺则不计。其中没有任何工作量",
    en="Happiness index = 100 × (40 % resolution rate + 40 % satisfaction rate + 20 % (1 − repeat "
    "rate)). A part without items is dropped and the other weights are scaled up; without both "
    "resolution and satisfaction there is none. No activity is in it",
)
HAPPINESS: Mapping[str, Fraction] = {
    "resolution_rate": Fraction(2, 5),
    "satisfaction_rate": Fraction(2, 5),
    "no_repeat_rate": Fraction(1, 5),
}


@dataclass(frozen=True)
class Happiness:
    """The index from 0 to 100, exact, and the names of the rates that it is made of."""

    exact: Fraction
    parts: tuple[str, ...]


def happiness(resolution: Rate, satisfaction: Rate, repeats: Rate) -> Happiness | None:
    """None if no resident has said anything: without both resolution and satisfaction."""
    if not resolution.d and not satisfaction.d:
        return None
    rates = {
        "resolution_rate": resolution,
        "satisfaction_rate": satisfaction,
        "no_repeat_rate": Rate(repeats.d - repeats.n, repeats.d),
    }
    known = {name: exact for name, rate in rates.items() if (exact := rate.exact) is not None}
    weight = sum((HAPPINESS[name] for name in known), Fraction())
    total = sum((HAPPINESS[name] * exact for name, exact in known.items()), Fraction())
    return Happiness(100 * total / weight, tuple(known))


def band_of(rate: Fraction, median: Fraction) -> str:
    """low, normal or high."""
    if rate < LOW_BAND * median:
        return "low"
    return "high" if rate > HIGH_BAND * median else "normal"
