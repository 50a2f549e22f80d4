"""The row annul."""

from datetime import UTC, datetime, timedelta

from tests.api.transitions.case import Case
from tests.api.transitions.stage import LITTER, Story, Told
from tracker.commands.whistle.overseeing import LetTimePass
from tracker.domain.actors import SYSTEM

FOREVER = timedelta(days=30)


def dreamed(story: Story) -> Story:
    """A host a month ahead has swept once."""
    story.dispatched(LITTER)
    return dreams(story)


def dreams(story: Story) -> Story:
    late = datetime.now(UTC) + FOREVER
    story.web.tracker.give(LetTimePass(), story.number, actor=SYSTEM, at=late)
    return story


def asked(story: Story) -> Story:
    dreamed(story)
    told = {"events": tuple(story.whistle.by_time), "reason": "时钟快了"}
    return story_now(story, "city", told)


def story_now(story: Story, who: str, told: dict[str, object]) -> Story:
    story.at = datetime.now(UTC)
    return story.does(who, "annul", **told)


def late(story: Story) -> Story:
    """It was due long ago, and answered after that."""
    return story.dispatched(LITTER).time_passes()


def late_and_answered(story: Story) -> Story:
    late(story)
    story.at = datetime.now(UTC) - timedelta(minutes=1)
    return story.comes()


def deescalated(story: Story) -> Story:
    return dreamed(story).does("supervisor", "deescalate", reason="不急")


def every(story: Story) -> list[int]:
    return list(story.whistle.by_time)


def all_but_the_last(story: Story) -> list[int]:
    return every(story)[:-1]


def a_persons(story: Story) -> list[int]:
    return [1, *every(story)]


def with_cause_left(story: Story) -> list[int]:
    """A supervision without the miss that opened it."""
    found = [
        event.originator_version
        for event in story.web.tracker.story(story.whistle.id)
        if event.TOPIC == "whistle.supervision_opened"
    ]
    return found


SITUATIONS: dict[str, Told] = {
    "a dream": dreamed,
    "annulling asked for": asked,
    "late and answered": late_and_answered,
    "a dream, and a level by hand": deescalated,
}
WHY = {"reason": "时钟快了一天"}
CASES = (
    Case(
        "the city centre asks", "annul", "a dream", "city",
        {"events": every, **WHY}, 202,
    ),
    Case(
        "the auditor confirms", "annul", "annulling asked for", "auditor",
        {"events": every, **WHY}, guard="two people",
    ),
    Case(
        "the auditor does not ask", "annul", "a dream", "auditor",
        {"events": every, **WHY}, 403, code="whistle.only_the_city_annuls",
    ),
    Case(
        "the same person does not confirm", "annul", "annulling asked for", "city",
        {"events": every, **WHY}, 409, code="whistle.second_person_needed",
    ),
    Case(
        "only what was asked for is confirmed", "annul", "annulling asked for", "auditor",
        {"events": lambda story: every(story)[:1], **WHY}, 409, code="whistle.not_what_was_asked",
    ),
    Case(
        "a report is not annulled", "annul", "a dream", "city",
        {"events": a_persons, **WHY}, 409, code="whistle.done_by_people",
        guard="never what people said and did",
    ),
    Case(
        "who was late stays late", "annul", "late and answered", "city",
        {"events": every, **WHY}, 409, code="whistle.it_happened",
        guard="never because late", ago=timedelta(days=40),
    ),
    Case(
        "a level that a person chose rests on it", "annul", "a dream, and a level by hand", "city",
        {"events": every, **WHY}, 409, code="whistle.something_rests_on_it",
        guard="nothing rests on it",
    ),
    Case(
        "what followed by a rule goes too", "annul", "a dream", "city",
        {"events": all_but_the_last, **WHY}, 409, code="whistle.something_rests_on_it",
    ),
    Case(
        "what followed does not go alone", "annul", "a dream", "city",
        {"events": with_cause_left, **WHY}, 409, code="whistle.its_cause_stays",
    ),
    Case(
        "a number that the story does not have", "annul", "a dream", "city",
        {"events": [999], **WHY}, 422, code="whistle.unknown_events", field="events",
    ),
    Case(
        "without a reason", "annul", "a dream", "city",
        {"events": every}, 422, code="form.invalid", field="reason", guard="a reason",
    ),
)  # fmt: skip
