"""What an older version left wrong is found, and brought right by an event."""

import pytest

from tests.domain.city_time import MONDAY_TEN, POLICY
from tests.domain.test_two_become_one import ANN, BEN, follow, leave
from tests.domain.whistles import DISPATCHER, HOUR, closed, facts, quiet, triaged, verified
from tracker.domain.actors import SYSTEM
from tracker.domain.whistle.merging import ChildJoined
from tracker.domain.whistle.refusals.overseeing import NothingToMend
from tracker.domain.whistle.states import State

NOON = MONDAY_TEN + 2 * HOUR


def of_an_old_merger(parent, child, at=NOON):
    """The child follows; of its people nothing was recorded at the parent."""
    child._follow(parent, DISPATCHER, at)
    parent._record(
        ChildJoined,
        DISPATCHER,
        at,
        child=child.id,
        child_number=child.number,
        registered_at=child.registered_at,
        before=None,
        brought=None,
        now=None,
        parties=(),
    )
    quiet(child)
    return quiet(parent)


def mend(parent, *children, at=NOON + HOUR):
    rules = parent.left_wrong(POLICY, None, children)
    parent.mend(rules, actor=SYSTEM, at=at, policy=POLICY, children=children)


def line(whistle):
    return [(party.number, party.key) for party in whistle.in_line]


def test_the_people_of_an_old_merger_become_the_parents():
    ben = triaged(reporter="ben")
    parent = of_an_old_merger(triaged(reporter="ann"), ben)
    assert parent.left_wrong(POLICY, None, [ben]) == ["child_without_its_people"]

    mend(parent, ben)

    assert line(parent) == [(1, "ann"), (2, "ben")]
    assert parent.party_of(BEN).child == ben.id
    assert facts(parent) == ["Mended"]
    assert parent.left_wrong(POLICY, None, [ben]) == []


def test_a_closed_parent_gets_them_too_so_that_each_may_reopen():
    ben = triaged(reporter="ben")
    parent = of_an_old_merger(closed(reporter="ann"), ben)

    mend(parent, ben)

    assert (parent.state, line(parent)) == (State.CLOSED, [(1, "ann"), (2, "ben")])


def test_the_mended_child_takes_its_people_along_again():
    ben = triaged(reporter="ben")
    parent = of_an_old_merger(triaged(reporter="ann"), ben)
    mend(parent, ben)

    leave(ben, parent, at=NOON + 2 * HOUR)

    assert line(parent) == [(1, "ann")]
    assert line(ben) == [(1, "ben")]


def test_who_took_his_report_back_afterwards_is_not_called_back():
    ben = triaged(reporter="ben")
    ben.join(actor=ANN, at=NOON)
    parent = of_an_old_merger(triaged(reporter="cat"), ben)
    mend(parent, ben)
    parent.withdraw(actor=BEN, at=NOON + HOUR, child=ben)

    assert line(parent) == [(1, "cat"), (3, "ann")]
    assert parent.left_wrong(POLICY, None, [ben]) == []


def test_a_merger_of_today_is_in_order():
    ben, parent = triaged(reporter="ben"), triaged(reporter="ann")
    follow(ben, parent)

    assert parent.left_wrong(POLICY, None, [ben]) == []
    with pytest.raises(NothingToMend):
        mend(parent, ben)


def test_the_mended_reporter_is_asked_for_his_verdict():
    ben = triaged(reporter="ben")
    parent = of_an_old_merger(verified(reporter="ann"), ben)
    mend(parent, ben)

    parent.follow_up(False, method="online", actor=BEN, at=NOON + 2 * HOUR, policy=POLICY)

    assert [party.key for party in parent.unanswered] == ["ben"]
