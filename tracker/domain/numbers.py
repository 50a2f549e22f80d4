"""Numbers and codes as people type them from paper: in any case and width, with or without blanks
and hyphens."""

from unicodedata import category, normalize

BETWEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Pd"})  # blanks, unseen characters, dashes
MINUS = "\u2212"  # a mathematical symbol, and on many keyboards the dash
DAY = 6  # digits of the date in a number


def closed_up(typed: str) -> str:
    """The letters and digits alone, in capitals of normal width."""
    folded = normalize("NFKC", typed).upper()
    return "".join(one for one in folded if category(one) not in BETWEEN and one != MINUS)


def number_as_typed(typed: str, letter: str, digits: int) -> str:
    """The number that was meant, e.g. `W-261201-000110` for `w261201 000110`.

    `letter` and the least `digits` of its count are those of the numbers that are looked for. A
    text that is none of them comes back in capitals: numbers of older systems have other forms.
    """
    closed = closed_up(typed)
    day, count = closed[1 : 1 + DAY], closed[1 + DAY :]
    ours = closed[:1] == letter and len(count) >= digits and (day + count).isdecimal()
    if not ours or not closed.isascii():
        return normalize("NFKC", typed).strip().upper()
    return f"{letter}-{day}-{count}"
