"""补正: whistles of an older log are brought right; given by `tracker mend` alone."""

from dataclasses import dataclass

from tracker.commands.command import Given, kept_as
from tracker.commands.fields import Reason
from tracker.commands.tracker import Tracker
from tracker.commands.whistle.whistle_command import WhistleCommand
from tracker.directory import Directory
from tracker.domain.errors import Words
from tracker.domain.whistle.mending import ORPHAN
from tracker.domain.whistle.soundness import broken_rules
from tracker.domain.whistle.whistle import Whistle


@dataclass(frozen=True, kw_only=True)
class Mend(WhistleCommand):
    """Put right what an older version left wrong. Refused where nothing is wrong."""

    name = "mend"
    label = Words("补正", "Mend")
    said = kept_as(reason="reason")

    reason: Reason

    def decide(self, aggregate: Whistle, given: Given) -> None:
        rules = rules_broken(given.tracker, given.city, aggregate)
        followers = followers_of(given.tracker, aggregate)
        aggregate.mend(rules, children=followers, **given.by_policy)
        if ORPHAN in rules and aggregate.merged_into is not None:
            parent = given.tracker.whistle(aggregate.merged_into)
            aggregate.unmerge(parent, actor=given.actor, at=given.at, policy=given.policy, words=())
            given.others.append(parent)


def rules_broken(tracker: Tracker, city: Directory, whistle: Whistle) -> list[str]:
    """The names of the rules that the whistle breaks, each once."""
    above = tracker.whistle(whistle.merged_into).state if whistle.merged_into else None
    left_wrong = whistle.left_wrong(city.policy, above, followers_of(tracker, whistle))
    return list(dict.fromkeys([*broken_rules(whistle, city), *left_wrong]))


def followers_of(tracker: Tracker, whistle: Whistle) -> list[Whistle]:
    return [tracker.whistle(child) for child in whistle.children]
