"""What may happen to a whistle in the demo: scenarios as lists of steps, with their weights.

A step that is not possible when it is due (the pool window ended before the claim) is left out.
UNFINISHED scenarios stop in the middle, so that people have open work when the demo starts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from tracker.domain.city.catalogue import Category

Fits: TypeAlias = Callable[[Category], bool]


@dataclass(frozen=True)
class Scenario:
    """`weight`: how often among all scenarios. `minutes`: how long before the end an unfinished one
    begins, in working minutes. `duplicates`: scenarios of the duplicates raised with it."""

    name: str
    weight: float
    steps: tuple[str, ...]
    fits: Fits
    minutes: int = 0
    duplicates: tuple["Scenario", ...] = ()

    @property
    def audited(self) -> bool:
        """Whether it needs a whistle that is drawn for an audit, as one in ten is."""
        return "audit_fail" in self.steps or self.steps == ("self_resolve",)


def ordinary(category: Category) -> bool:
    return category.sla in ("Q3", "G4", "X5") and not category.confidential


def urgent(category: Category) -> bool:
    return category.sla == "E1"


def soon(category: Category) -> bool:
    return category.sla == "U2"


def enquiry(category: Category) -> bool:
    return category.sla == "C6"


def poolable(category: Category) -> bool:
    return category.poolable


def on_the_spot(category: Category) -> bool:
    return category.self_resolvable


def slow(category: Category) -> bool:
    return category.sla == "G4"


def quick(category: Category) -> bool:
    return category.sla == "Q3"


def large(category: Category) -> bool:
    return category.sla == "X5"


def scenario(
    name: str,
    weight: float,
    steps: str,
    fits: Fits = ordinary,
    duplicates: tuple[Scenario, ...] = (),
) -> Scenario:
    whole = steps.replace("SENT", SENT).replace("DONE", DONE).replace("WORK", WORK)
    return Scenario(name, weight, tuple(whole.split()), fits, duplicates=duplicates)


SENT = "classify dispatch acknowledge"
WORK = "respond help start submit"
DONE = "submit verify follow_up"

CHILD = scenario("duplicate", 0, "classify merge follow_up_child")
WRONG_CHILD = scenario("no duplicate", 0, "classify merge unmerge dispatch WORK verify follow_up")
CHAIN = scenario("duplicate of a duplicate", 0, "classify merge_into_last follow_up_child")

SCENARIOS = (
    scenario("plain", 40, "SENT WORK verify follow_up"),
    scenario("pleased", 8, "SENT start_by_call confirm_call help start DONE"),
    scenario("nobody called", 2.5, "SENT start_by_call deny_call help start DONE"),
    scenario("enquiry", 4, "SENT WORK verify follow_up", enquiry),
    scenario("urgent", 5, "SENT WORK verify follow_up", soon),
    scenario("emergency", 3, "respond help control start DONE", urgent),
    scenario("false alarm", 0.6, "respond help milder milder_second start DONE", urgent),
    scenario("claimed", 9, "classify pool claim respond start submit verify follow_up", poolable),
    scenario(
        "nobody claimed", 2, "classify pool wait_pool acknowledge WORK verify follow_up", poolable
    ),
    scenario("on the spot", 11, "self_resolve audit", on_the_spot),
    scenario(
        "not on the spot",
        0.6,
        "self_resolve audit_fail dispatch WORK verify follow_up",
        on_the_spot,
    ),
    scenario("on the spot, again", 0.3, "self_resolve audit reopen", on_the_spot),
    scenario(
        "not ours", 2, "classify dispatch_wrong return uphold acknowledge WORK verify follow_up"
    ),
    scenario("yours", 1.2, "SENT return reject WORK verify follow_up"),
    scenario("undecided", 0.6, "SENT return wait_return WORK verify follow_up"),
    scenario(
        "disputed", 0.6, "classify dispatch_wrong return uphold_wrong return uphold WORK DONE"
    ),
    scenario(
        "more time", 1.6, "SENT respond start ask_time grant_time help submit_late DONE", slow
    ),
    scenario("no more time", 0.8, "SENT respond start ask_time refuse_time help DONE", slow),
    scenario("nobody decided", 0.3, "SENT respond start ask_time wait_time help DONE", slow),
    scenario("large, more time", 0.5, "SENT respond start ask_time grant_time help DONE", large),
    scenario("on account", 1, "SENT respond start ask_hold hold wait_review help DONE", slow),
    scenario("early off account", 0.7, "SENT respond start ask_hold hold resume help DONE", slow),
    scenario("long on account", 0.3, "SENT respond start ask_long hold_long help DONE", large),
    scenario("not yet done", 3, "SENT WORK verify_fail submit verify follow_up"),
    scenario("nobody checked", 6, "SENT WORK wait_verify follow_up", slow),
    scenario("not solved", 10, "SENT WORK verify follow_up_bad submit verify follow_up"),
    scenario("never reached", 2, "SENT WORK verify no_answer no_answer no_answer"),
    scenario("reached at last", 1.5, "SENT WORK verify no_answer follow_up"),
    scenario("not to be had", 0.8, "SENT WORK verify follow_up_unreasonable close_second"),
    scenario("again", 1.5, "SENT WORK verify follow_up reopen acknowledge WORK verify follow_up"),
    scenario(
        "again and again",
        0.5,
        "SENT WORK verify follow_up reopen WORK verify follow_up reopen WORK DONE",
    ),
    scenario("not what I said", 2, "SENT WORK verify follow_up contradict WORK DONE"),
    scenario("late", 5, "SENT respond_late help start submit_late verify follow_up"),
    scenario("very late", 1.5, "SENT respond_late urge escalate help start submit_very_late DONE"),
    scenario("silent", 1.2, "SENT urge"),
    scenario("redrawn", 0.3, "SENT respond hand_over help start DONE"),
    scenario("taken back", 2, "withdraw"),
    scenario("taken back late", 1, "SENT withdraw"),
    scenario("invalid", 1.5, "void void_second"),
    scenario("valid after all", 0.5, "void void_second overturn SENT WORK verify follow_up"),
    scenario("invalid, found late", 0.5, "SENT void_city void_city_second"),
    scenario("elsewhere", 1.2, "classify transfer"),
    scenario("not scored", 0.5, "SENT WORK exclude exclude_second verify follow_up"),
    scenario("more said", 3, "amend classify dispatch amend WORK verify follow_up"),
    scenario("mine too", 2, "classify join dispatch acknowledge WORK verify follow_up"),
    scenario("not ours, and late", 0.5, "classify transfer_late transfer_second", slow),
    scenario(
        "one of two takes it back",
        0.7,
        "classify join withdraw dispatch acknowledge WORK verify follow_up",
        slow,
    ),
    scenario(
        "not solved for the other",
        1.6,
        "classify join dispatch acknowledge WORK verify another_says_no follow_up answer_another",
        slow,
    ),
    scenario("nowhere at first", 1.5, "locate SENT WORK verify follow_up"),
    scenario(
        "wrong category", 1, "misclassify classify dispatch acknowledge WORK verify follow_up"
    ),
    scenario("put right", 0.8, "SENT correct correct_second WORK verify follow_up"),
    scenario(
        "watched", 1.8, "SENT escalate supervise respond deescalate end_supervision help start DONE"
    ),
    scenario(
        "worse than it looked", 0.5, "SENT respond start ask_time alarm alarm_second DONE", slow
    ),
    scenario("pooled, then urgent", 0.4, "classify pool misclassify_urgent respond DONE", poolable),
    scenario("pooled, then another", 1, "classify pool reclassify claim respond DONE", poolable),
    scenario("larger than it looked", 0.5, "SENT larger larger_second WORK DONE", quick),
    scenario("kept among few", 0.5, "SENT add_any_co close_to_others WORK DONE", slow),
    scenario("opened again", 0.3, "classify close_to_others open_to open_to_second", slow),
    scenario("together", 2.5, "SENT ask_co add_co respond help start submit verify follow_up"),
    scenario(
        "less together", 0.8, "SENT add_co respond remove_co help start submit verify follow_up"
    ),
    scenario("twins", 2.5, "SENT WORK verify follow_up", ordinary, (CHILD,)),
    scenario("no twins", 1.5, "SENT WORK verify follow_up", ordinary, (WRONG_CHILD,)),
    scenario("three of a kind", 0.5, "SENT WORK verify follow_up", slow, (CHAIN, CHILD)),
    scenario("theirs after all", 0.4, "SENT return respond help start DONE", slow),
    scenario("not on account", 0.3, "SENT respond start ask_hold wait_hold help DONE", slow),
)


def unfinished(name: str, minutes: int, steps: str, fits: Fits = ordinary) -> Scenario:
    whole = scenario(name, 1, steps, fits)
    return Scenario(name, 1, whole.steps, fits, minutes)


UNFINISHED = (
    unfinished("just raised", 60, ""),
    unfinished("raised, nowhere", 120, "nowhere"),
    unfinished("sorted", 80, "classify"),
    unfinished("in the pool", 50, "classify pool", lambda c: c.poolable and c.sla == "Q3"),
    unfinished("in the pool for long", 90, "classify pool", lambda c: c.poolable and c.sla == "G4"),
    unfinished("just claimed", 50, "classify pool claim", lambda c: c.poolable and c.sla == "Q3"),
    unfinished("just sent", 70, "classify dispatch"),
    unfinished("seen", 200, "SENT", slow),
    unfinished("unanswered", 340, "SENT", slow),
    unfinished("answered", 150, "SENT respond"),
    unfinished("at work", 700, "SENT respond start", slow),
    unfinished("at work, together", 500, "SENT add_co respond help start", slow),
    unfinished("long at work", 2600, "SENT respond start", large),
    unfinished("overdue", 3400, "SENT respond start", slow),
    unfinished("not ours?", 190, "classify dispatch_wrong return", slow),
    unfinished("may we have time?", 900, "SENT respond start ask_time", slow),
    unfinished("help wanted", 300, "SENT respond start ask_co", slow),
    unfinished("may it wait?", 300, "SENT respond start ask_hold", slow),
    unfinished("waiting", 900, "SENT respond start ask_hold hold", slow),
    unfinished("to be checked", 2200, "SENT respond help start submit", large),
    unfinished("urgent, at work", 110, "SENT respond start", soon),
    unfinished("urgent, to be checked", 260, "SENT respond help start submit", soon),
    unfinished("emergency", 20, "respond help classify", urgent),
    unfinished("to be heard", 700, "SENT respond help start submit verify", slow),
    unfinished("heard nobody", 900, "SENT respond help start submit verify no_answer", slow),
    unfinished("unreasonable?", 900, "SENT WORK verify follow_up_unreasonable", slow),
    unfinished("on the spot", 100, "self_resolve", on_the_spot),
    unfinished("invalid?", 60, "void"),
    unfinished("wrong?", 260, "SENT respond correct", slow),
    unfinished("to be scored?", 800, "SENT respond start exclude", slow),
    unfinished("back again", 420, "SENT WORK verify follow_up reopen", quick),
)
