"""What may be annulled, as ticks of a form: what time alone recorded, in words."""

from datetime import datetime

from api.door.access import Person, may
from api.door.subjects import WhistleSubject
from api.pages.frame.present import moment
from api.pages.parts.fields import Options
from api.pages.parts.story import EventTeller
from tracker.commands.tracker import Tracker
from tracker.domain.whistle.events import Event
from tracker.domain.whistle.whistle import Whistle
from tracker.projections.story.timeline import entry_of


def told_by_time(
    tracker: Tracker, person: Person, whistle: Whistle, teller: EventTeller
) -> tuple[Options, list[str]]:
    """The events by their numbers in the story, and those that are ticked.

    Ticked is what was asked for; before that, what stands at a moment that has not come yet.
    """
    if not whistle.by_time or not may("annul", person, WhistleSubject.of(whistle)):
        return (), []
    known, asked = set(whistle.by_time), whistle.proposals.get("annul")
    told = [one for one in tracker.story(whistle.id) if one.originator_version in known]
    ticked = asked.events if asked else _not_yet(told, teller.now)
    return [_option(one, teller) for one in told], [str(version) for version in ticked]


def _not_yet(told: list[Event], now: datetime) -> tuple[int, ...]:
    return tuple(one.originator_version for one in told if one.at > now)


def _option(event: Event, teller: EventTeller) -> tuple[str, str]:
    title = teller.topic_title(event.TOPIC, entry_of(event).facts)
    when = moment(teller.speech, event.at, teller.now)
    return str(event.originator_version), f"#{event.originator_version} {title} · {when}"
