"""A question with nonsense in it is refused by the name of its field, with a way on."""

from datetime import UTC, datetime

import pytest

from tests.made_of import ZONE
from tests.mengzi import the_city
from tracker.domain.errors import Invalid
from tracker.metrics.asking import AsOf, Period, ask

MENGZI = the_city()
NOW = datetime(2026, 11, 23, 12, tzinfo=ZONE)
SEPTEMBER = {"scope": "city", "from_": "2026-09-01", "to": "2026-10-01"}


class ShortLog:
    """Two positions, one moment."""

    def newest(self):
        return 4096

    def moment_of(self, position):
        return datetime(2026, 10, 1, tzinfo=ZONE) if position >= 4096 else None


def asking(**changes):
    return ask(MENGZI, ShortLog(), NOW, **SEPTEMBER | changes)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("scope", {"scope": "planet"}),
        ("scope", {"scope": "city:1"}),
        ("scope", {"scope": "post"}),
        ("scope", {"scope": "post:CP99"}),
        ("scope", {"scope": "unit:U99"}),
        ("scope", {"scope": "category:E99"}),
        ("scope", {"scope": "street:532503001001"}),
        ("scope", {"scope": "grid:CP01"}),
        ("from", {"from_": "September"}),
        ("from", {"from_": "2026-02-30"}),
        ("to", {"to": "20261001"}),
        ("to", {"to": "2026-08-31"}),
        ("to", {"to": "2026-09-01"}),
        ("as_of", {"as_of": "yesterday"}),
        ("as_of", {"as_of": "2026-11-23T12:00:01+08:00"}),
        ("as_of", {"as_of": "2026-11-24"}),
        ("as_of", {"as_of": "4097"}),
        ("by", {"by": "moon"}),
    ],
)
def test_nonsense_is_refused_by_the_name_of_its_field(field, wrong):
    with pytest.raises(Invalid) as refusal:
        asking(**wrong)

    assert refusal.value.field == field
    for language in ("zh", "en"):
        assert "—" not in refusal.value.message.say(language, refusal.value.facts)
        assert "—" not in refusal.value.remedy.say(language, refusal.value.facts)


@pytest.mark.parametrize(
    "scope",
    [
        "city",
        "street:532503001",
        "post:CP01",
        "unit:U01",
        "category:E01",
        "category:E0101",
        "grid:53250300100101",
    ],
)
def test_every_kind_of_scope_is_known_by_its_code(scope):
    assert asking(scope=scope).scope == scope


def test_a_day_begins_and_ends_in_the_city():
    question = asking()

    assert question.period == Period(datetime(2026, 9, 1).date(), datetime(2026, 10, 1).date())
    assert question.as_of == AsOf(NOW)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-10-13", AsOf(datetime(2026, 10, 13, tzinfo=ZONE))),
        ("2026-10-13T09:30", AsOf(datetime(2026, 10, 13, 9, 30, tzinfo=ZONE))),
        ("2026-10-12T16:00:00Z", AsOf(datetime(2026, 10, 12, 16, tzinfo=UTC))),
        ("4096", AsOf(datetime(2026, 10, 1, tzinfo=ZONE), 4096)),
    ],
)
def test_a_moment_may_be_a_day_a_time_or_a_position_of_the_log(written, meant):
    assert asking(as_of=written).as_of == meant


def test_a_grouping_shows_every_post_of_the_directory():
    assert len(asking(by="post").keys) == 28
    assert asking(by="day").keys == ()
