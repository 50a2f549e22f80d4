"""The transition table of domain.md §4.2 as plain data, written down by hand.

It is a second account of the law: nothing here is read from the product, so that a product that
goes another way is noticed. `FROM` has the states in which a command may begin, `MAY` the roles
that may give it, `GUARDS` a short name for each guard of each row.
"""

from collections.abc import Mapping

RAISED, TRIAGED, POOLED = "RAISED", "TRIAGED", "POOLED"
CLAIMED, DISPATCHED, RESPONDED = "CLAIMED", "DISPATCHED", "RESPONDED"
IN_PROGRESS, SUSPENDED = "IN_PROGRESS", "SUSPENDED"
SUBMITTED, VERIFIED, SELF_RESOLVED = "SUBMITTED", "VERIFIED", "SELF_RESOLVED"
CLOSED, SELF_RESOLVED_CLOSED, MERGED = "CLOSED", "SELF_RESOLVED_CLOSED", "MERGED"
VOID, WITHDRAWN, TRANSFERRED_OUT = "VOID", "WITHDRAWN", "TRANSFERRED_OUT"

States = frozenset[str]
TRIAGE: States = frozenset({RAISED, TRIAGED, POOLED})
SENT: States = frozenset({CLAIMED, DISPATCHED, RESPONDED, IN_PROGRESS})
TO_WORK: States = TRIAGE | SENT  # RAISED…IN_PROGRESS
OPEN: States = TO_WORK | {SUSPENDED, SUBMITTED, VERIFIED, SELF_RESOLVED}
ANY: States = OPEN | {
    *(CLOSED, SELF_RESOLVED_CLOSED, MERGED, VOID, WITHDRAWN, TRANSFERRED_OUT),
}
NEVER: States = frozenset()

FROM: Mapping[str, States] = {
    "amend": OPEN | {CLOSED, MERGED},  # CLOSED: up to 15 days; MERGED: to the parent
    "join": TO_WORK | {SUSPENDED},
    "locate": TRIAGE,
    "classify": TRIAGE,
    "self-resolve": frozenset({RAISED, TRIAGED}),
    "merge": TO_WORK - {RAISED},
    "unmerge": frozenset({MERGED}),
    "pool": frozenset({TRIAGED}),
    "claim": frozenset({POOLED}),
    "dispatch": frozenset({TRIAGED, POOLED}),  # by the post, to a lead that is in time
    "acknowledge": SENT | {SUSPENDED},  # as respond
    "open-contact": ANY,  # /contact: for one's work, also long afterwards
    "confirm-call": OPEN | {MERGED},  # while a unit says that it spoke to him
    "deny-call": OPEN | {MERGED},
    "respond": SENT | {SUSPENDED},
    "start": frozenset({RESPONDED}),
    "control": SENT,
    "return": SENT,
    "adjudicate": SENT,  # while a return is pending
    "add-co": SENT | {SUSPENDED},
    "remove-co": SENT | {SUSPENDED},
    "request-extension": frozenset({RESPONDED, IN_PROGRESS}),
    "decide-extension": frozenset({RESPONDED, IN_PROGRESS}),  # while a request is pending
    "ask": frozenset({RESPONDED, IN_PROGRESS}),
    "answer": frozenset({RESPONDED, IN_PROGRESS}),  # while a question is open
    "suspend": frozenset({IN_PROGRESS}),
    "resume": frozenset({SUSPENDED}),
    "submit": frozenset({IN_PROGRESS}),
    "verify": frozenset({SUBMITTED, SELF_RESOLVED}),
    "follow-up": frozenset({VERIFIED}),
    # his word against what was recorded; REWORK and what follows of it too, of the same cycle
    "contradict": OPEN - {RAISED, SELF_RESOLVED} | {CLOSED},
    "answer-party": frozenset({VERIFIED}),  # domain.md §4.6
    "close": frozenset({VERIFIED}),
    "reopen": frozenset({CLOSED, SELF_RESOLVED_CLOSED, VOID}),  # VOID: an appeal, §4.1
    "withdraw": TO_WORK | {SUSPENDED, MERGED},
    "void": OPEN | {CLOSED, SELF_RESOLVED_CLOSED},
    "transfer-out": TO_WORK | {SUSPENDED},
    "escalate": OPEN,
    "deescalate": OPEN,
    "supervise": OPEN,
    "end-supervision": OPEN,
    "urge": OPEN | {MERGED},  # MERGED: to the parent, as what a merged reporter adds
    "exclude": ANY - {MERGED, VOID},
    "correct": ANY,
    "annul": ANY,  # where time alone recorded something
    "mark-confidential": ANY,
    "unmark-confidential": ANY,  # while it is confidential
}

