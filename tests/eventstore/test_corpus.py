"""Whistles stored by any version ever shipped are read today as they were meant. See corpus.py."""

from typing import Any

import pytest

from tests.eventstore.corpus import Line, kind_of, lines, shipped_kinds, stored, streams
from tracker.domain.whistle.whistle import Whistle
from tracker.eventstore.mapper import PlainMapper

MAPPER = PlainMapper()
LINES = lines()


def test_every_event_ever_shipped_is_in_the_corpus() -> None:
    assert shipped_kinds() - {kind_of(line) for line in LINES} == set()


def test_every_event_of_the_corpus_is_read_and_written_again_without_loss() -> None:
    for line in LINES:
        event = MAPPER.to_domain_event(stored(line))

        again = MAPPER.to_stored_event(event)

        assert again.topic == line["topic"]
        assert MAPPER.to_domain_event(again) == event


@pytest.mark.parametrize("stream", streams(LINES), ids=lambda stream: stream[0]["originator_id"])
def test_every_stream_of_the_corpus_is_a_whistle_in_the_state_that_its_last_event_says(
    stream: list[Line],
) -> None:
    whistle: Any = None
    for line in stream:
        whistle = MAPPER.to_domain_event(stored(line)).mutate(whistle)

    assert isinstance(whistle, Whistle)
    assert whistle.version == len(stream)
    assert whistle.state == stream[-1]["state"]["state"]
