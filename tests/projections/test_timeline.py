"""Who hears what of a whistle's story, from the table and from the stream alike."""

from datetime import timedelta
from typing import Any

from tests.domain.city_time import MONDAY_TEN, POLICY
from tests.domain.whistles import CATEGORIES, DISPATCHER, HERE, UNITS, handler, report, said
from tests.projections.conftest import Log
from tests.projections.test_folding import a_week
from tracker.domain.actors import Actor, Role
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.whistle import Whistle, whistle_id
from tracker.eventstore.contents import Content, erase
from tracker.projections.story.timeline import Audience, StoryLine, story, story_of, with_words

ZHANG = Actor("zhang", Role.RESIDENT)
LI = Actor("anonymous", Role.ANONYMOUS, reporter_of="hash of li")
SUPERVISOR = Actor("supervisor", Role.SUPERVISOR)
HOUR = timedelta(hours=1)


def a_story(log: Log) -> tuple[Whistle, list[Event]]:
    """Zhang raises it, Li has the same problem, a unit handles it, the city thinks it is a test."""
    words = {
        "text": Content.said("text", "楼下垃圾,请打 13812345678"),
        "zhang": Content.said("reporter", {"name": "张三", "phone": "13812345678"}),
        "li": Content.said("reporter", {"name": "李四", "phone": "13987654321"}),
        "internal": Content.said("reason", "内部:先核实"),
        "done": Content.said("note", "已清运"),
    }
    told = report(number="W-260302-000001", reporter="zhang")
    at = MONDAY_TEN
    whistle: Whistle = Whistle.raise_(
        told,
        id=whistle_id(told.number),
        actor=ZHANG,
        policy=POLICY,
        at=at,
        words=[words["text"].ref, words["zhang"].ref],
    )
    whistle.join(actor=LI, at=at, receipt="hash of li", words=[words["li"].ref])
    whistle.classify(CATEGORIES["E0101"], actor=DISPATCHER, at=at, policy=POLICY)
    whistle.dispatch(
        UNITS["U01"], actor=DISPATCHER, at=at, policy=POLICY, words=[words["internal"].ref]
    )
    whistle.respond("arrival", point=HERE, actor=handler(), at=at)
    whistle.start(actor=handler(), at=at)
    whistle.void("test", actor=SUPERVISOR, at=at, words=[words["internal"].ref])
    after = [said("photo"), words["done"].ref]
    whistle.submit(CATEGORIES["E0101"], actor=handler(), at=at, policy=POLICY, words=after)
    events: list[Event] = list(whistle.collect_events())  # type: ignore[arg-type]
    log.append(events, words=list(words.values()))
    log.fold()
    return whistle, events


def heard(log: Log, whistle: Whistle, audience: Audience, *keys: str) -> list[StoryLine]:
    return story(log.connection, whistle.id, audience, keys)


def spoken(told: list[StoryLine]) -> list[Any]:
    return [word.body for line in told for word in line.words if word.body is not None]


def topics(told: list[StoryLine]) -> list[str]:
    return [line.topic.removeprefix("whistle.") for line in told]


def test_a_reporter_hears_how_far_it_is_his_own_words_and_what_was_done(log: Log):
    whistle, _ = a_story(log)

    told = heard(log, whistle, Audience.REPORTER, "zhang")

    assert topics(told) == [
        "raised", "classified", "dispatched", "responded", "started", "submitted",
    ]  # fmt: skip
    assert spoken(told) == [
        "楼下垃圾,请打 13812345678",
        {"name": "张三", "phone": "13812345678"},
        "已清运",
    ]
    assert {line.by for line in told} == {None}
    assert told[2].facts == {"unit": "U01"}


def test_no_reporter_hears_of_another(log: Log):
    whistle, _ = a_story(log)

    li = heard(log, whistle, Audience.REPORTER, "hash of li")
    nobody = heard(log, whistle, Audience.REPORTER)

    assert topics(li)[:2] == ["raised", "reporter_joined"]
    assert spoken(li) == [{"name": "李四", "phone": "13987654321"}, "已清运"]
    assert "reporter_joined" not in topics(nobody)
    assert spoken(nobody) == ["已清运"]
    assert "zhang" not in repr([line.facts for line in (*li, *nobody)])


def test_a_unit_hears_the_work_with_contacts_covered_and_no_proposal(log: Log):
    whistle, _ = a_story(log)

    told = heard(log, whistle, Audience.UNIT)

    assert "void_proposed" not in topics(told)
    assert spoken(told)[:2] == [
        "楼下垃圾,请打 ***********",
        {"name": "张**", "phone": "*********78"},
    ]
    assert "zhang" not in repr(told)
    assert "内部:先核实" in spoken(told)


def test_a_post_hears_everything_with_contacts_covered(log: Log):
    whistle, events = a_story(log)

    told = heard(log, whistle, Audience.POST)

    assert len(told) == len(events)
    assert spoken(told)[:2] == [
        "楼下垃圾,请打 13812345678",
        {"name": "张**", "phone": "*********78"},
    ]


def test_an_auditor_hears_it_raw_and_no_receipt(log: Log):
    whistle, events = a_story(log)

    told = heard(log, whistle, Audience.AUDITOR)

    assert len(told) == len(events)
    assert spoken(told)[1] == {"name": "张三", "phone": "13812345678"}
    assert told[0].facts["reporter"] == "zhang"
    assert not any("receipt" in line.facts for line in told)
    assert "hash of li" not in repr(told)


def test_the_stream_tells_the_same_story_as_the_table(log: Log):
    events = a_week(whistles=1, steps=60)
    log.append(events)
    log.fold()
    id = events[0].originator_id

    for audience in Audience:
        from_stream = story_of(events, audience, ["resident"])
        assert with_words(log.connection, from_stream, audience) == story(
            log.connection, id, audience, ["resident"]
        )


def test_what_was_erased_says_so_and_nothing_else(log: Log):
    whistle, events = a_story(log)
    erase(log.connection, events[0].words[0].id, "admin", MONDAY_TEN + HOUR)

    told = heard(log, whistle, Audience.AUDITOR)

    word = told[0].words[0]
    assert (word.body, word.erased_at) == (None, MONDAY_TEN + HOUR)