RESIDENT, ANONYMOUS = "resident", "anonymous"
WORKER, CHIEF = "grid_worker", "grid_chief"
INTAKE, DISPATCHER, CADRE = "intake", "dispatcher", "cadre"
COMMANDER, DEPUTY = "commander", "deputy_commander"
LIAISON, HANDLER = "unit_liaison", "handler"
ADJUDICATOR, VERIFIER, AGENT = "adjudicator", "verifier", "follow_up_agent"
SUPERVISOR, CITY = "supervisor", "city_centre"
LEADER, AUDITOR, ADMIN = "leader", "auditor", "admin"

Roles = frozenset[str]
HEADS: Roles = frozenset({COMMANDER, DEPUTY})
ORDERS: Roles = HEADS | {DISPATCHER, CITY}
DESK: Roles = ORDERS | {INTAKE}
PATROL: Roles = frozenset({WORKER, CHIEF})
UNIT: Roles = frozenset({LIAISON, HANDLER})
ABOVE: Roles = frozenset({CITY, SUPERVISOR})

# The column "Actor". Where it names somebody of a post, the commander may too, and the city
# centre, which stands in where a post has nobody (domain.md §4.4). Who reported it himself may give
# it those of `OWN`, whatever his role.
MAY: Mapping[str, Roles] = {
    "amend": DESK | PATROL,
    "join": DESK | PATROL,
    "locate": DESK | PATROL,
    "classify": DESK | PATROL,
    "self-resolve": PATROL,
    "merge": DESK,
    "unmerge": ORDERS,
    "pool": ORDERS,
    "claim": UNIT,
    "dispatch": ORDERS,
    "acknowledge": UNIT,
    "open-contact": UNIT | {INTAKE, AGENT, CITY, AUDITOR},
    "confirm-call": frozenset(),
    "deny-call": frozenset(),
    "respond": UNIT,
    "start": UNIT,
    "control": UNIT,
    "return": frozenset({LIAISON}),
    "adjudicate": ORDERS | {ADJUDICATOR},
    "add-co": ORDERS | UNIT,
    "remove-co": ORDERS,
    "request-extension": UNIT,
    "decide-extension": ORDERS | {ADJUDICATOR, SUPERVISOR},
    "ask": UNIT,
    "answer": frozenset(),
    "suspend": ORDERS | UNIT | {ADJUDICATOR},
    "resume": ORDERS | {ADJUDICATOR},
    "submit": UNIT,
    "verify": HEADS | PATROL | ABOVE | {VERIFIER, CADRE},
    "follow-up": frozenset({AGENT, CITY, WORKER, CHIEF}),
    "contradict": frozenset(),
    "answer-party": HEADS | {AGENT, CITY},
    "close": ORDERS | {AGENT, SUPERVISOR},
    "reopen": ABOVE | {VERIFIER},
    "withdraw": frozenset(),
    "void": HEADS | ABOVE | {INTAKE},
    "transfer-out": DESK,
    "escalate": ORDERS | {SUPERVISOR},
    "deescalate": ORDERS | {SUPERVISOR},
    "supervise": ABOVE,
    "end-supervision": ABOVE,
    "urge": DESK | ABOVE | {CADRE, VERIFIER, AGENT, ADJUDICATOR},
    "exclude": frozenset({SUPERVISOR, AUDITOR}),
    "correct": DESK | {SUPERVISOR},
    "annul": frozenset({CITY, AUDITOR}),
    "mark-confidential": HEADS | {INTAKE, AGENT, CITY},
    "unmark-confidential": HEADS | {INTAKE, AGENT, CITY},
}
OWN = frozenset(
    {"amend", "answer", "confirm-call", "contradict", "deny-call", "follow-up", "reopen", "urge"}
    | {"withdraw"}
)

