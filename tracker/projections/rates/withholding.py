"""Figures so small that they would tell of a confidential whistle (domain.md §4.4).

Rates count confidential whistles like any other, so that marking one moves no figure. But who
reads that one case of violence was raised in a grid on a day knows of it. So nothing is broken down
by a confidential category below LEAST: its row is added up with others into OTHER, those of its own
major first, so that neither the major nor the whole less the other rows tells it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import ClassVar

from tracker.domain.errors import Forbidden, Words
from tracker.eventstore.connections import Connection
from tracker.metrics.asking import Question
from tracker.projections.rates.majors import CATEGORY, Majors, majors_at
from tracker.projections.rates.scopes import read_scopes
from tracker.projections.rates.sums import RawRow

LEAST = 5
OTHER = "other"


class TooFewToTell(Forbidden):
    """The scope is a category of which so few are known that the figure would name them."""

    code = "rates.too_few_to_tell"
    field: ClassVar[str | None] = "scope"
    message = Words(
        zh="这一范围含保密类别，少于 {least} 件时不单列",
        en="This scope holds a confidential category: below {least} it is not shown by itself",
    )
    remedy = Words(
        zh="放宽时间，或看上一级的数字", en="Ask for a longer period, or for the level above"
    )


def size(row: RawRow) -> int:
    """The most that is counted in any cohort."""
    counted = (sums[0] for sums in row.sums.values())
    return max([row.suspended, row.overdue, *counted])


def is_small(row: RawRow) -> bool:
    return 0 < size(row) < LEAST


def added(rows: Iterable[RawRow]) -> RawRow:
    """The rows added up. Response times are left out: a median has no sum."""
    whole = RawRow()
    for row in rows:
        whole.suspended += row.suspended
        whole.overdue += row.overdue
        for cohort, sums in row.sums.items():
            before = whole.sums.get(cohort, [0] * len(sums))
            whole.sums[cohort] = [a + b for a, b in zip(before, sums, strict=True)]
    return whole


def pooled_categories(
    found: Mapping[str, RawRow], secret: Iterable[str], majors: Majors
) -> set[str]:
    """The categories whose rows are added up: small secret ones, and enough others beside them."""
    major_of = {minor: major for major, minors in majors.items() for minor in minors}
    pooled: set[str] = set()
    for code in secret:
        if not is_small(found[code]):
            continue
        beside = {code}
        while size(added(found[one] for one in beside)) < LEAST:
            rest = [one for one in found if one not in beside and size(found[one])]
            if not rest:
                break
            home = major_of.get(code)
            beside.add(
                min(rest, key=lambda one: (major_of.get(one) != home, size(found[one]), one))
            )
        pooled |= beside
    return pooled


def pooled_keys(secret: Mapping[str, RawRow]) -> set[str]:
    """The rows that are added up in a breakdown, e.g. by post, of a scope that holds a secret one.

    `secret`: what is counted of the secret category in each row. Every scope of its major is added
    up in the same rows, so that their difference tells nothing.
    """
    pooled = {key for key, row in secret.items() if is_small(row)}
    while pooled and is_small(added(secret[key] for key in pooled)):
        rest = [key for key in secret if key not in pooled and size(secret[key])]
        if not rest:
            break
        pooled.add(min(rest, key=lambda key: (size(secret[key]), key)))
    return pooled


def together(found: Mapping[str, RawRow], pooled: set[str]) -> dict[str, RawRow]:
    """The rows, with the pooled ones added up as the last one."""
    if not pooled:
        return dict(found)
    shown = {key: row for key, row in found.items() if key not in pooled}
    return shown | {OTHER: added(found[key] for key in pooled if key in found)}


def pooled(connection: Connection, question: Question, found: Mapping[str, RawRow]) -> set[str]:
    """The keys of the rows that would tell of a confidential whistle, with those added to them."""
    if question.by == "category":
        secret = question.secret & found.keys()
        return pooled_categories(found, secret, majors_at(connection, question.as_of))
    keys: set[str] = set()
    for code in _secret_inside(connection, question):
        of_it = replace(question, scope=f"{CATEGORY}{code}", secret=frozenset())
        if question.by == "day":
            rows = dict(read_scopes(connection, of_it, [of_it.scope], by_day=True, times=False))
        else:
            scopes = {f"{question.by}:{key}": key for key in found}
            counted = read_scopes(connection, of_it, list(scopes), within=of_it.scope, times=False)
            rows = {key: counted[scope] for scope, key in scopes.items()}
        keys |= pooled_keys(rows)
    return keys


def _secret_inside(connection: Connection, question: Question) -> list[str]:
    """The confidential categories of the major that the scope is, or to which it belongs."""
    if not question.secret or not question.scope.startswith(CATEGORY):
        return []
    code = question.scope.removeprefix(CATEGORY)
    majors = majors_at(connection, question.as_of)
    family = next((minors for major, minors in majors.items() if code in (major, *minors)), ())
    return sorted(question.secret.intersection(family))


def must_be_enough(connection: Connection, question: Question) -> None:
    """Raises TooFewToTell for a category that is withheld where categories are broken down."""
    if not _secret_inside(connection, question):
        return
    majors = majors_at(connection, question.as_of)
    code = question.scope.removeprefix(CATEGORY)
    family = next(minors for major, minors in majors.items() if code in (major, *minors))
    scopes = {f"{CATEGORY}{minor}": minor for minor in family}
    counted = read_scopes(connection, question, list(scopes), times=False)
    found = {minor: counted[scope] for scope, minor in scopes.items()}
    withheld = pooled_categories(found, question.secret & found.keys(), majors)
    whole = code in majors and withheld and is_small(added(found.values()))
    if code in withheld or whole:
        raise TooFewToTell(least=LEAST)
