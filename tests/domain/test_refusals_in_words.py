"""A refusal is a sentence for people: moments in the city's zone, as one says them there."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from string import Formatter

import pytest

import tracker.contexts
import tracker.domain
from tests.domain.city_time import city
from tracker.domain.errors import Refusal
from tracker.domain.whistle.refusals.correcting import OccurredAfterRaised
from tracker.domain.whistle.refusals.pausing import NotTheApprover, TooLateToExtend, approver_named
from tracker.domain.whistle.refusals.raising import OccurredInTheFuture
from tracker.domain.whistle.refusals.returning import ReturnTooLate

ROOT = Path(__file__).parents[2]
FIVE_PAST_FOUR = datetime(2026, 11, 26, 8, 5, tzinfo=UTC)


def refusals() -> Iterator[type[Refusal]]:
    """Every class of refusal that the domain and its contexts know."""
    for room in (tracker.domain, tracker.contexts):
        for module in walk_packages(room.__path__, f"{room.__name__}."):
            import_module(module.name)
    known = [Refusal]
    for kind in known:
        known += kind.__subclasses__()
    yield from dict.fromkeys(known)


@pytest.mark.parametrize("kind", list(refusals()), ids=lambda kind: kind.__name__)
def test_a_moment_among_the_facts_is_said_in_the_citys_zone(kind: type[Refusal]) -> None:
    for words in (kind.message, kind.remedy):
        for language, sentence in (("zh", words.zh), ("en", words.en)):
            facts = {name: FIVE_PAST_FOUR for _, name, _, _ in Formatter().parse(sentence) if name}

            said = words.say(language, facts)

            assert "2026-11-26" not in said and "+00:00" not in said
            assert said.count("16:05") >= len(facts)


@pytest.mark.parametrize(
    ("refusal", "zh", "en"),
    [
        (
            ReturnTooLate(closed_at=FIVE_PAST_FOUR),
            "退单时限 11月26日 16:05 已过",
            "The time to return ended at 26 Nov 16:05",
        ),
        (
            TooLateToExtend(due=city("2026-11-23T17:30:00")),
            "时限 11月23日 17:30 已过,不能再申请延期",
            "The deadline 23 Nov 17:30 has passed; too late to extend",
        ),
        (
            OccurredInTheFuture(occurred_at=datetime(2030, 1, 1, tzinfo=UTC)),
            "发生时间 2030年1月1日 08:00 在将来",
            "1 Jan 2030 08:00 is in the future",
        ),
        (
            OccurredAfterRaised(
                occurred_at=FIVE_PAST_FOUR, registered_at=city("2026-11-01T09:00:00")
            ),
            "发生时间 2026年11月26日 16:05 晚于登记时间 2026年11月1日 09:00",
            "26 Nov 2026 16:05 is later than the registration at 1 Nov 2026 09:00",
        ),
        (
            NotTheApprover(approver=approver_named("city_supervisor")),
            "须由 督查或市指挥中心 批准",
            "the supervisor or the city centre has to approve",
        ),
    ],
)
def test_such_a_refusal_reads_so(refusal: Refusal, zh: str, en: str) -> None:
    assert refusal.message.say("zh", refusal.facts) == zh
    assert refusal.message.say("en", refusal.facts) == en


def test_no_refusal_is_given_a_moment_as_text() -> None:
    """The words choose the form of a moment; a text made before would be in the machine's."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for room in ("tracker", "api")
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Raise) and ".isoformat()" in ast.unparse(node)
        if "ValueError" not in ast.unparse(node)
    ]

    assert found == []
