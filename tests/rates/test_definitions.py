"""One definition for code, API, page and docs."""

from pathlib import Path

import pytest

from tests.rates.oracle import RATES, Counting
from tracker.metrics.cohorts import Cohort
from tracker.metrics.definitions import BY_ID, METRICS, WEIGHTS, Kind
from tracker.metrics.page import markdown
from tracker.metrics.reasons import EVERYWHERE, SENTENCES

DOCS = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_the_docs_say_what_the_definitions_say():
    assert DOCS.read_text() == markdown() + "\n"


def test_every_metric_that_the_formulas_name_is_defined_once():
    named = set(Counting(None, None, None, "city", {}).metrics())

    assert {metric.id for metric in METRICS} == named
    assert len(BY_ID) == len(METRICS)
    assert set(RATES) <= named


def test_the_weights_of_the_composite_make_one_whole():
    assert sum(WEIGHTS.values()) == 1


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.id)
def test_a_rate_says_what_its_numerator_is(metric):
    assert (metric.counted is not None) or metric.kind is not Kind.RATE


@pytest.mark.parametrize("cohort", Cohort)
def test_every_cohort_has_sentences_for_those_in_it(cohort):
    assert SENTENCES[cohort]
    facts = {"counted": "2026-09-01 09:00", "decided": "2026-09-01 10:00", "unit": "U01"}
    said = [
        words.say(language, facts)
        for words in (*SENTENCES[cohort].values(), *EVERYWHERE.values())
        for language in ("zh", "en")
    ]
    assert all("—" not in sentence and "{" not in sentence for sentence in said)
