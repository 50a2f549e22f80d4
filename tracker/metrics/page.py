"""The definitions as Markdown: docs/metrics.md is this text, which a test checks.

python -m tracker.metrics.page > docs/metrics.md
"""

from collections.abc import Iterator

from tracker.metrics.definitions import ALL_NOTES, METRICS, Metric

HEAD = """\
# 口径 · How every figure is counted

This page is generated from the table in `tracker/metrics/definitions.py`; the code, the API, the
exports and the page `/about/figures` read the same table. Days are natural days of the city
in its zone. A report counts what was known at its moment (`as_of`), that moment included. A
rate is n/d, an exact fraction, shown with two decimals rounded half up; if d is 0 it is empty,
never 0 or 100. Ranks and the composite score are computed from the exact fractions.
"""


def markdown() -> str:
    return "\n".join(_page())


def _page() -> Iterator[str]:
    yield HEAD
    for words in ALL_NOTES:
        yield f"- {words.zh}。"
        yield f"- {words.en[0].upper()}{words.en[1:]}."
    for metric in METRICS:
        yield from _entry(metric)


def _entry(metric: Metric) -> Iterator[str]:
    yield f"\n## {metric.name.zh} · {metric.name.en}\n"
    yield f"`{metric.id}`, {metric.unit.zh} ({metric.unit.en}), since {metric.since}\n"
    yield "| | 中文 | English |"
    yield "|---|---|---|"
    rows = [
        ("d" if metric.n else "over", metric.over),
        ("n" if metric.n else "how", metric.counted),
        ("by", metric.by_date),
        ("left out", metric.left_out),
    ]
    for label, words in rows:
        if words is not None:
            yield f"| {label} | {words.zh} | {words.en} |"


if __name__ == "__main__":
    print(markdown())
