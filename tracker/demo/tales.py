"""What may happen to a whistle in the demo: tales as lists of steps, with how often each is told.

A step that does not fit when its turn comes (the pool window ended before the claim) is left out.
STANDING tales end in the middle: they leave work on the desks of the day on which the city opens.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from tracker.domain.city.catalogue import Category

Fits: TypeAlias = Callable[[Category], bool]


@dataclass(frozen=True)
class Tale:
    """`weight`: how often among all tales. `minutes`: for a standing one, how long ago it began,
    in working minutes. `kin`: the tales of the duplicates that are raised with it."""

    name: str
    weight: float
    steps: tuple[str, ...]
    fits: Fits
    minutes: int = 0
    kin: tuple["Tale", ...] = ()


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


def tale(
    name: str, weight: float, steps: str, fits: Fits = ordinary, kin: tuple[Tale, ...] = ()
) -> Tale:
    whole = steps.replace("SENT", SENT).replace("DONE", DONE).replace("WORK", WORK)
    return Tale(name, weight, tuple(whole.split()), fits, kin=kin)


SENT = "classify dispatch acknowledge"
WORK = "respond help start submit"
DONE = "submit verify hear"

CHILD = tale("duplicate", 0, "classify merge hear_child")
WRONG_CHILD = tale("no duplicate", 0, "classify merge unmerge dispatch WORK verify hear")
CHAIN = tale("duplicate of a duplicate", 0, "classify merge_into_sister hear_child")

TALES = (
    tale("plain", 40, "SENT WORK verify hear"),
    tale("pleased", 8, "SENT start_by_call help start DONE"),
    tale("enquiry", 4, "SENT WORK verify hear", enquiry),
    tale("urgent", 5, "SENT WORK verify hear", soon),
    tale("emergency", 3, "respond help control classify start DONE", urgent),
    tale("false alarm", 0.6, "respond help downgrade start DONE", urgent),
    tale("claimed", 9, "classify pool claim respond start submit verify hear", poolable),
    tale("nobody claimed", 2, "classify pool wait_pool acknowledge WORK verify hear", poolable),
    tale("on the spot", 11, "self_resolve audit", on_the_spot),
    tale("not on the spot", 0.6, "self_resolve audit_fail dispatch WORK verify hear", on_the_spot),
    tale("on the spot, again", 0.3, "self_resolve wait_audit reopen", on_the_spot),
    tale("not ours", 2, "classify dispatch_wrong return uphold acknowledge WORK verify hear"),
    tale("yours", 1.2, "SENT return reject WORK verify hear"),
    tale("undecided", 0.6, "SENT return wait_return WORK verify hear"),
    tale("disputed", 0.6, "classify dispatch_wrong return uphold_wrong return uphold WORK DONE"),
    tale("more time", 1.6, "SENT respond start ask_time grant_time help submit_late DONE", slow),
    tale("no more time", 0.8, "SENT respond start ask_time refuse_time help DONE", slow),
    tale("nobody decided", 0.3, "SENT respond start ask_time wait_time help DONE", slow),
    tale("large, more time", 0.5, "SENT respond start ask_time grant_time help DONE", large),
    tale("on account", 1, "SENT respond start ask_hold hold wait_review help DONE", slow),
    tale("early off account", 0.7, "SENT respond start ask_hold hold resume help DONE", slow),
    tale("long on account", 0.3, "SENT respond start ask_long hold_long help DONE", large),
    tale("not yet done", 3, "SENT WORK verify_fail submit verify hear"),
    tale("nobody checked", 6, "SENT WORK wait_verify hear", slow),
    tale("not solved", 4, "SENT WORK verify hear_bad submit verify hear"),
    tale("never reached", 2, "SENT WORK verify miss miss miss"),
    tale("reached at last", 1.5, "SENT WORK verify miss hear"),
    tale("not to be had", 0.8, "SENT WORK verify hear_unreasonable close_second"),
    tale("again", 1.5, "SENT WORK verify hear reopen acknowledge WORK verify hear"),
    tale("again and again", 0.5, "SENT WORK verify hear reopen WORK verify hear reopen WORK DONE"),
    tale("late", 5, "SENT respond_late help start submit_late verify hear"),
    tale("very late", 1.5, "SENT respond_late urge escalate help start submit_very_late DONE"),
    tale("silent", 1.2, "SENT urge"),
    tale("redrawn", 0.3, "SENT respond hand_over help start DONE"),
    tale("taken back", 2, "withdraw"),
    tale("taken back late", 1, "SENT withdraw"),
    tale("invalid", 1.5, "void void_second"),
    tale("valid after all", 0.5, "void void_second overturn SENT WORK verify hear"),
    tale("invalid, found late", 0.5, "SENT void_city void_city_second"),
    tale("elsewhere", 1.2, "classify transfer"),
    tale("not scored", 0.5, "SENT WORK exclude exclude_second verify hear"),
    tale("more said", 3, "amend classify dispatch amend WORK verify hear"),
    tale("mine too", 2, "classify join dispatch acknowledge WORK verify hear"),
    tale("nowhere at first", 1.5, "locate SENT WORK verify hear"),
    tale("wrong category", 1, "misclassify classify dispatch acknowledge WORK verify hear"),
    tale("put right", 0.8, "SENT correct correct_second WORK verify hear"),
    tale(
        "watched", 1, "SENT escalate supervise respond deescalate end_supervision help start DONE"
    ),
    tale("together", 2.5, "SENT ask_co add_co respond help start submit verify hear"),
    tale("less together", 0.8, "SENT add_co respond remove_co help start submit verify hear"),
    tale("twins", 2.5, "SENT WORK verify hear", ordinary, (CHILD,)),
    tale("no twins", 1.5, "SENT WORK verify hear", ordinary, (WRONG_CHILD,)),
    tale("three of a kind", 0.5, "SENT WORK verify hear", slow, (CHAIN, CHILD)),
)


def standing(name: str, minutes: int, steps: str, fits: Fits = ordinary) -> Tale:
    whole = tale(name, 1, steps, fits)
    return Tale(name, 1, whole.steps, fits, minutes)


STANDING = (
    standing("just raised", 60, ""),
    standing("raised, nowhere", 120, "nowhere"),
    standing("sorted", 80, "classify"),
    standing("in the pool", 50, "classify pool", lambda c: c.poolable and c.sla == "Q3"),
    standing("in the pool for long", 90, "classify pool", lambda c: c.poolable and c.sla == "G4"),
    standing("just claimed", 50, "classify pool claim", lambda c: c.poolable and c.sla == "Q3"),
    standing("just sent", 70, "classify dispatch"),
    standing("seen", 200, "SENT", slow),
    standing("unanswered", 340, "SENT", slow),
    standing("answered", 150, "SENT respond"),
    standing("at work", 700, "SENT respond start", slow),
    standing("at work, together", 500, "SENT add_co respond help start", slow),
    standing("long at work", 2600, "SENT respond start", large),
    standing("overdue", 3400, "SENT respond start", slow),
    standing("not ours?", 190, "classify dispatch_wrong return", slow),
    standing("may we have time?", 900, "SENT respond start ask_time", slow),
    standing("help wanted", 300, "SENT respond start ask_co", slow),
    standing("may it wait?", 1200, "SENT respond start ask_hold", slow),
    standing("waiting", 900, "SENT respond start ask_hold hold", slow),
    standing("to be checked", 2200, "SENT respond help start submit", large),
    standing("urgent, at work", 110, "SENT respond start", soon),
    standing("urgent, to be checked", 260, "SENT respond help start submit", soon),
    standing("emergency", 20, "respond help classify", urgent),
    standing("to be heard", 700, "SENT respond help start submit verify", slow),
    standing("heard nobody", 900, "SENT respond help start submit verify miss", slow),
    standing("unreasonable?", 900, "SENT WORK verify hear_unreasonable", slow),
    standing("on the spot", 100, "self_resolve", on_the_spot),
    standing("invalid?", 60, "void"),
    standing("wrong?", 260, "SENT respond correct", slow),
    standing("to be scored?", 800, "SENT respond start exclude", slow),
    standing("back again", 420, "SENT WORK verify hear reopen", quick),
)
