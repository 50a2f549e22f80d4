"""The arithmetic of figures: exact fractions, rounding half up, nearest rank, composite score."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from tracker.metrics.definitions import WEIGHTS

HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True)
class Rate:
    """n of d; if d is 0 there is no rate."""

    n: int
    d: int

    @property
    def exact(self) -> Fraction | None:
        return Fraction(self.n, self.d) if self.d else None

    def shown(self) -> dict[str, Any] | None:
        """As HTTP gives it: {n, d, pct}, or None if d is 0."""
        exact = self.exact
        return None if exact is None else {"n": self.n, "d": self.d, "pct": percent(exact)}


def half_up(exact: Fraction) -> Decimal:
    """To two decimals, halves away from zero, from the exact fraction."""
    doubled = abs(exact) * 200
    hundredths = (doubled.numerator // doubled.denominator + 1) // 2
    return (Decimal(hundredths) * HUNDREDTH).copy_sign(Decimal(exact.numerator))


def percent(exact: Fraction) -> str:
    return str(half_up(exact * 100))


def number(exact: Fraction) -> int | float:
    """For JSON: a whole number as such, others with two decimals."""
    rounded = half_up(exact)
    whole = rounded.to_integral_value(ROUND_HALF_UP)
    return int(whole) if exact.denominator == 1 and whole == rounded else float(rounded)


def rank_of(share: Fraction, count: int) -> int:
    """Nearest rank, from 1: the smallest rank with at least that share at or below it."""
    return max(1, -(-share.numerator * count // share.denominator))


@dataclass(frozen=True)
class Composite:
    """The score from 0 to 100, exact, and the names of the rates that it is made of."""

    exact: Fraction
    parts: tuple[str, ...]


def composite(rates: Mapping[str, Rate]) -> Composite | None:
    """A rate without a d is dropped and the other weights scaled up; None if no rate is left."""
    known = {name: exact for name in WEIGHTS if (exact := rates[name].exact) is not None}
    if not known:
        return None
    weight = sum((WEIGHTS[name] for name in known), Fraction())
    total = sum((WEIGHTS[name] * exact for name, exact in known.items()), Fraction())
    return Composite(100 * total / weight, tuple(known))
