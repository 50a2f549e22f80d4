"""What a figure is counted over: cohorts, and the marks of what is in them (domain.md §6.1).

A cohort is a list of things, each counted under one moment: a whistle under the due time of its
response, an assignment under the moment at which it was given. The marks of a thing say in which
numerators and denominators it is. Without `IN` it is only in the cohort's list of those left out.
"""

from enum import IntFlag, StrEnum


class Cohort(StrEnum):
    """The comment names the moment under which a thing in the cohort counts."""

    RAISED = "raised"  # registered_at
    RESPONSE = "response"  # the whistle's respond due
    ASSIGNED_RESPONSE = "assigned_response"  # an assignment's own respond due: unit view
    RESOLUTION = "resolution"  # the whistle's effective resolve due
    LED_RESOLUTION = "led_resolution"  # the later of that and the lead's own: unit view
    FOLLOW_UP = "follow_up"  # the first follow-up that heard somebody
    SUBMISSION = "submission"  # the first "done"
    VERIFICATION = "verification"  # verify due of each submission, and of a self-resolution
    CONTACT = "contact"  # the first follow-up, or the first call where nobody was ever reached
    CLOSED = "closed"  # the first closing
    ASSIGNMENT = "assignment"  # assigned_at
    RETURN = "return"  # requested_at
    REWORK = "rework"  # the effective resolve due of a cycle after a reopening
    OVERDUE = "overdue"  # overdue from this moment on, if it is then still open
    SUSPENDED = "suspended"  # suspended since


STOCKS = frozenset({Cohort.OVERDUE, Cohort.SUSPENDED})
LEFT_FROM = "excluded_"
# By a cohort: where that counts which is excluded from scoring, as if it were not. The rate without
# the exclusions is over both (domain.md §4.2, exclude).
SPARED = {cohort: f"{LEFT_FROM}{cohort}" for cohort in Cohort if cohort not in STOCKS}


class Marks(IntFlag):
    """The bits of `rates_facts.marks`. IN: it is counted.

    The other four bits mean something else in each cohort and are summed as n1 … n4. Only code
    that handles all cohorts alike uses their bare names; all other code uses the names below.
    """

    OUT = 0
    IN = 1
    FIRST = 2
    SECOND = 4
    THIRD = 8
    FOURTH = 16


VALID, SELF_RESOLVED, MERGED = Marks.FIRST, Marks.SECOND, Marks.THIRD  # of RAISED
RESPONDED, IN_TIME = Marks.FIRST, Marks.SECOND  # of RESPONSE and ASSIGNED_RESPONSE
DONE_IN_TIME, EXTENDED = Marks.FIRST, Marks.SECOND  # of RESOLUTION, LED_RESOLUTION and REWORK
HAS_VERDICT, SOLVED, RATED, SATISFIED = (  # of FOLLOW_UP
    Marks.FIRST,
    Marks.SECOND,
    Marks.THIRD,
    Marks.FOURTH,
)
REWORKED = Marks.FIRST  # of SUBMISSION
REOPENED, LOW = Marks.FIRST, Marks.SECOND  # of CLOSED
RETURNED = Marks.FIRST  # of ASSIGNMENT
REJECTED = Marks.FIRST  # of RETURN
CHECKED_IN_TIME = Marks.FIRST  # of VERIFICATION
UNHEARD = Marks.FIRST  # of CONTACT
