"""What the desk takes in: whose words are kept with it, and whom an emergency calls out."""

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from tests.made_of import SECRET
from tracker.commands.fields import Reporter
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.raising import Raise
from tracker.domain.actors import Actor, Role
from tracker.domain.whistle.whistle import Whistle
from tracker.eventstore.contents import read_words
from tracker.settings import Settings

AT = datetime(2026, 11, 26, 2, tzinfo=UTC)
NOBODY = Actor("anonymous", Role.ANONYMOUS)
CONTACT = {"name": "李四", "phone": "13900001111"}


@pytest.fixture(scope="module")
def tracker(module_city: str) -> Iterator[Tracker]:
    with Tracker(Settings(database_url=module_city, secret_key=SECRET)) as running:
        yield running


def kept(tracker: Tracker, whistle: Whistle) -> dict[str, object]:
    """What is stored beside the log for this whistle, by kind."""
    with tracker.connection() as connection:
        words = read_words(connection, [said.id for said in whistle.words])
    return {said.kind: words[said.id].body for said in whistle.words}


def test_an_anonymous_report_keeps_no_name_and_no_phone_even_if_they_were_sent_with_it(
    tracker: Tracker, module_city: str
) -> None:
    whistle = tracker.open(
        Raise(text="楼下通宵施工", reporter=Reporter(**CONTACT), anonymous=True),
        actor=NOBODY,
        at=AT,
    ).aggregate

    assert kept(tracker, whistle) == {"text": "楼下通宵施工"}
    with psycopg.connect(module_city) as connection:
        stored = connection.execute("SELECT string_agg(c::text, '') FROM contents c").fetchone()
    assert stored is not None and CONTACT["phone"] not in stored[0]


def test_who_gives_a_name_and_a_phone_can_be_called(tracker: Tracker) -> None:
    whistle = tracker.open(
        Raise(text="楼下通宵施工", reporter=Reporter(**CONTACT)), actor=NOBODY, at=AT
    ).aggregate

    assert kept(tracker, whistle) == {"text": "楼下通宵施工", "reporter": CONTACT}


@pytest.mark.parametrize(
    ("category", "lead", "co"),
    [
        ("E0401", "U02", ["X01", "U13", "U04"]),  # a gas leak
        ("C0101", "U25", ["U01"]),  # an open manhole
        (None, "U12", ["U04", "U13"]),  # danger of a kind that nobody knows yet
    ],
)
def test_danger_calls_out_every_default_unit_at_once_the_lead_and_all_beside_it(
    tracker: Tracker, category: str | None, lead: str, co: list[str]
) -> None:
    whistle = tracker.open(
        Raise(text="快来人", category=category, urgency="E1"), actor=NOBODY, at=AT
    ).aggregate

    assert (whistle.lead, whistle.co) == (lead, co)
    assert {f"respond:{unit}" for unit in (lead, *co)} <= set(whistle.clocks)