# The column "Guard", row by row, and what §4.5 makes of a command.
GUARDS: Mapping[str, tuple[str, ...]] = {
    "amend": ("15 days after closing", "merged: to the parent", "something is said"),
    "join": ("not twice", "not confidential"),
    "locate": (
        "another post after half of the respond limit takes two",
        "an unknown place is filled in at any time",
        "a place of the city",
    ),
    "classify": (
        "limits from the registration",
        "a shorter class",
        "milder than the category's own takes two",
        "milder than a reporter's E1 takes two",
        "an unknown category is filled in at any time",
        "missed stays missed",
        "it becomes E1",
        "in the pool it becomes E1",
        "in the pool, still poolable",
        "in the pool, no longer poolable",
        "in the pool, confidential",
    ),
    "self-resolve": ("category", "photos", "not E1 or U2", "own grid", "one in ten is audited"),
    "pool": ("class", "category", "not confidential", "half of the respond limit"),
    "claim": ("capability", "the first wins"),
    "merge": (
        "category family",
        "50 metres",
        "30 days",
        "the parent's state",
        "no chains",
        "not across confidential",
        "the stricter class",
        "the parent becomes E1",
        "the child's clocks are cancelled",
        "the earlier of the two dues",
        "the child's lead joins as co",
        "the child's lead and state, where the parent has none",
        "a unit in both",
    ),
    "unmerge": (
        "15 days after closing",
        "a reason",
        "the child's clocks resume",
        "the parent gets back its own",
    ),
    "dispatch": (
        "one lead, any co",
        "duty list",
        "again only after a missed respond due",
        "the city centre designates",
    ),
    "acknowledge": ("as respond",),
    "respond": (
        "a part that has not responded",
        "arrival within 200 m",
        "no point: in the grid, with a photo",
        "no grid: in the city, with a photo",
        "a call has a record",
        "the number was opened before",
        "E1: arrival only",
        "the whistle's clock stops at the first lead",
    ),
    "open-contact": (),
    "confirm-call": (),
    "deny-call": ("a unit says so",),
    "start": ("the lead",),
    "control": ("class E1", "a unit that has arrived", "words or photo"),
    "return": (
        "within the window",
        "reason and basis",
        "one return a unit",
        "not for E1",
        "a designated lead",
        "the lead or a co",
        "has not responded",
        "never who claimed it",
    ),
    "adjudicate": (
        "same street: its dispatcher",
        "two bureaux: the city centre",
        "a second dispute: the city centre",
        "4 working hours",
        "a new lead is compulsory",
        "upheld for a co: its part ends",
    ),
    "add-co": ("the lead asks", "the dispatcher decides", "also while suspended"),
    "remove-co": ("the dispatcher decides", "a co-handler's part", "also while suspended"),
    "request-extension": ("before the deadline", "class", "count", "the lead", "a reason"),
    "decide-extension": (
        "on grant the deadline moves",
        "approver by class",
        "silent: refused",
        "granted after the due",
        "lapses at submission",
        "not who asked",
    ),
    "ask": ("the lead", "one open question", "the first pauses", "pausable class"),
    "answer": ("the reporter", "one open question", "at most two working days"),
    "suspend": (
        "the lead asks",
        "the street approves up to 30 days",
        "the city centre approves more",
        "pausable class",
        "reason from the list",
        "a review date",
        "a safety measure",
        "before the resolve clock is red",
    ),
    "resume": ("at the review date",),
    "submit": (
        "verify-by starts",
        "E1: hazard controlled",
        "all co done or waived",
        "a co finishes its own part",
        "a co finishes only after it responded",
        "after-photo",
    ),
    "verify": (
        "C6: one in ten is asked",
        "fail needs words or a photo",
        "never the submitting unit",
        "nor who resolved it",
        "a sampled self-resolution",
    ),
    "follow-up": (
        "solved: closed",
        "not solved: rework",
        "nobody who had a part",
        "each once a cycle",
        "another's not solved is unanswered",
        "unreachable: no verdict",
        "a call has a record",
        "a rating or declined",
        "three calls in vain",
        "unreasonable: a second person closes",
        "anonymous: site check",
    ),
    "contradict": ("his word replaces it", "seven days", "what somebody else recorded"),
    "answer-party": ("words or rework", "the first decides", "who said not solved"),
    "close": ("an adjudicated reason", "a second person", "who had no other part", "a verdict"),
    "reopen": (
        "half of the resolve limit",
        "E1: a new control clock",
        "no lead: triage",
        "15 days",
        "twice at most",
        "an appeal within 7 days",
        "an appeal is decided above",
    ),
    "withdraw": (
        "the last of all",
        "this person's report alone",
        "E1, U2 after dispatch",
        "proof of ownership",
    ),
    "void": (
        "before dispatch: intake and commander",
        "two people",
        "later: supervisor and city centre",
        "within 7 days after closing",
        "reason from the list",
        "children go back",
        "a closed parent with children",
    ),
    "transfer-out": (
        "early: one person",
        "late: the city centre confirms",
        "target list",
        "children go along",
    ),
    "exclude": ("supervisor and auditor", "reason from the list", "before the month freezes"),
    "escalate": ("by hand the next level", "an E1 any", "5 only after 200 % at level 4"),
    "deescalate": ("the previous level", "level > 1"),
    "supervise": ("open",),
    "end-supervision": ("a reason",),
    "urge": ("no clock moves",),
    "correct": (
        "an approver",
        "another post: the receiving post approves",
        "a longer class: above the post",
        "a missed deadline stays missed",
        "unit clocks follow the class",
        "it becomes E1",
        "occurred_at ≤ raised_at",
    ),
    "mark-confidential": ("one person is enough", "out of the pool", "merged: the parent"),
    "unmark-confidential": ("two people", "not while the category is confidential"),
    "annul": (
        "two people",
        "a reason",
        "never what people said and did",
        "never because late",
        "nothing rests on it",
    ),
}
